//! What is forgotten by age, so that our own tables do not grow for ever.

use chrono::TimeDelta;
use sea_orm::DbErr;

use super::{Settings, webhooks};
use crate::agenda::{self, Claim};
use crate::clock::Clock;
use crate::feed;
use crate::service::{forget_old_answers, reminding};
use crate::store::Store;

/// Old rows are looked for this often, by one of the servers.
const EVERY: TimeDelta = TimeDelta::minutes(10);

/// Forgets old events, the answers that no retry gets any more, and what became of reminders and webhooks long ago.
pub async fn prune(store: &Store, clock: &Clock, settings: &Settings, claim: &Claim) -> Result<(), DbErr> {
    let now = clock.stamp();
    // What webhooks have not got yet is handed over first, or kept.
    match webhooks::hand_over_all(store, clock).await {
        Ok(()) => log("events", feed::prune(store, clock, settings.events_kept).await),
        Err(error) => tracing::warn!(%error, "events are kept, since webhooks can't get them"),
    }
    log("answers to retries", forget_old_answers(store, clock).await);
    log("deliveries of reminders", reminding::forget_deliveries(store, now - settings.deliveries_kept).await);
    log("deliveries of webhooks", webhooks::forget_settled(store, now - settings.deliveries_kept).await);
    let next = claim.items.iter().map(|item| (item.subject, Some(now + EVERY)));
    agenda::finish(store, claim, next).await
}

fn log(what: &str, forgotten: Result<u64, DbErr>) {
    match forgotten {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "old {what} forgotten"),
        Err(error) => tracing::warn!(%error, "old {what} can't be forgotten"),
    }
}
