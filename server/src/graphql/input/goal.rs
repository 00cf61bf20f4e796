//! Inputs about goals.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::NaiveDate;
use entity::goal::Status;

use super::Input;
use super::milestone::MilestoneInput;
use super::reader::Reader;
use super::reminder::ReminderInput;
use super::tracking::TrackingInput;
use crate::rules::input::goal::{Changes, Draft};
use crate::rules::input::{Code, MOST_MILESTONES, MOST_REMINDERS};
use crate::service::{Id, KnownGoal};
use crate::wire::scalar::{Date, DateTime, Decimal};
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

fn status(reader: &mut Reader, sent: GoalStatus) -> Option<Status> {
    let message = "UNKNOWN is no status that a goal can be given.";
    let status = sent.stored().ok_or_else(|| reader.problem(Code::Invalid, "status", message));
    reader.keep(status)
}

fn baseline(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("baselineValue", "The baseline", sent)
}

fn target(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("targetValue", "The target", sent)
}

fn target_date(reader: &mut Reader, sent: &Date) -> Option<NaiveDate> {
    reader.day("targetDate", "The target date", sent)
}

/// What to change of a goal. Its status has a mutation of its own.
#[derive(InputObject)]
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

impl Input for UpdateGoalInput {
    type Draft = (KnownGoal, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let changes = Changes {
            description: reader.kept("description", "The description", self.description),
            category: self.category.into(),
            session: reader.patch(self.session_id, |reader, id| reader.id("sessionId", &id)),
            baseline: reader.patch(self.baseline_value, |reader, sent| baseline(reader, &sent)),
            target: reader.patch(self.target_value, |reader, sent| target(reader, &sent)),
            target_date: reader.patch(self.target_date, |reader, sent| target_date(reader, &sent)),
        };
        (reader.known_goal(&self.goal_id, self.expected_updated_at.as_ref()), changes)
    }
}

/// Where a goal is to stand.
#[derive(InputObject)]
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

impl Input for ChangeGoalStatusInput {
    type Draft = (KnownGoal, Option<Status>);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let goal = reader.known_goal(&self.goal_id, self.expected_updated_at.as_ref());
        (goal, status(reader, self.status))
    }
}

/// A goal to delete, with everything that hangs on it.
#[derive(InputObject)]
pub struct DeleteGoalInput {
    /// The goal.
    pub goal_id: ID,
    /// `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for DeleteGoalInput {
    type Draft = KnownGoal;

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        reader.known_goal(&self.goal_id, self.expected_updated_at.as_ref())
    }
}
