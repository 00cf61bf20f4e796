//! How the status of a goal may move.

use entity::goal::Status;

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

/// Whether the goal is being worked on: closed and resting goals send no reminders. A word of another
/// program counts as active.
#[must_use]
pub const fn is_active(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Assigned | Status::InProgress) | None)
}

/// A status in a sentence.
#[must_use]
pub const fn spoken(status: Status) -> &'static str {
    match status {
        Status::Assigned => "assigned",
        Status::InProgress => "in progress",
        Status::OnHold => "on hold",
        Status::Completed => "completed",
        Status::Abandoned => "abandoned",
    }
}
