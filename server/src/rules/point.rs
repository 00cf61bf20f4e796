//! What milestones of a value or of a percentage are held against: the figures that a write has changed.
//!
//! Entries are added up within a unit: a day of a scale, a period of a total or of a yes/no, the whole history
//! of a count of successes. A goal that is judged when a period is over has one figure for each period that has
//! ended; any other has a figure after each entry. So it makes no difference whether entries arrive one by one
//! or together.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::tracking::Method;
use rust_decimal::Decimal;

use super::day::{Entry, total};
use super::period::{AsOf, Period};
use super::progress::{Aim, Figures, evaluate};

/// What a goal had come to at a moment of its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point<Id> {
    pub date: NaiveDate,
    /// The entry that made it so; `None` when it was the end of a period.
    pub entry: Option<Id>,
    /// In the goal's own unit.
    pub value: Decimal,
    /// The way gone, in percent: below 0 and above 100 too.
    pub percent: Option<Decimal>,
}

/// Entries that are added up together.
#[derive(Clone, Debug)]
pub struct Unit<Id> {
    pub days: RangeInclusive<NaiveDate>,
    /// What the entries that are not at hand come to; they lie before those that are.
    pub base: Tally,
    /// The entries at hand before the write; `None` when nothing was judged before: the whole history counts, or
    /// the period has just ended.
    pub before: Option<Vec<Entry<Id>>>,
    /// The same after the write. Both in order.
    pub after: Vec<Entry<Id>>,
}

/// What some entries come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub entries: i64,
    pub sum: Decimal,
    /// Days with a 1.
    pub successes: i64,
    /// The last day with a 1 among those counted here.
    last_success: Option<NaiveDate>,
    /// The last entry's value.
    last: Option<Decimal>,
}

/// The days that an entry of this day is added up with.
#[must_use]
pub fn unit_of(aim: &Aim, period: &Period, day: NaiveDate) -> RangeInclusive<NaiveDate> {
    match aim.measure.method() {
        Method::Scale | Method::Assessment => day..=day,
        Method::Binary if aim.counts_successes() => NaiveDate::MIN..=NaiveDate::MAX,
        Method::Frequency | Method::Duration | Method::Binary => period.around(day),
    }
}

/// The points of a unit that were not there before, oldest first. `first`: the first day's value, for a
/// baseline that is not stored.
#[must_use]
pub fn points<Id: Ord + Copy>(
    aim: &Aim,
    unit: &Unit<Id>,
    first: Option<Decimal>,
    as_of: AsOf,
) -> Vec<Point<Id>> {
    let point = |date, entry, tally: &Tally| Point {
        date,
        entry,
        value: tally.value(aim),
        percent: tally.percent(aim, first),
    };
    if aim.is_judged_when_over() {
        let end = *unit.days.end();
        let tally = unit.base.with(&unit.after);
        let before = unit.before.as_ref().map(|before| unit.base.with(before));
        let changed = before.is_none_or(|before| before.figures(aim) != tally.figures(aim));
        let closed = changed && tally.entries > 0 && as_of.is_closed(end);
        return closed.then(|| point(end, None, &tally)).into_iter().collect();
    }
    let after = unit.course(&unit.after);
    let fresh = after.iter().enumerate().filter(|(index, at)| unit.is_new(aim, at, index + 1 == after.len()));
    fresh.map(|(_, at)| point(at.entry.date, Some(at.entry.id), &at.tally)).collect()
}

/// What a unit had come to with an entry.
struct At<Id> {
    entry: Entry<Id>,
    tally: Tally,
}

impl<Id: Ord + Copy> Unit<Id> {
    fn course(&self, entries: &[Entry<Id>]) -> Vec<At<Id>> {
        let mut tally = self.base;
        let at = |entry: &Entry<Id>| {
            tally = tally.and(entry);
            At { entry: *entry, tally }
        };
        entries.iter().map(at).collect()
    }

    /// Whether a write has made this point. Where the last value counts, each new value is something new, and
    /// so is the last of the day when it was another one before; where values are added up, only more is.
    fn is_new(&self, aim: &Aim, at: &At<Id>, is_last: bool) -> bool {
        let last_counts = !aim.measure.adds_up();
        let Some(before) = &self.before else { return is_last || !last_counts };
        let (place, value) = (at.entry.place(), at.entry.value);
        let until = before.partition_point(|entry| entry.place() <= place);
        if last_counts {
            let was_there =
                before[..until].last().is_some_and(|old| old.place() == place && old.value == value);
            let is_other = before.last().map(|last| last.value) != Some(value);
            return !was_there || (is_last && is_other);
        }
        let at_place = self.base.with(&before[..until]);
        at_place.value(aim) < at.tally.value(aim) || at_place.entries == 0
    }
}

impl Tally {
    /// Of entries that were added up elsewhere.
    #[must_use]
    pub const fn of(entries: i64, sum: Decimal, successes: i64) -> Self {
        Self { entries, sum, successes, last_success: None, last: None }
    }

    /// Of two stretches of days.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            entries: self.entries + other.entries,
            sum: self.sum.saturating_add(other.sum),
            successes: self.successes + other.successes,
            last_success: other.last_success.or(self.last_success),
            last: other.last.or(self.last),
        }
    }

    /// With the entries that come next.
    #[must_use]
    pub fn with<Id>(self, entries: &[Entry<Id>]) -> Self {
        entries.iter().fold(self, Self::and)
    }

    fn and<Id>(self, entry: &Entry<Id>) -> Self {
        let succeeds = entry.value >= Decimal::ONE && self.last_success != Some(entry.date);
        Self {
            entries: self.entries + 1,
            sum: total([self.sum, entry.value].into_iter()),
            successes: self.successes + i64::from(succeeds),
            last_success: if succeeds { Some(entry.date) } else { self.last_success },
            last: Some(entry.value),
        }
    }

    /// What milestones of a value are held against: of a yes/no 1 as soon as there is a 1.
    #[must_use]
    pub fn value(&self, aim: &Aim) -> Decimal {
        match aim.measure.method() {
            Method::Scale | Method::Assessment => self.last.unwrap_or_default(),
            Method::Frequency | Method::Duration => self.sum,
            Method::Binary if aim.counts_successes() => self.successes.into(),
            Method::Binary => self.successes.min(1).into(),
        }
    }

    /// The way gone, if this is the current value.
    #[must_use]
    pub fn percent(&self, aim: &Aim, first: Option<Decimal>) -> Option<Decimal> {
        let value = self.value(aim);
        let current = if aim.counts_lapses() { Decimal::ONE - value } else { value };
        let progress = evaluate(aim, &Figures { first, current: Some(current), ..Figures::default() });
        // Without a raw percent (baseline and target contradict) there is all or nothing.
        progress.raw.or(progress.percent)
    }

    fn figures(&self, aim: &Aim) -> Option<Decimal> {
        (self.entries > 0).then(|| self.value(aim))
    }
}
