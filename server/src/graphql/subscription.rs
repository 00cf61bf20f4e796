//! News. Each field of `Subscription` is resolved once to learn what is asked for, and then once for
//! each event, which it reads and checks through the eyes of whoever subscribed.

use std::sync::Arc;

use async_graphql::futures_util::stream::{self, Stream};
use async_graphql::{Context, ID, Result};
use uuid::Uuid;

use super::engine::Probe;
use super::event::{
    AssessmentRecorded, Event, GoalChanged, MilestoneAchieved, ProgressRecorded, ReminderDue,
};
use super::goal::Goal;
use super::person::Person;
use super::row::find;
use crate::feed::{Delivery, Filter};
use crate::wire::bad_input;
use crate::wire::scalar::read_id;

/// What a subscription asks for.
#[derive(Default)]
struct Asked {
    goal: Option<ID>,
    patient: Option<ID>,
    after: Option<String>,
}

/// For an event, the event as this viewer sees it; when the subscription is opened, nothing but a note
/// of what is asked for.
async fn follow<E: Event>(ctx: &Context<'_>, asked: Asked) -> Result<impl Stream<Item = E> + use<E>> {
    if let Some(delivery) = ctx.data_opt::<Arc<Delivery>>() {
        return Ok(stream::iter(E::read(ctx, delivery).await?));
    }
    let read = |name, id: Option<ID>| id.map(|id| read_id(name, &id)).transpose();
    let (goal, patient) = (read("goalId", asked.goal)?, read("patientId", asked.patient)?);
    if asked.after.is_none() {
        check_visible(ctx, goal, patient).await?;
    }
    ctx.data_unchecked::<Probe>().record(Filter { topic: E::TOPIC, goal, patient }, asked.after);
    Ok(stream::iter(None))
}

/// A goal or patient that does not exist and one that may not be seen get the same answer. With a
/// cursor there is no check: that the goal was deleted may be the very news that was missed.
async fn check_visible(ctx: &Context<'_>, goal: Option<Uuid>, patient: Option<Uuid>) -> Result<()> {
    if let Some(goal) = goal {
        find::<Goal>(ctx, goal).await?.ok_or_else(|| bad_input("There is no such goal."))?;
    }
    if let Some(patient) = patient {
        find::<Person>(ctx, patient).await?.ok_or_else(|| bad_input("There is no such patient."))?;
    }
    Ok(())
}

pub struct Subscription;

/// What can be heard, over a `WebSocket` (graphql-transport-ws) or as server-sent events.
///
/// Nothing is missed and nothing comes twice, also across a broken connection: every event has a
/// `cursor`, and `after` replays what came behind it and then goes on live. The order is the same on
/// every server. An event shows things as they stand when it is delivered; it is left out when they
/// are gone by then, or no longer the viewer's to see.
///
/// `CURSOR_EXPIRED` means that events behind the cursor are no longer kept (a week unless set
/// otherwise): read afresh, then subscribe without it.
#[async_graphql::Subscription]
impl Subscription {
    /// Milestones that are achieved, each once.
    async fn milestone_achieved(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this goal.")] goal_id: Option<ID>,
        #[graphql(desc = "Only of this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Go on behind this event's cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = MilestoneAchieved>> {
        follow(ctx, Asked { goal: goal_id, patient: patient_id, after }).await
    }

    /// Entries that are recorded, one event each; an import has one for each of its rows.
    async fn progress_recorded(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this goal.")] goal_id: Option<ID>,
        #[graphql(desc = "Only of this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Go on behind this event's cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = ProgressRecorded>> {
        follow(ctx, Asked { goal: goal_id, patient: patient_id, after }).await
    }

    /// Goals that are set, changed or deleted.
    async fn goal_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this goal.")] goal_id: Option<ID>,
        #[graphql(desc = "Only of this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Go on behind this event's cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = GoalChanged>> {
        follow(ctx, Asked { goal: goal_id, patient: patient_id, after }).await
    }

    /// Assessments that are recorded.
    async fn assessment_recorded(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Go on behind this event's cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = AssessmentRecorded>> {
        follow(ctx, Asked { goal: None, patient: patient_id, after }).await
    }

    /// Reminders, when they are due.
    async fn reminder_due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Go on behind this event's cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = ReminderDue>> {
        follow(ctx, Asked { goal: None, patient: patient_id, after }).await
    }
}
