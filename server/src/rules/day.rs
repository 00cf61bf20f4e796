//! Entries become one value a day, and days become the current value.
//!
//! `entry_date` is the patient's own day already and is never converted. Entries after today are left
//! out until their day arrives.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use entity::progress::Context;
use entity::tracking::Method;
use rust_decimal::Decimal;

use super::period::Period;
use super::progress::{Aim, Figures};

/// What a calculation needs of a progress entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry<Id> {
    pub id: Id,
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub recorded_at: NaiveDateTime,
    pub value: Decimal,
    pub context: Option<Context>,
    /// The method it was recorded under, when that is known.
    pub method: Option<Method>,
}

/// A day with data: its one value, and the number of entries behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub value: Decimal,
    pub entries: u32,
}

/// One value for each day with data up to `today`, oldest first, whatever the order of the entries.
///
/// Scale and assessment: the day's last value; frequency and duration: the sum; binary: the highest.
/// An assessment goal takes entries of context `assessment` only, and no goal takes what was recorded
/// under another method: three times is not three points of a scale. Inside a day an entry without a time
/// comes first; then the time, the moment of recording and the id decide.
#[must_use]
pub fn series<Id: Ord + Copy>(method: Method, entries: &[Entry<Id>], today: NaiveDate) -> Vec<Day> {
    let counts = |entry: &&Entry<Id>| {
        let of_method = entry.method.is_none_or(|own| own == method);
        let is_score = entry.context == Some(Context::Assessment);
        entry.date <= today && of_method && (method != Method::Assessment || is_score)
    };
    let mut ordered: Vec<_> = entries.iter().filter(counts).collect();
    ordered.sort_by_key(|entry| (entry.date, entry.time, entry.recorded_at, entry.id));
    ordered.chunk_by(|one, next| one.date == next.date).filter_map(|day| one_value(method, day)).collect()
}

fn one_value<Id>(method: Method, entries: &[&Entry<Id>]) -> Option<Day> {
    let last = entries.last()?;
    let values = entries.iter().map(|entry| entry.value);
    let value = match method {
        Method::Scale | Method::Assessment => last.value,
        Method::Frequency | Method::Duration => total(values),
        Method::Binary => values.max()?,
    };
    Some(Day { date: last.date, value, entries: u32::try_from(entries.len()).unwrap_or(u32::MAX) })
}

/// A sum that a foreign row of any size can't overflow.
pub(super) fn total(values: impl Iterator<Item = Decimal>) -> Decimal {
    values.fold(Decimal::ZERO, Decimal::saturating_add)
}

/// What the current value of a goal is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The value of the last day with data.
    LastDay,
    /// The sum of these days; `open` when they are of the running period.
    Sum { days: RangeInclusive<NaiveDate>, open: bool },
    /// The number of days with a 1 among these, each counted or only whether there is one.
    Successes { days: RangeInclusive<NaiveDate>, each: bool },
}

/// Where the current value of a goal is found, given the last day with data up to `today`: in a history
/// at hand, or in the database.
#[must_use]
pub fn source(aim: &Aim, period: &Period, last: NaiveDate, today: NaiveDate) -> Source {
    let running = period.around(today);
    match aim.measure.method() {
        Method::Scale | Method::Assessment => Source::LastDay,
        Method::Frequency | Method::Duration => {
            let open = running.contains(&last);
            Source::Sum { days: if open { running } else { period.around(last) }, open }
        }
        Method::Binary if aim.counts_successes() => {
            Source::Successes { days: NaiveDate::MIN..=last, each: true }
        }
        Method::Binary => Source::Successes { days: running, each: false },
    }
}

/// The figures that [`super::progress::evaluate`] asks for, from the full series.
///
/// The same can be had from aggregates; see [`source`].
#[must_use]
pub fn figures(aim: &Aim, series: &[Day], period: &Period, today: NaiveDate) -> Figures {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Figures::default() };
    let within = |days: &RangeInclusive<NaiveDate>| between(series, *days.start(), *days.end());
    let (current, period_open) = match source(aim, period, last.date, today) {
        Source::LastDay => (last.value, None),
        Source::Sum { days, open } => (total(within(&days).iter().map(|day| day.value)), Some(open)),
        Source::Successes { days, each } => {
            let number = successes(within(&days));
            (if each { number } else { number.min(1) }.into(), None)
        }
    };
    Figures { first: Some(first.value), current: Some(current), period_open }
}

/// The days with data of the period that holds `date`.
pub(super) fn of_period<'a>(series: &'a [Day], period: &Period, date: NaiveDate) -> &'a [Day] {
    let days = period.around(date);
    between(series, *days.start(), *days.end())
}

/// The days with data from one day to another, both included.
#[must_use]
pub fn between(series: &[Day], from: NaiveDate, to: NaiveDate) -> &[Day] {
    let start = series.partition_point(|day| day.date < from);
    let end = series.partition_point(|day| day.date <= to);
    series.get(start..end).unwrap_or_default()
}

/// Days on which it was done.
pub(super) fn successes(series: &[Day]) -> usize {
    series.iter().filter(|day| day.value >= Decimal::ONE).count()
}

/// At most `most` of them, evenly spread, the first and the last among them.
#[must_use]
pub fn thin<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    if all.len() <= most || most < 2 {
        return all.iter().take(most).copied().collect();
    }
    let (last, steps) = (all.len() - 1, most - 1);
    (0..most).filter_map(|step| all.get((step * last + steps / 2) / steps).copied()).collect()
}
