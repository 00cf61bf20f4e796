//! Configurations while they were in force, and when a period is met by them.

use chrono::NaiveDate;
use entity::tracking::{Direction, Method};
use rust_decimal::Decimal;

use super::day::{Day, is_clean, successes, total};
use super::period::Period;
use super::progress::Aim;

/// When a period is met.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Any entry: scale, assessment, and totals without a target.
    CheckIn,
    /// Any 1.
    Success,
    /// At least one entry and no 1, which is a lapse.
    NoLapse,
    /// The period's total against the target; to decrease or maintain takes at least one entry.
    Total { target: Decimal, direction: Direction, tolerance: Decimal },
}

/// A configuration while it was in force, with the days as its method values them.
#[derive(Clone, Copy, Debug)]
pub struct Regime<'a> {
    /// First day in force. The first regime covers the days before it as well.
    pub from: NaiveDate,
    pub period: Period<'a>,
    pub rule: Rule,
    /// [`super::day::series`] of the regime's method, over the whole history.
    pub days: &'a [Day],
}

impl Rule {
    #[must_use]
    pub fn of(aim: &Aim) -> Self {
        match (aim.measure.method(), aim.target) {
            (Method::Binary, _) if aim.counts_lapses() => Self::NoLapse,
            (Method::Binary, _) => Self::Success,
            (Method::Frequency | Method::Duration, Some(target)) => Self::Total {
                target,
                direction: aim.direction(),
                tolerance: aim.tolerance().unwrap_or_default(),
            },
            (Method::Frequency | Method::Duration, None) | (Method::Scale | Method::Assessment, _) => {
                Self::CheckIn
            }
        }
    }

    /// What a streak of this rule counts, for the API.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::CheckIn => "check_in",
            Self::Success => "success",
            Self::NoLapse => "no_lapse",
            Self::Total { .. } => "target",
        }
    }

    #[must_use]
    pub fn met(self, days: &[Day]) -> bool {
        let sum = total(days.iter().map(|day| day.value));
        match self {
            Self::CheckIn => !days.is_empty(),
            Self::Success => successes(days) > 0,
            Self::NoLapse => is_clean(days),
            Self::Total { target, direction, tolerance } => {
                !days.is_empty()
                    && match direction {
                        Direction::Increase => sum >= target,
                        Direction::Decrease => sum <= target,
                        Direction::Maintain => sum.saturating_sub(target).abs() <= tolerance,
                    }
            }
        }
    }

    /// Whether what is still to come in a period can take back that it is met: then it is met only when it is
    /// over.
    #[must_use]
    pub const fn is_judged_when_over(self) -> bool {
        match self {
            Self::CheckIn | Self::Success => false,
            Self::NoLapse => true,
            Self::Total { direction, .. } => !matches!(direction, Direction::Increase),
        }
    }

    /// Whether a period can't be met any more, whatever is still to come in it.
    pub(super) fn is_lost(self, days: &[Day]) -> bool {
        let sum = total(days.iter().map(|day| day.value));
        match self {
            Self::NoLapse => successes(days) > 0,
            Self::Total { target, direction: Direction::Decrease, .. } => sum > target,
            Self::Total { target, direction: Direction::Maintain, tolerance } => {
                sum.saturating_sub(target) > tolerance
            }
            Self::CheckIn | Self::Success | Self::Total { direction: Direction::Increase, .. } => false,
        }
    }
}
