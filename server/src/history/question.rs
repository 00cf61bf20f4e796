//! What the open milestones of a goal ask after a write, or after the end of a period.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::milestone;
use uuid::Uuid;

use super::{Cause, Versions, as_rule_input};
use crate::rules::milestone::{self as rule, Milestone};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    pub cause: Cause,
    pub open: Vec<Milestone<Uuid>>,
    /// The days on which nothing was due, which streaks pass over.
    pub holds: Vec<RangeInclusive<NaiveDate>>,
    /// What the goal aimed at before.
    pub versions: Versions,
    pub today: NaiveDate,
}

impl Question {
    /// What open milestones ask.
    #[must_use]
    pub fn of(
        cause: Cause,
        open: &[milestone::Model],
        holds: Vec<RangeInclusive<NaiveDate>>,
        versions: Versions,
        today: NaiveDate,
    ) -> Self {
        Self { cause, open: open.iter().map(as_rule_input).collect(), holds, versions, today }
    }

    pub(super) fn asks_for_points(&self) -> bool {
        let kinds = [Some(milestone::Kind::Percentage), Some(milestone::Kind::Value)];
        self.open.iter().any(|milestone| kinds.contains(&milestone.kind))
    }

    /// The streaks asked for, in periods.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        let streaks = self.open.iter().filter(|it| it.kind == Some(milestone::Kind::Streak));
        streaks.filter_map(|milestone| milestone.target).map(rule::length)
    }
}
