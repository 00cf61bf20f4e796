//! Results of instruments: a total, or the answers it is made from.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{Code, Path, Problem, date, text};
use crate::rules::instrument::{self, Instrument, Subscale};
use crate::rules::safety::{self, item_number};
use crate::rules::scoring::Scored;

/// A result as the mutation carries it.
#[derive(Clone, Copy, Debug)]
pub struct Assessment<'a> {
    /// Code of the instrument; one that the catalogue does not know is stored and not interpreted.
    pub assessment_type: &'a str,
    pub score: Option<i32>,
    /// One answer for each item in the order of the form, the form's first option being the lowest.
    pub items: Option<&'a [i32]>,
    /// May hold items as points, and the answers as `items`.
    pub subscores: Option<&'a Value>,
    pub administered_date: NaiveDate,
    pub notes: Option<&'a str>,
}

/// A result as it is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub instrument: Option<&'static str>,
    pub score: i32,
    /// Code of the severity band.
    pub severity: Option<&'static str>,
    pub subscores: Option<Value>,
}

/// # Errors
/// All problems at once; `today` is the patient's.
pub fn check(assessment: &Assessment, today: NaiveDate) -> Result<Accepted, Vec<Problem>> {
    let path = Path::input();
    let known = instrument::find(assessment.assessment_type);
    let mut problems = plain(&path, assessment, today);
    let scored = scored(&path, known, assessment).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    problems.extend(total(&path, known, assessment, scored.as_ref()));
    problems.extend(subscores(&path.at("subscores"), known, assessment, scored.as_ref()));
    // Of figures that are wrong by themselves nothing more can be said.
    if problems.is_empty() && scored.is_none() {
        problems.extend(known.and_then(|known| impossible(&path.at("score"), known, assessment)));
    }
    let score = scored.as_ref().map(|scored| scored.total).or(assessment.score);
    match score {
        Some(score) if problems.is_empty() => Ok(Accepted {
            instrument: known.map(|instrument| instrument.code.as_str()),
            score,
            severity: known.and_then(|known| known.band(score)).map(|band| band.code.as_str()),
            subscores: merged(assessment.subscores, scored.as_ref()),
        }),
        _ => Err(problems),
    }
}

fn plain(path: &Path, assessment: &Assessment, today: NaiveDate) -> Vec<Problem> {
    let code = assessment.assessment_type;
    [
        text::required(&path.at("assessmentType"), "The assessment type", code, text::ASSESSMENT_TYPE),
        date::past(&path.at("administeredDate"), "The date", assessment.administered_date, today),
        text::optional(&path.at("notes"), "The notes", assessment.notes, text::LONG),
        text::json(&path.at("subscores"), "The subscores", assessment.subscores),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the answers come to, wherever they are given.
fn scored(
    path: &Path,
    known: Option<&'static Instrument>,
    assessment: &Assessment,
) -> Result<Option<Scored>, Vec<Problem>> {
    let beside = listed(assessment.subscores);
    match (known, assessment.items, beside) {
        (None, None, _) | (_, None, None) => Ok(None),
        (None, Some(_), _) => {
            let message = "How to score this assessment is not known: give its total as the score.";
            Err(vec![Problem::new(Code::NotAllowed, &path.at("items"), message)])
        }
        (Some(instrument), Some(items), _) => {
            let items: Vec<_> = items.iter().copied().map(Some).collect();
            answers(&path.at("items"), instrument, &items)
        }
        (Some(instrument), None, Some(items)) => {
            answers(&path.at("subscores").at("items"), instrument, &items)
        }
    }
}

/// The answers among the subscores; `None` in it is what can't be read.
fn listed(subscores: Option<&Value>) -> Option<Vec<Option<i32>>> {
    let whole = |answer: &Value| answer.as_i64().and_then(|answer| i32::try_from(answer).ok());
    Some(subscores?.get("items")?.as_array()?.iter().map(whole).collect())
}

fn answers(
    path: &Path,
    instrument: &'static Instrument,
    items: &[Option<i32>],
) -> Result<Option<Scored>, Vec<Problem>> {
    if u32::try_from(items.len()) != Ok(instrument.items) {
        let message =
            format!("The {} has {} items; these are {}.", instrument.code, instrument.items, items.len());
        return Err(vec![Problem::new(Code::Invalid, path, message)]);
    }
    let takes = |item: u32, answer: Option<i32>| answer.is_some_and(|answer| instrument.takes(item, answer));
    let refused = (0..).zip(1..).zip(items).filter(|((_, item), answer)| !takes(*item, **answer));
    let problem = |((index, item), _): ((usize, u32), _)| {
        Problem::new(Code::OutOfRange, &path.at(index), range(instrument, item))
    };
    let problems: Vec<_> = refused.map(problem).collect();
    let items: Vec<_> = items.iter().copied().flatten().collect();
    if problems.is_empty() { Ok(instrument.score(&items)) } else { Err(problems) }
}

fn range(instrument: &Instrument, item: u32) -> String {
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

fn total(
    path: &Path,
    known: Option<&Instrument>,
    assessment: &Assessment,
    scored: Option<&Scored>,
) -> Option<Problem> {
    let path = path.at("score");
    match (assessment.score, scored) {
        (None, None) if assessment.items.is_none() => {
            Some(Problem::new(Code::Required, &path, "Give a score, or the answers to all items."))
        }
        (Some(score), Some(scored)) if score != scored.total => {
            let message = format!("The items come to {}, not to {score}.", scored.total);
            Some(Problem::new(Code::Invalid, &path, message))
        }
        (Some(score), None) => outside(&path, known, score),
        _ => None,
    }
}

fn outside(path: &Path, known: Option<&Instrument>, score: i32) -> Option<Problem> {
    let (lowest, highest) = known.map_or((0, i32::MAX), |known| (known.total_min, known.total_max));
    let message = || match known {
        Some(known) => format!("The {} goes from {lowest} to {highest}.", known.code),
        None => "A score can't be negative.".to_owned(),
    };
    let outside = !(lowest..=highest).contains(&score);
    outside.then(|| Problem::new(Code::OutOfRange, path, message()))
}

/// A score that the items given beside it can't come to, whatever the others are. Where both are rounded
/// they may well miss one another.
fn impossible(path: &Path, instrument: &Instrument, assessment: &Assessment) -> Option<Problem> {
    let (score, subscores) = (assessment.score?, assessment.subscores?);
    let message = || format!("With these items the {} can't come to {score}.", instrument.code);
    let allowed = instrument.fractional || instrument.allows(score, &safety::points(instrument, subscores));
    (!allowed).then(|| Problem::new(Code::Invalid, path, message()))
}

/// Keys that the catalogue knows have its range and agree with the answers: a safety item of 99 must not
/// be stored, and none be dropped for another.
fn subscores(
    path: &Path,
    known: Option<&Instrument>,
    assessment: &Assessment,
    scored: Option<&Scored>,
) -> Vec<Problem> {
    let Some(value) = assessment.subscores else { return Vec::new() };
    let Some(fields) = value.as_object() else {
        return vec![Problem::new(Code::Invalid, path, "Subscores are an object of names and figures.")];
    };
    let Some(instrument) = known else { return Vec::new() };
    let problem = |(key, value): (&String, &Value)| {
        let path = path.at(key);
        if key == "items" {
            return list(&path, value, assessment);
        }
        figure(&path, instrument, key, value, scored)
    };
    fields.iter().filter_map(problem).collect()
}

fn list(path: &Path, value: &Value, assessment: &Assessment) -> Option<Problem> {
    let same = |items: &[i32]| value.as_array().is_some_and(|list| list.iter().eq(items.iter()));
    let message = match assessment.items {
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
            Self::Scale(scale) => (scale.min..=scale.max).contains(&figure),
        }
    }

    fn range(&self, instrument: &Instrument) -> String {
        match self {
            Self::Item(item) => range(instrument, *item),
            Self::Scale(scale) => format!("{} goes from {} to {}.", scale.code, scale.min, scale.max),
        }
    }

    /// As the answers make it.
    fn worked_out(&self, scored: &Scored) -> Option<i32> {
        match self {
            Self::Item(item) => (1..).zip(&scored.points).find(|(number, _)| number == item).map(|(_, p)| *p),
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

/// What a goal holds before it is first tracked by this instrument: all of it has to be a possible total.
#[must_use]
pub fn strays(
    instrument: &Instrument,
    baseline: Option<Decimal>,
    target: Option<Decimal>,
    entry: Option<Decimal>,
) -> Option<Problem> {
    let (lowest, highest) = (instrument.total_min, instrument.total_max);
    let outside = |value: &Decimal| *value < lowest.into() || *value > highest.into();
    let named = |name: &str, value: Option<Decimal>| {
        value.filter(outside).map(|value| format!("{name} ({})", value.normalize()))
    };
    let strays = [named("its baseline", baseline), named("its target", target), named("an entry", entry)];
    let strays: Vec<_> = strays.into_iter().flatten().collect();
    let message = || {
        let strays = strays.join(" and ");
        format!("The {} goes from {lowest} to {highest}; of this goal {strays} can't be.", instrument.code)
    };
    let path = Path::input().at("assessmentType");
    (!strays.is_empty()).then(|| Problem::new(Code::OutOfRange, &path, message()))
}

/// What was worked out replaces what was handed in beside it.
fn merged(given: Option<&Value>, scored: Option<&Scored>) -> Option<Value> {
    let given = given.and_then(Value::as_object).cloned();
    match scored {
        Some(scored) => {
            let replaced = |key: &str| item_number(key).is_some() || key == "items";
            let kept: Map<_, _> =
                given.unwrap_or_default().into_iter().filter(|(key, _)| !replaced(key)).collect();
            Some(Value::Object(kept.into_iter().chain(scored.subscores()).collect()))
        }
        None => given.map(Value::Object),
    }
}
