//! Which milestones are reached, by a write or by the end of a period.

use chrono::{NaiveDate, NaiveDateTime};
use entity::milestone::Kind;
use entity::tracking::Direction;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::point::Point;
use super::progress::{Aim, Progress};

/// A milestone, in what decides it.
#[derive(Clone, Copy, Debug)]
pub struct Milestone<Id> {
    pub id: Id,
    /// `None`, as `Custom`, is for people to judge.
    pub kind: Option<Kind>,
    pub target: Option<Decimal>,
    pub created_at: NaiveDateTime,
    pub achieved: bool,
}

/// What is new of a goal: what a write has changed, or a period that has ended. Old figures are left out on
/// purpose: a revoked milestone must not return by a write that has nothing to do with it.
#[derive(Clone, Debug)]
pub struct Situation<Id> {
    pub sense: Sense,
    /// Oldest first.
    pub points: Vec<Point<Id>>,
    /// Each run of met periods that holds a new one: its met periods, oldest first.
    pub runs: Vec<Vec<Counted<Id>>>,
    pub today: NaiveDate,
}

/// What counts as reaching a value.
#[derive(Clone, Copy, Debug)]
pub struct Sense {
    pub direction: Direction,
    /// Maintain: how far from a milestone's target still counts; [`Aim::tolerance`].
    pub tolerance: Decimal,
}

/// A met period in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<Id> {
    /// Its last day, which may be to come.
    pub last: NaiveDate,
    /// The entry that met it; `None` when its end did.
    pub entry: Option<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Achievement<Id> {
    pub id: Id,
    /// The day of the data that did it, not the day on which we saw it.
    pub effective_date: NaiveDate,
    /// The entry that did it; `None` when the end of a period did.
    pub entry: Option<Id>,
    pub backdated: bool,
}

/// How a goal stands by all that is recorded.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Percentages go by its raw percent, so that 110 is possible.
    pub progress: Progress,
    pub sense: Sense,
    /// The values of days, or of periods where days are added up.
    pub values: Vec<Decimal>,
    /// Longest streak, in periods; asked of no other kind than `Streak`.
    pub longest_streak: u32,
}

/// The unachieved milestones that are reached now, by target, age and id.
///
/// To fire once is the database's part: `UPDATE ... WHERE achieved_at IS NULL`.
#[must_use]
pub fn evaluate<Id: Ord + Copy>(
    milestones: &[Milestone<Id>],
    situation: &Situation<Id>,
) -> Vec<Achievement<Id>> {
    let mut open: Vec<_> = milestones.iter().filter(|milestone| !milestone.achieved).collect();
    open.sort_by_key(|milestone| (milestone.target, milestone.created_at, milestone.id));
    let fired = |milestone: &Milestone<Id>| {
        let (effective_date, entry) = situation.reached(milestone)?;
        let backdated = effective_date < situation.today;
        Some(Achievement { id: milestone.id, effective_date, entry, backdated })
    };
    open.into_iter().filter_map(fired).collect()
}

/// Whether an achieved milestone would be achieved today; `None` while it is not achieved, and when only
/// a person can say.
#[must_use]
pub fn still_met<Id>(milestone: &Milestone<Id>, standing: &Standing) -> Option<bool> {
    is_judged(milestone).then(|| standing.reaches(milestone))
}

/// Whether [`still_met`] has anything to say: the milestone is achieved, and not for people to judge.
#[must_use]
pub fn is_judged<Id>(milestone: &Milestone<Id>) -> bool {
    milestone.achieved && matches!(milestone.kind, Some(Kind::Percentage | Kind::Value | Kind::Streak))
}

/// So many periods in a row are wanted.
#[must_use]
pub fn length(target: Decimal) -> u32 {
    target.ceil().max(Decimal::ONE).to_u32().unwrap_or(u32::MAX)
}

impl<Id: Copy> Situation<Id> {
    /// The first day of the data as of which the milestone was reached, and the entry that did it.
    fn reached(&self, milestone: &Milestone<Id>) -> Option<(NaiveDate, Option<Id>)> {
        let target = milestone.target?;
        let first = |is_reached: &dyn Fn(&Point<Id>) -> bool| {
            self.points.iter().find(|point| is_reached(point)).map(|point| (point.date, point.entry))
        };
        match milestone.kind? {
            Kind::Percentage => first(&|point| point.percent.is_some_and(|percent| percent >= target)),
            Kind::Value => first(&|point| self.sense.reaches(point.value, target)),
            Kind::Streak => {
                let last = usize::try_from(length(target)).unwrap_or(usize::MAX) - 1;
                let reached = self.runs.iter().filter_map(|run| run.get(last));
                reached.min_by_key(|period| period.last).map(|period| (period.last, period.entry))
            }
            Kind::Custom => None,
        }
    }
}

impl Standing {
    fn reaches<Id>(&self, milestone: &Milestone<Id>) -> bool {
        let Some((kind, target)) = milestone.kind.zip(milestone.target) else { return false };
        match kind {
            Kind::Percentage => {
                self.progress.raw.or(self.progress.percent).is_some_and(|percent| percent >= target)
            }
            Kind::Value => self.values.iter().any(|value| self.sense.reaches(*value, target)),
            Kind::Streak => Decimal::from(self.longest_streak) >= target,
            Kind::Custom => false,
        }
    }
}

impl Sense {
    #[must_use]
    pub fn of(aim: &Aim) -> Self {
        Self { direction: aim.direction(), tolerance: aim.tolerance().unwrap_or_default() }
    }

    fn reaches(self, value: Decimal, target: Decimal) -> bool {
        match self.direction {
            Direction::Increase => value >= target,
            Direction::Decrease => value <= target,
            Direction::Maintain => value.saturating_sub(target).abs() <= self.tolerance,
        }
    }
}
