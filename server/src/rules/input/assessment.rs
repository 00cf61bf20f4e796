//! Results of instruments: a total, or the answers it is made from.

use chrono::NaiveDate;
use entity::tracking::Direction;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answers::scored;
use super::goal::{self, Way};
use super::subscores::subscores;
use super::{Code, Ground, Path, Problem, date, text, tracking};
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::rules::progress::Aim;
use crate::rules::safety::{self, item_number};
use crate::rules::scoring::Scored;

/// A result to record.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The goal that it belongs to.
    pub goal: Option<Uuid>,
    /// Code of the instrument; one that the catalogue does not know is stored and not interpreted.
    pub assessment_type: String,
    pub score: Option<i32>,
    /// One answer for each item in the order of the form, the form's first option being the lowest.
    pub items: Option<Vec<i32>>,
    /// May hold items as points, and the answers as `items`.
    pub subscores: Option<Value>,
    /// The patient's today unless said.
    pub administered_date: Option<NaiveDate>,
    pub notes: Option<String>,
}

/// A result as it is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub instrument: Option<&'static str>,
    pub administered_date: NaiveDate,
    pub score: i32,
    /// Code of the severity band.
    pub severity: Option<&'static str>,
    pub subscores: Option<Value>,
}

/// # Errors
/// All problems at once.
pub fn check(draft: &Draft, ground: &Ground) -> Result<Accepted, Vec<Problem>> {
    let path = Path::input();
    let known = instrument::find(&draft.assessment_type);
    let mut problems = plain(&path, draft, ground);
    let given = (draft.items.as_deref(), draft.subscores.as_ref());
    let scored = scored(&path, known, given).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    problems.extend(total(&path, known, draft, scored.as_ref()));
    problems.extend(subscores(&path.at("subscores"), known, given, scored.as_ref()));
    // Of figures that are wrong by themselves nothing more can be said.
    if problems.is_empty() && scored.is_none() {
        problems.extend(known.and_then(|known| impossible(&path.at("score"), known, draft)));
    }
    let score = scored.as_ref().map(|scored| scored.total).or(draft.score);
    match score {
        Some(score) if problems.is_empty() => Ok(Accepted {
            instrument: known.map(|instrument| instrument.code.as_str()),
            administered_date: draft.administered_date.unwrap_or(ground.today.latest()),
            score,
            severity: known.and_then(|known| known.band(score)).map(|band| band.code.as_str()),
            subscores: merged(draft.subscores.as_ref(), scored.as_ref()),
        }),
        _ => Err(problems),
    }
}

fn plain(path: &Path, draft: &Draft, ground: &Ground) -> Vec<Problem> {
    let code = &draft.assessment_type;
    let day = draft.administered_date;
    [
        text::required(&path.at("assessmentType"), "The assessment type", code, text::ASSESSMENT_TYPE),
        day.and_then(|day| date::past(&path.at("administeredDate"), "The date", day, ground.today)),
        text::optional(&path.at("notes"), "The notes", draft.notes.as_deref(), text::LONG),
        text::json(&path.at("subscores"), "The subscores", draft.subscores.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn total(path: &Path, known: Option<&Instrument>, draft: &Draft, scored: Option<&Scored>) -> Option<Problem> {
    let path = path.at("score");
    match (draft.score, scored) {
        (None, None) if draft.items.is_none() => {
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
fn impossible(path: &Path, instrument: &Instrument, draft: &Draft) -> Option<Problem> {
    let (score, subscores) = (draft.score?, draft.subscores.as_ref()?);
    let message = || format!("With these items the {} can't come to {score}.", instrument.code);
    let allowed = instrument.fractional || instrument.allows(score, &safety::points(instrument, subscores));
    (!allowed).then(|| Problem::new(Code::Invalid, path, message()))
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

/// What keeps a goal from being tracked by this instrument for the first time: it was said to go another way, its
/// baseline and target go another way, or it is not known which way is better.
#[must_use]
pub fn misdirected(sent: &str, said: Option<Direction>, way: Way) -> Option<Problem> {
    let path = Path::input().at("assessmentType");
    let Some(instrument) = instrument::find(sent) else {
        let aim = Aim::new(Measure::Assessment(None), way.baseline, way.target, said);
        return aim.settled().is_none().then(|| Problem::new(Code::Required, &path, tracking::unknown(sent)));
    };
    if said.is_some_and(|said| said != instrument.good_direction()) {
        let message = format!("{} Change the tracking of this goal first.", tracking::better(instrument));
        return Some(Problem::new(Code::Invalid, &path, message));
    }
    let measure = Some(Measure::Assessment(Some(instrument)));
    let against = goal::check_way(way, &Ground { measure, ..Ground::default() }).pop();
    against.map(|problem| Problem::new(Code::Invalid, &path, problem.message))
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
