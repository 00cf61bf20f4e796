//! What can be done. Each field is one call of one service function, which is one transaction.

use std::fmt::Debug;

use async_graphql::{Context, Object, Result};

use super::context::Asking;
use super::payload::{
    AchieveMilestonePayload, AddMilestonePayload, ChangeGoalStatusPayload, ConfigureTrackingPayload,
    CreateGoalPayload, DeleteAssessmentPayload, DeleteGoalPayload, DeleteMilestonePayload,
    DeleteProgressPayload, DeleteReminderPayload, ImportProgressPayload, RecordAssessmentPayload,
    RecordProgressPayload, RevokeMilestonePayload, ScheduleReminderPayload, UpdateGoalPayload,
    UpdateMilestonePayload, UpdateProgressPayload, UpdateReminderPayload,
};
use crate::service::{Act, Retry, assessment, goal, milestone, progress, reminder, tracking};
use crate::wire::fingerprint;
use crate::wire::input::{
    AchieveMilestoneInput, AddMilestoneInput, ChangeGoalStatusInput, ConfigureTrackingInput, CreateGoalInput,
    DeleteAssessmentInput, DeleteGoalInput, DeleteMilestoneInput, DeleteProgressInput, DeleteReminderInput,
    ImportProgressInput, RecordAssessmentInput, RecordProgressInput, RevokeMilestoneInput,
    ScheduleReminderInput, UpdateGoalInput, UpdateMilestoneInput, UpdateProgressInput, UpdateReminderInput,
};

/// What can be done. Whatever a person can fix comes back as `userErrors`, all of it at once, and then
/// nothing was changed.
#[derive(Default)]
pub struct Mutation;

/// What can be done. Whatever a person can fix comes back as `userErrors`, all of it at once, and then
/// nothing was changed.
#[Object]
impl Mutation {
    /// Sets a goal with its tracking, milestones and reminders, all or nothing. For therapists, for their
    /// present patients, and admins.
    async fn create_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateGoalInput,
    ) -> Result<CreateGoalPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        CreateGoalPayload::of(goal::create(&act, input).await)
    }

    /// Changes a goal: an absent field keeps what is stored, null clears it. For the patient's therapists
    /// and admins.
    async fn update_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateGoalInput,
    ) -> Result<UpdateGoalPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        UpdateGoalPayload::of(goal::update(&act, input).await)
    }

    /// Moves a goal along. From ASSIGNED to any status; `IN_PROGRESS`, `ON_HOLD` and back; COMPLETED and
    /// ABANDONED reopen to `IN_PROGRESS`. `completedAt` follows. For the patient's therapists and admins.
    async fn change_goal_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ChangeGoalStatusInput,
    ) -> Result<ChangeGoalStatusPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        ChangeGoalStatusPayload::of(goal::change_status(&act, input).await)
    }

    /// Deletes a goal with its entries, milestones, reminders and configurations, and says how many went.
    /// For the patient's therapists and admins.
    async fn delete_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteGoalInput,
    ) -> Result<DeleteGoalPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        DeleteGoalPayload::of(goal::delete(&act, input).await)
    }

    /// Adds a tracking configuration, which is then in force. For the patient's therapists and admins.
    async fn configure_tracking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConfigureTrackingInput,
    ) -> Result<ConfigureTrackingPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        ConfigureTrackingPayload::of(tracking::configure(&act, input).await)
    }

    /// Records a data point, and achieves the milestones it reaches. Patients report on their own goals;
    /// therapists record for their patients.
    async fn record_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RecordProgressInput,
    ) -> Result<RecordProgressPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        RecordProgressPayload::of(progress::record(&act, input).await)
    }

    /// Records up to 1,000 data points, all or nothing; every bad row is named by its index. Milestones
    /// are looked at once, at the end.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ImportProgressInput,
    ) -> Result<ImportProgressPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        ImportProgressPayload::of(progress::import(&act, input).await)
    }

    /// Changes a data point. Patients change only what they recorded themselves. What was achieved stays
    /// achieved.
    async fn update_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateProgressInput,
    ) -> Result<UpdateProgressPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        UpdateProgressPayload::of(progress::update(&act, input).await)
    }

    /// Deletes a data point. Patients delete only what they recorded themselves. What was achieved stays
    /// achieved.
    async fn delete_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteProgressInput,
    ) -> Result<DeleteProgressPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        DeleteProgressPayload::of(progress::delete(&act, input).await)
    }

    /// Adds a milestone; one that the recorded progress reaches is achieved at once. For the patient's
    /// therapists and admins.
    async fn add_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AddMilestoneInput,
    ) -> Result<AddMilestonePayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        AddMilestonePayload::of(milestone::add(&act, input).await)
    }

    /// Changes a milestone; one that is now reached is achieved. For the patient's therapists and admins.
    async fn update_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateMilestoneInput,
    ) -> Result<UpdateMilestonePayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        UpdateMilestonePayload::of(milestone::update(&act, input).await)
    }

    /// Calls a milestone achieved, by hand. One that is achieved already stays as it is. For the
    /// patient's therapists and admins.
    async fn achieve_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AchieveMilestoneInput,
    ) -> Result<AchieveMilestonePayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        AchieveMilestonePayload::of(milestone::achieve(&act, input).await)
    }

    /// Takes an achievement back, so that it may be earned again. For the patient's therapists and admins.
    async fn revoke_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RevokeMilestoneInput,
    ) -> Result<RevokeMilestonePayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        RevokeMilestonePayload::of(milestone::revoke(&act, input).await)
    }

    /// Deletes a milestone. For the patient's therapists and admins.
    async fn delete_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteMilestoneInput,
    ) -> Result<DeleteMilestonePayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        DeleteMilestonePayload::of(milestone::delete(&act, input).await)
    }

    /// Records the result of a standard instrument: a score, or the answers it is worked out from. For a
    /// goal tracked by assessment it is its next entry as well. For the patient's therapists and admins.
    async fn record_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RecordAssessmentInput,
    ) -> Result<RecordAssessmentPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        RecordAssessmentPayload::of(assessment::record(&act, input).await)
    }

    /// Deletes an assessment. For the patient's therapists and admins.
    async fn delete_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteAssessmentInput,
    ) -> Result<DeleteAssessmentPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        DeleteAssessmentPayload::of(assessment::delete(&act, input).await)
    }

    /// Sets up a reminder for the goal's patient. For the patient, their therapists and admins.
    async fn schedule_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ScheduleReminderInput,
    ) -> Result<ScheduleReminderPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        ScheduleReminderPayload::of(reminder::schedule(&act, input).await)
    }

    /// Changes a reminder. For the patient, their therapists and admins.
    async fn update_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateReminderInput,
    ) -> Result<UpdateReminderPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        UpdateReminderPayload::of(reminder::update(&act, input).await)
    }

    /// Deletes a reminder. For the patient, their therapists and admins.
    async fn delete_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteReminderInput,
    ) -> Result<DeleteReminderPayload> {
        let act = act(ctx, &input, input.idempotency_key.as_ref());
        DeleteReminderPayload::of(reminder::delete(&act, input).await)
    }
}

/// Who does it, and how a retry of it is known: by the key, and by everything that was sent with it.
fn act(ctx: &Context<'_>, input: &impl Debug, key: Option<&String>) -> Act {
    let retry = key.map(|key| Retry { key: key.clone(), body_hash: fingerprint(&format!("{input:?}")) });
    Act { viewer: ctx.viewer().clone(), clock: ctx.clock().clone(), retry }
}
