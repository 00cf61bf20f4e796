use sea_orm::entity::prelude::*;

use crate::word::text_enum;

/// Something that happened, written in the transaction that made it happen. Ids and kinds only.
///
/// `transaction_id` is the database's to set, and read by the feed alone.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waymark_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub patient_id: Uuid,
    pub therapist_id: Option<Uuid>,
    pub goal_id: Option<Uuid>,
    /// The row it is about: a goal, entry, milestone, assessment or reminder.
    pub subject_id: Uuid,
    /// The entry that brought it about.
    pub entry_id: Option<Uuid>,
    /// The day it counts for, which may lie before the day it was recorded.
    pub effective_date: Option<Date>,
    pub due_at: Option<DateTime>,
    pub created_at: DateTime,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What can happen. A newer version of Waymark may have stored other words.
    Kind {
        GoalCreated = "goal_created",
        GoalUpdated = "goal_updated",
        GoalStatusChanged = "goal_status_changed",
        GoalDeleted = "goal_deleted",
        GoalTransferred = "goal_transferred",
        TrackingConfigured = "tracking_configured",
        ProgressRecorded = "progress_recorded",
        ProgressUpdated = "progress_updated",
        ProgressDeleted = "progress_deleted",
        MilestoneAdded = "milestone_added",
        MilestoneUpdated = "milestone_updated",
        MilestoneAchieved = "milestone_achieved",
        MilestoneRevoked = "milestone_revoked",
        MilestoneDeleted = "milestone_deleted",
        AssessmentRecorded = "assessment_recorded",
        AssessmentUpdated = "assessment_updated",
        AssessmentDeleted = "assessment_deleted",
        ReminderScheduled = "reminder_scheduled",
        ReminderUpdated = "reminder_updated",
        ReminderDeleted = "reminder_deleted",
        ReminderDue = "reminder_due",
    }
}
