//! The periods in which a goal is to be recorded.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, Weekday};
use entity::tracking::Frequency;

/// The day at which figures stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AsOf {
    pub day: NaiveDate,
    /// Whether the day is over: a day of the past is, the patient's today is not.
    pub over: bool,
}

/// Days cut into numbered periods; a later period has a higher number and there are no gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period<'a> {
    Day,
    Week {
        starts: Weekday,
    },
    /// Every `length` days, counted from `anchor`.
    Days {
        length: u32,
        anchor: NaiveDate,
    },
    /// From one therapy session to the day before the next: local days in order, without duplicates.
    /// Empty when the sessions are not known.
    Sessions(&'a [NaiveDate]),
}

impl AsOf {
    /// A day that is still going on.
    #[must_use]
    pub const fn today(day: NaiveDate) -> Self {
        Self { day, over: false }
    }

    /// Whether a period with this last day has ended.
    #[must_use]
    pub fn is_closed(self, last: NaiveDate) -> bool {
        last < self.day || (self.over && last == self.day)
    }
}

impl From<NaiveDate> for AsOf {
    fn from(day: NaiveDate) -> Self {
        Self::today(day)
    }
}

impl<'a> Period<'a> {
    /// `anchor` is the local day on which the configuration was made. A custom frequency without a length (a
    /// foreign row) counts single days.
    #[must_use]
    pub fn of(
        frequency: Frequency,
        custom_days: Option<i32>,
        (anchor, week_starts): (NaiveDate, Weekday),
        sessions: &'a [NaiveDate],
    ) -> Self {
        match frequency {
            Frequency::Daily => Self::Day,
            Frequency::Weekly => Self::Week { starts: week_starts },
            Frequency::Session => Self::Sessions(sessions),
            Frequency::Custom => {
                let length = custom_days.and_then(|days| u32::try_from(days).ok()).unwrap_or(1).max(1);
                Self::Days { length, anchor }
            }
        }
    }

    /// The period's number. Days before the first session have -1.
    #[must_use]
    pub fn number(&self, date: NaiveDate) -> i64 {
        let day = i64::from(date.num_days_from_ce());
        match self {
            Self::Day => day,
            Self::Week { starts } => (day - first_of_week(*starts)).div_euclid(7),
            Self::Days { length, anchor } => {
                (day - i64::from(anchor.num_days_from_ce())).div_euclid(i64::from(*length))
            }
            Self::Sessions(days) => index(days.partition_point(|session| *session <= date)) - 1,
        }
    }

    /// First and last day of a period. The period of the newest session has no end yet.
    #[must_use]
    pub fn days(&self, number: i64) -> RangeInclusive<NaiveDate> {
        match self {
            Self::Day => date(number)..=date(number),
            Self::Week { starts } => span(first_of_week(*starts), 7, number),
            Self::Days { length, anchor } => {
                span(i64::from(anchor.num_days_from_ce()), i64::from(*length), number)
            }
            Self::Sessions(days) => {
                let at = |number: i64| usize::try_from(number).ok().and_then(|index| days.get(index));
                let start = at(number).copied().unwrap_or(NaiveDate::MIN);
                let end = at(number + 1).and_then(NaiveDate::pred_opt).unwrap_or(NaiveDate::MAX);
                start..=end
            }
        }
    }

    /// The days of the period that holds this day: the bounds of an SQL sum. Without knowledge of the
    /// sessions each day with data is a session of its own.
    #[must_use]
    pub fn around(&self, date: NaiveDate) -> RangeInclusive<NaiveDate> {
        match self {
            Self::Sessions([]) => date..=date,
            _ => self.days(self.number(date)),
        }
    }

    /// The last day of the newest period that has ended.
    #[must_use]
    pub fn last_closed(&self, as_of: AsOf) -> NaiveDate {
        let running = self.around(as_of.day);
        let before = || running.start().pred_opt().unwrap_or(NaiveDate::MIN);
        if as_of.is_closed(*running.end()) { *running.end() } else { before() }
    }
}

fn first_of_week(starts: Weekday) -> i64 {
    // Day 1 of the common era was a Monday.
    1 + i64::from(starts.num_days_from_monday())
}

fn span(origin: i64, length: i64, number: i64) -> RangeInclusive<NaiveDate> {
    let first = origin + number * length;
    date(first)..=date(first + length - 1)
}

fn date(day: i64) -> NaiveDate {
    let bound = if day < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    i32::try_from(day).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(bound)
}

fn index(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
