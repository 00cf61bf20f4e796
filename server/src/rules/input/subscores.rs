//! Subscores beside a result: keys that the catalogue knows, held against its ranges and the answers.

use serde_json::Value;

use super::{Code, Path, Problem};
use crate::rules::instrument::{Instrument, Subscale};
use crate::rules::scoring::Scored;
use crate::rules::subscores::{item_number, named};

/// Keys that the catalogue knows have its range and agree with the answers: a safety item of 99 must not
/// be stored, and none be dropped for another.
pub fn subscores(
    path: &Path,
    known: Option<&Instrument>,
    (items, given): (Option<&[Option<i32>]>, Option<&Value>),
    scored: Option<&Scored>,
) -> Vec<Problem> {
    let Some(value) = given else { return Vec::new() };
    let Some(fields) = value.as_object() else {
        return vec![Problem::new(Code::Invalid, path, "Subscores are an object of names and figures.")];
    };
    let Some(instrument) = known else { return Vec::new() };
    let problem = |(key, value): (&String, &Value)| {
        let path = path.at(key);
        if key == "items" {
            return list(&path, value, items);
        }
        figure(&path, instrument, key, value, scored)
    };
    fields.iter().filter_map(problem).collect()
}

fn list(path: &Path, value: &Value, items: Option<&[Option<i32>]>) -> Option<Problem> {
    let same = |items: &[Option<i32>]| {
        let items = items.iter().map(|answer| Value::from(*answer));
        value.as_array().is_some_and(|list| list.iter().cloned().eq(items))
    };
    let message = match items {
        _ if !value.is_array() => "This must be a list of answers, one for each item.",
        Some(items) if !same(items) => "These are other answers than those in items.",
        _ => return None,
    };
    Some(Problem::new(Code::Invalid, path, message))
}

/// What a key of the subscores stands for.
enum Figure<'i> {
    /// The points of an item.
    Item(u32),
    Scale(&'i Subscale),
}

impl<'i> Figure<'i> {
    fn of(instrument: &'i Instrument, key: &str) -> Option<Self> {
        let scale = instrument.subscales.iter().find(|scale| scale.code.eq_ignore_ascii_case(key));
        let item = item_number(key).filter(|item| (1..=instrument.items).contains(item));
        scale.map(Self::Scale).or(item.map(Self::Item))
    }

    fn takes(&self, instrument: &Instrument, figure: i32) -> bool {
        match self {
            Self::Item(item) => instrument.takes(*item, instrument.points(*item, figure)),
            Self::Scale(scale) => instrument.reaches_subscale(scale, figure),
        }
    }

    fn range(&self, instrument: &Instrument) -> String {
        match self {
            Self::Item(item) => range(instrument, *item),
            Self::Scale(scale) if scale.multiplier == 1 => {
                format!("{} goes from {} to {}.", scale.code, scale.min, scale.max)
            }
            Self::Scale(scale) => {
                let (code, multiplier) = (&scale.code, scale.multiplier);
                format!("{code} goes from {} to {} in steps of {multiplier}.", scale.min, scale.max)
            }
        }
    }

    /// As the answers make it.
    fn worked_out(&self, scored: &Scored) -> Option<i32> {
        match self {
            Self::Item(item) => {
                (1..).zip(&scored.points).find(|(number, _)| number == item).and_then(|(_, p)| *p)
            }
            Self::Scale(scale) => {
                scored.subscales.iter().find(|(code, _)| *code == scale.code).map(|(_, score)| *score)
            }
        }
    }
}

fn figure(
    path: &Path,
    instrument: &Instrument,
    key: &str,
    value: &Value,
    scored: Option<&Scored>,
) -> Option<Problem> {
    let figure = Figure::of(instrument, key)?;
    let given = value.as_i64().and_then(|given| i32::try_from(given).ok());
    let Some(given) = given.filter(|given| figure.takes(instrument, *given)) else {
        return Some(Problem::new(Code::OutOfRange, path, figure.range(instrument)));
    };
    let other = scored.and_then(|scored| figure.worked_out(scored)).filter(|other| *other != given)?;
    let message = format!("By the answers {key} comes to {other}, not to {given}.");
    Some(Problem::new(Code::Invalid, path, message))
}

/// What the subscales given add up to, when they are all of the instrument's and every item is in one of them.
pub fn sum_of_subscales(instrument: &Instrument, given: &Value) -> Option<i32> {
    let scales = &instrument.subscales;
    let items: usize = scales.iter().map(|scale| scale.items.len()).sum();
    let alike = scales.iter().all(|scale| scale.multiplier == instrument.multiplier);
    let make_the_total = alike && u32::try_from(items) == Ok(instrument.items);
    let scales = scales.iter().filter(|_| make_the_total).map(|scale| named(scale, given));
    scales.sum::<Option<i32>>().filter(|_| make_the_total)
}

/// What an item of an instrument takes, in a sentence.
pub fn range(instrument: &Instrument, item: u32) -> String {
    let code = &instrument.code;
    match instrument.item_values.get(&item) {
        Some(values) => {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            format!("Item {item} of the {code} takes {} only.", values.join(", "))
        }
        None => {
            format!("Item {item} of the {code} goes from {} to {}.", instrument.item_min, instrument.item_max)
        }
    }
}
