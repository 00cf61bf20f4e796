//! From the outbox to those who subscribe: every event, once, in one order.
//!
//! **The order.** On PostgreSQL an event's place is the number of its transaction, then its id. Numbers
//! are handed out before they are committed, so a reader takes only events whose transaction is older
//! than every transaction still open (`transaction_id < pg_snapshot_xmin(pg_current_snapshot())`): below
//! that line nothing can appear any more, whatever commits when. SQLite has one writer, and the id is
//! the order of commits.
//!
//! **The readers.** One a process reads each event once and hands it to the bounded queues of whoever
//! it may concern (`hub`). A [`Subscriber`] that resumes, or whose queue was full, first enters the
//! hub and then reads the outbox from its own place up to where the hub then was; what it finds in both
//! it tells once, because places only grow.
//!
//! **The load.** An event costs one read, one statement for the therapists of its patient, and one for
//! the people who listen, however many they are; what they then select is read once for each person
//! who may see it, and once for all admins together ([`News::shared`]).

mod hub;
mod news;
mod outbox;
mod position;
mod reader;
mod subscriber;

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::DbErr;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

pub use news::{News, Wish};
pub use position::Position;
pub use subscriber::{MOST_TRIES, RETRY, Subscriber};

use crate::access::Viewer;
use crate::clock::Clock;
use crate::store::{Store, dialect};
use hub::Hub;
use outbox::Standing;

/// How far somebody may fall behind.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many events wait in memory for one subscriber; the rest is read from the outbox.
    pub queue: usize,
    /// Whoever misses more than this many while the queue is full is let go.
    pub most_missed: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 32, most_missed: 10_000 }
    }
}

/// Why there is no more news. All of these pass: a client resumes with its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The subscriber did not take what it was told.
    TooFarBehind,
    /// The database did not answer for too long.
    Unavailable,
}

/// Why nobody can listen from there.
#[derive(Debug)]
pub enum NoSuchCursor {
    /// What came after it is no longer kept.
    Expired,
    /// There was never such an event in this subscription, or never for this person.
    Unknown,
    Database(DbErr),
}

impl From<DbErr> for NoSuchCursor {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// The news of one database, for one process.
#[derive(Clone, Debug)]
pub struct Feed {
    store: Store,
    hub: Arc<Hub>,
    /// The reader and its ear; they begin with the first subscriber and end with the feed.
    tasks: Arc<OnceCell<JoinSet<()>>>,
}

impl Feed {
    #[must_use]
    pub fn new(store: &Store, limits: Limits) -> Self {
        Self { store: store.for_request(), hub: Arc::new(Hub::new(limits)), tasks: Arc::default() }
    }

    /// The handle through which everything about news is read, so that it is counted apart.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.hub.listeners()
    }

    /// Listens from now on, or from behind a cursor.
    pub async fn subscribe(
        &self,
        viewer: &Viewer,
        wish: Wish,
        after: Option<&str>,
    ) -> Result<Subscriber, NoSuchCursor> {
        let after = after.map(|cursor| Position::read(wish.topic, cursor).ok_or(NoSuchCursor::Unknown));
        let after = after.transpose()?;
        self.tasks.get_or_try_init(|| self.start()).await?;
        if let Some(after) = after {
            match outbox::standing(&self.store, after, &wish, viewer).await? {
                Standing::Kept => {}
                Standing::Expired => return Err(NoSuchCursor::Expired),
                Standing::Unknown => return Err(NoSuchCursor::Unknown),
            }
        }
        Ok(Subscriber::new(self.clone(), viewer, wish, after))
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

/// Forgets events older than `kept`, but never the newest.
pub async fn prune(store: &Store, clock: &Clock, kept: TimeDelta) -> Result<u64, DbErr> {
    dialect::bring_to_front(store.writer()).await?;
    outbox::prune(store, clock.stamp() - kept).await
}
