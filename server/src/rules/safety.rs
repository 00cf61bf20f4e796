//! Items whose answer may tell of danger: self-harm, suicide.
//!
//! An answer that is not there, or that contradicts the rest, is unknown. It is never taken for harmless.

use serde_json::Value;

use super::instrument::{Instrument, SafetyItem};
use super::subscores::{Keyed, is_complete, named, points, read};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyState {
    Flagged,
    Clear,
    /// An answer is missing, can't be read, contradicts the score, or is between harmless and a flag.
    Unknown,
    /// The instrument has no such item.
    NotApplicable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    pub state: SafetyState,
    /// Numbers of the items that raise the flag.
    pub flagged: Vec<u32>,
    /// Numbers of the safety items without an answer that can be relied on.
    pub unknown: Vec<u32>,
}

/// Reads the safety items out of stored `subscores`.
///
/// A flag counts however little agrees with it. Harmless is only what can't be read otherwise: the parts
/// make the score, and they would be harmless as well if another program had kept answers of reversed
/// items where we keep points.
///
/// A total that can't be reached without a flag proves it: the first eight items of the PHQ-9 give at most 24.
/// One that was prorated proves nothing, since it stands for answers that were not given.
#[must_use]
pub fn evaluate(instrument: &Instrument, score: i32, subscores: Option<&Value>) -> Safety {
    let stored = subscores.unwrap_or(&Value::Null);
    let told = points(instrument, stored);
    let agrees = instrument.allows(score, &told) && is_complete(instrument, stored);
    let other =
        Some(read(instrument, stored, Keyed::Answers)).filter(|other| instrument.allows(score, other));
    let prorated = instrument.is_prorated(score, &told);
    let (mut flagged, mut unknown) = (Vec::new(), Vec::new());
    for item in &instrument.safety {
        let points = of_item(&told, item);
        let is_harmless = |points: Option<i32>| points.is_none_or(|points| item.is_harmless(points));
        let otherwise = || other.as_ref().is_none_or(|other| is_harmless(of_item(other, item)));
        if points.is_some_and(|points| points >= item.at_least)
            || !prorated && is_proven(instrument, item, score, stored)
        {
            flagged.push(item.item);
        } else if !(agrees && points.is_some() && is_harmless(points) && otherwise()) {
            unknown.push(item.item);
        }
    }
    let state = if instrument.safety.is_empty() {
        SafetyState::NotApplicable
    } else if !flagged.is_empty() {
        SafetyState::Flagged
    } else if unknown.is_empty() {
        SafetyState::Clear
    } else {
        SafetyState::Unknown
    };
    Safety { state, flagged, unknown }
}

/// Whether the total, or the score of a subscale, can't be what it is without a flag of this item.
fn is_proven(instrument: &Instrument, item: &SafetyItem, score: i32, subscores: &Value) -> bool {
    let holding = || instrument.subscales.iter().filter(|scale| scale.items.contains(&item.item));
    instrument.proves(score, item.item, item.at_least)
        || holding().any(|scale| {
            let score = named(scale, subscores);
            score.is_some_and(|score| instrument.subscale_proves(scale, score, item.item, item.at_least))
        })
}

fn of_item(points: &[Option<i32>], item: &SafetyItem) -> Option<i32> {
    points.get(usize::try_from(item.item).ok()?.checked_sub(1)?).copied().flatten()
}
