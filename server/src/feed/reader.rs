//! The one reader of a process: it reads each event once, finds out once whom it may concern, and gives it
//! to the hub. A wake-up only says that there may be new events; the events are read from the table.
//!
//! What this process commits wakes the reader at once; what another process commits wakes it some
//! milliseconds later (`store/wake_up.rs`). When a process ends between its commit and its wake-up, or the
//! listening connection is lost, events are late by [`POLL`] at most: then the reader reads without a wake-up.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;

use super::delivery::{Delivery, deliveries_of};
use super::hub::Hub;
use super::outbox::{self, StoredEvent};
use crate::access::Viewer;
use crate::panics::caught;
use crate::store::Store;

const BATCH: u64 = 500;
/// The reader reads at least this often, also without a wake-up.
const POLL: Duration = Duration::from_secs(3);
/// The same behind a pooler that lets nobody listen.
const DEAF_POLL: Duration = Duration::from_millis(500);
/// Waits between reads while an open transaction holds later events back: the first, and the longest; each
/// is twice the one before.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(200);
/// Waits between tries while the database fails: the first, and the longest; each is twice the one before.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// Reads events until the task is dropped.
pub async fn read(store: &Store, hub: &Hub) {
    let poll = if store.is_deaf() { DEAF_POLL } else { POLL };
    let mut wait = poll;
    loop {
        wait = match caught(Box::pin(step(store, hub))).await {
            Ok(Step::More) => continue,
            Ok(Step::Done) => poll,
            Ok(Step::HeldUp) => slower(wait, FIRST_LOOK, LAST_LOOK),
            Err(error) => {
                tracing::warn!(%error, "events can't be read");
                slower(wait, FIRST_RETRY, LAST_RETRY)
            }
        };
        // After a wake-up and after a timeout the same is done: read.
        let _ = tokio::time::timeout(wait, store.woken()).await;
    }
}

/// Receives the wake-ups of other processes until the task is dropped.
pub async fn listen(store: &Store) {
    let mut wait = Duration::ZERO;
    loop {
        match caught(Box::pin(store.listen())).await {
            Ok(()) => wait = FIRST_RETRY,
            Err(error) => {
                tracing::warn!(%error, "wake-up calls can't be heard");
                wait = slower(wait, FIRST_RETRY, LAST_RETRY);
            }
        }
        tokio::time::sleep(wait).await;
    }
}

/// Twice the wait before, within limits; `first` when the wait before was for another reason.
fn slower(wait: Duration, first: Duration, last: Duration) -> Duration {
    if wait < first || wait > last { first } else { (wait * 2).min(last) }
}

enum Step {
    More,
    Done,
    HeldUp,
}

async fn step(store: &Store, hub: &Hub) -> Result<Step, DbErr> {
    let page = outbox::next(store, hub.head(), BATCH).await?;
    let more = u64::try_from(page.events.len()).is_ok_and(|read| read == BATCH);
    if let Some(last) = page.events.last() {
        let head = last.position;
        let deliveries =
            if hub.listeners() == 0 { Vec::new() } else { prepare(store, hub, page.events).await? };
        hub.hand_out(&deliveries, head);
    }
    Ok(if more {
        Step::More
    } else if page.unsettled {
        Step::HeldUp
    } else {
        Step::Done
    })
}

/// Takes one statement for the therapists of all patients, and one for all subscribed people.
async fn prepare(store: &Store, hub: &Hub, events: Vec<StoredEvent>) -> Result<Vec<Arc<Delivery>>, DbErr> {
    let deliveries = deliveries_of(store, events).await?;
    let hearers = hub.people(&deliveries);
    if !hearers.is_empty() {
        let people = Arc::new(Viewer::identify_all(store, &hearers).await?);
        for delivery in &deliveries {
            delivery.know(people.clone());
        }
    }
    Ok(deliveries)
}
