//! The input of a new goal.

use async_graphql::{ID, InputObject};
use entity::goal::Status;

use super::Input;
use super::goal::{baseline, status, target, target_date};
use super::milestone::MilestoneInput;
use super::reader::Reader;
use super::reminder::ReminderInput;
use super::tracking::TrackingInput;
use crate::rules::input::goal::Draft;
use crate::rules::input::{MOST_MILESTONES, MOST_REMINDERS};
use crate::service::Id;
use crate::wire::scalar::{Date, Decimal};
use crate::wire::word::GoalStatus;

/// A goal to set, with its tracking, milestones and reminders, all or nothing.
#[derive(InputObject)]
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

impl Input for CreateGoalInput {
    type Draft = (Id, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let status = self.status.and_then(|sent| status(reader, sent));
        let draft = Draft {
            therapist: self.therapist_id.and_then(|id| reader.id("therapistId", &id)),
            session: self.session_id.and_then(|id| reader.id("sessionId", &id)),
            description: self.description,
            category: self.category,
            status: status.unwrap_or(Status::Assigned),
            baseline: self.baseline_value.and_then(|sent| baseline(reader, &sent)),
            target: self.target_value.and_then(|sent| target(reader, &sent)),
            target_date: self.target_date.and_then(|sent| target_date(reader, &sent)),
            tracking: self.tracking.map(TrackingInput::read),
            milestones: reader.list(
                "milestones",
                self.milestones.unwrap_or_default(),
                MOST_MILESTONES,
                |reader, row| row.read(reader),
            ),
            reminders: reader.list(
                "reminders",
                self.reminders.unwrap_or_default(),
                MOST_REMINDERS,
                |reader, row| row.read(reader),
            ),
        };
        (reader.id("patientId", &self.patient_id), draft)
    }
}
