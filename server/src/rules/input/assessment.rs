//! Results of instruments: a total, or the answers it is made from.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{Code, Path, Problem, date, text};
use crate::rules::instrument::{self, Instrument};
use crate::rules::safety::item_number;
use crate::rules::scoring::Scored;

/// A result as the mutation carries it.
#[derive(Clone, Copy, Debug)]
pub struct Assessment<'a> {
    /// Code of the instrument; one that the catalogue does not know is stored and not interpreted.
    pub assessment_type: &'a str,
    pub score: Option<i32>,
    /// One answer for each item in the order of the form, the form's first option being the lowest.
    pub items: Option<&'a [i32]>,
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
    let scored = answers(&path, known, assessment.items).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    problems.extend(total(&path, known, assessment, scored.as_ref()));
    problems.extend(subscores(&path.at("subscores"), known, assessment.subscores));
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

fn answers(
    path: &Path,
    known: Option<&'static Instrument>,
    items: Option<&[i32]>,
) -> Result<Option<Scored>, Vec<Problem>> {
    let Some(items) = items else { return Ok(None) };
    let path = path.at("items");
    let Some(instrument) = known else {
        let message = "How to score this assessment is not known: give its total as the score.";
        return Err(vec![Problem::new(Code::NotAllowed, &path, message)]);
    };
    if u32::try_from(items.len()) != Ok(instrument.items) {
        let message =
            format!("The {} has {} items; these are {}.", instrument.code, instrument.items, items.len());
        return Err(vec![Problem::new(Code::Invalid, &path, message)]);
    }
    let refused = (0..).zip(1..).zip(items).filter(|((_, item), answer)| !instrument.takes(*item, **answer));
    let problem = |((index, item), _): ((usize, u32), &i32)| {
        Problem::new(Code::OutOfRange, &path.at(index), range(instrument, item))
    };
    let problems: Vec<_> = refused.map(problem).collect();
    if problems.is_empty() { Ok(instrument.score(items)) } else { Err(problems) }
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
        (Some(score), None) => {
            let (lowest, highest) = known.map_or((0, i32::MAX), |known| (known.total_min, known.total_max));
            let message = match known {
                Some(known) => format!("The {} goes from {lowest} to {highest}.", known.code),
                None => "A score can't be negative.".to_owned(),
            };
            let outside = !(lowest..=highest).contains(&score);
            outside.then(|| Problem::new(Code::OutOfRange, &path, message))
        }
        _ => None,
    }
}

/// Keys that the catalogue knows have its range: a safety item of 99 must not be stored.
fn subscores(path: &Path, known: Option<&Instrument>, subscores: Option<&Value>) -> Vec<Problem> {
    let Some(value) = subscores else { return Vec::new() };
    let Some(fields) = value.as_object() else {
        return vec![Problem::new(Code::Invalid, path, "Subscores are an object of names and figures.")];
    };
    let Some(instrument) = known else { return Vec::new() };
    let problem = |(key, value): (&String, &Value)| {
        let (lowest, highest) = bounds(instrument, key)?;
        let score = value.as_i64().filter(|score| (i64::from(lowest)..=i64::from(highest)).contains(score));
        let message = || format!("{key} of the {} goes from {lowest} to {highest}.", instrument.code);
        score.is_none().then(|| Problem::new(Code::OutOfRange, &path.at(key), message()))
    };
    fields.iter().filter_map(problem).collect()
}

fn bounds(instrument: &Instrument, key: &str) -> Option<(i32, i32)> {
    let item = item_number(key).filter(|item| (1..=instrument.items).contains(item));
    let subscale = instrument.subscales.iter().find(|scale| scale.code.eq_ignore_ascii_case(key));
    match (item, subscale) {
        (_, Some(scale)) => Some((scale.min, scale.max)),
        (Some(_), None) => Some((instrument.item_min, instrument.item_max)),
        (None, None) => None,
    }
}

/// What was worked out wins over what was handed in beside it.
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
