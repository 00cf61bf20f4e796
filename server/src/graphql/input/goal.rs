//! Inputs about goals that are there.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::NaiveDate;
use entity::goal::Status;

use super::Input;
use super::reader::Reader;
use crate::rules::input::Code;
use crate::rules::input::goal::Changes;
use crate::service::{Id, KnownGoal};
use crate::wire::scalar::{Date, DateTime, Decimal};
use crate::wire::word::GoalStatus;

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

/// A goal to hand to another therapist.
#[derive(InputObject)]
pub struct TransferGoalInput {
    /// The goal.
    pub goal_id: ID,
    /// Who is to own it: a therapist who treats its patient at present.
    pub therapist_id: ID,
    /// `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for TransferGoalInput {
    type Draft = (KnownGoal, Id);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let goal = reader.known_goal(&self.goal_id, self.expected_updated_at.as_ref());
        (goal, reader.id("therapistId", &self.therapist_id))
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

pub fn status(reader: &mut Reader, sent: GoalStatus) -> Option<Status> {
    let message = "UNKNOWN is no status that a goal can be given.";
    let status = sent.stored().ok_or_else(|| reader.problem(Code::Invalid, "status", message));
    reader.keep(status)
}

pub fn baseline(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("baselineValue", "The baseline", sent)
}

pub fn target(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("targetValue", "The target", sent)
}

pub fn target_date(reader: &mut Reader, sent: &Date) -> Option<NaiveDate> {
    reader.day("targetDate", "The target date", sent)
}
