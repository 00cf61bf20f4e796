use async_graphql::Result;
use chrono::NaiveDate;
use entity::{goal, progress};
use sea_orm::{ColumnTrait, Condition};

use super::goal::Goal;
use super::list::{ChildList, List};
use super::object::{Id, object};
use super::person::Person;
use super::row::row_object;
use super::session::TherapySession;
use super::tracking::TrackingConfig;
use crate::access::{SeenId, Viewer};
use crate::history::order::newest_entry;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::{Date, DateTime, Decimal, LocalTime};
use crate::wire::word::EntryContext;

row_object!(ProgressEntry, progress);

object! {
    /// One recorded data point of a goal.
    ProgressEntry |entry in entries, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(entry.id);
        /// The goal it was recorded for.
        link goal: Goal = entry.goal_id;
        /// The configuration in force when it was recorded; null when that is not known.
        link tracking_config: Option<TrackingConfig> = entry.tracking_config_id;
        /// The patient's local day it is about.
        leaf entry_date: Date = entry.entry_date.into();
        /// The patient's local time of day, when it is known.
        leaf entry_time: Option<LocalTime> = entry.entry_time.map(LocalTime::from);
        /// The value, in the unit of the tracking.
        leaf value: Decimal = entry.value.into();
        /// What the value was called, such as "a little better".
        leaf value_label: Option<&str> = entry.value_label.as_deref();
        /// Free notes.
        leaf notes: Option<&str> = entry.notes.as_deref();
        /// How it was recorded. `ASSESSMENT` is a score; one made by `recordAssessment` is corrected there.
        leaf context: Option<EntryContext> = entry.context().map(EntryContext::from);
        /// The session in which it was recorded; null when there was none, or it is not the viewer's to see.
        link session: Option<TherapySession> = entry.session_id;
        /// Who recorded it; null when that is not known, or it is nobody the viewer works with.
        link recorded_by: Option<Person> = entry.recorded_by;
        /// When it was recorded, which may be days after `entryDate`.
        leaf recorded_at: DateTime = entry.recorded_at().into();
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
    type Parent = SeenId<goal::Entity>;

    fn family(&self, viewer: &Viewer, goals: &[SeenId<goal::Entity>]) -> Family<progress::Entity> {
        let context = self.context.map(progress::Context::from);
        let mut family = viewer.under_seen_goals::<progress::Entity>(goals);
        family.children.cond_where(
            Condition::all()
                .add_option(self.from.map(|from| progress::Column::EntryDate.gte(from)))
                .add_option(self.to.map(|to| progress::Column::EntryDate.lte(to)))
                .add_option(context.map(|context| progress::Column::Context.eq(context.as_str()))),
        );
        family
    }

    fn link(&self) -> progress::Column {
        progress::Column::GoalId
    }
}
