use async_graphql::{Context, Object, Result};
use chrono::TimeDelta;
use entity::reminder_delivery::Outcome;
use entity::{reminder, reminder_delivery};

use super::context::Asking;
use super::list::{ChildList, List};
use super::object::object;
use super::row::row_object;
use crate::access::{SeenId, Viewer};
use crate::history::Tally;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::bad_input;
use crate::wire::scalar::DateTime;
use crate::wire::word::{DeliveryOutcome, ReminderChannel, SkipReason};

row_object!(ReminderDelivery, reminder_delivery);

object! {
    /// What became of one moment at which a reminder was due.
    ReminderDelivery |delivery in deliveries, ctx| {
        /// The moment at which it was due.
        leaf due_at: DateTime = delivery.due_at.into();
        /// When it was sent, or it was decided that it is not.
        leaf decided_at: DateTime = delivery.decided_at.into();
        /// What became of it; null for a word of a newer server.
        leaf outcome: Option<DeliveryOutcome> = delivery.outcome().map(DeliveryOutcome::from);
        /// Why it was not sent; null when it was.
        leaf reason: Option<SkipReason> = delivery.reason().map(SkipReason::from);
        /// How it was sent; null when it was not.
        leaf channel: Option<ReminderChannel> =
            (delivery.outcome() == Some(Outcome::Sent)).then_some(ReminderChannel::Event);
    }
}

/// What became of a reminder, the last moment first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveriesOfReminder;

impl List for DeliveriesOfReminder {
    type Row = reminder_delivery::Entity;
    const NAME: &'static str = "reminder.deliveries";

    fn ordering(&self) -> Ordering<reminder_delivery::Entity> {
        let keys = [reminder_delivery::Column::DueAt, reminder_delivery::Column::Id].map(Key::descending);
        Ordering { name: "newest", keys: keys.to_vec() }
    }
}

impl ChildList for DeliveriesOfReminder {
    type Parent = SeenId<reminder::Entity>;

    fn family(
        &self,
        viewer: &Viewer,
        reminders: &[SeenId<reminder::Entity>],
    ) -> Family<reminder_delivery::Entity> {
        viewer.under_seen(reminders, self.link())
    }

    fn link(&self) -> reminder_delivery::Column {
        reminder_delivery::Column::ReminderId
    }
}

/// What became of reminders, in numbers.
#[derive(Clone)]
pub struct ReminderCounts(Tally);

object! {
    /// What became of reminders, in numbers.
    ReminderCounts |counts in all, ctx| {
        /// How many were sent.
        leaf sent: i64 = counts.0.sent;
        /// How many of those were sent more than a minute after they were due.
        leaf late: i64 = counts.0.late;
        /// How many were not sent, because it was too late, one was sent on that day, or the patient had
        /// recorded already.
        leaf skipped: i64 = counts.0.skipped;
        /// How many were tried in time, and could not be sent until it was too late.
        leaf failed: i64 = counts.0.failed;
    }
}

#[derive(Default)]
pub struct DeliveryQuery;

#[Object]
impl DeliveryQuery {
    /// What became of the reminders that the viewer may see, all of them for an admin: in the last 24 hours,
    /// unless said otherwise.
    async fn reminder_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was decided at this moment and later.")] since: Option<DateTime>,
        #[graphql(desc = "What was decided before this moment; until now unless said.")] until: Option<
            DateTime,
        >,
    ) -> Result<ReminderCounts> {
        let until =
            read_moment("until", until)?.unwrap_or_else(|| ctx.clock().stamp() + TimeDelta::microseconds(1));
        let since = read_moment("since", since)?.unwrap_or(until - TimeDelta::hours(24));
        Ok(ReminderCounts(Tally::of(ctx.viewer(), since, until).await?))
    }
}

pub fn read_moment(name: &str, sent: Option<DateTime>) -> Result<Option<chrono::NaiveDateTime>> {
    let wrong = || bad_input(format!("`{name}` is not a moment like 2026-03-01T08:30:00Z."));
    sent.map(|sent| sent.parse().ok_or_else(wrong)).transpose()
}
