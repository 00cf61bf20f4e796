//! The scores of an instrument's subscales, out of stored `subscores`.

use serde_json::Value;

use super::instrument::{Band, Instrument, Subscale};
use super::subscores::{named, points};

/// What a subscale came to.
#[derive(Clone, Copy, Debug)]
pub struct SubscaleScore {
    pub scale: &'static Subscale,
    /// `None` when it is not stored, can't be, or contradicts the items.
    pub score: Option<i32>,
}

impl SubscaleScore {
    /// The band of the score; `None` without a score, and when no bands are published.
    #[must_use]
    pub fn band(&self) -> Option<&'static Band> {
        self.scale.band(self.score?)
    }
}

/// All subscales of the instrument, each with its score.
#[must_use]
pub fn read(instrument: &'static Instrument, subscores: Option<&Value>) -> Vec<SubscaleScore> {
    if instrument.subscales.is_empty() {
        return Vec::new();
    }
    let stored = subscores.unwrap_or(&Value::Null);
    let points = points(instrument, stored);
    let read = |scale: &'static Subscale| {
        let score = match (named(scale, stored), summed(scale, &points)) {
            (Some(named), Some(summed)) if named != summed => None,
            (named, summed) => named.or(summed),
        };
        SubscaleScore { scale, score: score.filter(|score| instrument.reaches_subscale(scale, *score)) }
    };
    instrument.subscales.iter().map(read).collect()
}

/// What its items come to, when all of them are known.
fn summed(scale: &Subscale, points: &[Option<i32>]) -> Option<i32> {
    let of_item = |item: &u32| (1..).zip(points).find(|(number, _)| number == item).and_then(|(_, p)| *p);
    let sum: Option<i32> = scale.items.iter().map(of_item).sum();
    sum?.checked_mul(scale.multiplier)
}
