//! Turns what a client sent into values.

use async_graphql::{ID, MaybeUndefined};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::rules::input::{Code, Patch, Path, Problem, date, number};
use crate::service::KnownGoal;
use crate::wire::scalar;

/// Reads the fields of an input, and notes what it can't read.
pub struct Reader {
    /// The place of the object whose fields are read.
    path: Path,
    unread: Vec<Problem>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { path: Path::input(), unread: Vec::new() }
    }
}

impl Reader {
    pub fn note(&mut self, problem: Problem) {
        self.unread.push(problem);
    }

    pub fn into_unread(self) -> Vec<Problem> {
        self.unread
    }

    pub fn id(&mut self, field: &str, sent: &ID) -> Option<Uuid> {
        let message = "This is not an id: ids are UUIDs with hyphens.";
        let id = scalar::parse_id(sent).ok_or_else(|| self.problem(Code::Invalid, field, message));
        self.keep(id)
    }

    /// A goal, with its `updatedAt` as the client read it.
    pub fn known_goal(&mut self, id: &ID, updated_at: Option<&scalar::DateTime>) -> KnownGoal {
        let updated_at = updated_at.and_then(|sent| self.moment("expectedUpdatedAt", sent));
        KnownGoal { id: self.id("goalId", id), updated_at }
    }

    pub fn number(&mut self, field: &str, name: &str, sent: &scalar::Decimal) -> Option<Decimal> {
        self.keep(number::parse(&self.path.at(field), name, sent.0.text()))
    }

    pub fn day(&mut self, field: &str, name: &str, sent: &scalar::Date) -> Option<NaiveDate> {
        self.keep(date::parse(&self.path.at(field), name, sent.0.text()))
    }

    pub fn time(&mut self, field: &str, name: &str, sent: &scalar::LocalTime) -> Option<NaiveTime> {
        self.keep(date::parse_time(&self.path.at(field), name, sent.0.text()))
    }

    fn moment(&mut self, field: &str, sent: &scalar::DateTime) -> Option<NaiveDateTime> {
        let message = "This is not a moment such as 2026-03-01T08:30:00Z.";
        let moment = sent.parse().ok_or_else(|| self.problem(Code::Invalid, field, message));
        self.keep(moment)
    }

    /// A field of an update that can't be cleared: null is a problem.
    pub fn kept<T>(&mut self, field: &str, name: &str, sent: MaybeUndefined<T>) -> Option<T> {
        if sent.is_null() {
            self.unread.push(self.problem(Code::Required, field, &format!("{name} can't be cleared.")));
        }
        sent.take()
    }

    /// A field of an update that can be cleared. What can't be read gives `Clear`: the input is refused anyway.
    pub fn patch<T, U>(
        &mut self,
        sent: MaybeUndefined<T>,
        read: impl FnOnce(&mut Self, T) -> Option<U>,
    ) -> Patch<U> {
        match sent {
            MaybeUndefined::Undefined => Patch::Keep,
            MaybeUndefined::Null => Patch::Clear,
            MaybeUndefined::Value(value) => read(self, value).map_or(Patch::Clear, Patch::Set),
        }
    }

    /// The members of a list. Those after the first `most` are not read but counted.
    pub fn list<T, D: Default>(
        &mut self,
        field: &str,
        members: Vec<T>,
        most: usize,
        read: impl Fn(&mut Self, T) -> D,
    ) -> Vec<D> {
        let (object, list) = (self.path.clone(), self.path.at(field));
        let mut drafts = Vec::with_capacity(members.len());
        for (index, member) in members.into_iter().enumerate() {
            self.path = list.at(index);
            drafts.push(if index < most { read(self, member) } else { D::default() });
        }
        self.path = object;
        drafts
    }

    pub fn problem(&self, code: Code, field: &str, message: &str) -> Problem {
        Problem::new(code, &self.path.at(field), message)
    }

    /// Notes a problem, or gives the value.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.unread.push(problem)).ok()
    }
}

impl<T> From<MaybeUndefined<T>> for Patch<T> {
    fn from(sent: MaybeUndefined<T>) -> Self {
        match sent {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Clear,
            MaybeUndefined::Value(value) => Self::Set(value),
        }
    }
}
