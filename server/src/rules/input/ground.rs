//! What an input is checked against, and what it changes.

use chrono::NaiveDate;
use entity::tracking::Direction;

use crate::rules::measure::Measure;

/// What a change does to a column that may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// What is stored stays.
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// The new value, when there is one.
    #[must_use]
    pub const fn new_value(&self) -> Option<&T> {
        if let Self::Set(value) = self { Some(value) } else { None }
    }

    /// What the column holds afterwards.
    #[must_use]
    pub fn over(self, stored: Option<T>) -> Option<T> {
        match self {
            Self::Keep => stored,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// The patient's local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Today {
    Known(NaiveDate),
    /// The patient is not known; their day is this one or an earlier one.
    AtMost(NaiveDate),
}

impl Today {
    #[must_use]
    pub const fn latest(self) -> NaiveDate {
        match self {
            Self::Known(day) | Self::AtMost(day) => day,
        }
    }
}

impl Default for Today {
    fn default() -> Self {
        Self::AtMost(NaiveDate::MAX)
    }
}

/// What is known of a goal and its patient, for checking an input about them. By default nothing is known:
/// then only what is wrong for every goal is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ground {
    pub today: Today,
    /// `None` for a goal without a tracking configuration.
    pub measure: Option<Measure>,
    pub direction: Option<Direction>,
    /// Whether it is the patient who writes. Patients can only report on themselves.
    pub by_patient: bool,
}

impl Ground {
    /// Whether the entries of the goal are scores of an instrument.
    #[must_use]
    pub const fn by_assessment(&self) -> bool {
        matches!(self.measure, Some(Measure::Assessment(_)))
    }
}
