//! What can be done. Each field is one call of one service function, which is one transaction.

use async_graphql::{Context, Object, Result};

use super::context::Asking;
use super::input::assessment::{DeleteAssessmentInput, RecordAssessmentInput, UpdateAssessmentInput};
use super::input::correction::{DeleteProgressInput, UpdateProgressInput};
use super::input::goal::{ChangeGoalStatusInput, DeleteGoalInput, TransferGoalInput, UpdateGoalInput};
use super::input::milestone::{
    AchieveMilestoneInput, AddMilestoneInput, DeleteMilestoneInput, RevokeMilestoneInput,
    UpdateMilestoneInput,
};
use super::input::new_goal::CreateGoalInput;
use super::input::person::UpdatePersonSettingsInput;
use super::input::progress::{ImportProgressInput, RecordProgressInput};
use super::input::read;
use super::input::reminder::{DeleteReminderInput, ScheduleReminderInput, UpdateReminderInput};
use super::input::tracking::ConfigureTrackingInput;
use super::input::webhook::{
    DeleteWebhookInput, RegisterWebhookInput, ResendWebhookDeliveryInput, RotateWebhookSecretInput,
    UpdateWebhookInput,
};
use super::payload::{
    AchieveMilestonePayload, AddMilestonePayload, ChangeGoalStatusPayload, ConfigureTrackingPayload,
    CreateGoalPayload, DeleteAssessmentPayload, DeleteGoalPayload, DeleteMilestonePayload,
    DeleteProgressPayload, DeleteReminderPayload, DeleteWebhookPayload, ImportProgressPayload,
    RecordAssessmentPayload, RecordProgressPayload, RegisterWebhookPayload, ResendWebhookDeliveryPayload,
    RevokeMilestonePayload, RotateWebhookSecretPayload, ScheduleReminderPayload, TransferGoalPayload,
    UpdateAssessmentPayload, UpdateGoalPayload, UpdateMilestonePayload, UpdatePersonSettingsPayload,
    UpdateProgressPayload, UpdateReminderPayload, UpdateWebhookPayload,
};
use crate::service;

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
        let (act, (patient, draft)) = read(ctx, input)?;
        CreateGoalPayload::of(service::new_goal::create(&act, patient, draft).await)
    }

    /// Changes a goal: an absent field keeps what is stored, null clears it. For the patient's therapists
    /// and admins.
    async fn update_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateGoalInput,
    ) -> Result<UpdateGoalPayload> {
        let (act, (goal, changes)) = read(ctx, input)?;
        UpdateGoalPayload::of(service::goal::update(&act, goal, changes).await)
    }

    /// Moves a goal along. From ASSIGNED to any status; `IN_PROGRESS`, `ON_HOLD` and back; COMPLETED and
    /// ABANDONED reopen to `IN_PROGRESS`. `completedAt` follows. For the patient's therapists and admins.
    async fn change_goal_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ChangeGoalStatusInput,
    ) -> Result<ChangeGoalStatusPayload> {
        let (act, (goal, status)) = read(ctx, input)?;
        ChangeGoalStatusPayload::of(service::goal_status::change(&act, goal, status).await)
    }

    /// Hands a goal to a therapist who treats its patient, with all that hangs on it. The former owner sees it no
    /// more unless they treat the patient. For the goal's owner, the patient's therapists and admins.
    async fn transfer_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: TransferGoalInput,
    ) -> Result<TransferGoalPayload> {
        let (act, (goal, therapist)) = read(ctx, input)?;
        TransferGoalPayload::of(service::transfer::transfer(&act, goal, therapist).await)
    }

    /// Deletes a goal with its entries, milestones, reminders and configurations, and says how many went.
    /// For the patient's therapists and admins.
    async fn delete_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteGoalInput,
    ) -> Result<DeleteGoalPayload> {
        let (act, goal) = read(ctx, input)?;
        DeleteGoalPayload::of(service::goal::delete(&act, goal).await)
    }

    /// Adds a tracking configuration, which is then in force. For the patient's therapists and admins.
    async fn configure_tracking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConfigureTrackingInput,
    ) -> Result<ConfigureTrackingPayload> {
        let (act, (goal, draft)) = read(ctx, input)?;
        ConfigureTrackingPayload::of(service::tracking::configure(&act, goal, draft).await)
    }

    /// Records a data point, and achieves the milestones it reaches. Patients report on their own goals;
    /// therapists record for their patients.
    async fn record_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RecordProgressInput,
    ) -> Result<RecordProgressPayload> {
        let (act, (goal, draft)) = read(ctx, input)?;
        RecordProgressPayload::of(service::progress::record(&act, goal, draft).await)
    }

    /// Records up to 1,000 data points, all or nothing; every bad row is named by its index. Milestones
    /// are looked at once, at the end. A row is DUPLICATE when as many entries like it - of this day, time and
    /// value - are recorded as the import holds up to it: so two alike may be two, and the same import again is
    /// refused whole.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ImportProgressInput,
    ) -> Result<ImportProgressPayload> {
        let (act, (goal, rows)) = read(ctx, input)?;
        ImportProgressPayload::of(service::progress::import(&act, goal, rows).await)
    }

    /// Changes a data point. Patients change only what they recorded themselves. What was achieved stays
    /// achieved. `NOT_ALLOWED` for one that was made of an assessment: `updateAssessment` corrects both.
    async fn update_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateProgressInput,
    ) -> Result<UpdateProgressPayload> {
        let (act, (entry, changes)) = read(ctx, input)?;
        UpdateProgressPayload::of(service::correction::update(&act, entry, changes).await)
    }

    /// Deletes a data point. Patients delete only what they recorded themselves. What was achieved stays
    /// achieved. `NOT_ALLOWED` for one that was made of an assessment: `deleteAssessment` deletes both.
    async fn delete_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteProgressInput,
    ) -> Result<DeleteProgressPayload> {
        let (act, entry) = read(ctx, input)?;
        DeleteProgressPayload::of(service::correction::delete(&act, entry).await)
    }

    /// Adds a milestone; one that the recorded progress reaches is achieved at once. For the patient's
    /// therapists and admins.
    async fn add_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AddMilestoneInput,
    ) -> Result<AddMilestonePayload> {
        let (act, (goal, draft)) = read(ctx, input)?;
        AddMilestonePayload::of(service::milestone::add(&act, goal, draft).await)
    }

    /// Changes a milestone; one that is now reached is achieved. For the patient's therapists and admins.
    async fn update_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateMilestoneInput,
    ) -> Result<UpdateMilestonePayload> {
        let (act, (milestone, changes)) = read(ctx, input)?;
        UpdateMilestonePayload::of(service::milestone::update(&act, milestone, changes).await)
    }

    /// Calls a milestone achieved, by hand. One that is achieved already stays as it is. For the
    /// patient's therapists and admins.
    async fn achieve_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AchieveMilestoneInput,
    ) -> Result<AchieveMilestonePayload> {
        let (act, milestone) = read(ctx, input)?;
        AchieveMilestonePayload::of(service::by_hand::achieve(&act, milestone).await)
    }

    /// Takes an achievement back, so that it may be earned again. For the patient's therapists and admins.
    async fn revoke_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RevokeMilestoneInput,
    ) -> Result<RevokeMilestonePayload> {
        let (act, milestone) = read(ctx, input)?;
        RevokeMilestonePayload::of(service::by_hand::revoke(&act, milestone).await)
    }

    /// Deletes a milestone. For the patient's therapists and admins.
    async fn delete_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteMilestoneInput,
    ) -> Result<DeleteMilestonePayload> {
        let (act, milestone) = read(ctx, input)?;
        DeleteMilestonePayload::of(service::milestone::delete(&act, milestone).await)
    }

    /// Records the result of a standard instrument: a score, or the answers it is worked out from. For a
    /// goal tracked by assessment it is its next entry as well. For the patient's therapists and admins.
    async fn record_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RecordAssessmentInput,
    ) -> Result<RecordAssessmentPayload> {
        let (act, (patient, draft)) = read(ctx, input)?;
        RecordAssessmentPayload::of(service::assessment::record(&act, patient, draft).await)
    }

    /// Corrects an assessment: an absent field keeps what is stored, null clears it. The entry that was made of
    /// it follows. For the patient's therapists and admins.
    async fn update_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateAssessmentInput,
    ) -> Result<UpdateAssessmentPayload> {
        let (act, (assessment, changes)) = read(ctx, input)?;
        UpdateAssessmentPayload::of(service::assessment::update(&act, assessment, changes).await)
    }

    /// Deletes an assessment, and the entry that was made of it. For the patient's therapists and admins.
    async fn delete_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteAssessmentInput,
    ) -> Result<DeleteAssessmentPayload> {
        let (act, assessment) = read(ctx, input)?;
        DeleteAssessmentPayload::of(service::assessment::delete(&act, assessment).await)
    }

    /// Sets up a reminder for the goal's patient. For the patient, their therapists and admins.
    async fn schedule_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ScheduleReminderInput,
    ) -> Result<ScheduleReminderPayload> {
        let (act, (goal, draft)) = read(ctx, input)?;
        ScheduleReminderPayload::of(service::reminder::schedule(&act, goal, draft).await)
    }

    /// Changes a reminder. For the patient, their therapists and admins.
    async fn update_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateReminderInput,
    ) -> Result<UpdateReminderPayload> {
        let (act, (reminder, changes)) = read(ctx, input)?;
        UpdateReminderPayload::of(service::reminder::update(&act, reminder, changes).await)
    }

    /// Changes how a person counts days and weeks: their time zone, and the day on which weeks begin. Weeks that
    /// are over are cut by the new start as well. For the person, a patient's therapists, and admins.
    async fn update_person_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdatePersonSettingsInput,
    ) -> Result<UpdatePersonSettingsPayload> {
        let (act, (person, changes)) = read(ctx, input)?;
        UpdatePersonSettingsPayload::of(service::person::update_settings(&act, person, changes).await)
    }

    /// Deletes a reminder. For the patient, their therapists and admins.
    async fn delete_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteReminderInput,
    ) -> Result<DeleteReminderPayload> {
        let (act, reminder) = read(ctx, input)?;
        DeleteReminderPayload::of(service::reminder::delete(&act, reminder).await)
    }

    /// Registers a webhook: what happens from now on is sent there, as ids, kind and time, signed as Standard
    /// Webhooks has it. The payload shows the secret, this once. Up to 20; for admins. `NOT_ALLOWED` also without
    /// the server's setting `WAYMARK_WEBHOOK_KEY`.
    async fn register_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RegisterWebhookInput,
    ) -> Result<RegisterWebhookPayload> {
        let (act, draft) = read(ctx, input)?;
        RegisterWebhookPayload::of(service::webhook::register(&act, &ctx.outbound(), draft).await)
    }

    /// Changes a webhook, or turns it off and on. While it is off nothing is sent, and what happens then is never
    /// sent; what was pending waits. For admins.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateWebhookInput,
    ) -> Result<UpdateWebhookPayload> {
        let (act, (webhook, changes)) = read(ctx, input)?;
        UpdateWebhookPayload::of(service::webhook::update(&act, &ctx.outbound(), webhook, changes).await)
    }

    /// Gives a webhook another secret, which the payload shows, this once. For 24 hours messages are signed with
    /// both, then with the new one alone; another rotation in that time ends the older of them at once. For admins.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let (act, (webhook, secret)) = read(ctx, input)?;
        RotateWebhookSecretPayload::of(service::webhook::rotate(&act, &ctx.outbound(), webhook, secret).await)
    }

    /// Deletes a webhook with its deliveries: what was not sent yet is not sent any more. For admins.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteWebhookInput,
    ) -> Result<DeleteWebhookPayload> {
        let (act, webhook) = read(ctx, input)?;
        DeleteWebhookPayload::of(service::webhook::delete(&act, webhook).await)
    }

    /// Sends a delivery again, at once and then for 24 hours, with the same `webhook-id`. One that was delivered may
    /// be sent again too. `NOT_ALLOWED` while the webhook is off. For admins.
    async fn resend_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ResendWebhookDeliveryInput,
    ) -> Result<ResendWebhookDeliveryPayload> {
        let (act, delivery) = read(ctx, input)?;
        ResendWebhookDeliveryPayload::of(service::webhook::resend(&act, delivery).await)
    }
}
