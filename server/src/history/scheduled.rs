//! Reminders with all that decides when they are sent, for any number of them at once. No viewer asks for
//! them: the server works on them by itself.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use entity::tracking::{Frequency, Method};
use entity::{FromPlaces, goal, person, reminder, tracking};
use sea_orm::{ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::order::newest_configuration;
use crate::access::{Visible, worked_on};
use crate::rules::calendar::Calendar;
use crate::rules::period::Period;
use crate::rules::reminder::Schedule;
use crate::store::{Store, dialect, rows};

/// A reminder, its goal, and where its patient lives.
#[derive(Clone, Debug)]
pub struct Scheduled {
    pub reminder: reminder::Model,
    pub goal: Arc<goal::Model>,
    /// The configuration in force.
    pub tracking: Option<Arc<tracking::Model>>,
    pub calendar: Calendar,
}

impl Scheduled {
    pub async fn by_ids(store: &Store, db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Self>, DbErr> {
        Self::of(store, db, reminder::Column::Id, ids).await
    }

    /// The reminders of some goals.
    pub async fn of_goals(
        store: &Store,
        db: &impl ConnectionTrait,
        goals: &[Uuid],
    ) -> Result<Vec<Self>, DbErr> {
        Self::of(store, db, reminder::Column::GoalId, goals).await
    }

    /// A reminder that names another patient than its goal does is left out: it is shown to nobody.
    async fn of(
        store: &Store,
        db: &impl ConnectionTrait,
        column: reminder::Column,
        ids: &[Uuid],
    ) -> Result<Vec<Self>, DbErr> {
        let reminders = rows_where::<reminder::Entity>(store, db, column, ids).await?;
        let goals: Vec<_> = reminders.iter().map(|reminder| reminder.goal_id).collect();
        let patients: Vec<_> = reminders.iter().map(|reminder| reminder.patient_id).collect();
        let goals =
            by_id(rows_where::<goal::Entity>(store, db, goal::Column::Id, &goals).await?, |row| row.id);
        let tracking = in_force(store, db, goals.keys().copied()).await?;
        let calendars = calendars(store, db, &patients).await?;
        let scheduled = |reminder: reminder::Model| {
            let goal =
                goals.get(&reminder.goal_id).filter(|goal| goal.patient_id == reminder.patient_id)?.clone();
            let calendar = calendars.get(&goal.patient_id).copied().unwrap_or_default();
            Some(Self { tracking: tracking.get(&goal.id).cloned(), reminder, goal, calendar })
        };
        Ok(reminders.into_iter().filter_map(scheduled).collect())
    }

    #[must_use]
    pub fn schedule(&self) -> Schedule<'_> {
        Schedule {
            zone: self.calendar.zone,
            time: self.reminder.scheduled_time,
            days: self.reminder.scheduled_days.as_ref().map(entity::Weekdays::days).unwrap_or_default(),
            is_active: self.reminder.is_active(),
            enabled: self.tracking.as_ref().is_none_or(|tracking| tracking.reminder_enabled()),
            goal_status: self.goal.status(),
            // What is recorded moves nothing in the agenda: it is looked at when the moment has come.
            done: &[],
        }
    }

    /// The days of which one entry is enough, so that a reminder on this day has nothing to ask for: those of
    /// the period, up to the day itself. The day alone where a period takes more than one entry, as totals
    /// do, or where nobody knows when it ends, as between sessions.
    #[must_use]
    pub fn asked_days(&self, day: NaiveDate) -> RangeInclusive<NaiveDate> {
        let Some(tracking) = &self.tracking else { return day..=day };
        let total = matches!(tracking.method(), Some(Method::Frequency | Method::Duration));
        if total || tracking.frequency() == Frequency::Session {
            return day..=day;
        }
        let cut = (self.calendar.local_day(tracking.created_at()), self.calendar.week_starts);
        let period = Period::of(tracking.frequency(), tracking.custom_frequency_days, cut, &[]);
        *period.around(day).start()..=day
    }
}

/// The newest configuration of each goal that has one.
async fn in_force(
    store: &Store,
    db: &impl ConnectionTrait,
    goals: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Arc<tracking::Model>>, DbErr> {
    let goals: Vec<_> = goals.collect();
    let mut select = select_where::<tracking::Entity>(store, tracking::Column::GoalId, &goals);
    newest_configuration().sort(&mut select, false);
    let mut newest = HashMap::new();
    for row in rows::<tracking::Entity>(db, &select).await? {
        newest.entry(row.goal_id).or_insert_with(|| Arc::new(row));
    }
    Ok(newest)
}

/// How patients count days and weeks.
async fn calendars(
    store: &Store,
    db: &impl ConnectionTrait,
    patients: &[Uuid],
) -> Result<HashMap<Uuid, Calendar>, DbErr> {
    let people = rows_where::<person::Entity>(store, db, person::Column::Id, patients).await?;
    Ok(people.iter().map(|person| (person.id, Calendar::of(person))).collect())
}

async fn rows_where<E: Visible<Model: FromPlaces>>(
    store: &Store,
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: &[Uuid],
) -> Result<Vec<E::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    rows::<E>(db, &select_where::<E>(store, column, ids)).await
}

fn select_where<E: Visible>(
    store: &Store,
    column: E::Column,
    ids: &[Uuid],
) -> sea_orm::sea_query::SelectStatement {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let among = dialect::among(store.get_database_backend(), column.into_simple_expr(), &ids);
    worked_on::<E>(store).filter(among).into_query()
}

fn by_id<M>(rows: Vec<M>, id: impl Fn(&M) -> Uuid) -> HashMap<Uuid, Arc<M>> {
    rows.into_iter().map(|row| (id(&row), Arc::new(row))).collect()
}
