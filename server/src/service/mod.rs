//! What can be done: one function for each mutation, one transaction each, in four steps: check, build,
//! write, emit.
//!
//! Services take plain values and know nothing of GraphQL, so that whatever reads its values elsewhere (a
//! file, another system) can call them.

mod achievement;
mod aim;
mod check;
mod constraint;
mod instrument;
mod known;
mod link;
mod locked;
mod lookup;
mod request;
mod same_score;
mod scored_entry;
mod work;

pub mod assessment;
pub mod by_hand;
pub mod closing;
pub mod correction;
pub mod goal;
pub mod goal_status;
pub mod milestone;
pub mod new_goal;
pub mod person;
pub mod progress;
pub mod reminder;
pub mod reminding;
pub mod tracking;
pub mod transfer;
pub mod webhook;

use chrono::NaiveDateTime;
use sea_orm::DbErr;
use uuid::Uuid;

pub use request::forget_old as forget_old_answers;

use crate::access::Viewer;
use crate::clock::Clock;
use crate::rules::input::{Code, Path, Problem};

/// Who does something, when, what makes a retry of it known, and what of it could not be read.
#[derive(Debug)]
pub struct Act {
    pub viewer: Viewer,
    pub clock: Clock,
    pub retry: Option<Retry>,
    /// Problems of what was sent and could not be read: it is missing in the draft.
    pub unread: Vec<Problem>,
}

/// The id of the row that something is done to. It is `None` when what was sent is no id, and then
/// [`Act::unread`] holds the problem.
pub type Id = Option<Uuid>;

/// A goal to change, in the version that was last read.
#[derive(Clone, Copy, Debug)]
pub struct KnownGoal {
    pub id: Id,
    /// Its `updated_at` in that version. The goal is left alone when somebody has changed it since.
    pub updated_at: Option<NaiveDateTime>,
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
