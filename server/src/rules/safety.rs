//! Items whose answer may tell of danger: self-harm, suicide.
//!
//! An answer that is not there, or that contradicts the rest, is unknown. It is never taken for harmless.

use serde_json::{Map, Value};

use super::instrument::{Instrument, SafetyItem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyState {
    Flagged,
    Clear,
    /// An answer is missing, can't be read, or contradicts the score.
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

/// What the figures under keys such as `item_9` are.
#[derive(Clone, Copy)]
enum Keyed {
    /// By our convention.
    Points,
    /// By that of another program.
    Answers,
}

/// Reads the safety items out of stored `subscores`.
///
/// A flag counts however little agrees with it. Harmless is only what can't be read otherwise: the parts
/// make the score, and they would be harmless as well if another program had kept answers of reversed
/// items where we keep points.
#[must_use]
pub fn evaluate(instrument: &Instrument, score: i32, subscores: Option<&Value>) -> Safety {
    let stored = subscores.unwrap_or(&Value::Null);
    let told = points(instrument, stored);
    let agrees = instrument.allows(score, &told) && is_complete(instrument, stored);
    let other =
        Some(read(instrument, stored, Keyed::Answers)).filter(|other| instrument.allows(score, other));
    let flags = |item: &SafetyItem, points: &[Option<i32>]| of_item(points, item).map(|p| p >= item.at_least);
    let (mut flagged, mut unknown) = (Vec::new(), Vec::new());
    for item in &instrument.safety {
        let otherwise = || other.as_ref().and_then(|other| flags(item, other)).unwrap_or(false);
        match flags(item, &told) {
            Some(true) => flagged.push(item.item),
            Some(false) if agrees && !otherwise() => {}
            _ => unknown.push(item.item),
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

/// Points of each item, as far as `subscores` tell them.
///
/// `item_9` holds points, reversed items turned round; `item9`, `q9` and `9` are read alike. A list or an
/// object under `items` holds answers in the order of the form. When several keys name one item, the
/// worst counts.
#[must_use]
pub fn points(instrument: &Instrument, subscores: &Value) -> Vec<Option<i32>> {
    read(instrument, subscores, Keyed::Points)
}

/// The item's number in a key such as `item_9`.
#[must_use]
pub fn item_number(key: &str) -> Option<u32> {
    let key = key.trim().to_ascii_lowercase();
    let rest = key.strip_prefix("item").or_else(|| key.strip_prefix('q')).unwrap_or(&key);
    rest.trim_start_matches(['_', '-', ' ']).parse().ok()
}

fn read(instrument: &Instrument, subscores: &Value, meaning: Keyed) -> Vec<Option<i32>> {
    let none = Map::new();
    let object = subscores.as_object().unwrap_or(&none);
    let points = |item: u32| {
        let turned = |answer: i32| instrument.points(item, answer);
        let direct = keyed(object, item).map(|figure| match meaning {
            Keyed::Points => figure,
            Keyed::Answers => turned(figure),
        });
        // Below the lowest answer is no answer.
        direct.chain(listed(object, item).map(turned)).filter(|points| *points >= instrument.item_min).max()
    };
    (1..=instrument.items).map(points).collect()
}

fn keyed(object: &Map<String, Value>, item: u32) -> impl Iterator<Item = i32> {
    let of_item = move |(key, _): &(&String, &Value)| item_number(key) == Some(item);
    object.iter().filter(of_item).filter_map(|(_, value)| whole(value))
}

fn listed(object: &Map<String, Value>, item: u32) -> impl Iterator<Item = i32> {
    let items = object.get("items");
    let place = usize::try_from(item).unwrap_or(usize::MAX) - 1;
    let by_place = items.and_then(Value::as_array).and_then(|answers| answers.get(place)).and_then(whole);
    let by_key = items.and_then(Value::as_object).into_iter().flat_map(move |answers| keyed(answers, item));
    by_place.into_iter().chain(by_key)
}

/// Whether a list of answers is as long as the instrument: of any other it is not known which is which.
fn is_complete(instrument: &Instrument, subscores: &Value) -> bool {
    let list = subscores.get("items").and_then(Value::as_array);
    list.is_none_or(|answers| u32::try_from(answers.len()) == Ok(instrument.items))
}

fn of_item(points: &[Option<i32>], item: &SafetyItem) -> Option<i32> {
    points.get(usize::try_from(item.item).ok()?.checked_sub(1)?).copied().flatten()
}

fn whole(value: &Value) -> Option<i32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()),
    }
}
