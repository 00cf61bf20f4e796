//! What can happen, as it is written into the outbox in the transaction of what happened; `feed` reads it.

use chrono::{NaiveDate, NaiveDateTime};
use entity::event::ActiveModel;
pub use entity::event::Kind;
use entity::{assessment, goal};
use sea_orm::Set;
use uuid::Uuid;

/// What one can subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    MilestoneAchieved,
    ProgressRecorded,
    GoalChanged,
    AssessmentRecorded,
    ReminderDue,
}

impl Topic {
    /// The events it is about.
    #[must_use]
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::MilestoneAchieved => &[Kind::MilestoneAchieved],
            Self::ProgressRecorded => &[Kind::ProgressRecorded],
            Self::GoalChanged => &[
                Kind::GoalCreated,
                Kind::GoalUpdated,
                Kind::GoalStatusChanged,
                Kind::GoalTransferred,
                Kind::GoalDeleted,
            ],
            Self::AssessmentRecorded => &[Kind::AssessmentRecorded],
            Self::ReminderDue => &[Kind::ReminderDue],
        }
    }

    /// Its name in a cursor, so that one of another subscription is known.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MilestoneAchieved => "milestoneAchieved",
            Self::ProgressRecorded => "progressRecorded",
            Self::GoalChanged => "goalChanged",
            Self::AssessmentRecorded => "assessmentRecorded",
            Self::ReminderDue => "reminderDue",
        }
    }
}

/// An event to be written.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: Kind,
    pub patient_id: Uuid,
    /// The goal it happened to, and who owned it then.
    pub goal: Option<(Uuid, Uuid)>,
    /// The row it is about.
    pub subject_id: Uuid,
    /// The entry that brought it about, and the day it counts for.
    pub cause: Option<(Option<Uuid>, NaiveDate)>,
    /// When a reminder was to be sent.
    pub due_at: Option<NaiveDateTime>,
}

impl Event {
    /// Something that happened to a goal or to a row that hangs on it.
    #[must_use]
    pub fn of_goal(kind: Kind, goal: &goal::Model, subject_id: Uuid) -> Self {
        let owner = Some((goal.id, goal.therapist_id));
        Self { kind, patient_id: goal.patient_id, goal: owner, subject_id, cause: None, due_at: None }
    }

    /// Something that happened to a score, which may belong to a goal.
    #[must_use]
    pub fn of_assessment(kind: Kind, score: &assessment::Model, goal: Option<&goal::Model>) -> Self {
        let owner = goal.map(|goal| (goal.id, goal.therapist_id));
        let (patient_id, subject_id) = (score.patient_id, score.id);
        Self { kind, patient_id, goal: owner, subject_id, cause: None, due_at: None }
    }

    #[must_use]
    pub fn because_of(self, entry: Option<Uuid>, day: NaiveDate) -> Self {
        Self { cause: Some((entry, day)), ..self }
    }

    #[must_use]
    pub fn due(self, at: NaiveDateTime) -> Self {
        Self { due_at: Some(at), ..self }
    }

    #[must_use]
    pub fn row(self, at: NaiveDateTime) -> ActiveModel {
        ActiveModel {
            kind: Set(self.kind.as_str().to_owned()),
            patient_id: Set(self.patient_id),
            goal_id: Set(self.goal.map(|(goal, _)| goal)),
            therapist_id: Set(self.goal.map(|(_, therapist)| therapist)),
            subject_id: Set(self.subject_id),
            entry_id: Set(self.cause.and_then(|(entry, _)| entry)),
            effective_date: Set(self.cause.map(|(_, day)| day)),
            due_at: Set(self.due_at),
            created_at: Set(at),
            ..Default::default()
        }
    }
}
