//! What a score means: its severity, and its change since earlier scores.

use super::change::{ClinicalChange, Criteria, improvement_possible};
use super::instrument::{Band, ChangePair, Instrument};
use rust_decimal::prelude::ToPrimitive;

/// A change between two scores of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub class: ClinicalChange,
    /// Later minus earlier, in points; `None` without an earlier score.
    pub points: Option<i32>,
}

/// What a score means for change; its safety and its subscales are read by modules of their own.
#[derive(Clone, Debug)]
pub struct Interpretation {
    pub band: Option<&'static Band>,
    pub since_first: Change,
    pub since_previous: Change,
    /// Whether the episode's first score left room to improve reliably.
    pub improvement_possible: Option<bool>,
    /// Least whole points of reliable change, in force for both.
    pub change_threshold: Option<i32>,
    /// How the threshold was made, and who published it.
    pub change_threshold_source: Option<String>,
    /// The cut-off of a case that was published with the threshold.
    pub caseness: Option<&'static ChangePair>,
    pub is_case: Option<bool>,
}

/// Reads a stored score. `first` and `previous` are the earlier scores of its episode; `None` for the episode's
/// first score itself.
#[must_use]
pub fn evaluate(
    instrument: &'static Instrument,
    score: i32,
    first: Option<i32>,
    previous: Option<i32>,
) -> Interpretation {
    let threshold = instrument.change_threshold();
    Interpretation {
        band: instrument.band(score),
        since_first: change(instrument, first, score),
        since_previous: change(instrument, previous, score),
        improvement_possible: improvement_possible(instrument, first.unwrap_or(score).into()),
        change_threshold: threshold.and_then(|threshold| threshold.points.ceil().to_i32()),
        change_threshold_source: threshold.map(|found| found.described()),
        caseness: instrument.change_pair.as_ref(),
        is_case: instrument.is_case(score.into()),
    }
}

/// The change from an earlier score, if there is one; also for the best score so far.
#[must_use]
pub fn change(instrument: &Instrument, earlier: Option<i32>, later: i32) -> Change {
    let none = Change { class: ClinicalChange::NotAvailable, points: None };
    earlier.map_or(none, |earlier| Change {
        class: Criteria::of(instrument).classify(earlier.into(), later.into()),
        points: later.checked_sub(earlier).filter(|_| !instrument.screen),
    })
}
