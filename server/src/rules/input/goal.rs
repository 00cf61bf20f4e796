//! A goal's own columns.

use chrono::NaiveDate;
use entity::goal::Status;
use entity::tracking::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::number::{Purpose, measured};
use super::{Code, Ground, Patch, Path, Problem, date, milestone, reminder, text, tracking};
use crate::rules::progress::{Aim, BaselineSource};

/// A goal to set, with its tracking, milestones and reminders.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who owns it. When absent, it is the therapist who sets it.
    pub therapist: Option<Uuid>,
    pub session: Option<Uuid>,
    pub description: String,
    pub category: Option<String>,
    pub status: Status,
    pub baseline: Option<Decimal>,
    pub target: Option<Decimal>,
    pub target_date: Option<NaiveDate>,
    pub tracking: Option<tracking::Draft>,
    pub milestones: Vec<milestone::Draft>,
    pub reminders: Vec<reminder::Draft>,
}

/// What to change of a goal.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Can't be cleared.
    pub description: Option<String>,
    pub category: Patch<String>,
    pub session: Patch<Uuid>,
    pub baseline: Patch<Decimal>,
    pub target: Patch<Decimal>,
    pub target_date: Patch<NaiveDate>,
}

/// Where a goal starts and where it is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    pub baseline: Option<Decimal>,
    pub target: Option<Decimal>,
}

impl Changes {
    /// Start and end after the change.
    #[must_use]
    pub fn way(&self, stored: Way) -> Way {
        Way { baseline: self.baseline.over(stored.baseline), target: self.target.over(stored.target) }
    }
}

/// Checks a new goal's own columns. How it is to be tracked is part of `ground`; its tracking, milestones and
/// reminders have checks of their own.
#[must_use]
pub fn check(draft: &Draft, ground: &Ground) -> Vec<Problem> {
    let way = Way { baseline: draft.baseline, target: draft.target };
    let day = draft.target_date;
    let day = day.and_then(|day| date::upcoming(&at("targetDate"), "The target date", day, ground.today));
    description(&draft.description)
        .into_iter()
        .chain(category(draft.category.as_deref()))
        .chain(check_way(way, ground))
        .chain(day)
        .collect()
}

/// Checks only what is changed: a stored target date may have passed, for example. `stored` is `None` when
/// there is no such goal.
#[must_use]
pub fn check_changes(stored: Option<Way>, changes: &Changes, ground: &Ground) -> Vec<Problem> {
    let way = changes.way(stored.unwrap_or_default());
    let moved = stored.is_none_or(|stored| stored != way);
    let way = if moved { check_way(way, ground) } else { Vec::new() };
    let day = changes.target_date.new_value();
    let day = day.and_then(|day| date::sane(&at("targetDate"), "The target date", *day));
    let words = changes.description.as_deref().and_then(description);
    let category = category(changes.category.new_value().map(String::as_str));
    words.into_iter().chain(category).chain(way).chain(day).collect()
}

fn at(field: &str) -> Path {
    Path::input().at(field)
}

fn description(text: &str) -> Option<Problem> {
    text::required(&at("description"), "The description", text, text::LONG)
}

fn category(text: Option<&str>) -> Option<Problem> {
    text::optional(&at("category"), "The category", text, text::CATEGORY)
}

/// Checks both values against the measure, and the direction against both. A new configuration of an existing
/// goal is checked by it too.
#[must_use]
pub fn check_way(way: Way, ground: &Ground) -> Vec<Problem> {
    let value = |field: &str, name: &str, value: Option<Decimal>| {
        measured(&at(field), name, value?, ground.measure, Purpose::Goal)
    };
    let problems: Vec<_> = value("baselineValue", "The baseline", way.baseline)
        .into_iter()
        .chain(value("targetValue", "The target", way.target))
        .collect();
    // Two values of which one is wrong can't be compared to any use.
    if problems.is_empty() { contradiction(way, ground).into_iter().collect() } else { problems }
}

/// The baseline as it will be used: one that is still to come from the first entry can't contradict, the 0
/// of a count, a duration or a yes/no can.
fn contradiction(way: Way, ground: &Ground) -> Option<Problem> {
    let direction = ground.direction?;
    let used = Aim::new(ground.measure?, way.baseline, way.target, Some(direction));
    if used.counts_successes() && direction != Direction::Increase {
        let message = "A yes or no that is counted (a target above 1) can only increase; to have less of \
                       something, leave the target out.";
        return Some(Problem::new(Code::Invalid, &at("targetValue"), message));
    }
    // Without a lapse or with one: a baseline is not needed, and has to fit only when there is one.
    if used.counts_lapses() && way.baseline.zip(way.target).is_none_or(|(from, to)| to < from) {
        return None;
    }
    let ((baseline, source), target) = (used.baseline(None)?, used.target()?);
    if direction == Direction::Decrease && source == BaselineSource::Default {
        let message = format!("The goal is to decrease, so it needs a baseline above the target ({target}).");
        return Some(Problem::new(Code::Required, &at("baselineValue"), message));
    }
    let (wrong, way, side) = match direction {
        Direction::Increase => (target <= baseline, "increase", "above"),
        Direction::Decrease => (target >= baseline, "decrease", "below"),
        Direction::Maintain => (false, "", ""),
    };
    let message = || {
        format!("The goal is to {way}, so the target ({target}) must be {side} the baseline ({baseline}).")
    };
    wrong.then(|| Problem::new(Code::Invalid, &at("targetValue"), message()))
}
