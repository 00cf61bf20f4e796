//! What stored `subscores` tell: points of items, scores of subscales. Other programs write them in their own
//! ways.

use serde_json::{Map, Value};

use super::instrument::{Instrument, Subscale};

/// What the figures under keys such as `item_9` are.
#[derive(Clone, Copy)]
pub(super) enum Keyed {
    /// By our convention.
    Points,
    /// By that of another program.
    Answers,
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

pub(super) fn read(instrument: &Instrument, subscores: &Value, meaning: Keyed) -> Vec<Option<i32>> {
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
pub(super) fn is_complete(instrument: &Instrument, subscores: &Value) -> bool {
    let list = subscores.get("items").and_then(Value::as_array);
    list.is_none_or(|answers| u32::try_from(answers.len()) == Ok(instrument.items))
}

/// A stored figure, which another program may have written as a text.
fn whole(value: &Value) -> Option<i32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64().and_then(|number| i32::try_from(number).ok()),
    }
}

/// What is stored under the subscale's code.
#[must_use]
pub fn named(scale: &Subscale, subscores: &Value) -> Option<i32> {
    let fields = subscores.as_object()?;
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(&scale.code)).and_then(|(_, value)| whole(value))
}
