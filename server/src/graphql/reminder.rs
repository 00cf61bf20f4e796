use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::{goal, person, reminder};
use uuid::Uuid;

use super::goal::Goal;
use super::page::{ChildList, List};
use super::person::Person;
use super::row::{find_seen, row_object};
use crate::access::Viewer;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::{DateTime, LocalTime};
use crate::wire::word::ReminderType;

/// When a patient is reminded of a goal.
#[derive(Clone)]
pub struct Reminder(pub Arc<reminder::Model>);

row_object!(Reminder, reminder);

/// When a patient is reminded of a goal.
#[Object]
impl Reminder {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The goal it reminds of.
    async fn goal(&self, ctx: &Context<'_>) -> Result<Goal> {
        find_seen(ctx, self.0.goal_id).await
    }

    /// Who is reminded.
    async fn patient(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.patient_id).await
    }

    /// What it is about.
    async fn reminder_type(&self) -> Option<ReminderType> {
        self.0.kind().map(ReminderType::from)
    }

    /// The time of day, in the patient's time zone; never sent without one.
    async fn scheduled_time(&self) -> Option<LocalTime> {
        self.0.scheduled_time.map(LocalTime::from)
    }

    /// Days of the week, 0 = Sunday to 6 = Saturday; null or empty means every day.
    async fn scheduled_days(&self) -> Option<&[i32]> {
        self.0.scheduled_days.as_ref().map(entity::Weekdays::days)
    }

    /// The text to send.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Whether it is sent at all.
    async fn is_active(&self) -> bool {
        self.0.is_active()
    }

    /// When it was last sent.
    async fn last_sent_at(&self) -> Option<DateTime> {
        self.0.last_sent_at.map(DateTime::from)
    }

    /// When it was set up.
    async fn created_at(&self) -> DateTime {
        self.0.created_at().into()
    }
}

fn oldest_first() -> Ordering<reminder::Entity> {
    let keys = [reminder::Column::CreatedAt, reminder::Column::Id].map(Key::ascending);
    Ordering { name: "oldest", keys: keys.to_vec() }
}

/// A goal's reminders, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemindersOfGoal;

impl List for RemindersOfGoal {
    type Row = reminder::Entity;
    const NAME: &'static str = "goal.reminders";

    fn ordering(&self) -> Ordering<reminder::Entity> {
        oldest_first()
    }
}

impl ChildList for RemindersOfGoal {
    fn family(&self, viewer: &Viewer, goals: &[Uuid]) -> Family<reminder::Entity> {
        viewer.under::<goal::Entity, reminder::Entity>(goals, self.link())
    }

    fn link(&self) -> reminder::Column {
        reminder::Column::GoalId
    }
}

/// A patient's reminders, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemindersOfPerson;

impl List for RemindersOfPerson {
    type Row = reminder::Entity;
    const NAME: &'static str = "person.reminders";

    fn ordering(&self) -> Ordering<reminder::Entity> {
        oldest_first()
    }
}

impl ChildList for RemindersOfPerson {
    fn family(&self, viewer: &Viewer, people: &[Uuid]) -> Family<reminder::Entity> {
        viewer.under::<person::Entity, reminder::Entity>(people, self.link())
    }

    fn link(&self) -> reminder::Column {
        reminder::Column::PatientId
    }
}
