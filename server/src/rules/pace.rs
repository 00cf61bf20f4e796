//! Whether the goal is where it should be by now, on an even way from its start to its target date.
//!
//! After Beeminder's line; the limits are ours.

use chrono::NaiveDate;
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::progress::Progress;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    OnTrack,
    AtRisk,
    OffTrack,
    NotAvailable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub class: Class,
    /// Percent that an even way would have reached today; above 100 after the target date, until the goal
    /// is reached.
    pub expected: Option<Decimal>,
    /// Days ahead of the even way, negative when behind.
    pub days_ahead: Option<Decimal>,
}

/// `start` is the local day on which the goal was made. Needs only what progress needs.
///
/// Not available without a target date after the start, without a raw percent, and for a goal that is to
/// maintain, which has no way to go.
#[must_use]
pub fn evaluate(
    progress: &Progress,
    start: NaiveDate,
    target_date: Option<NaiveDate>,
    today: NaiveDate,
) -> Pace {
    let length = target_date.map(|target| (target - start).num_days()).filter(|length| *length > 0);
    let moving = progress.direction != Some(Direction::Maintain);
    match (progress.raw, length) {
        (Some(raw), Some(length)) if moving => {
            // Who has arrived is not expected any further.
            let most = if raw >= Decimal::ONE_HUNDRED { length } else { i64::MAX };
            let elapsed = (today - start).num_days().clamp(0, most);
            even(raw, elapsed.into(), length.into())
        }
        _ => Pace { class: Class::NotAvailable, expected: None, days_ahead: None },
    }
}

fn even(raw: Decimal, elapsed: Decimal, length: Decimal) -> Pace {
    let expected = Decimal::ONE_HUNDRED * elapsed / length;
    let ahead = raw.saturating_sub(expected) / Decimal::ONE_HUNDRED;
    let class = if ahead >= Decimal::ZERO {
        Class::OnTrack
    } else if ahead >= Decimal::new(-14, 2) {
        Class::AtRisk
    } else {
        Class::OffTrack
    };
    Pace { class, expected: Some(expected), days_ahead: ahead.checked_mul(length) }
}
