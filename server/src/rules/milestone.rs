//! Which milestones a write has reached.

use chrono::{NaiveDate, NaiveDateTime};
use entity::milestone::Kind;
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::day::{Day, of_period, total};
use super::period::Period;
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

/// How the goal stands after the write.
#[derive(Clone, Debug)]
pub struct Situation {
    /// Percentages go by its raw percent, so that 110 is possible.
    pub progress: Progress,
    /// Maintain: how far from a milestone's target still counts; [`super::progress::Aim::tolerance`].
    pub tolerance: Decimal,
    /// Longest streak, in periods; asked of no other kind than `Streak`.
    pub longest_streak: u32,
    /// What value milestones are held against; see [`values`].
    pub values: Vec<(NaiveDate, Decimal)>,
    /// The day of the entry written: the latest of an import, the last day with data when the milestone
    /// itself was written.
    pub effective: NaiveDate,
    pub today: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Achievement<Id> {
    pub id: Id,
    /// The day of the data that did it, not the day on which we saw it.
    pub effective_date: NaiveDate,
    pub backdated: bool,
}

/// The values that a write on the days `touched` puts before value milestones, oldest first.
///
/// Day values, in the goal's own unit: for frequency and duration the total of each period touched, for a
/// count of successes the count up to each day from the first touched on. After a milestone was made or
/// its target changed, every day is touched. Old days are left out on purpose: a revoked milestone must
/// not return by a write that has nothing to do with it.
#[must_use]
pub fn values(
    aim: &Aim,
    series: &[Day],
    period: &Period,
    touched: &[NaiveDate],
) -> Vec<(NaiveDate, Decimal)> {
    if aim.counts_successes() {
        let first = touched.iter().min().copied().unwrap_or(NaiveDate::MAX);
        let mut count = 0;
        let counted = series.iter().map(|day| {
            count += i64::from(day.value >= Decimal::ONE);
            (day.date, count.into())
        });
        return counted.filter(|(date, _)| *date >= first).collect();
    }
    let touched = series.iter().filter(|day| touched.contains(&day.date));
    let value = |day: &Day| {
        let days = if aim.measure.is_total() { of_period(series, period, day.date) } else { &[*day] };
        (day.date, total(days.iter().map(|day| day.value)))
    };
    touched.map(value).collect()
}

/// The unachieved milestones that are reached now, by target, age and id.
///
/// To fire once is the database's part: `UPDATE ... WHERE achieved_at IS NULL`.
#[must_use]
pub fn evaluate<Id: Ord + Copy>(milestones: &[Milestone<Id>], standing: &Situation) -> Vec<Achievement<Id>> {
    let mut open: Vec<_> = milestones.iter().filter(|milestone| !milestone.achieved).collect();
    open.sort_by_key(|milestone| (milestone.target, milestone.created_at, milestone.id));
    let fired = |milestone: &Milestone<Id>| {
        let effective_date = standing.reached(milestone)?;
        Some(Achievement { id: milestone.id, effective_date, backdated: effective_date < standing.today })
    };
    open.into_iter().filter_map(fired).collect()
}

/// Whether an achieved milestone would be achieved today; `None` while it is not achieved, and when only
/// a person can say. `standing.values` has to cover every day of the history here.
#[must_use]
pub fn still_met<Id>(milestone: &Milestone<Id>, standing: &Situation) -> Option<bool> {
    is_judged(milestone).then(|| standing.reached(milestone).is_some())
}

/// Whether [`still_met`] has anything to say: the milestone is achieved, and not for people to judge.
#[must_use]
pub fn is_judged<Id>(milestone: &Milestone<Id>) -> bool {
    milestone.achieved && matches!(milestone.kind, Some(Kind::Percentage | Kind::Value | Kind::Streak))
}

impl Situation {
    /// The day on which the milestone was reached.
    fn reached<Id>(&self, milestone: &Milestone<Id>) -> Option<NaiveDate> {
        let target = milestone.target?;
        match milestone.kind? {
            Kind::Percentage => {
                // Without a raw percent (baseline and target contradict) there is all or nothing.
                let percent = self.progress.raw.or(self.progress.percent)?;
                (percent >= target).then_some(self.effective)
            }
            Kind::Value => self.values.iter().find(|(_, value)| self.reaches(*value, target)).map(|at| at.0),
            Kind::Streak => (Decimal::from(self.longest_streak) >= target).then_some(self.effective),
            Kind::Custom => None,
        }
    }

    fn reaches(&self, value: Decimal, target: Decimal) -> bool {
        match self.progress.direction.unwrap_or(Direction::Increase) {
            Direction::Increase => value >= target,
            Direction::Decrease => value <= target,
            Direction::Maintain => value.saturating_sub(target).abs() <= self.tolerance,
        }
    }
}
