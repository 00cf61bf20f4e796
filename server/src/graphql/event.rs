//! News as objects of the API: each event as it is read for whoever subscribed.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, Result};
use chrono::NaiveDateTime;
use sea_orm::DbErr;
use uuid::Uuid;

use super::assessment::AssessmentScore;
use super::context::Asking;
use super::goal::Goal;
use super::loader::Batch;
use super::milestone::Milestone;
use super::object::{Id, enum_outputs, object};
use super::person::Person;
use super::progress::ProgressEntry;
use super::reminder::Reminder;
use super::row::{find, find_seen};
use crate::access::Viewer;
use crate::event::{Kind, Topic};
use crate::feed::Delivery;
use crate::wire::scalar::{Date, DateTime};

/// A milestone was achieved.
#[derive(Clone)]
pub struct MilestoneAchieved {
    delivery: Arc<Delivery>,
    milestone: Milestone,
}

object! {
    /// A milestone was achieved: by an entry, by the end of a period, or by hand.
    MilestoneAchieved |event in events, ctx| {
        /// Where to go on after a broken connection: pass it as `after`.
        leaf cursor: String = event.delivery.position.cursor(Topic::MilestoneAchieved);
        /// What was achieved.
        object milestone: Milestone = event.milestone.clone();
        /// The goal it belongs to.
        link goal: Goal = event.milestone.goal_id;
        /// The entry that achieved it; null when the end of a period did (a total to decrease or to maintain, no
        /// lapse), when it was achieved by hand, or when the entry has been deleted since.
        link entry: Option<ProgressEntry> = event.delivery.event.entry_id;
        /// When it was seen to be achieved.
        leaf achieved_at: DateTime = event.delivery.event.created_at.into();
        /// The day it counts for, by the data and not by when they were written: the first day as of which it
        /// was reached, or the last day of the period whose end did it; of a STREAK the last day of the period
        /// with which it became long enough, which may be to come while a week runs.
        leaf effective_date: Date = event.effective().into();
        /// Whether that day lies before the one, in the patient's time zone, on which it was seen.
        each backdated: bool = event.backdated(ctx).await?;
    }
}

impl MilestoneAchieved {
    fn effective(&self) -> chrono::NaiveDate {
        self.delivery.event.effective_date.unwrap_or_else(|| self.delivery.event.created_at.date())
    }

    async fn backdated(&self, ctx: &Context<'_>) -> Result<bool> {
        let patient: Person = find_seen(ctx, self.delivery.event.patient_id).await?;
        let zone: chrono_tz::Tz = patient.time_zone.parse().unwrap_or_default();
        let seen = self.delivery.event.created_at.and_utc().with_timezone(&zone).date_naive();
        Ok(self.effective() < seen)
    }
}

/// An entry was recorded.
#[derive(Clone)]
pub struct ProgressRecorded {
    cursor: String,
    entry: ProgressEntry,
    goal: Goal,
}

object! {
    /// An entry was recorded.
    ProgressRecorded |event in events, ctx| {
        /// Where to go on after a broken connection: pass it as `after`.
        leaf cursor: &str = &event.cursor;
        /// What was recorded, as it stands now.
        object entry: ProgressEntry = event.entry.clone();
        /// The goal it was recorded for.
        object goal: Goal = event.goal.clone();
    }
}

/// What happened to a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum GoalChangeKind {
    /// It was set.
    Created,
    /// Something about it was changed.
    Updated,
    /// It went from one status to another.
    StatusChanged,
    /// It was handed to another therapist, who owns it now.
    Transferred,
    /// It was deleted with all that hung on it.
    Deleted,
}

enum_outputs!(GoalChangeKind);

/// A goal was set, changed or deleted.
#[derive(Clone)]
pub struct GoalChanged {
    cursor: String,
    kind: GoalChangeKind,
    goal_id: Uuid,
    goal: Option<Goal>,
}

object! {
    /// A goal was set, changed, handed over or deleted.
    GoalChanged |event in events, ctx| {
        /// Where to go on after a broken connection: pass it as `after`.
        leaf cursor: &str = &event.cursor;
        /// What happened.
        leaf kind: GoalChangeKind = event.kind;
        /// Which goal it happened to.
        leaf goal_id: Id = Id(event.goal_id);
        /// The goal as it stands now; null when it was deleted.
        object goal: Option<Goal> = event.goal.clone();
    }
}

/// An assessment was recorded.
#[derive(Clone)]
pub struct AssessmentRecorded {
    cursor: String,
    assessment: AssessmentScore,
}

object! {
    /// An assessment was recorded.
    AssessmentRecorded |event in events, ctx| {
        /// Where to go on after a broken connection: pass it as `after`.
        leaf cursor: &str = &event.cursor;
        /// The score.
        object assessment: AssessmentScore = event.assessment.clone();
    }
}

/// A reminder is due.
#[derive(Clone)]
pub struct ReminderDue {
    cursor: String,
    reminder: Reminder,
    due_at: NaiveDateTime,
}

object! {
    /// A reminder is due.
    ReminderDue |event in events, ctx| {
        /// Where to go on after a broken connection: pass it as `after`.
        leaf cursor: &str = &event.cursor;
        /// What to remind of.
        object reminder: Reminder = event.reminder.clone();
        /// When it was due.
        leaf due_at: DateTime = event.due_at.into();
    }
}

/// An event as an object of the API.
pub trait Event: Sized {
    const TOPIC: Topic;

    /// `None` when the viewer may not see it, or when what it is about is gone.
    fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>)
    -> impl Future<Output = Result<Option<Self>>> + Send;
}

impl Event for MilestoneAchieved {
    const TOPIC: Topic = Topic::MilestoneAchieved;

    async fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>) -> Result<Option<Self>> {
        let milestone = find(ctx, delivery.event.subject_id).await?;
        Ok(milestone.map(|milestone| Self { delivery: delivery.clone(), milestone }))
    }
}

impl Event for ProgressRecorded {
    const TOPIC: Topic = Topic::ProgressRecorded;

    async fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>) -> Result<Option<Self>> {
        let cursor = delivery.position.cursor(Self::TOPIC);
        let Some(entry) = find::<ProgressEntry>(ctx, delivery.event.subject_id).await? else {
            return Ok(None);
        };
        let goal = find(ctx, entry.goal_id).await?;
        Ok(goal.map(|goal| Self { cursor, entry, goal }))
    }
}

impl Event for GoalChanged {
    const TOPIC: Topic = Topic::GoalChanged;

    async fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>) -> Result<Option<Self>> {
        let kind = match delivery.kind {
            Kind::GoalCreated => GoalChangeKind::Created,
            Kind::GoalStatusChanged => GoalChangeKind::StatusChanged,
            Kind::GoalDeleted => GoalChangeKind::Deleted,
            Kind::GoalTransferred => GoalChangeKind::Transferred,
            _ => GoalChangeKind::Updated,
        };
        let goal =
            if kind == GoalChangeKind::Deleted { None } else { find(ctx, delivery.event.subject_id).await? };
        let seen = match kind {
            GoalChangeKind::Deleted => ctx.load(Gone::of(delivery)).await?.is_some(),
            _ => goal.is_some(),
        };
        let (cursor, goal_id) = (delivery.position.cursor(Self::TOPIC), delivery.event.subject_id);
        Ok(seen.then_some(Self { cursor, kind, goal_id, goal }))
    }
}

impl Event for AssessmentRecorded {
    const TOPIC: Topic = Topic::AssessmentRecorded;

    async fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>) -> Result<Option<Self>> {
        let assessment = find(ctx, delivery.event.subject_id).await?;
        let cursor = delivery.position.cursor(Self::TOPIC);
        Ok(assessment.map(|assessment| Self { cursor, assessment }))
    }
}

impl Event for ReminderDue {
    const TOPIC: Topic = Topic::ReminderDue;

    async fn read(ctx: &Context<'_>, delivery: &Arc<Delivery>) -> Result<Option<Self>> {
        let reminder = find(ctx, delivery.event.subject_id).await?;
        let due_at = delivery.event.due_at.unwrap_or(delivery.event.created_at);
        let cursor = delivery.position.cursor(Self::TOPIC);
        Ok(reminder.map(|reminder| Self { cursor, reminder, due_at }))
    }
}

/// A goal that is gone, by those who could see it: its row can't say any more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Gone {
    patient: Uuid,
    owner: Option<Uuid>,
}

impl Gone {
    fn of(delivery: &Delivery) -> Self {
        Self { patient: delivery.event.patient_id, owner: delivery.event.therapist_id }
    }
}

impl Batch for Gone {
    type Value = ();

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, ()>, DbErr> {
        let mut seen = HashMap::new();
        for gone in keys {
            if viewer.could_see(&viewer.store, gone.patient, gone.owner).await? {
                seen.insert(gone.clone(), ());
            }
        }
        Ok(seen)
    }
}
