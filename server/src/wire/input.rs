//! The inputs of mutations: one each. The row that is changed is named by its own id field; columns
//! keep their names. In an update an absent field keeps what is stored and null clears it.

use async_graphql::{ID, InputObject, Json, MaybeUndefined};

use super::scalar::{Date, DateTime, Decimal, LocalTime};
use super::word::{
    EntryContext, GoalStatus, MilestoneType, ReminderType, TargetDirection, TrackingFrequency, TrackingMethod,
};

/// A goal to set, with its tracking, milestones and reminders, all or nothing.
#[derive(Debug, InputObject)]
pub struct CreateGoalInput {
    /// Whose goal it is.
    pub patient_id: ID,
    /// Who owns it. A therapist sets goals of their own, so only an admin has to say.
    pub therapist_id: Option<ID>,
    /// The session in which it was agreed; one of the patient's.
    pub session_id: Option<ID>,
    /// What is to be reached: 1 to 20,000 characters.
    pub description: String,
    /// A heading, at most 50 characters.
    pub category: Option<String>,
    /// Where it stands; ASSIGNED unless said.
    pub status: Option<GoalStatus>,
    /// Where the patient starts, in the unit of the tracking; the first entry when absent.
    pub baseline_value: Option<Decimal>,
    /// The value to reach, in the unit of the tracking.
    pub target_value: Option<Decimal>,
    /// The day by which it is to be reached; not before the patient's today.
    pub target_date: Option<Date>,
    /// How it is tracked.
    pub tracking: Option<TrackingInput>,
    /// At most 100.
    pub milestones: Option<Vec<MilestoneInput>>,
    /// At most 100.
    pub reminders: Option<Vec<ReminderInput>>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// How a goal is tracked.
#[derive(Debug, InputObject)]
pub struct TrackingInput {
    /// What is recorded.
    pub method: TrackingMethod,
    /// How often; at every session unless said.
    pub frequency: Option<TrackingFrequency>,
    /// Needed for CUSTOM: 1 to 366 days.
    pub custom_frequency_days: Option<i32>,
    /// The lowest value of a scale, 1 unless said.
    pub scale_min: Option<i32>,
    /// The highest value of a scale, 10 unless said.
    pub scale_max: Option<i32>,
    /// Names for values of the scale.
    pub scale_labels: Option<Json<sea_orm::JsonValue>>,
    /// What is counted, for FREQUENCY; at most 20 characters.
    pub frequency_unit: Option<String>,
    /// The unit of time, for DURATION; at most 20 characters.
    pub duration_unit: Option<String>,
    /// Which way is good; from baseline and target when absent.
    pub target_direction: Option<TargetDirection>,
    /// Whether the patient is reminded at all; yes unless said.
    pub reminder_enabled: Option<bool>,
}

/// A milestone to set along with its goal.
#[derive(Debug, InputObject)]
pub struct MilestoneInput {
    /// What achieves it; by hand unless said.
    pub milestone_type: Option<MilestoneType>,
    /// A short name: 1 to 200 characters.
    pub title: String,
    /// More about it, at most 20,000 characters.
    pub description: Option<String>,
    /// Percent above 0, a value, or a whole number of periods, by type.
    pub target_value: Option<Decimal>,
}

/// A reminder to set up along with its goal.
#[derive(Debug, InputObject)]
pub struct ReminderInput {
    /// What it is about.
    pub reminder_type: Option<ReminderType>,
    /// The time of day on the patient's clock; never sent without one.
    pub scheduled_time: Option<LocalTime>,
    /// 0 = Sunday to 6 = Saturday; every day when absent or empty.
    pub scheduled_days: Option<Vec<i32>>,
    /// The text to send, at most 20,000 characters. It may be read on a lock screen.
    pub message: Option<String>,
    /// Whether it is sent; yes unless said.
    pub is_active: Option<bool>,
}

/// What to change of a goal. Its status has a mutation of its own.
#[derive(Debug, InputObject)]
pub struct UpdateGoalInput {
    /// The goal.
    pub goal_id: ID,
    /// 1 to 20,000 characters; can't be cleared.
    pub description: MaybeUndefined<String>,
    /// At most 50 characters.
    pub category: MaybeUndefined<String>,
    /// One of the patient's sessions.
    pub session_id: MaybeUndefined<ID>,
    /// In the unit of the tracking.
    pub baseline_value: MaybeUndefined<Decimal>,
    /// In the unit of the tracking.
    pub target_value: MaybeUndefined<Decimal>,
    /// The day by which it is to be reached.
    pub target_date: MaybeUndefined<Date>,
    /// `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// Where a goal is to stand.
#[derive(Debug, InputObject)]
pub struct ChangeGoalStatusInput {
    /// The goal.
    pub goal_id: ID,
    /// The new status; not UNKNOWN.
    pub status: GoalStatus,
    /// `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A goal to delete, with everything that hangs on it.
#[derive(Debug, InputObject)]
pub struct DeleteGoalInput {
    /// The goal.
    pub goal_id: ID,
    /// `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A new configuration of a goal, which is then in force.
#[derive(Debug, InputObject)]
pub struct ConfigureTrackingInput {
    /// The goal.
    pub goal_id: ID,
    /// What is recorded.
    pub method: TrackingMethod,
    /// How often; at every session unless said.
    pub frequency: Option<TrackingFrequency>,
    /// Needed for CUSTOM: 1 to 366 days.
    pub custom_frequency_days: Option<i32>,
    /// The lowest value of a scale, 1 unless said.
    pub scale_min: Option<i32>,
    /// The highest value of a scale, 10 unless said.
    pub scale_max: Option<i32>,
    /// Names for values of the scale.
    pub scale_labels: Option<Json<sea_orm::JsonValue>>,
    /// What is counted, for FREQUENCY; at most 20 characters.
    pub frequency_unit: Option<String>,
    /// The unit of time, for DURATION; at most 20 characters.
    pub duration_unit: Option<String>,
    /// Which way is good; from baseline and target when absent.
    pub target_direction: Option<TargetDirection>,
    /// Whether the patient is reminded at all; yes unless said.
    pub reminder_enabled: Option<bool>,
    /// The goal's `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A data point to record.
#[derive(Debug, InputObject)]
pub struct RecordProgressInput {
    /// The goal.
    pub goal_id: ID,
    /// In the unit of the tracking, at most two decimals; 0 or 1 for BINARY.
    pub value: Decimal,
    /// The patient's local day; their today unless said, never in their future.
    pub entry_date: Option<Date>,
    /// The patient's local time of day.
    pub entry_time: Option<LocalTime>,
    /// What the value is called, at most 100 characters.
    pub value_label: Option<String>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: Option<EntryContext>,
    /// The session in which it was recorded; one of the patient's.
    pub session_id: Option<ID>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// Data points to take over from elsewhere, all or nothing.
#[derive(Debug, InputObject)]
pub struct ImportProgressInput {
    /// The goal.
    pub goal_id: ID,
    /// 1 to 1,000 of them.
    pub entries: Vec<ProgressRowInput>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// One row of an import.
#[derive(Debug, InputObject)]
pub struct ProgressRowInput {
    /// In the unit of the tracking, at most two decimals; 0 or 1 for BINARY.
    pub value: Decimal,
    /// The patient's local day, never in their future.
    pub entry_date: Date,
    /// The patient's local time of day.
    pub entry_time: Option<LocalTime>,
    /// What the value is called, at most 100 characters.
    pub value_label: Option<String>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: Option<EntryContext>,
}

/// What to change of an entry.
#[derive(Debug, InputObject)]
pub struct UpdateProgressInput {
    /// The entry.
    pub entry_id: ID,
    /// Can't be cleared.
    pub value: MaybeUndefined<Decimal>,
    /// Can't be cleared.
    pub entry_date: MaybeUndefined<Date>,
    /// The patient's local time of day.
    pub entry_time: MaybeUndefined<LocalTime>,
    /// At most 100 characters.
    pub value_label: MaybeUndefined<String>,
    /// At most 20,000 characters.
    pub notes: MaybeUndefined<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: MaybeUndefined<EntryContext>,
    /// The session in which it was recorded; one of the patient's.
    pub session_id: MaybeUndefined<ID>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// An entry to delete.
#[derive(Debug, InputObject)]
pub struct DeleteProgressInput {
    /// The entry.
    pub entry_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A milestone to add to a goal.
#[derive(Debug, InputObject)]
pub struct AddMilestoneInput {
    /// The goal.
    pub goal_id: ID,
    /// What achieves it; by hand unless said.
    pub milestone_type: Option<MilestoneType>,
    /// A short name: 1 to 200 characters.
    pub title: String,
    /// More about it, at most 20,000 characters.
    pub description: Option<String>,
    /// Percent above 0, a value, or a whole number of periods, by type.
    pub target_value: Option<Decimal>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// What to change of a milestone.
#[derive(Debug, InputObject)]
pub struct UpdateMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// What achieves it.
    pub milestone_type: MaybeUndefined<MilestoneType>,
    /// 1 to 200 characters; can't be cleared.
    pub title: MaybeUndefined<String>,
    /// At most 20,000 characters.
    pub description: MaybeUndefined<String>,
    /// Percent above 0, a value, or a whole number of periods, by type.
    pub target_value: MaybeUndefined<Decimal>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A milestone to call achieved.
#[derive(Debug, InputObject)]
pub struct AchieveMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A milestone whose achievement is taken back.
#[derive(Debug, InputObject)]
pub struct RevokeMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A milestone to delete.
#[derive(Debug, InputObject)]
pub struct DeleteMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A result of a standard instrument: its score, or the answers to all its items.
#[derive(Debug, InputObject)]
pub struct RecordAssessmentInput {
    /// Who was assessed.
    pub patient_id: ID,
    /// A goal of the patient's that it belongs to.
    pub goal_id: Option<ID>,
    /// The instrument's code, such as "PHQ-9"; at most 50 characters.
    pub assessment_type: String,
    /// The total, in the instrument's points.
    pub score: Option<i32>,
    /// One answer an item, as it stands on the form: the first option is the lowest answer, mostly 0, and
    /// of yes and no, no is 0. The server turns reversed items round and works out score and subscales.
    pub items: Option<Vec<i32>>,
    /// An object of names and figures. `item_9` is an item's points, reversed items turned round already;
    /// `items` is a list of answers like the field above; a subscale goes by its code. What contradicts the
    /// score is refused.
    pub subscores: Option<Json<sea_orm::JsonValue>>,
    /// The patient's local day; their today unless said, never in their future.
    pub administered_date: Option<Date>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// An assessment to delete.
#[derive(Debug, InputObject)]
pub struct DeleteAssessmentInput {
    /// The assessment.
    pub assessment_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A reminder to set up for the goal's patient.
#[derive(Debug, InputObject)]
pub struct ScheduleReminderInput {
    /// The goal.
    pub goal_id: ID,
    /// What it is about.
    pub reminder_type: Option<ReminderType>,
    /// The time of day on the patient's clock; never sent without one.
    pub scheduled_time: Option<LocalTime>,
    /// 0 = Sunday to 6 = Saturday; every day when absent or empty.
    pub scheduled_days: Option<Vec<i32>>,
    /// The text to send, at most 20,000 characters. It may be read on a lock screen.
    pub message: Option<String>,
    /// Whether it is sent; yes unless said.
    pub is_active: Option<bool>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// What to change of a reminder.
#[derive(Debug, InputObject)]
pub struct UpdateReminderInput {
    /// The reminder.
    pub reminder_id: ID,
    /// What it is about.
    pub reminder_type: MaybeUndefined<ReminderType>,
    /// The time of day on the patient's clock; never sent without one.
    pub scheduled_time: MaybeUndefined<LocalTime>,
    /// 0 = Sunday to 6 = Saturday; every day when empty.
    pub scheduled_days: MaybeUndefined<Vec<i32>>,
    /// The text to send, at most 20,000 characters.
    pub message: MaybeUndefined<String>,
    /// Whether it is sent; can't be cleared.
    pub is_active: MaybeUndefined<bool>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

/// A reminder to delete.
#[derive(Debug, InputObject)]
pub struct DeleteReminderInput {
    /// The reminder.
    pub reminder_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}
