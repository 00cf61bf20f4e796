//! Everything that refuses an input: all problems at once, each with its place and a sentence to show.
//!
//! A `Draft` is what somebody wants to write, `Changes` what they want to change; [`Ground`] is what is
//! known of the goal and its patient. Whether rows exist and whose they are is the services' to say, in the
//! same [`Problem`].

use std::fmt::Display;

mod answers;
pub mod assessment;
pub mod assessment_changes;
pub mod date;
pub mod entry;
pub mod goal;
mod ground;
pub mod import;
pub mod milestone;
pub mod number;
pub mod person;
pub mod reminder;
pub mod status;
mod subscores;
pub mod text;
pub mod tracking;
pub mod webhook;

pub use ground::{Ground, Patch, Today};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Required,
    Invalid,
    OutOfRange,
    TooLong,
    NotFound,
    Conflict,
    NotAllowed,
    Duplicate,
}

/// Something a person can fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// Where in the input: `["input", "tracking", "scaleMax"]`; list members by index from 0.
    pub field: Vec<String>,
    /// A sentence fit to show to a clinician.
    pub message: String,
}

impl Problem {
    #[must_use]
    pub fn new(code: Code, path: &Path, message: impl Into<String>) -> Self {
        Self { code, field: path.0.clone(), message: message.into() }
    }
}

/// A place in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// The top: `["input"]`.
    #[must_use]
    pub fn input() -> Self {
        Self(vec!["input".to_owned()])
    }

    /// Whether a problem is of this very place.
    #[must_use]
    pub fn is_of(&self, problem: &Problem) -> bool {
        problem.field == self.0
    }

    /// Whether a problem is of a field of the object at this place, and not of one further down.
    #[must_use]
    pub fn holds(&self, problem: &Problem) -> bool {
        problem.field.split_last().is_some_and(|(_, object)| object == self.0)
    }

    /// A field in it, or a list member by its index.
    #[must_use]
    pub fn at(&self, step: impl Display) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.to_string());
        Self(steps)
    }
}

/// Most milestones of a goal.
pub const MOST_MILESTONES: usize = 100;
/// Most reminders of a goal.
pub const MOST_REMINDERS: usize = 100;
/// Most rows of an import.
pub const MOST_ROWS: usize = 1_000;

/// Refuses more members of a list than a goal may have, those stored already included.
#[must_use]
pub fn count(path: &Path, plural: &str, stored: usize, added: usize, most: usize) -> Option<Problem> {
    let message = || format!("There can be at most {most} {plural}; this would make {}.", stored + added);
    (stored + added > most).then(|| Problem::new(Code::OutOfRange, path, message()))
}
