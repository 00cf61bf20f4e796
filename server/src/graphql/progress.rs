use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::NaiveDate;
use entity::progress;
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::goal::Goal;
use super::page::{ChildList, List};
use super::person::Person;
use super::row::{find_maybe, find_seen, row_object};
use super::session::TherapySession;
use super::tracking::TrackingConfig;
use crate::access::Viewer;
use crate::history::order::newest_entry;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::{Date, DateTime, Decimal, LocalTime};
use crate::wire::word::EntryContext;

/// One recorded data point of a goal.
#[derive(Clone)]
pub struct ProgressEntry(pub Arc<progress::Model>);

row_object!(ProgressEntry, progress);

/// One recorded data point of a goal.
#[Object]
impl ProgressEntry {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The goal it was recorded for.
    async fn goal(&self, ctx: &Context<'_>) -> Result<Goal> {
        find_seen(ctx, self.0.goal_id).await
    }

    /// The configuration in force when it was recorded; null when that is not known.
    async fn tracking_config(&self, ctx: &Context<'_>) -> Result<Option<TrackingConfig>> {
        find_maybe(ctx, self.0.tracking_config_id).await
    }

    /// The patient's local day it is about.
    async fn entry_date(&self) -> Date {
        self.0.entry_date.into()
    }

    /// The patient's local time of day, when it is known.
    async fn entry_time(&self) -> Option<LocalTime> {
        self.0.entry_time.map(LocalTime::from)
    }

    /// The value, in the unit of the tracking.
    async fn value(&self) -> Decimal {
        self.0.value.into()
    }

    /// What the value was called, such as "a little better".
    async fn value_label(&self) -> Option<&str> {
        self.0.value_label.as_deref()
    }

    /// Free notes.
    async fn notes(&self) -> Option<&str> {
        self.0.notes.as_deref()
    }

    /// How it was recorded.
    async fn context(&self) -> Option<EntryContext> {
        self.0.context().map(EntryContext::from)
    }

    /// The session in which it was recorded; null when there was none, or it is not the viewer's to see.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<TherapySession>> {
        find_maybe(ctx, self.0.session_id).await
    }

    /// Who recorded it; null when that is not known, or it is nobody the viewer works with.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        find_maybe(ctx, self.0.recorded_by).await
    }

    /// When it was recorded, which may be days after `entryDate`.
    async fn recorded_at(&self) -> DateTime {
        self.0.recorded_at().into()
    }
}

/// A goal's entries between two days, both included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntriesOfGoal {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    context: Option<EntryContext>,
}

impl EntriesOfGoal {
    pub fn new(from: Option<Date>, to: Option<Date>, context: Option<EntryContext>) -> Result<Self> {
        let from = from.map(|day| day.read("from")).transpose()?;
        Ok(Self { from, to: to.map(|day| day.read("to")).transpose()?, context })
    }
}

impl List for EntriesOfGoal {
    type Row = progress::Entity;
    const NAME: &'static str = "goal.entries";

    fn ordering(&self) -> Ordering<progress::Entity> {
        newest_entry()
    }
}

impl ChildList for EntriesOfGoal {
    fn family(&self, viewer: &Viewer, goals: &[Uuid]) -> Family<progress::Entity> {
        let context = self.context.map(progress::Context::from);
        let mut family = viewer.under_goals::<progress::Entity>(goals);
        family.children.cond_where(
            Condition::all()
                .add_option(self.from.map(|from| progress::Column::EntryDate.gte(from)))
                .add_option(self.to.map(|to| progress::Column::EntryDate.lte(to)))
                .add_option(context.map(|context| progress::Column::Context.eq(context.word()))),
        );
        family
    }

    fn link(&self) -> progress::Column {
        progress::Column::GoalId
    }
}
