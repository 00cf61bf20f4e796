//! Reliable and clinically significant change.
//!
//! Jacobson and Truax 1991 (J Consult Clin Psychol 59:12). Thresholds are published ones, from the catalogue.

use rust_decimal::Decimal;

use super::instrument::{Direction, Instrument};

/// What became of a person between two scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClinicalChange {
    /// Reliably better, and from a case to no case.
    ReliableRecovery,
    ReliableImprovement,
    /// From a case to no case by a change that may be chance.
    RecoveryNotReliable,
    NoReliableChange,
    Deteriorated,
    /// No earlier score, no published threshold, or a screen.
    NotAvailable,
}

/// An instrument's figures for change, in points.
#[derive(Clone, Copy, Debug)]
pub struct Criteria {
    pub threshold: Option<Decimal>,
    /// The score that parts cases from the others; itself a case when higher is worse, not when better. It is
    /// known only from the source of the threshold: figures of two sources don't go together.
    pub caseness: Option<Decimal>,
    pub direction: Direction,
}

impl Criteria {
    #[must_use]
    pub fn of(instrument: &Instrument) -> Self {
        Self {
            threshold: instrument.change_threshold().map(|threshold| threshold.points),
            caseness: instrument.change_pair.as_ref().map(|pair| pair.caseness.into()),
            direction: instrument.direction,
        }
    }

    /// The class of the change from `earlier` to `later`.
    #[must_use]
    pub fn classify(&self, earlier: Decimal, later: Decimal) -> ClinicalChange {
        let Some(threshold) = self.threshold else { return ClinicalChange::NotAvailable };
        let improvement = match self.direction {
            Direction::HigherIsWorse => earlier - later,
            Direction::HigherIsBetter => later - earlier,
        };
        let recovered = self.is_case(earlier) && self.is_healthy(later);
        match (improvement, recovered) {
            (improvement, _) if improvement <= -threshold => ClinicalChange::Deteriorated,
            (improvement, true) if improvement >= threshold => ClinicalChange::ReliableRecovery,
            (improvement, false) if improvement >= threshold => ClinicalChange::ReliableImprovement,
            (_, true) => ClinicalChange::RecoveryNotReliable,
            (_, false) => ClinicalChange::NoReliableChange,
        }
    }

    fn is_case(&self, score: Decimal) -> bool {
        self.caseness.is_some_and(|caseness| match self.direction {
            Direction::HigherIsWorse => score >= caseness,
            Direction::HigherIsBetter => score < caseness,
        })
    }

    fn is_healthy(&self, score: Decimal) -> bool {
        self.caseness.is_some() && !self.is_case(score)
    }
}

/// Whether a score leaves room to improve reliably: PHQ-9 4 can't fall by 6. `None` without a threshold.
#[must_use]
pub fn improvement_possible(instrument: &Instrument, earlier: Decimal) -> Option<bool> {
    let room = match instrument.direction {
        Direction::HigherIsWorse => earlier - Decimal::from(instrument.total_min),
        Direction::HigherIsBetter => Decimal::from(instrument.total_max) - earlier,
    };
    instrument.change_threshold().map(|threshold| room >= threshold.points)
}
