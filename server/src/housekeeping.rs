//! What is forgotten by age, so that our own tables do not grow for ever.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::DbErr;

use crate::clock::Clock;
use crate::store::Store;
use crate::{feed, service};

/// Old rows are looked for this often.
const EVERY: Duration = Duration::from_mins(10);

/// Forgets old events, and the answers that no retry gets any more, for ever.
pub async fn keep_forgetting(store: Store, clock: Clock, events_kept: TimeDelta) {
    loop {
        log("events", feed::prune(&store, &clock, events_kept).await);
        log("answers to retries", service::forget_old_answers(&store, &clock).await);
        tokio::time::sleep(EVERY).await;
    }
}

fn log(what: &str, forgotten: Result<u64, DbErr>) {
    match forgotten {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "old {what} forgotten"),
        Err(error) => tracing::warn!(%error, "old {what} can't be forgotten"),
    }
}
