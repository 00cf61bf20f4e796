//! How the status of a goal may move.

use chrono::NaiveDateTime;
use entity::goal::Status;

use super::input::{Code, Path, Problem};

/// The moves a goal may make. Closed goals are reopened before anything else happens to them.
///
/// | from | to |
/// |---|---|
/// | assigned | in progress, on hold, completed, abandoned |
/// | in progress | on hold, completed, abandoned |
/// | on hold | in progress, completed, abandoned |
/// | completed | in progress |
/// | abandoned | in progress |
#[must_use]
pub const fn moves(from: Status) -> &'static [Status] {
    match from {
        Status::Assigned => &[Status::InProgress, Status::OnHold, Status::Completed, Status::Abandoned],
        Status::InProgress => &[Status::OnHold, Status::Completed, Status::Abandoned],
        Status::OnHold => &[Status::InProgress, Status::Completed, Status::Abandoned],
        Status::Completed | Status::Abandoned => &[Status::InProgress],
    }
}

/// The `completed_at` that goes with a move, or why there is no such move.
///
/// `from` is `None` for a word of another program: any of ours may follow it. Staying is always allowed
/// and changes nothing. Only a completed goal has a moment of completion.
///
/// # Errors
/// `NOT_ALLOWED` at `status`, with the moves there are.
pub fn change(
    from: Option<Status>,
    to: Status,
    completed_at: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> Result<Option<NaiveDateTime>, Problem> {
    match from {
        Some(from) if from == to => Ok(completed_at),
        Some(from) if !moves(from).contains(&to) => Err(refusal(from, to)),
        _ => Ok((to == Status::Completed).then_some(now)),
    }
}

/// Whether the goal is being worked on: closed and resting goals send no reminders. A word of another
/// program counts as active.
#[must_use]
pub const fn is_active(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Assigned | Status::InProgress) | None)
}

fn refusal(from: Status, to: Status) -> Problem {
    let allowed: Vec<_> = moves(from).iter().map(|status| spoken(*status)).collect();
    let sentence = format!(
        "A goal that is {} can't become {}; it can become {}.",
        spoken(from),
        spoken(to),
        allowed.join(", ")
    );
    Problem::new(Code::NotAllowed, &Path::input().at("status"), sentence)
}

const fn spoken(status: Status) -> &'static str {
    match status {
        Status::Assigned => "assigned",
        Status::InProgress => "in progress",
        Status::OnHold => "on hold",
        Status::Completed => "completed",
        Status::Abandoned => "abandoned",
    }
}
