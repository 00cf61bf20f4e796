//! What a score means: severity, safety, and change since earlier scores.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::change::{ClinicalChange, Criteria, improvement_possible};
use super::instrument::{Band, Instrument};
use super::safety::{self, Safety};

/// A change between two scores of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub class: ClinicalChange,
    /// Later minus earlier, in points; `None` without an earlier score.
    pub points: Option<i32>,
    /// False when the earlier score left no room to improve reliably.
    pub improvement_possible: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct Interpretation {
    pub instrument: &'static Instrument,
    pub band: Option<&'static Band>,
    pub safety: Safety,
    pub since_first: Change,
    pub since_previous: Change,
    /// Least whole points of reliable change, in force for both.
    pub change_threshold: Option<i32>,
    /// How the threshold was made, and who published it.
    pub change_threshold_source: Option<String>,
    pub rule_version: &'static str,
}

/// Reads a stored score. `first` and `previous` are the earlier scores of the same person and
/// instrument, by administered date, then created moment and id; `None` for the first score itself.
#[must_use]
pub fn evaluate(
    instrument: &'static Instrument,
    score: i32,
    subscores: Option<&Value>,
    first: Option<i32>,
    previous: Option<i32>,
) -> Interpretation {
    let threshold = instrument.change_threshold();
    Interpretation {
        instrument,
        band: instrument.band(score),
        safety: safety::evaluate(instrument, score, subscores),
        since_first: change(instrument, first, score),
        since_previous: change(instrument, previous, score),
        change_threshold: threshold.and_then(|threshold| threshold.points.ceil().to_i32()),
        change_threshold_source: threshold.map(|found| format!("{}: {}", found.method, found.source)),
        rule_version: super::VERSION,
    }
}

/// The change from an earlier score, if there is one; also for the best score so far.
#[must_use]
pub fn change(instrument: &Instrument, earlier: Option<i32>, later: i32) -> Change {
    let none = Change { class: ClinicalChange::NotAvailable, points: None, improvement_possible: None };
    earlier.map_or(none, |earlier| {
        let before = Decimal::from(earlier);
        Change {
            class: Criteria::of(instrument).classify(before, later.into()),
            points: later.checked_sub(earlier).filter(|_| !instrument.screen),
            improvement_possible: improvement_possible(instrument, before),
        }
    })
}
