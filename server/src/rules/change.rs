//! Reliable and clinically significant change.
//!
//! Jacobson and Truax 1991 (J Consult Clin Psychol 59:12), with the square root of 2 that the paper of
//! 1984 lacked (Christensen and Mendoza 1986). A published threshold always wins over a computed one.

use rust_decimal::{Decimal, MathematicalOps};

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

/// Reliable change worked out from a sample's standard deviation and the instrument's reliability.
#[derive(Clone, Copy, Debug)]
pub struct ReliableChange {
    /// Standard error of measurement.
    pub error: Decimal,
    /// Standard error of a difference of two scores.
    pub difference_error: Decimal,
    /// A change beyond this many points is reliable with 95 percent confidence.
    pub points_95: Decimal,
    pub points_90: Decimal,
    /// The least whole number of points beyond the 95 percent line.
    pub least_points_95: Decimal,
}

const Z_95: Decimal = Decimal::from_parts(196, 0, 0, false, 2);
const Z_90: Decimal = Decimal::from_parts(1645, 0, 0, false, 3);

impl ReliableChange {
    /// `None` when the reliability is above 1, which no sample has.
    #[must_use]
    pub fn from(deviation: Decimal, reliability: Decimal) -> Option<Self> {
        let error = deviation * (Decimal::ONE - reliability).sqrt()?;
        let difference_error = Decimal::TWO.sqrt()? * error;
        let points_95 = Z_95 * difference_error;
        Some(Self {
            error,
            difference_error,
            points_95,
            points_90: Z_90 * difference_error,
            least_points_95: points_95.floor() + Decimal::ONE,
        })
    }

    /// The reliable change index of two scores; beyond 1.96 either way it is reliable.
    #[must_use]
    pub fn index(&self, earlier: Decimal, later: Decimal) -> Option<Decimal> {
        (later - earlier).checked_div(self.difference_error)
    }

    #[must_use]
    pub fn is_reliable(&self, earlier: Decimal, later: Decimal) -> bool {
        self.index(earlier, later).is_some_and(|index| index.abs() > Z_95)
    }
}

/// Mean and standard deviation of a sample.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    pub mean: Decimal,
    pub deviation: Decimal,
}

/// The three cut-offs of Jacobson and Truax, for instruments on which higher is worse.
#[derive(Clone, Copy, Debug)]
pub struct Cutoffs {
    /// Two deviations better than the clinical mean.
    pub a: Decimal,
    /// Two deviations worse than the healthy mean.
    pub b: Decimal,
    /// Between both means, weighed by the deviations; preferred when the samples overlap.
    pub c: Option<Decimal>,
}

#[must_use]
pub fn cutoffs(clinical: Norm, healthy: Norm) -> Cutoffs {
    let weighed = clinical.deviation * healthy.mean + healthy.deviation * clinical.mean;
    Cutoffs {
        a: clinical.mean - Decimal::TWO * clinical.deviation,
        b: healthy.mean + Decimal::TWO * healthy.deviation,
        c: weighed.checked_div(clinical.deviation + healthy.deviation),
    }
}
