//! Brings every event from the outbox to the subscribers, once and in one order.
//!
//! **The order.** On PostgreSQL an event's position is the number of its transaction, then its id. Numbers
//! are handed out before they are committed, so a reader takes only events whose transaction is older
//! than every transaction still open (`transaction_id < pg_snapshot_xmin(pg_current_snapshot())`): below
//! that line nothing can appear any more, whatever commits when. SQLite has one writer, and the id is
//! the order of commits.
//!
//! **The readers.** One a process reads each event once and hands it to the bounded queues of whoever
//! it may concern (`hub`). A [`Subscriber`] that resumes, or whose queue was full, first enters the
//! hub and then reads the outbox from its own position up to where the hub then was. An event found in
//! both is delivered once, because the positions of delivered events only grow.
//!
//! **The load.** An event costs one read, one statement for the therapists of its patient, and one for
//! the people who listen, however many they are; what they then select is read once for each person
//! who may see it, and once for all admins together ([`Delivery::shared`]).

mod delivery;
mod hub;
mod outbox;
mod position;
mod reader;
mod subscriber;

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::DbErr;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

pub use delivery::{Delivery, Filter};
pub use outbox::{Page, StoredEvent, is_forgotten, newest, next};
pub use position::Position;
pub use subscriber::{MOST_TRIES, RETRY, Subscriber};

use crate::access::Viewer;
use crate::clock::Clock;
use crate::store::{Store, dialect};
use hub::Hub;
use outbox::CursorState;

/// How far a subscriber may fall behind.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most events that wait in memory for one subscriber; the others are read from the outbox.
    pub queue: usize,
    /// The most events that may pass while the queue of a subscriber is full; after more, it is removed.
    pub max_lag: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 32, max_lag: 10_000 }
    }
}

/// Why a subscription ended. All of these are temporary: a client resumes with its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The subscriber did not take its events in time.
    TooFarBehind,
    /// The database did not answer, also after [`MOST_TRIES`] tries.
    Unavailable,
}

/// Why a subscription can't resume after a cursor.
#[derive(Debug)]
pub enum NoSuchCursor {
    /// Events after the cursor were deleted because of their age.
    Expired,
    /// The cursor is not one of an event that this person could have received in this subscription.
    Unknown,
    Database(DbErr),
}

impl From<DbErr> for NoSuchCursor {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// The events of one database, for one process.
#[derive(Clone, Debug)]
pub struct Feed {
    store: Store,
    hub: Arc<Hub>,
    /// The reader and the listener for wake-ups; they start with the first subscriber and end with the feed.
    tasks: Arc<OnceCell<JoinSet<()>>>,
}

impl Feed {
    #[must_use]
    pub fn new(store: &Store, limits: Limits) -> Self {
        Self { store: store.for_request(), hub: Arc::new(Hub::new(limits)), tasks: Arc::default() }
    }

    /// The store through which everything for subscriptions is read, so that its statements are counted apart.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The number of subscribers.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.hub.listeners()
    }

    /// Subscribes to events from now on, or to those after a cursor.
    pub async fn subscribe(
        &self,
        viewer: &Viewer,
        filter: Filter,
        after: Option<&str>,
    ) -> Result<Subscriber, NoSuchCursor> {
        let after = after.map(|cursor| Position::read(filter.topic, cursor).ok_or(NoSuchCursor::Unknown));
        let after = after.transpose()?;
        self.tasks.get_or_try_init(|| self.start()).await?;
        if let Some(after) = after {
            match outbox::cursor_state(&self.store, after, &filter, viewer).await? {
                CursorState::Valid => {}
                CursorState::Expired => return Err(NoSuchCursor::Expired),
                CursorState::Unknown => return Err(NoSuchCursor::Unknown),
            }
        }
        Ok(Subscriber::new(self.clone(), viewer, filter, after))
    }

    async fn start(&self) -> Result<JoinSet<()>, DbErr> {
        self.hub.start_at(outbox::newest(&self.store).await?);
        let mut tasks = JoinSet::new();
        let (store, hub) = (self.store.clone(), self.hub.clone());
        tasks.spawn(async move { reader::read(&store, &hub).await });
        let store = self.store.clone();
        tasks.spawn(async move { reader::listen(&store).await });
        Ok(tasks)
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }
}

/// Deletes events older than `kept`, but never the newest one.
pub async fn prune(store: &Store, clock: &Clock, kept: TimeDelta) -> Result<u64, DbErr> {
    dialect::bring_to_front(store).await?;
    outbox::prune(store, clock.stamp() - kept).await
}
