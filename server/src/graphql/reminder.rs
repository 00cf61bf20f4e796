use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::{goal, person, reminder};
use uuid::Uuid;

use super::context::Asking;
use super::goal::Goal;
use super::page::{ChildList, List, first_under};
use super::person::Person;
use super::row::{find_seen, row_object};
use super::tracking::{ConfigurationsOfGoal, TrackingConfig};
use crate::access::Viewer;
use crate::rules::reminder::{Schedule, next_due};
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

    /// When it is next due, worked out on the patient's own clock: a time that a clock change skips moves
    /// forward by the gap, one that comes twice is taken the first time. Null when it is not sent at all:
    /// inactive, without a time, turned off by the configuration in force, or the goal is not being worked
    /// on.
    async fn next_due_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let goal = find_seen::<Goal>(ctx, self.0.goal_id);
        let patient = find_seen::<Person>(ctx, self.0.patient_id);
        let tracking = first_under::<TrackingConfig, _>(ctx, self.0.goal_id, ConfigurationsOfGoal);
        let (goal, patient, tracking) = futures_util::try_join!(goal, patient, tracking)?;
        let schedule = Schedule {
            zone: patient.0.time_zone.parse().unwrap_or_default(),
            time: self.0.scheduled_time,
            days: self.0.scheduled_days.as_ref().map(entity::Weekdays::days).unwrap_or_default(),
            is_active: self.0.is_active(),
            enabled: tracking.is_none_or(|tracking| tracking.0.reminder_enabled()),
            goal_status: goal.0.status(),
        };
        Ok(next_due(&schedule, ctx.clock().now()).map(|due| due.naive_utc().into()))
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
