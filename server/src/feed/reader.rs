//! The one reader of a process: it reads each event once, finds out once whom it may concern, and hands
//! it out. A wake-up call only says that it is worth looking; the table says what happened.
//!
//! What this process commits wakes the reader at once; what another process commits wakes it some
//! milliseconds later (`store/wake_up.rs`). A process that ends between its commit and its call, or a
//! listening connection that is lost, delays events by [`POLL`] at most: then the reader looks uncalled.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;

use super::hub::Hub;
use super::news::{News, of_events};
use super::outbox::{self, Told};
use crate::access::Viewer;
use crate::store::Store;

const BATCH: u64 = 500;
/// A wake-up call that was not heard only delays by this much.
const POLL: Duration = Duration::from_secs(3);
/// A transaction that holds others up is looked after at this pace, slower each time.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(200);
/// The database is tried again at this pace, slower each time.
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// Reads for ever.
pub async fn read(store: &Store, hub: &Hub) {
    let mut wait = POLL;
    loop {
        wait = match step(store, hub).await {
            Ok(Step::More) => continue,
            Ok(Step::Done) => POLL,
            Ok(Step::HeldUp) => slower(wait, FIRST_LOOK, LAST_LOOK),
            Err(error) => {
                tracing::warn!(%error, "events can't be read");
                slower(wait, FIRST_RETRY, LAST_RETRY)
            }
        };
        // Called or not, there is only one thing to do.
        let _ = tokio::time::timeout(wait, store.woken()).await;
    }
}

/// Hears the wake-up calls of other processes for ever.
pub async fn listen(store: &Store) {
    let mut wait = Duration::ZERO;
    loop {
        match store.listen().await {
            Ok(()) => wait = FIRST_RETRY,
            Err(error) => {
                tracing::warn!(%error, "wake-up calls can't be heard");
                wait = slower(wait, FIRST_RETRY, LAST_RETRY);
            }
        }
        tokio::time::sleep(wait).await;
    }
}

/// Twice as long as before, within limits; the first when it was not waiting for this.
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
        let news = if hub.listeners() == 0 { Vec::new() } else { prepare(store, hub, page.events).await? };
        hub.hand_out(&news, head);
    }
    Ok(if more {
        Step::More
    } else if page.unsettled {
        Step::HeldUp
    } else {
        Step::Done
    })
}

/// One statement for the therapists of all patients, and one for all people who listen.
async fn prepare(store: &Store, hub: &Hub, events: Vec<Told>) -> Result<Vec<Arc<News>>, DbErr> {
    let news = of_events(store, events).await?;
    let hearers = hub.people(&news);
    if !hearers.is_empty() {
        let people = Arc::new(Viewer::identify_all(store, &hearers).await?);
        for news in &news {
            news.know(people.clone());
        }
    }
    Ok(news)
}
