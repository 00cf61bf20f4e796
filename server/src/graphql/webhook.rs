use async_graphql::{Context, Object, Result};
use chrono::TimeDelta;
use entity::{webhook, webhook_delivery};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, QueryTrait};

use super::connection::Connection;
use super::context::Asking;
use super::delivery::read_moment;
use super::list::{ChildList, List, TopList, Window};
use super::object::{Id, object};
use super::page::{page, page_under};
use super::row::row_object;
use crate::access::{SeenId, Viewer};
use crate::history::WebhookTally;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::DateTime;
use crate::wire::word::{EventKind, WebhookDeliveryState, WebhookProblem};

row_object!(Webhook, webhook);
row_object!(WebhookDelivery, webhook_delivery);

object! {
    /// Where events are sent to, by POST of JSON: `{"type", "timestamp", "data": {"patientId", "therapistId",
    /// "goalId", "subjectId", "entryId"}}`, for a due reminder also `dueAt`, and `message` where it was set up so. A
    /// message carries no name, text, diagnosis or score besides. It is signed as Standard Webhooks has it, by
    /// the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. It may come more than once, with the
    /// same `webhook-id`, and not in the order of what happened. For admins.
    Webhook |webhook in webhooks, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(webhook.id);
        /// Where to.
        leaf url: &str = &webhook.url;
        /// The kinds of events that are sent.
        object kinds: Vec<EventKind> = webhook.kinds().into_iter().map(EventKind::from).collect();
        /// Whether a due reminder is sent with its text.
        leaf include_message: bool = webhook.include_message;
        /// Whether anything is sent. What happens while it is off is never sent.
        leaf is_active: bool = webhook.is_active;
        /// When the secret was made that signs.
        leaf secret_set_at: DateTime = webhook.secret_set_at.into();
        /// Until when the secret before it signs too; null when there was none.
        leaf former_secret_until: Option<DateTime> = webhook.former_until.map(DateTime::from);
        /// When it was found that events had been forgotten before they could be sent, because no server had run for
        /// as long as events are kept; null when that never was.
        leaf missed_events_at: Option<DateTime> = webhook.missed_events_at.map(DateTime::from);
        /// What became of the events that it was to be sent, the last one first; kept for a time that the server's
        /// settings say, 90 days unless set otherwise.
        all deliveries(
            /// Only those that have come so far.
            state: Option<WebhookDeliveryState>,
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only those behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only those before this cursor.
            before: Option<String>,
        ): Connection<WebhookDelivery> = {
            let window = Window::new(first, after, last, before)?;
            let list = DeliveriesOfWebhook { state: state.map(webhook_delivery::State::from) };
            page_under(ctx, webhooks, |_| list.clone(), window).await?
        };
        /// When it was registered.
        leaf created_at: DateTime = webhook.created_at.into();
        /// When it was last changed.
        leaf updated_at: DateTime = webhook.updated_at.into();
    }
}

object! {
    /// One event on its way to one webhook. A failed try is repeated after a random part of a wait that doubles
    /// from 10 seconds up to 4 hours, until 24 hours are over.
    WebhookDelivery |delivery in deliveries, ctx| {
        /// The row's UUID, sent as `webhook-id`.
        leaf id: Id = Id(delivery.id);
        /// What happened; null for a word of a newer server.
        leaf kind: Option<EventKind> = delivery.kind().map(EventKind::from);
        /// When it happened.
        leaf happened_at: DateTime = delivery.happened_at.into();
        /// The patient's id.
        leaf patient_id: Id = Id(delivery.patient_id);
        /// The id of the goal it happened to, if any.
        leaf goal_id: Option<Id> = delivery.goal_id.map(Id);
        /// The id of the row it is about: a goal, entry, milestone, assessment or reminder.
        leaf subject_id: Id = Id(delivery.subject_id);
        /// How far it has come; null for a word of a newer server.
        leaf state: Option<WebhookDeliveryState> = delivery.state().map(WebhookDeliveryState::from);
        /// How often it was tried since it was put in line, or in line again.
        leaf attempts: i32 = delivery.attempts;
        /// When it is tried next, or taken up again if the server that is at it dies; null when it is settled.
        leaf next_attempt_at: Option<DateTime> = delivery.next_attempt_at.map(DateTime::from);
        /// When it was last tried.
        leaf last_attempt_at: Option<DateTime> = delivery.last_attempt_at.map(DateTime::from);
        /// The HTTP status of the last answer; null when there was none.
        leaf last_status: Option<i32> = delivery.last_status;
        /// Why the last try failed; null when it did not.
        leaf last_problem: Option<WebhookProblem> = delivery.last_problem().map(WebhookProblem::from);
        /// When it was delivered or given up; null while it is pending.
        leaf settled_at: Option<DateTime> = delivery.settled_at.map(DateTime::from);
    }
}

/// All webhooks, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Webhooks;

impl List for Webhooks {
    type Row = webhook::Entity;
    const NAME: &'static str = "webhooks";

    fn ordering(&self) -> Ordering<webhook::Entity> {
        let keys = [webhook::Column::CreatedAt, webhook::Column::Id].map(Key::ascending);
        Ordering { name: "oldest", keys: keys.to_vec() }
    }
}

impl TopList for Webhooks {
    fn rows(&self, viewer: &Viewer) -> SelectStatement {
        viewer.all::<webhook::Entity>().into_query()
    }
}

/// What became of events at a webhook, the last one first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DeliveriesOfWebhook {
    state: Option<webhook_delivery::State>,
}

impl List for DeliveriesOfWebhook {
    type Row = webhook_delivery::Entity;
    const NAME: &'static str = "webhook.deliveries";

    fn ordering(&self) -> Ordering<webhook_delivery::Entity> {
        let keys = [webhook_delivery::Column::CreatedAt, webhook_delivery::Column::Id].map(Key::descending);
        Ordering { name: "newest", keys: keys.to_vec() }
    }
}

impl ChildList for DeliveriesOfWebhook {
    type Parent = SeenId<webhook::Entity>;

    fn family(
        &self,
        viewer: &Viewer,
        webhooks: &[SeenId<webhook::Entity>],
    ) -> Family<webhook_delivery::Entity> {
        let mut family = viewer.under_seen::<_, webhook_delivery::Entity>(webhooks, self.link());
        if let Some(state) = self.state {
            family.children.and_where(webhook_delivery::Column::State.eq(state.as_str()));
        }
        family
    }

    fn link(&self) -> webhook_delivery::Column {
        webhook_delivery::Column::WebhookId
    }
}

/// What became of deliveries to webhooks, in numbers.
#[derive(Clone)]
pub struct WebhookCounts(WebhookTally);

object! {
    /// What became of deliveries to webhooks, in numbers.
    WebhookCounts |counts in all, ctx| {
        /// How many were delivered in this time.
        leaf delivered: i64 = counts.0.delivered;
        /// How many were given up in this time, after 24 hours of tries.
        leaf dead: i64 = counts.0.dead;
        /// How many are neither yet, whatever the time asked for.
        leaf pending: i64 = counts.0.pending;
    }
}

#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// All webhooks, oldest first. For admins; none for anybody else.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to this many from the start: 0 to 100, 20 unless said.")] first: Option<i32>,
        #[graphql(desc = "Only webhooks behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Up to this many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only webhooks before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Webhook>> {
        page(ctx, Webhooks, Window::new(first, after, last, before)?).await
    }

    /// What became of deliveries to webhooks: in the last 24 hours, unless said otherwise. For admins; nought for
    /// anybody else.
    async fn webhook_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was settled at this moment and later.")] since: Option<DateTime>,
        #[graphql(desc = "What was settled before this moment; until now unless said.")] until: Option<
            DateTime,
        >,
    ) -> Result<WebhookCounts> {
        let until = read_moment("until", until)?;
        let until = until.unwrap_or_else(|| ctx.clock().stamp() + TimeDelta::microseconds(1));
        let since = read_moment("since", since)?.unwrap_or(until - TimeDelta::hours(24));
        Ok(WebhookCounts(WebhookTally::of(ctx.viewer(), since, until).await?))
    }
}
