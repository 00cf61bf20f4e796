//! Items whose answer may tell of danger: self-harm, suicide.
//!
//! An answer that is not there is unknown. It is never taken for harmless.

use serde_json::{Map, Value};

use super::instrument::{Instrument, SafetyItem};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SafetyState {
    Flagged,
    Clear,
    /// An answer is missing or can't be read.
    Unknown,
    /// The instrument has no such item.
    NotApplicable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    pub state: SafetyState,
    /// Numbers of the items that raise the flag.
    pub flagged: Vec<u32>,
    /// Numbers of the safety items without a readable answer.
    pub unanswered: Vec<u32>,
}

/// Reads the safety items out of stored `subscores`.
///
/// Ours are points under `item_9`; `item9`, `q9` and `9` of other programs are read alike, and a list or
/// an object under `items` holds answers in the order of the form. When several keys name one item, the
/// worst counts.
#[must_use]
pub fn evaluate(instrument: &Instrument, subscores: Option<&Value>) -> Safety {
    let points = |item: &SafetyItem| subscores.and_then(|stored| points(instrument, stored, item.item));
    let (mut flagged, mut unanswered) = (Vec::new(), Vec::new());
    for item in &instrument.safety {
        match points(item) {
            Some(points) if points >= item.at_least => flagged.push(item.item),
            Some(_) => {}
            None => unanswered.push(item.item),
        }
    }
    let state = if instrument.safety.is_empty() {
        SafetyState::NotApplicable
    } else if !flagged.is_empty() {
        SafetyState::Flagged
    } else if unanswered.is_empty() {
        SafetyState::Clear
    } else {
        SafetyState::Unknown
    };
    Safety { state, flagged, unanswered }
}

/// The item's number in a key such as `item_9`.
#[must_use]
pub fn item_number(key: &str) -> Option<u32> {
    let key = key.trim().to_ascii_lowercase();
    let rest = key.strip_prefix("item").or_else(|| key.strip_prefix('q')).unwrap_or(&key);
    rest.trim_start_matches(['_', '-', ' ']).parse().ok()
}

fn points(instrument: &Instrument, subscores: &Value, item: u32) -> Option<i32> {
    let object = subscores.as_object();
    let direct = object.and_then(|object| keyed(object, item));
    let listed = match object.and_then(|object| object.get("items")) {
        Some(Value::Array(answers)) => usize::try_from(item).ok().and_then(|item| answers.get(item - 1)),
        Some(Value::Object(answers)) => keyed(answers, item),
        _ => None,
    };
    let listed = listed.and_then(whole).map(|answer| instrument.points(item, answer));
    // Below the lowest answer is no answer.
    let possible = |points: &i32| *points >= instrument.item_min;
    direct.and_then(whole).filter(possible).max(listed.filter(possible))
}

fn keyed(object: &Map<String, Value>, item: u32) -> Option<&Value> {
    let values = object.iter().filter(|(key, _)| item_number(key) == Some(item)).map(|(_, value)| value);
    values.max_by_key(|value| whole(value))
}

fn whole(value: &Value) -> Option<i32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()),
    }
}
