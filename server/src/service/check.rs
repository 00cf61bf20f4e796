//! The problems of one act. Everything is checked before anything is refused, so that a client gets all
//! problems at once.

use std::collections::HashSet;

use super::{Failure, Id, Outcome};
use crate::rules::input::{Code, Path, Problem};

#[derive(Debug, Default)]
pub struct Check {
    problems: Vec<Problem>,
    /// What could not be read, as long as it is not among the problems.
    unread: Vec<Problem>,
}

impl Check {
    pub fn of(unread: &[Problem]) -> Self {
        Self { problems: Vec::new(), unread: unread.to_vec() }
    }

    /// The id of a row, which has to be given.
    pub fn id(&mut self, path: &Path, id: Id) -> Result<uuid::Uuid, Problem> {
        self.is_read(path)?;
        id.ok_or_else(|| Problem::new(Code::Required, path, "Say which one is meant."))
    }

    /// Fails with the reason when a field could not be read.
    pub fn is_read(&mut self, path: &Path) -> Result<(), Problem> {
        let index = self.unread.iter().position(|problem| path.is_of(problem));
        index.map_or(Ok(()), |index| Err(self.unread.remove(index)))
    }

    /// Gives a row that was looked for, or notes why there is none. The rest of the input is checked in both
    /// cases.
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

    /// Notes what is wrong with the fields of the object at `path`: what could not be read comes first.
    pub fn add(&mut self, path: &Path, problems: impl IntoIterator<Item = Problem>) {
        self.note_unread(|problem| path.holds(problem));
        self.note(problems);
    }

    /// As [`add`](Self::add), for a rule that gives a value when nothing is wrong.
    pub fn keep<T>(&mut self, path: &Path, result: Result<T, Vec<Problem>>) -> Option<T> {
        let (value, problems) = match result {
            Ok(value) => (Some(value), Vec::new()),
            Err(problems) => (None, problems),
        };
        self.add(path, problems);
        value
    }

    /// Notes problems, except those of fields that have a problem already.
    pub fn note(&mut self, problems: impl IntoIterator<Item = Problem>) {
        let known = self.problems.iter().chain(&self.unread);
        let known: HashSet<_> = known.map(|problem| problem.field.clone()).collect();
        self.problems.extend(problems.into_iter().filter(|problem| !known.contains(&problem.field)));
    }

    /// Notes those problems of reading that are meant.
    pub fn note_unread(&mut self, is_meant: impl Fn(&Problem) -> bool) {
        self.problems.extend(self.unread.extract_if(.., |problem| is_meant(problem)));
    }

    /// Ends the checks: gives what was found when there is no problem.
    pub fn done<T>(&mut self, found: Option<T>) -> Outcome<T> {
        self.note_unread(|_| true);
        let problems = std::mem::take(&mut self.problems);
        found.filter(|_| problems.is_empty()).ok_or(Failure::Refused(problems))
    }
}
