//! The doing: one function a mutation, one transaction each, in four beats - check, build, write, tell.

mod achievement;
mod check;
mod constraint;
mod entry;
mod request;
mod work;

pub mod assessment;
pub mod goal;
pub mod milestone;
pub mod progress;
pub mod reminder;
pub mod tracking;

use sea_orm::DbErr;

pub use request::forget_old as forget_old_answers;

use crate::access::Viewer;
use crate::clock::Clock;
use crate::rules::input::{Code, Path, Problem};

/// Who does something, when, and what makes a retry of it known.
#[derive(Debug)]
pub struct Act {
    pub viewer: Viewer,
    pub clock: Clock,
    pub retry: Option<Retry>,
}

/// A key that the client chose, and a hash of everything it sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    pub key: String,
    pub body_hash: String,
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Failure {
    /// What a person can fix: all of it at once.
    Refused(Vec<Problem>),
    Database(DbErr),
}

pub type Outcome<T> = Result<T, Failure>;

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match constraint::problem(&error) {
            Some(problem) => problem.into(),
            None => Self::Database(error),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused(vec![problem])
    }
}

/// The answer to an id that leads nowhere, or to a row that is not the viewer's to see.
fn not_found(path: &Path, what: &str) -> Failure {
    Problem::new(Code::NotFound, path, format!("There is no such {what}.")).into()
}
