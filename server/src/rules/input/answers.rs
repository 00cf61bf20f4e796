//! The answers to the items of an instrument, and what they come to.

use serde_json::Value;

use super::subscores::range;
use super::{Code, Path, Problem};
use crate::rules::instrument::Instrument;
use crate::rules::scoring::Scored;

/// An answer as it was sent; `None` inside for an item without one.
type Answer = Result<Option<i32>, Unreadable>;

#[derive(Clone, Copy, Debug)]
struct Unreadable;

/// What the answers come to: those given as `items`, or else those among the subscores.
pub fn scored(
    path: &Path,
    known: Option<&'static Instrument>,
    (items, subscores): (Option<&[Option<i32>]>, Option<&Value>),
) -> Result<Option<Scored>, Vec<Problem>> {
    match (known, items, listed(subscores)) {
        (None, None, _) | (_, None, None) => Ok(None),
        (None, Some(_), _) => {
            let message = "How to score this assessment is not known: give its total as the score.";
            Err(vec![Problem::new(Code::NotAllowed, &path.at("items"), message)])
        }
        (Some(instrument), Some(items), _) => {
            let items: Vec<_> = items.iter().copied().map(Ok).collect();
            answers(&path.at("items"), instrument, &items)
        }
        (Some(instrument), None, Some(items)) => {
            answers(&path.at("subscores").at("items"), instrument, &items)
        }
    }
}

/// The answers among the subscores.
fn listed(subscores: Option<&Value>) -> Option<Vec<Answer>> {
    let whole = |answer: &Value| answer.as_i64().and_then(|answer| i32::try_from(answer).ok());
    let read = |answer: &Value| match answer {
        Value::Null => Ok(None),
        answer => whole(answer).map(Some).ok_or(Unreadable),
    };
    Some(subscores?.get("items")?.as_array()?.iter().map(read).collect())
}

fn answers(
    path: &Path,
    instrument: &'static Instrument,
    items: &[Answer],
) -> Result<Option<Scored>, Vec<Problem>> {
    if u32::try_from(items.len()) != Ok(instrument.items) {
        let message =
            format!("The {} has {} items; these are {}.", instrument.code, instrument.items, items.len());
        return Err(vec![Problem::new(Code::Invalid, path, message)]);
    }
    let takes = |item: u32, answer: Answer| {
        answer.is_ok_and(|answer| answer.is_none_or(|answer| instrument.takes(item, answer)))
    };
    let refused = (0..).zip(1..).zip(items).filter(|((_, item), answer)| !takes(*item, **answer));
    let problem = |((index, item), _): ((usize, u32), _)| {
        Problem::new(Code::OutOfRange, &path.at(index), range(instrument, item))
    };
    let problems: Vec<_> = refused.map(problem).collect();
    let items: Vec<_> = items.iter().map(|answer| answer.unwrap_or(None)).collect();
    if problems.is_empty() { Ok(instrument.score(&items)) } else { Err(problems) }
}
