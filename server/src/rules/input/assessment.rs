//! Results of instruments: a total, or the answers it is made from.

use chrono::NaiveDate;
use entity::tracking::Direction;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answers::scored;
use super::goal::{self, Way};
use super::subscores::{subscores, sum_of_subscales};
use super::{Code, Ground, Path, Problem, date, text, tracking};
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::rules::progress::Aim;
use crate::rules::scoring::Scored;
use crate::rules::subscores::{item_number, points};

/// A result to record.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The goal that it belongs to.
    pub goal: Option<Uuid>,
    /// Code of the instrument; one that the catalogue does not know is stored and not interpreted.
    pub assessment_type: String,
    pub score: Option<i32>,
    /// One answer for each item, coded as the catalogue says; `None` for one that was left out.
    pub items: Option<Vec<Option<i32>>>,
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
    pub figures: Figures,
}

/// What was measured, and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub score: i32,
    /// Code of the severity band.
    pub severity: Option<&'static str>,
    pub subscores: Option<Value>,
}

/// # Errors
/// All problems at once.
pub fn check(draft: &Draft, ground: &Ground) -> Result<Accepted, Vec<Problem>> {
    let path = Path::input();
    let named = text::required(
        &path.at("assessmentType"),
        "The assessment type",
        &draft.assessment_type,
        text::ASSESSMENT_TYPE,
    );
    let mut problems: Vec<_> = named.into_iter().collect();
    problems.extend(plain(&path, draft.administered_date, draft.notes.as_deref(), ground));
    match figures(&path, draft) {
        Ok(figures) if problems.is_empty() => Ok(Accepted {
            instrument: instrument::find(&draft.assessment_type).map(|instrument| instrument.code.as_str()),
            administered_date: draft.administered_date.unwrap_or(ground.today.latest()),
            figures,
        }),
        Ok(_) => Err(problems),
        Err(found) => {
            problems.extend(found);
            Err(problems)
        }
    }
}

/// Holds the score, the answers and the subscores against the instrument and each other.
pub(super) fn figures(path: &Path, draft: &Draft) -> Result<Figures, Vec<Problem>> {
    let known = instrument::find(&draft.assessment_type);
    let given = (draft.items.as_deref(), draft.subscores.as_ref());
    let mut problems: Vec<_> =
        text::json(&path.at("subscores"), "The subscores", draft.subscores.as_ref()).into_iter().collect();
    let scored = scored(path, known, given).unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    problems.extend(total(path, known, draft, scored.as_ref()));
    problems.extend(subscores(&path.at("subscores"), known, given, scored.as_ref()));
    let made = scored.as_ref().and_then(|scored| scored.total);
    // Of figures that are wrong by themselves nothing more can be said.
    if problems.is_empty() && made.is_none() {
        problems.extend(known.and_then(|known| impossible(path, known, draft, scored.as_ref())));
    }
    match made.or(draft.score) {
        Some(score) if problems.is_empty() => Ok(Figures {
            score,
            severity: known.and_then(|known| known.band(score)).map(|band| band.code.as_str()),
            subscores: merged(draft.subscores.as_ref(), known.zip(scored.as_ref())),
        }),
        _ => Err(problems),
    }
}

/// What does not hang on the instrument.
pub(super) fn plain(
    path: &Path,
    day: Option<NaiveDate>,
    notes: Option<&str>,
    ground: &Ground,
) -> impl Iterator<Item = Problem> + use<> {
    let day = day.and_then(|day| date::past(&path.at("administeredDate"), "The date", day, ground.today));
    let notes = text::optional(&path.at("notes"), "The notes", notes, text::LONG);
    day.into_iter().chain(notes)
}

fn total(path: &Path, known: Option<&Instrument>, draft: &Draft, scored: Option<&Scored>) -> Option<Problem> {
    let path = path.at("score");
    match (draft.score, scored.map(|scored| (scored, scored.total))) {
        (None, None) if draft.items.is_none() => {
            Some(Problem::new(Code::Required, &path, "Give a score, or the answers to all items."))
        }
        (None, Some((scored, None))) => Some(Problem::new(Code::Required, &path, incomplete(known?, scored))),
        (Some(score), Some((_, Some(total)))) if score != total => {
            let message = format!("The items come to {total}, not to {score}.");
            Some(Problem::new(Code::Invalid, &path, message))
        }
        (Some(score), None | Some((_, None))) => outside(&path, known, score),
        _ => None,
    }
}

fn incomplete(instrument: &Instrument, scored: &Scored) -> String {
    let missing: Vec<_> = scored.unanswered().map(|item| item.to_string()).collect();
    let rule = instrument.prorate.as_ref().map_or("no total is made without them", |rule| &rule.rule);
    format!(
        "The {} lacks answers to these items: {}; {rule}. Give the total as the score.",
        instrument.code,
        missing.join(", ")
    )
}

fn outside(path: &Path, known: Option<&Instrument>, score: i32) -> Option<Problem> {
    let (lowest, highest) = known.map_or((0, i32::MAX), |known| (known.total_min, known.total_max));
    let message = if (lowest..=highest).contains(&score) {
        let unreachable = known.filter(|known| !known.reaches(score))?;
        format!("No answers to the {} come to {score}: {}.", unreachable.code, unreachable.steps())
    } else {
        known.map_or_else(
            || "A score can't be negative.".to_owned(),
            |known| format!("The {}.", known.steps()),
        )
    };
    Some(Problem::new(Code::OutOfRange, path, message))
}

/// A score that the items or subscales given beside it can't come to, whatever the others are. Where both are
/// rounded they may well miss one another.
fn impossible(
    path: &Path,
    instrument: &Instrument,
    draft: &Draft,
    scored: Option<&Scored>,
) -> Option<Problem> {
    let score = draft.score.filter(|_| !instrument.fractional)?;
    let none = Value::Null;
    let given = draft.subscores.as_ref().unwrap_or(&none);
    let known = scored.map_or_else(|| points(instrument, given), |scored| scored.points.clone());
    let message = if instrument.allows(score, &known) || instrument.is_prorated(score, &known) {
        let sum = sum_of_subscales(instrument, given).filter(|sum| *sum != score)?;
        format!("The subscales come to {sum}, not to {score}: correct them as well.")
    } else {
        format!("With these items the {} can't come to {score}: correct them as well.", instrument.code)
    };
    Some(Problem::new(Code::Invalid, &path.at("score"), message))
}

/// What a goal holds before it is first tracked by this instrument: its aim has to lie in the instrument's range.
/// `entry` is the value of an entry that can't be a total.
#[must_use]
pub fn strays(
    instrument: &Instrument,
    baseline: Option<Decimal>,
    target: Option<Decimal>,
    entry: Option<Decimal>,
) -> Option<Problem> {
    let (lowest, highest) = (instrument.total_min, instrument.total_max);
    let outside = |value: &Decimal| *value < lowest.into() || *value > highest.into();
    let named =
        |name: &str, value: Option<Decimal>| value.map(|value| format!("{name} ({})", value.normalize()));
    let strays = [
        named("its baseline", baseline.filter(outside)),
        named("its target", target.filter(outside)),
        named("an entry", entry),
    ];
    let strays: Vec<_> = strays.into_iter().flatten().collect();
    let message = || {
        let strays = strays.join(" and ");
        format!("The {}; of this goal {strays} can't be.", instrument.steps())
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
fn merged(given: Option<&Value>, scored: Option<(&Instrument, &Scored)>) -> Option<Value> {
    let given = given.and_then(Value::as_object).cloned();
    match scored {
        Some((instrument, scored)) => {
            let kept = given.unwrap_or_default().into_iter().filter(|(key, _)| !is_answer(instrument, key));
            let kept: Map<_, _> = kept.collect();
            Some(Value::Object(kept.into_iter().chain(scored.subscores()).collect()))
        }
        None => given.map(Value::Object),
    }
}

/// Whether what stands under this key comes from answers to items.
pub(super) fn is_answer(instrument: &Instrument, key: &str) -> bool {
    let is_scale = || instrument.subscales.iter().any(|scale| scale.code.eq_ignore_ascii_case(key));
    item_number(key).is_some() || key == "items" || is_scale()
}
