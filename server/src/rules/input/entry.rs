//! Progress entries, one at a time or as an import.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use entity::progress::Context;
use rust_decimal::Decimal;

use super::number::{Purpose, measured};
use super::{Code, MOST_ROWS, Path, Problem, date, text};
use crate::rules::measure::Measure;

/// An entry as it is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub value: Decimal,
    pub value_label: Option<&'a str>,
    pub notes: Option<&'a str>,
    pub context: Option<Context>,
}

/// `path` is of the entry: `["input"]` or `["input", "entries", "7"]`. `today` is the patient's.
#[must_use]
pub fn check(path: &Path, entry: &Entry, measure: Option<Measure>, today: NaiveDate) -> Vec<Problem> {
    [
        measured(&path.at("value"), "The value", entry.value, measure, Purpose::Entry),
        date::past(&path.at("entryDate"), "The date", entry.date, today),
        text::optional(&path.at("valueLabel"), "The label", entry.value_label, text::VALUE_LABEL),
        text::optional(&path.at("notes"), "The notes", entry.notes, text::LONG),
        context(path, entry.context, measure),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A goal tracked by assessment counts scores only, so any other entry would go unseen.
fn context(path: &Path, context: Option<Context>, measure: Option<Measure>) -> Option<Problem> {
    let unseen = matches!(measure, Some(Measure::Assessment(_))) && context != Some(Context::Assessment);
    let message = "This goal is tracked by an assessment: record its score, with the context ASSESSMENT.";
    unseen.then(|| Problem::new(Code::Invalid, &path.at("context"), message))
}

/// What makes two entries of a goal the same.
pub type Key = (NaiveDate, Option<NaiveTime>, Decimal);

#[must_use]
pub fn key(entry: &Entry) -> Key {
    (entry.date, entry.time, entry.value.normalize())
}

/// An import, all of it or nothing: each row at `path` with its index, repeats of each other and of the
/// entries `stored` refused. Two entries are alike when day, time and value are.
#[must_use]
pub fn import(
    path: &Path,
    rows: &[Entry],
    stored: &BTreeSet<Key>,
    measure: Option<Measure>,
    today: NaiveDate,
) -> Vec<Problem> {
    if rows.is_empty() {
        return vec![Problem::new(Code::Required, path, "There are no entries to import.")];
    }
    if rows.len() > MOST_ROWS {
        let message =
            format!("At most {MOST_ROWS} entries can be imported at once; these are {}.", rows.len());
        return vec![Problem::new(Code::TooLong, path, message)];
    }
    let mut seen = BTreeSet::new();
    let row = |(index, row): (usize, &Entry)| {
        let path = path.at(index);
        let mut problems = check(&path, row, measure, today);
        if !seen.insert(key(row)) {
            problems.push(Problem::new(Code::Duplicate, &path, "This entry stands in the import twice."));
        } else if stored.contains(&key(row)) {
            problems.push(Problem::new(Code::Duplicate, &path, "This entry has been recorded already."));
        }
        problems
    };
    rows.iter().enumerate().flat_map(row).collect()
}
