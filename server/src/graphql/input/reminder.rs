//! Inputs about reminders.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::reminder::{Changes, Draft};
use crate::service::Id;
use crate::wire::scalar::LocalTime;
use crate::wire::word::ReminderType;

/// A reminder to set up along with its goal.
#[derive(InputObject)]
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

impl ReminderInput {
    pub fn read(self, reader: &mut Reader) -> Draft {
        let usual = Draft::default();
        Draft {
            kind: self.reminder_type.map(Into::into),
            time: self.scheduled_time.and_then(|sent| reader.time("scheduledTime", "The time", &sent)),
            days: self.scheduled_days,
            message: self.message,
            is_active: self.is_active.unwrap_or(usual.is_active),
        }
    }
}

/// A reminder to set up for the goal's patient.
#[derive(InputObject)]
pub struct ScheduleReminderInput {
    /// The goal.
    pub goal_id: ID,
    #[graphql(flatten)]
    pub reminder: ReminderInput,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for ScheduleReminderInput {
    type Draft = (Id, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        (reader.id("goalId", &self.goal_id), self.reminder.read(reader))
    }
}

/// What to change of a reminder.
#[derive(InputObject)]
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

impl Input for UpdateReminderInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let changes = Changes {
            is_active: reader.kept("isActive", "Whether it is active", self.is_active),
            kind: self.reminder_type.map_value(Into::into).into(),
            time: reader
                .patch(self.scheduled_time, |reader, sent| reader.time("scheduledTime", "The time", &sent)),
            days: self.scheduled_days.into(),
            message: self.message.into(),
        };
        (reader.id("reminderId", &self.reminder_id), changes)
    }
}

/// A reminder to delete.
#[derive(InputObject)]
pub struct DeleteReminderInput {
    /// The reminder.
    pub reminder_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(DeleteReminderInput, reminder_id, "reminderId");
