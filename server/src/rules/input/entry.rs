//! Progress entries.

use chrono::{NaiveDate, NaiveTime};
use entity::progress::Context;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::number::{Purpose, measured};
use super::{Code, Ground, Patch, Path, Problem, date, text};

/// An entry to record. Without a value and a day it is refused.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub value: Option<Decimal>,
    pub date: Option<NaiveDate>,
    pub time: Option<NaiveTime>,
    pub value_label: Option<String>,
    pub notes: Option<String>,
    pub context: Option<Context>,
    /// The session in which it was recorded.
    pub session: Option<Uuid>,
}

/// An entry that can be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub value: Decimal,
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub value_label: Option<String>,
    pub notes: Option<String>,
    pub context: Option<Context>,
    pub session: Option<Uuid>,
}

/// What to change of an entry.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Can't be cleared.
    pub value: Option<Decimal>,
    /// Can't be cleared.
    pub date: Option<NaiveDate>,
    pub time: Patch<NaiveTime>,
    pub value_label: Patch<String>,
    pub notes: Patch<String>,
    pub context: Patch<Context>,
    pub session: Patch<Uuid>,
}

/// `path` is of the entry: `["input"]` or `["input", "entries", "7"]`.
///
/// # Errors
/// All problems at once.
pub fn check(path: &Path, draft: Draft, ground: &Ground) -> Result<Entry, Vec<Problem>> {
    let problems = problems(path, &draft, ground);
    match (draft.value, draft.date) {
        (Some(value), Some(date)) if problems.is_empty() => Ok(Entry {
            value,
            date,
            time: draft.time,
            value_label: draft.value_label,
            notes: draft.notes,
            context: context(draft.context, ground),
            session: draft.session,
        }),
        _ => Err(problems),
    }
}

fn problems(path: &Path, draft: &Draft, ground: &Ground) -> Vec<Problem> {
    let missing = |field: &str, message: &str| Some(Problem::new(Code::Required, &path.at(field), message));
    let value = match draft.value {
        Some(value) => measured(&path.at("value"), "The value", value, ground.measure, Purpose::Entry),
        None => missing("value", "An entry needs a value."),
    };
    let day = match draft.date {
        Some(day) => date::past(&path.at("entryDate"), "The date", day, ground.today),
        None => missing("entryDate", "An entry needs the day on which it counts."),
    };
    let texts = texts(path, draft.value_label.as_deref(), draft.notes.as_deref());
    let foreign = not_of_a_patient(path, draft.context, ground);
    let unseen = if foreign.is_none() { unseen(path, draft.context, ground) } else { None };
    foreign.into_iter().chain(value).chain(day).chain(texts).chain(unseen).collect()
}

/// Checks only what is changed.
#[must_use]
pub fn check_changes(changes: &Changes, ground: &Ground) -> Vec<Problem> {
    let path = Path::input();
    let value = changes.value;
    let value = value
        .and_then(|value| measured(&path.at("value"), "The value", value, ground.measure, Purpose::Entry));
    let day = changes.date;
    let day = day.and_then(|day| date::past(&path.at("entryDate"), "The date", day, ground.today));
    let label = changes.value_label.new_value().map(String::as_str);
    let texts = texts(&path, label, changes.notes.new_value().map(String::as_str));
    let context = changes.context.new_value().copied();
    let foreign = not_of_a_patient(&path, context, ground);
    let checked = foreign.is_none() && changes.context != Patch::Keep;
    let unseen = if checked { unseen(&path, context, ground) } else { None };
    foreign.into_iter().chain(value).chain(day).chain(texts).chain(unseen).collect()
}

fn texts(path: &Path, label: Option<&str>, notes: Option<&str>) -> impl Iterator<Item = Problem> + use<> {
    let label = text::optional(&path.at("valueLabel"), "The label", label, text::VALUE_LABEL);
    let notes = text::optional(&path.at("notes"), "The notes", notes, text::LONG);
    label.into_iter().chain(notes)
}

/// The context to store when `sent` was given. An entry by a patient is a self-report. Without a context, an
/// entry of a goal tracked by assessment is a score.
#[must_use]
pub fn context(sent: Option<Context>, ground: &Ground) -> Option<Context> {
    if ground.by_patient {
        return Some(Context::SelfReport);
    }
    sent.or_else(|| ground.by_assessment().then_some(Context::Assessment))
}

fn not_of_a_patient(path: &Path, sent: Option<Context>, ground: &Ground) -> Option<Problem> {
    let foreign = ground.by_patient && sent.is_some_and(|sent| sent != Context::SelfReport);
    let message = "Patients record self-reports only.";
    foreign.then(|| Problem::new(Code::NotAllowed, &path.at("context"), message))
}

/// A goal tracked by assessment counts scores only, so any other entry would go unseen.
fn unseen(path: &Path, sent: Option<Context>, ground: &Ground) -> Option<Problem> {
    let unseen = ground.by_assessment() && context(sent, ground) != Some(Context::Assessment);
    let message = "This goal is tracked by an assessment: record its score, with the context ASSESSMENT.";
    unseen.then(|| Problem::new(Code::Invalid, &path.at("context"), message))
}
