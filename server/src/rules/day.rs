//! Entries become one value a day, and days become the current value.
//!
//! `entry_date` is the patient's own day already and is never converted. Entries after today are left
//! out until their day arrives.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use entity::progress::Context;
use entity::tracking::Method;
use rust_decimal::Decimal;

use super::period::{AsOf, Period};
use super::progress::{Aim, Figures};

/// What a calculation needs of a progress entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry<Id> {
    pub id: Id,
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub recorded_at: NaiveDateTime,
    /// The same moment on the patient's own clock.
    pub recorded_local: NaiveDateTime,
    pub value: Decimal,
    pub context: Option<Context>,
    /// The method it was recorded under, when that is known.
    pub method: Option<Method>,
}

/// When in its day an entry counts. A correction that comes on a later day is the last of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    Start,
    At(NaiveTime),
    End,
}

/// The place of an entry among all entries of its goal.
pub type Place<Id> = (NaiveDate, Moment, NaiveDateTime, Id);

impl<Id: Copy> Entry<Id> {
    /// The time of the entry; of one without, the time at which it was recorded, if that was on its own day.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let recorded = || match self.recorded_local.date().cmp(&self.date) {
            Ordering::Less => Moment::Start,
            Ordering::Equal => Moment::At(self.recorded_local.time()),
            Ordering::Greater => Moment::End,
        };
        self.time.map_or_else(recorded, Moment::At)
    }

    #[must_use]
    pub fn place(&self) -> Place<Id> {
        (self.date, self.moment(), self.recorded_at, self.id)
    }
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
/// under another method: three times is not three points of a scale. Inside a day the [`Moment`] decides,
/// then the moment of recording and the id.
#[must_use]
pub fn series<Id: Ord + Copy>(method: Method, entries: &[Entry<Id>], today: NaiveDate) -> Vec<Day> {
    let ordered = counted(method, entries, today);
    ordered.chunk_by(|one, next| one.date == next.date).filter_map(|day| one_value(method, day)).collect()
}

/// The entries of which days are made, in their order.
#[must_use]
pub fn counted<Id: Ord + Copy>(method: Method, entries: &[Entry<Id>], today: NaiveDate) -> Vec<Entry<Id>> {
    let counts = |entry: &&Entry<Id>| {
        let of_method = entry.method.is_none_or(|own| own == method);
        let is_score = entry.context == Some(Context::Assessment);
        entry.date <= today && of_method && (method != Method::Assessment || is_score)
    };
    let mut ordered: Vec<_> = entries.iter().filter(counts).copied().collect();
    ordered.sort_by_key(Entry::place);
    ordered
}

fn one_value<Id>(method: Method, entries: &[Entry<Id>]) -> Option<Day> {
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
    /// Whether these days have an entry and no 1.
    NoLapse { days: RangeInclusive<NaiveDate> },
}

/// The last day that the current value may be taken from: what is judged only when it is over leaves the
/// running period out.
#[must_use]
pub fn until(aim: &Aim, period: &Period, as_of: AsOf) -> NaiveDate {
    if aim.is_judged_when_over() { period.last_closed(as_of) } else { as_of.day }
}

/// Where the current value of a goal is found, given the last day with data up to [`until`]: in a history
/// at hand, or in the database.
#[must_use]
pub fn source(aim: &Aim, period: &Period, last: NaiveDate, as_of: AsOf) -> Source {
    let running = period.around(as_of.day);
    match aim.measure.method() {
        Method::Scale | Method::Assessment => Source::LastDay,
        Method::Frequency | Method::Duration => {
            let open = running.contains(&last) && !aim.is_judged_when_over();
            Source::Sum { days: if open { running } else { period.around(last) }, open }
        }
        Method::Binary if aim.counts_successes() => {
            Source::Successes { days: NaiveDate::MIN..=last, each: true }
        }
        Method::Binary if aim.counts_lapses() => {
            Source::NoLapse { days: period.around(until(aim, period, as_of)) }
        }
        Method::Binary => Source::Successes { days: running, each: false },
    }
}

/// The figures that [`super::progress::evaluate`] asks for, from the full series.
///
/// The same can be had from aggregates; see [`source`].
#[must_use]
pub fn figures(aim: &Aim, series: &[Day], period: &Period, as_of: impl Into<AsOf>) -> Figures {
    let as_of = as_of.into();
    let series = between(series, NaiveDate::MIN, as_of.day);
    let sum = |days: &[Day]| total(days.iter().map(|day| day.value));
    let figures = Figures {
        first: series.first().map(|day| day.value),
        running: aim.measure.is_total().then(|| sum(of_period(series, period, as_of.day))),
        ..Figures::default()
    };
    let Some(last) = between(series, NaiveDate::MIN, until(aim, period, as_of)).last() else {
        return figures;
    };
    let within = |days: &RangeInclusive<NaiveDate>| between(series, *days.start(), *days.end());
    let (current, period_open) = match source(aim, period, last.date, as_of) {
        Source::LastDay => (last.value, None),
        Source::Sum { days, open } => (sum(within(&days)), Some(open)),
        Source::Successes { days, each } => {
            let number = successes(within(&days));
            (if each { number } else { number.min(1) }.into(), None)
        }
        Source::NoLapse { days } => (u8::from(is_clean(within(&days))).into(), None),
    };
    Figures { current: Some(current), period_open, ..figures }
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

/// Whether something was recorded, and no 1.
pub(super) fn is_clean(series: &[Day]) -> bool {
    !series.is_empty() && successes(series) == 0
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
