//! How a person counts days and weeks.

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use entity::{person, week};

use super::reminder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    pub week_starts: Weekday,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { zone: Tz::UTC, week_starts: Weekday::Mon }
    }
}

impl Calendar {
    /// UTC for a name that is no zone.
    #[must_use]
    pub fn new(time_zone: &str, week_start: week::Start) -> Self {
        let week_starts = match week_start {
            week::Start::Monday => Weekday::Mon,
            week::Start::Sunday => Weekday::Sun,
        };
        Self { zone: time_zone.parse().unwrap_or_default(), week_starts }
    }

    #[must_use]
    pub fn of(person: &person::Model) -> Self {
        Self::new(&person.time_zone, person.week_start())
    }

    /// The day that a moment lies in for the person.
    #[must_use]
    pub fn local_day(self, moment: NaiveDateTime) -> NaiveDate {
        reminder::local_day(self.zone, moment.and_utc())
    }
}
