use std::collections::HashMap;
use std::ops::RangeInclusive;

use async_graphql::{Context, Result};
use chrono::{NaiveDate, NaiveDateTime};
use entity::{goal, person, reminder};
use sea_orm::DbErr;
use uuid::Uuid;

use super::connection::Connection;
use super::context::Asking;
use super::delivery::{DeliveriesOfReminder, ReminderDelivery};
use super::goal::Goal;
use super::list::{ChildList, List, Window};
use super::loader::Batch;
use super::object::{Id, Partial, object};
use super::page::{first_under, page_under};
use super::person::Person;
use super::row::{find_seen, row_object};
use super::tracking::{ConfigurationsOfGoal, TrackingConfig};
use super::unreadable::is_of_a_row;
use crate::access::{SeenId, Viewer};
use crate::history;
use crate::rules::reminder::{Schedule, days_ahead, next_due};
use crate::store::page::{Family, Key, Ordering};
use crate::store::span::Span;
use crate::wire::scalar::{DateTime, LocalTime};
use crate::wire::word::ReminderType;

row_object!(Reminder, reminder);

object! {
    /// When a patient is reminded of a goal.
    Reminder |reminder in reminders, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(reminder.id);
        /// The goal it reminds of.
        link goal: Goal = reminder.goal_id;
        /// Who is reminded.
        link patient: Person = reminder.patient_id;
        /// What it is about.
        leaf reminder_type: Option<ReminderType> = reminder.kind().map(ReminderType::from);
        /// The time of day, in the patient's time zone; never sent without one.
        leaf scheduled_time: Option<LocalTime> = reminder.scheduled_time.map(LocalTime::from);
        /// Days of the week, 0 = Sunday to 6 = Saturday; null or empty means every day.
        leaf scheduled_days: Option<&[i32]> = reminder.scheduled_days.as_ref().map(entity::Weekdays::days);
        /// The text to send.
        leaf message: Option<&str> = reminder.message.as_deref();
        /// Whether it is sent at all.
        leaf is_active: bool = reminder.is_active();
        /// When it was last sent.
        leaf last_sent_at: Option<DateTime> = reminder.last_sent_at.map(DateTime::from);
        /// When it is next due, worked out on the patient's own clock: a time that a clock change skips moves
        /// forward by the gap, one that comes twice is taken the first time. Null when it is not sent at all:
        /// inactive, without a time, turned off by the configuration in force, or the goal is not being worked
        /// on. A PROGRESS reminder is not due on a day that has an entry of the goal already.
        each next_due_at: Option<DateTime> = reminder.next_due(ctx).await?.map(DateTime::from);
        /// What became of the moments at which it was due, the last one first; kept for a time that the
        /// server's settings say, 90 days unless set otherwise.
        all deliveries(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only those behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only those before this cursor.
            before: Option<String>,
        ): Connection<ReminderDelivery> = {
            let window = Window::new(first, after, last, before)?;
            page_under(ctx, reminders, |_| DeliveriesOfReminder, window).await?
        };
        /// When it was set up.
        leaf created_at: DateTime = reminder.created_at().into();
    }
}

impl Reminder {
    async fn next_due(&self, ctx: &Context<'_>) -> Result<Option<NaiveDateTime>> {
        let goal = find_seen::<Goal>(ctx, self.goal_id);
        let patient = find_seen::<Person>(ctx, self.patient_id);
        let (goal, patient) = futures_util::try_join!(goal, patient)?;
        let tracking = first_under::<_, TrackingConfig, _>(ctx, &[&goal], ConfigurationsOfGoal).await?.pop();
        let tracking = tracking.transpose()?.flatten();
        let (zone, now) = (patient.time_zone.parse().unwrap_or_default(), ctx.clock().now());
        let recorded = match self.kind() {
            Some(reminder::Kind::Progress) => {
                ctx.load(RecordedIn(self.goal_id, days_ahead(zone, now))).await?.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let schedule = Schedule {
            zone,
            time: self.scheduled_time,
            days: self.scheduled_days.as_ref().map(entity::Weekdays::days).unwrap_or_default(),
            is_active: self.is_active(),
            enabled: tracking.is_none_or(|tracking| tracking.reminder_enabled()),
            goal_status: goal.status(),
            done: &recorded,
        };
        Ok(next_due(&schedule, now).map(|due| due.naive_utc()))
    }
}

/// The days of a range on which something was recorded for a goal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct RecordedIn(Uuid, RangeInclusive<NaiveDate>);

impl Batch for RecordedIn {
    type Value = Vec<NaiveDate>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let spans = keys.iter().map(|RecordedIn(goal, days)| Span::new(*goal, *days.start(), *days.end()));
        let days = history::recorded_days(&viewer.store, viewer, &spans.collect::<Vec<_>>()).await?;
        Ok(keys.iter().cloned().zip(days).collect())
    }
}

/// A reminder and when it is due next.
#[derive(Clone)]
pub struct UpcomingReminder {
    due_at: NaiveDateTime,
    reminder: Reminder,
}

object! {
    /// A reminder that is due at a time to come.
    UpcomingReminder |upcoming in all, ctx| {
        /// When it is due.
        leaf due_at: DateTime = upcoming.due_at.into();
        /// The reminder.
        object reminder: Reminder = upcoming.reminder.clone();
    }
}

/// The next moment of each reminder that is due at all, the nearest first. One whose goal or configuration can't be
/// read is left out.
pub async fn upcoming(
    ctx: &Context<'_>,
    reminders: Partial<Reminder>,
    most: u64,
) -> Result<Partial<UpcomingReminder>> {
    let Partial { items, mut left_out } = reminders;
    let next = async |reminder: Reminder| {
        let due = reminder.next_due(ctx).await?;
        Ok::<_, async_graphql::Error>(due.map(|due_at| UpcomingReminder { due_at, reminder }))
    };
    let mut upcoming = Vec::new();
    for next in futures_util::future::join_all(items.into_iter().map(next)).await {
        match next {
            Ok(next) => upcoming.extend(next),
            Err(error) if is_of_a_row(&error) => left_out = Some(error),
            Err(error) => return Err(error),
        }
    }
    upcoming.sort_by_key(|upcoming| (upcoming.due_at, upcoming.reminder.id));
    upcoming.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(Partial { items: upcoming, left_out })
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
    type Parent = SeenId<goal::Entity>;

    fn family(&self, viewer: &Viewer, goals: &[SeenId<goal::Entity>]) -> Family<reminder::Entity> {
        viewer.under_seen(goals, self.link())
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
    type Parent = SeenId<person::Entity>;

    fn family(&self, viewer: &Viewer, people: &[SeenId<person::Entity>]) -> Family<reminder::Entity> {
        viewer.under_seen(people, self.link())
    }

    fn link(&self) -> reminder::Column {
        reminder::Column::PatientId
    }
}
