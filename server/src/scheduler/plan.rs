//! When the timed work of goals is due: worked out from the goals, and put into the agenda where it stands
//! otherwise there.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use entity::{goal, is_unreadable};
use sea_orm::{ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::closings;
use crate::access::worked_on;
use crate::agenda::{self, Claim, Kind};
use crate::clock::Clock;
use crate::history::Scheduled;
use crate::rules::reminder::{just_before, next_due};
use crate::store::{Store, Transaction, dialect};

/// Reckons anew what was changed through this server or another.
pub async fn reckon(store: &Store, clock: &Clock, claim: &Claim) -> Result<(), DbErr> {
    let changed: HashMap<Uuid, NaiveDateTime> =
        claim.items.iter().map(|item| (item.subject, item.due_at)).collect();
    let db = store.begin().await?;
    let mut since = HashMap::new();
    for (goal, patient) in goals(store, &db, &claim.subjects()).await? {
        let moments = [goal, patient].into_iter().filter_map(|id| changed.get(&id));
        since.extend(moments.min().map(|moment| (goal, moment.and_utc())));
    }
    let goals: Vec<_> = since.keys().copied().collect();
    let since = |scheduled: &Scheduled| {
        let changed = since[&scheduled.goal.id];
        (changed, changed.max(scheduled.reminder.created_at().and_utc()))
    };
    let mut parts = Parts::of(&goals);
    while let Some(goals) = parts.next() {
        let planned = plan_all(store, &db, goals, &since, (clock, false)).await;
        parts.planned(goals, planned)?;
    }
    agenda::finish(&db, claim, claim.items.iter().map(|item| (item.subject, None))).await?;
    db.commit().await
}

/// Goals that are planned together. One with a row that can't be read is left out, and keeps no other from being
/// planned: those of a part that fails are planned by halves.
pub struct Parts<'g>(Vec<&'g [Uuid]>);

impl<'g> Parts<'g> {
    pub fn of(goals: &'g [Uuid]) -> Self {
        Self(vec![goals])
    }

    pub fn next(&mut self) -> Option<&'g [Uuid]> {
        self.0.pop()
    }

    pub fn planned(&mut self, goals: &'g [Uuid], outcome: Result<(), DbErr>) -> Result<(), DbErr> {
        match (outcome, goals) {
            (Err(error), [goal]) if is_unreadable(&error) => {
                tracing::warn!(%goal, %error, "reminders and periods of a goal can't be planned");
            }
            (Err(error), _) if is_unreadable(&error) => {
                let (first, second) = goals.split_at(goals.len() / 2);
                self.0.extend([first, second]);
            }
            (outcome, _) => return outcome,
        }
        Ok(())
    }
}

/// Plans reminders and closings. `found`: whether the goals were found by the sweep.
pub async fn plan_all(
    store: &Store,
    db: &Transaction,
    goals: &[Uuid],
    since: impl Fn(&Scheduled) -> (DateTime<Utc>, DateTime<Utc>),
    (clock, found): (&Clock, bool),
) -> Result<(), DbErr> {
    plan(store, db, goals, since).await?;
    closings::plan(store, db, goals, clock, found).await
}

/// Plans the reminders of goals. `since` says of each after which moment it counts: one that stands in the
/// agenda, and one that is new there. What is due already and not yet sent stays due.
async fn plan(
    store: &Store,
    db: &Transaction,
    goals: &[Uuid],
    since: impl Fn(&Scheduled) -> (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), DbErr> {
    let reminders = Scheduled::of_goals(store, db, goals).await?;
    let ids: Vec<_> = reminders.iter().map(|scheduled| scheduled.reminder.id).collect();
    let planned = agenda::due(db, Kind::Reminder, &ids).await?;
    let (mut due, mut gone) = (Vec::new(), Vec::new());
    for scheduled in &reminders {
        let id = scheduled.reminder.id;
        let before = planned.get(&id).copied();
        let (known, new) = since(scheduled);
        let after = before.map_or(new, |due| known.min(just_before(due.and_utc())));
        match next_due(&scheduled.schedule(), after).map(|next| next.naive_utc()) {
            Some(next) if before != Some(next) => due.push((id, next)),
            None if before.is_some() => gone.push(id),
            _ => {}
        }
    }
    agenda::schedule(db, Kind::Reminder, due).await?;
    agenda::cancel(db, Kind::Reminder, &gone).await
}

/// The goals among these ids, and those of the patients among them, each with its patient.
async fn goals(store: &Store, db: &Transaction, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    use goal::Column::{Id, PatientId};
    let mut found = Vec::new();
    // Each by its own index.
    for column in [Id, PatientId] {
        let among = dialect::among(db.get_database_backend(), column.into_simple_expr(), ids);
        let goals = worked_on::<goal::Entity>(store).filter(among).select_only().columns([Id, PatientId]);
        for row in db.query_all(&goals.into_query()).await? {
            found.push((row.try_get("", "id")?, row.try_get("", "patient_id")?));
        }
    }
    Ok(found)
}
