//! What mutations give back: the row as it stands now, or everything that a person can fix.

use std::sync::Arc;

use async_graphql::{Enum, Error, ID, Result, SimpleObject};
use sea_orm::EntityTrait;

use super::assessment::AssessmentScore;
use super::goal::Goal;
use super::milestone::Milestone;
use super::progress::ProgressEntry;
use super::reminder::Reminder;
use super::row::RowObject;
use super::tracking::TrackingConfig;
use crate::rules::input::{Code, Problem};
use crate::service::{Failure, Outcome, assessment, goal, milestone, progress, reminder, tracking};

/// Something in the input that a person can fix.
#[derive(SimpleObject)]
pub struct UserError {
    /// What kind of problem it is, for programs.
    code: UserErrorCode,
    /// What is wrong, in a sentence fit to show.
    message: String,
    /// Where in the arguments, for example `["input", "scaleMax"]`; members of lists by index from 0.
    field: Vec<String>,
}

/// What kind of problem an input has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Code")]
pub enum UserErrorCode {
    /// Something that must be there is missing.
    Required,
    /// It can't be read, or contradicts something else.
    Invalid,
    /// It lies outside what is allowed.
    OutOfRange,
    /// It has too many characters or members.
    TooLong,
    /// There is no such row, or it is not yours to see.
    NotFound,
    /// It has changed since you read it, or the idempotency key was used for something else.
    Conflict,
    /// You may not do this, or not in this state.
    NotAllowed,
    /// It is there already.
    Duplicate,
}

impl From<Problem> for UserError {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code.into(), message: problem.message, field: problem.field }
    }
}

/// Declares a payload: its fields, each worked out from what the service has done. With problems every
/// field is null or empty.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident($done:ident: $outcome:ty) {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $value:expr,)+
    })+) => { $(
        $(#[$doc])*
        #[derive(Default, SimpleObject)]
        pub struct $name {
            $($(#[$field_doc])* $field: $type,)+
            /// Everything that kept this from being done; nothing was changed then.
            user_errors: Vec<UserError>,
        }

        impl $name {
            pub fn of(outcome: Outcome<$outcome>) -> Result<Self> {
                match outcome {
                    Ok($done) => Ok(Self { $($field: $value,)+ user_errors: Vec::new() }),
                    Err(Failure::Refused(problems)) => {
                        let user_errors = problems.into_iter().map(UserError::from).collect();
                        Ok(Self { user_errors, ..Self::default() })
                    }
                    Err(Failure::Database(error)) => Err(Error::new_with_source(error)),
                }
            }
        }
    )+ };
}

fn show<N: RowObject>(row: <N::Entity as EntityTrait>::Model) -> N {
    N::from(Arc::new(row))
}

fn show_all<N: RowObject>(rows: Vec<<N::Entity as EntityTrait>::Model>) -> Vec<N> {
    rows.into_iter().map(show).collect()
}

payloads! {
    /// The goal that was set.
    CreateGoalPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was changed.
    UpdateGoalPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was moved along.
    ChangeGoalStatusPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was deleted, and what went with it.
    DeleteGoalPayload(done: goal::Deleted) {
        /// The id the goal had; null when there are `userErrors`.
        deleted_id: Option<ID> = Some(done.deleted_id.into()),
        /// How many progress entries were deleted with it.
        deleted_entries: u64 = done.entries,
        /// How many milestones were deleted with it.
        deleted_milestones: u64 = done.milestones,
        /// How many reminders were deleted with it.
        deleted_reminders: u64 = done.reminders,
        /// How many tracking configurations were deleted with it.
        deleted_configurations: u64 = done.configurations,
        /// How many assessments belonged to it: they are kept, without a goal.
        kept_assessments: u64 = done.assessments_kept,
    }

    /// The configuration that is now in force.
    ConfigureTrackingPayload(done: tracking::Configured) {
        /// The configuration; null when there are `userErrors`.
        tracking: Option<TrackingConfig> = Some(show(done.tracking)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The entry that was recorded, and what it achieved.
    RecordProgressPayload(done: progress::Recorded) {
        /// The entry; null when there are `userErrors`.
        entry: Option<ProgressEntry> = Some(show(done.entry)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that this entry has achieved.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entries that were imported, and what they achieved.
    ImportProgressPayload(done: progress::Imported) {
        /// The entries in the order of the input; empty when there are `userErrors`.
        entries: Vec<ProgressEntry> = show_all(done.entries),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that these entries have achieved.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entry that was changed, and what that achieved.
    UpdateProgressPayload(done: progress::Recorded) {
        /// The entry; null when there are `userErrors`.
        entry: Option<ProgressEntry> = Some(show(done.entry)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that the change has achieved. Nothing that was achieved is taken away.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entry that was deleted.
    DeleteProgressPayload(done: progress::Deleted) {
        /// The id the entry had; null when there are `userErrors`.
        deleted_id: Option<ID> = Some(done.deleted_id.into()),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that what is left has achieved. Nothing that was achieved is taken away.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The milestone that was added.
    AddMilestonePayload(done: milestone::Changed) {
        /// The milestone, which may be achieved at once; null when there are `userErrors`.
        milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that was changed.
    UpdateMilestonePayload(done: milestone::Changed) {
        /// The milestone, which may now be achieved; null when there are `userErrors`.
        milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that is achieved.
    AchieveMilestonePayload(done: milestone::Changed) {
        /// The milestone; null when there are `userErrors`.
        milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that is open again.
    RevokeMilestonePayload(done: milestone::Changed) {
        /// The milestone; null when there are `userErrors`.
        milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that was deleted.
    DeleteMilestonePayload(done: milestone::Deleted) {
        /// The id the milestone had; null when there are `userErrors`.
        deleted_id: Option<ID> = Some(done.deleted_id.into()),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The assessment that was recorded, and what it achieved.
    RecordAssessmentPayload(done: assessment::Recorded) {
        /// The assessment; null when there are `userErrors`.
        assessment: Option<AssessmentScore> = Some(show(done.assessment)),
        /// The entry made of it, for a goal that is tracked by assessment.
        entry: Option<ProgressEntry> = done.entry.map(show),
        /// The goal it belongs to, if any.
        goal: Option<Goal> = done.goal.map(show),
        /// The milestones that the score has achieved.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The assessment that was deleted, and the entry that had been made of it. An entry that has been
    /// corrected since stays.
    DeleteAssessmentPayload(done: assessment::Deleted) {
        /// The id the assessment had; null when there are `userErrors`.
        deleted_id: Option<ID> = Some(done.deleted_id.into()),
        /// The id of the progress entry that went with it, if any.
        deleted_entry_id: Option<ID> = done.deleted_entry_id.map(ID::from),
        /// The goal it belonged to, if any.
        goal: Option<Goal> = done.goal.map(show),
        /// The milestones that what is left has achieved. Nothing that was achieved is taken away.
        achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The reminder that was set up.
    ScheduleReminderPayload(done: reminder::Changed) {
        /// The reminder; null when there are `userErrors`.
        reminder: Option<Reminder> = Some(show(done.reminder)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The reminder that was changed.
    UpdateReminderPayload(done: reminder::Changed) {
        /// The reminder; null when there are `userErrors`.
        reminder: Option<Reminder> = Some(show(done.reminder)),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The reminder that was deleted.
    DeleteReminderPayload(done: reminder::Deleted) {
        /// The id the reminder had; null when there are `userErrors`.
        deleted_id: Option<ID> = Some(done.deleted_id.into()),
        /// The goal; null when there are `userErrors`.
        goal: Option<Goal> = Some(show(done.goal)),
    }
}
