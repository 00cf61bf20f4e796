//! Finds what another program wrote into the tables, and what a new edition of the time zones has moved: all
//! goals are gone through, a page at a time and without haste.

use chrono::TimeDelta;
use entity::goal;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::plan::{Parts, plan_all};
use crate::access::worked_on;
use crate::agenda::{self, Claim};
use crate::clock::Clock;
use crate::history::Scheduled;
use crate::store::{Store, Transaction};

/// The goals of a page.
const PAGE: u64 = 500;
/// Between two pages: a hundred goals a second.
const PAUSE: TimeDelta = TimeDelta::seconds(5);
/// After the last goal, before the first one.
const LONG_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Plans the goals of the next page.
///
/// A reminder that is not in the agenda was written by another program. One of the last hours is sent when it
/// is late; an older one, as after an adoption, begins with its next moment.
pub async fn go_on(store: &Store, clock: &Clock, latest: TimeDelta, claim: &Claim) -> Result<(), DbErr> {
    let now = clock.now();
    let behind = claim.items.first().and_then(|item| item.position);
    let db = store.begin().await?;
    let goals = page(store, &db, behind).await?;
    let since = |scheduled: &Scheduled| {
        let created = scheduled.reminder.created_at().and_utc();
        (now, if created > now - latest { created } else { now })
    };
    let mut parts = Parts::of(&goals);
    while let Some(goals) = parts.next() {
        let planned = plan_all(store, &db, goals, since, (clock, true)).await;
        parts.planned(goals, planned)?;
    }
    let last = goals.last().copied().filter(|_| goals.len() as u64 == PAGE);
    let pause = if last.is_some() { PAUSE } else { LONG_PAUSE };
    agenda::go_on(&db, claim, last, now.naive_utc() + pause).await?;
    db.commit().await
}

async fn page(store: &Store, db: &Transaction, behind: Option<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    use goal::Column::Id;
    let goals = worked_on::<goal::Entity>(store).filter(Id.gt(behind.unwrap_or_default()));
    let goals = goals.order_by_asc(Id).limit(PAGE).select_only().column(Id);
    db.query_all(&goals.into_query()).await?.iter().map(|row| row.try_get("", "id")).collect()
}
