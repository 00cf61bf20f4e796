//! Reading what a client sent: whatever can't be read is noted, and everything is refused at once.

use async_graphql::{ID, MaybeUndefined};
use chrono::{NaiveDate, NaiveTime};
use entity::goal;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Failure, Outcome};
use crate::rules::input::{Code, Path, Problem, date, number};
use crate::wire::scalar;

/// The problems of one input.
#[derive(Debug, Default)]
pub struct Check {
    problems: Vec<Problem>,
}

impl Check {
    /// The id of a row.
    pub fn id(path: &Path, id: &ID) -> Outcome<Uuid> {
        let refusal = || Problem::new(Code::Invalid, path, "This is not an id: ids are UUIDs with hyphens.");
        scalar::parse_id(id).ok_or_else(|| refusal().into())
    }

    /// What a rule says. Of a field that could not be read it is told already what is wrong.
    pub fn add(&mut self, problems: impl IntoIterator<Item = Problem>) {
        let named: Vec<_> = self.problems.iter().map(|problem| problem.field.clone()).collect();
        self.problems.extend(problems.into_iter().filter(|problem| !named.contains(&problem.field)));
    }

    pub fn number(&mut self, path: &Path, name: &str, sent: &scalar::Decimal) -> Option<Decimal> {
        self.keep(number::parse(path, name, sent.0.text()))
    }

    pub fn day(&mut self, path: &Path, name: &str, sent: &scalar::Date) -> Option<NaiveDate> {
        self.keep(date::parse(path, name, sent.0.text()))
    }

    pub fn time(&mut self, path: &Path, name: &str, sent: &scalar::LocalTime) -> Option<NaiveTime> {
        self.keep(date::parse_time(path, name, sent.0.text()))
    }

    /// Whether nothing is wrong so far with a field.
    pub fn is_right(&self, path: &Path) -> bool {
        !self.problems.iter().any(|problem| path.leads_to(problem))
    }

    /// Notes a problem, or gives the value.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Notes what is wrong with a row that was looked for, or gives it. The rest is looked at all the same,
    /// as far as that can be done without the row.
    pub fn found<T>(&mut self, outcome: Outcome<T>) -> Outcome<Option<T>> {
        match outcome {
            Ok(row) => Ok(Some(row)),
            Err(Failure::Refused(problems)) => {
                self.problems.extend(problems);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// A field of an update that has to have a value.
    pub fn required<T>(&mut self, path: &Path, name: &str, field: &MaybeUndefined<T>) {
        if matches!(field, MaybeUndefined::Null) {
            self.problems.push(Problem::new(Code::Required, path, format!("{name} can't be cleared.")));
        }
    }

    /// The end of the first beat: what was found, if nothing is wrong.
    pub fn done<T>(self, found: Option<T>) -> Outcome<T> {
        found.filter(|_| self.problems.is_empty()).ok_or(Failure::Refused(self.problems))
    }
}

/// Refuses a change of something that has changed since the client read it.
pub fn unexpected(goal: Option<&goal::Model>, expected: Option<&scalar::DateTime>) -> Option<Problem> {
    let path = Path::input().at("expectedUpdatedAt");
    let Some(expected) = expected?.parse() else {
        let message = "This is not a moment such as 2026-03-01T08:30:00Z.";
        return Some(Problem::new(Code::Invalid, &path, message));
    };
    let moved = goal.is_some_and(|goal| goal.updated_at() != expected);
    moved.then(|| Problem::new(Code::Conflict, &path, "The goal has been changed since you read it."))
}

/// What a field of an update leaves in a column: what was there, nothing, or what was read.
pub fn patched<T, U>(
    field: &MaybeUndefined<T>,
    stored: Option<U>,
    read: impl FnOnce(&T) -> Option<U>,
) -> Option<U> {
    match field {
        MaybeUndefined::Undefined => stored,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => read(value),
    }
}
