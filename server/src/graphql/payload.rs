//! What mutations give back: the row as it stands now, or everything that a person can fix.

use async_graphql::{Enum, Error, Result};
use sea_orm::{DbErr, EntityTrait};

use super::assessment::AssessmentScore;
use super::goal::Goal;
use super::milestone::Milestone;
use super::object::{Id, enum_outputs, object};
use super::person::Person;
use super::progress::ProgressEntry;
use super::reminder::Reminder;
use super::row::RowObject;
use super::tracking::TrackingConfig;
use super::webhook::{Webhook, WebhookDelivery};
use crate::access::Seen;
use crate::rules::input::{Code, Problem};
use crate::service::{
    Failure, Outcome, assessment, goal, milestone, person, progress, reminder, tracking, transfer, webhook,
};
use crate::store::dialect::is_read_only;

/// Something in the input that a person can fix.
#[derive(Clone)]
pub struct UserError(Problem);

object! {
    /// Something in the input that a person can fix.
    UserError |error in errors, ctx| {
        /// What kind of problem it is, for programs.
        leaf code: UserErrorCode = error.0.code.into();
        /// What is wrong, in a sentence fit to show.
        leaf message: &str = &error.0.message;
        /// Where in the arguments, for example `["input", "scaleMax"]`; members of lists by index from 0.
        leaf field: &[String] = &error.0.field;
    }
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

enum_outputs!(UserErrorCode);

/// Declares a payload: its fields, each worked out from what the service has done. With problems every
/// field is null or empty.
macro_rules! payloads {
    ($($(#[doc = $doc:expr])+ $name:ident($done:ident: $outcome:ty) {
        $($(#[doc = $field_doc:expr])+ $kind:ident $field:ident: $type:ty = $value:expr,)+
    })+) => { $(
        #[derive(Clone, Default)]
        pub struct $name {
            $($field: $type,)+
            user_errors: Vec<UserError>,
        }

        object! {
            $(#[doc = $doc])+
            $name |payload in payloads, ctx| {
                $($(#[doc = $field_doc])+ $kind $field: $type = payload.$field.clone();)+
                /// Everything that kept this from being done; nothing was changed then.
                object user_errors: Vec<UserError> = payload.user_errors.clone();
            }
        }

        impl $name {
            pub fn of(outcome: Outcome<$outcome>) -> Result<Self> {
                match outcome {
                    Ok($done) => Ok(Self { $($field: $value,)+ user_errors: Vec::new() }),
                    Err(Failure::Refused(problems)) => {
                        let user_errors = problems.into_iter().map(UserError).collect();
                        Ok(Self { user_errors, ..Self::default() })
                    }
                    Err(Failure::Database(error)) => Err(failed(error)),
                }
            }
        }
    )+ };
}

fn failed(error: DbErr) -> Error {
    if is_read_only(&error) {
        tracing::warn!(%error, "a mutation was refused: the database can only be read");
        return crate::wire::Code::Forbidden
            .error("The database can only be read here: nothing can be changed.");
    }
    Error::new_with_source(error)
}

fn show<N: RowObject>(row: <N::Entity as EntityTrait>::Model) -> N {
    N::from(Seen::written(row))
}

fn show_all<N: RowObject>(rows: Vec<<N::Entity as EntityTrait>::Model>) -> Vec<N> {
    rows.into_iter().map(show).collect()
}

payloads! {
    /// The goal that was handed to another therapist.
    TransferGoalPayload(done: transfer::Transferred) {
        /// The id of the goal; null when there are `userErrors`.
        leaf transferred_id: Option<Id> = Some(Id(done.transferred_id)),
        /// The goal; null also when you see it no more.
        object goal: Option<Goal> = done.goal.map(show),
    }

    /// The person whose settings were changed.
    UpdatePersonSettingsPayload(done: person::Changed) {
        /// The person; null when there are `userErrors`.
        object person: Option<Person> = Some(show(done.person)),
    }

    /// The goal that was set.
    CreateGoalPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was changed.
    UpdateGoalPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was moved along.
    ChangeGoalStatusPayload(done: goal::Changed) {
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The goal that was deleted, and what went with it.
    DeleteGoalPayload(done: goal::Deleted) {
        /// The id the goal had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// How many progress entries were deleted with it.
        leaf deleted_entries: u64 = done.entries,
        /// How many milestones were deleted with it.
        leaf deleted_milestones: u64 = done.milestones,
        /// How many reminders were deleted with it.
        leaf deleted_reminders: u64 = done.reminders,
        /// How many tracking configurations were deleted with it.
        leaf deleted_configurations: u64 = done.configurations,
        /// How many assessments belonged to it: they are kept, without a goal.
        leaf kept_assessments: u64 = done.assessments_kept,
    }

    /// The configuration that is now in force.
    ConfigureTrackingPayload(done: tracking::Configured) {
        /// The configuration; null when there are `userErrors`.
        object tracking: Option<TrackingConfig> = Some(show(done.tracking)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The entry that was recorded, and what it achieved.
    RecordProgressPayload(done: progress::Recorded) {
        /// The entry; null when there are `userErrors`.
        object entry: Option<ProgressEntry> = Some(show(done.entry)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that this entry has achieved.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entries that were imported, and what they achieved.
    ImportProgressPayload(done: progress::Imported) {
        /// The entries in the order of the input; empty when there are `userErrors`.
        object entries: Vec<ProgressEntry> = show_all(done.entries),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that these entries have achieved.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entry that was changed, and what that achieved.
    UpdateProgressPayload(done: progress::Recorded) {
        /// The entry; null when there are `userErrors`.
        object entry: Option<ProgressEntry> = Some(show(done.entry)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that the change has achieved. Nothing that was achieved is taken away.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The entry that was deleted.
    DeleteProgressPayload(done: progress::Deleted) {
        /// The id the entry had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
        /// The milestones that what is left has achieved. Nothing that was achieved is taken away.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The milestone that was added.
    AddMilestonePayload(done: milestone::Changed) {
        /// The milestone, which may be achieved at once; null when there are `userErrors`.
        object milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that was changed.
    UpdateMilestonePayload(done: milestone::Changed) {
        /// The milestone, which may now be achieved; null when there are `userErrors`.
        object milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that is achieved.
    AchieveMilestonePayload(done: milestone::Changed) {
        /// The milestone; null when there are `userErrors`.
        object milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that is open again.
    RevokeMilestonePayload(done: milestone::Changed) {
        /// The milestone; null when there are `userErrors`.
        object milestone: Option<Milestone> = Some(show(done.milestone)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The milestone that was deleted.
    DeleteMilestonePayload(done: milestone::Deleted) {
        /// The id the milestone had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The assessment that was recorded, and what it achieved.
    RecordAssessmentPayload(done: assessment::Recorded) {
        /// The assessment; null when there are `userErrors`.
        object assessment: Option<AssessmentScore> = Some(show(done.assessment)),
        /// The entry made of it, for a goal that is tracked by assessment.
        object entry: Option<ProgressEntry> = done.entry.map(show),
        /// The goal it belongs to, if any.
        object goal: Option<Goal> = done.goal.map(show),
        /// The milestones that the score has achieved.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The assessment that was corrected, the entry that followed, and what that achieved.
    UpdateAssessmentPayload(done: assessment::Recorded) {
        /// The assessment; null when there are `userErrors`.
        object assessment: Option<AssessmentScore> = Some(show(done.assessment)),
        /// The entry that was made of it, for a goal that is tracked by assessment.
        object entry: Option<ProgressEntry> = done.entry.map(show),
        /// The goal it belongs to, if any.
        object goal: Option<Goal> = done.goal.map(show),
        /// The milestones that the correction has achieved. Nothing that was achieved is taken away.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The assessment that was deleted, and the entry that had been made of it.
    DeleteAssessmentPayload(done: assessment::Deleted) {
        /// The id the assessment had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// The id of the progress entry that went with it, if any.
        leaf deleted_entry_id: Option<Id> = done.deleted_entry_id.map(Id),
        /// The goal it belonged to, if any.
        object goal: Option<Goal> = done.goal.map(show),
        /// The milestones that what is left has achieved. Nothing that was achieved is taken away.
        object achieved_milestones: Vec<Milestone> = show_all(done.achieved),
    }

    /// The reminder that was set up.
    ScheduleReminderPayload(done: reminder::Changed) {
        /// The reminder; null when there are `userErrors`.
        object reminder: Option<Reminder> = Some(show(done.reminder)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The reminder that was changed.
    UpdateReminderPayload(done: reminder::Changed) {
        /// The reminder; null when there are `userErrors`.
        object reminder: Option<Reminder> = Some(show(done.reminder)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The reminder that was deleted.
    DeleteReminderPayload(done: reminder::Deleted) {
        /// The id the reminder had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// The goal; null when there are `userErrors`.
        object goal: Option<Goal> = Some(show(done.goal)),
    }

    /// The webhook that was registered.
    RegisterWebhookPayload(done: webhook::Changed) {
        /// The webhook; null when there are `userErrors`.
        object webhook: Option<Webhook> = Some(show(done.webhook)),
        /// The secret: `whsec_` and base64. It is never shown again, not to a retry with the same idempotency key
        /// either, which gets null here: `rotateWebhookSecret` makes another.
        leaf secret: Option<String> = done.secret,
    }

    /// The webhook that was changed.
    UpdateWebhookPayload(done: webhook::Changed) {
        /// The webhook; null when there are `userErrors`.
        object webhook: Option<Webhook> = Some(show(done.webhook)),
    }

    /// The webhook with its new secret.
    RotateWebhookSecretPayload(done: webhook::Changed) {
        /// The webhook; null when there are `userErrors`.
        object webhook: Option<Webhook> = Some(show(done.webhook)),
        /// The new secret: `whsec_` and base64. It is never shown again, not to a retry with the same idempotency
        /// key either, which gets null here.
        leaf secret: Option<String> = done.secret,
    }

    /// The webhook that was deleted, and what went with it.
    DeleteWebhookPayload(done: webhook::Deleted) {
        /// The id the webhook had; null when there are `userErrors`.
        leaf deleted_id: Option<Id> = Some(Id(done.deleted_id)),
        /// How many deliveries were deleted with it.
        leaf deleted_deliveries: u64 = done.deliveries,
    }

    /// The delivery that is sent again.
    ResendWebhookDeliveryPayload(done: webhook::Resent) {
        /// The delivery; null when there are `userErrors`.
        object delivery: Option<WebhookDelivery> = Some(show(done.delivery)),
        /// The webhook it goes to; null when there are `userErrors`.
        object webhook: Option<Webhook> = Some(show(done.webhook)),
    }
}
