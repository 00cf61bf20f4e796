//! What the values of a goal measure, and the range they can have.

use entity::tracking::Method;
use rust_decimal::Decimal;

use super::instrument::Instrument;

/// A tracking method with what it needs to know about its values.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// A rating from `min` to `max`.
    Scale { min: i32, max: i32 },
    /// How often, a count per period.
    Frequency,
    /// How long, in the configuration's own unit, per period.
    Duration,
    /// Done or not: 1 or 0.
    Binary,
    /// The total of an instrument; `None` when the catalogue does not know it.
    Assessment(Option<&'static Instrument>),
}

impl Measure {
    /// `scale` matters to scales only and `instrument` to assessments only. A method word of a foreign
    /// writer is read as a scale, whose values are taken as they are.
    #[must_use]
    pub fn of(method: Option<Method>, scale: (i32, i32), instrument: Option<&'static Instrument>) -> Self {
        match method {
            Some(Method::Frequency) => Self::Frequency,
            Some(Method::Duration) => Self::Duration,
            Some(Method::Binary) => Self::Binary,
            Some(Method::Assessment) => Self::Assessment(instrument),
            Some(Method::Scale) | None => Self::Scale { min: scale.0, max: scale.1 },
        }
    }

    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::Scale { .. } => Method::Scale,
            Self::Frequency => Method::Frequency,
            Self::Duration => Method::Duration,
            Self::Binary => Method::Binary,
            Self::Assessment(_) => Method::Assessment,
        }
    }

    /// Lowest and highest value, both possible, where the method has a range.
    #[must_use]
    pub fn range(self) -> Option<(Decimal, Decimal)> {
        match self {
            Self::Scale { min, max } => Some((min.into(), max.into())),
            Self::Assessment(Some(instrument)) => {
                Some((instrument.total_min.into(), instrument.total_max.into()))
            }
            Self::Frequency | Self::Duration | Self::Binary | Self::Assessment(None) => None,
        }
    }

    /// Length of the range: 9 for a scale from 1 to 10.
    #[must_use]
    pub fn span(self) -> Option<Decimal> {
        self.range().map(|(lowest, highest)| highest - lowest).filter(|span| *span > Decimal::ZERO)
    }

    /// Whether a period adds its days up.
    #[must_use]
    pub const fn is_total(self) -> bool {
        matches!(self, Self::Frequency | Self::Duration)
    }

    /// Whether a value is added to what came before, so that the last one does not count alone.
    #[must_use]
    pub const fn adds_up(self) -> bool {
        matches!(self, Self::Frequency | Self::Duration | Self::Binary)
    }

    /// How far from the target "maintained" still holds, when the goal does not say (ours): 10 percent
    /// of a scale's span; the points of reliable change of an instrument; else 10 percent of the target,
    /// at least 0.5.
    #[must_use]
    pub fn tolerance(self, target: Decimal) -> Decimal {
        let tenth = Decimal::new(1, 1);
        let of_target = (target.abs() * tenth).max(Decimal::new(5, 1));
        match self {
            Self::Scale { .. } => self.span().map_or(of_target, |span| span * tenth),
            Self::Assessment(Some(instrument)) => {
                instrument.change_threshold().map_or(of_target, |threshold| threshold.points)
            }
            Self::Frequency | Self::Duration | Self::Binary | Self::Assessment(None) => of_target,
        }
    }
}
