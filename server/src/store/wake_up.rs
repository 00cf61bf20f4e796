//! Telling those who read events that there are new ones. The table says what happened; a call only says
//! that it is worth looking, so one that gets lost delays and loses nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend};
use tokio::sync::Notify;

use super::{Requests, Store, dialect};

/// Other processes are called at most this often. On PostgreSQL a transaction that notifies holds a lock
/// of the whole cluster while it commits, so it must be neither each transaction nor a client's own.
const PAUSE: Duration = Duration::from_millis(8);

#[derive(Debug, Default)]
pub(super) struct WakeUp {
    /// Wakes the reader of this process.
    reader: Notify,
    /// Wakes the scheduler of this process. Those of other processes look by themselves, a moment later.
    scheduler: Notify,
    /// Wakes what sends to webhooks in this process.
    webhooks: Notify,
    /// Whether a call to the other processes is about to be made.
    calling: AtomicBool,
}

impl WakeUp {
    pub(super) fn reader(&self) -> &Notify {
        &self.reader
    }

    /// Calls the other processes, unless somebody has done it since.
    async fn call(&self, requests: &Requests) {
        // Before the call and not after it: what is committed while it is under way needs another one.
        if self.calling.swap(false, Ordering::AcqRel)
            && let Requests::Postgres { calls, .. } = requests
            && let Err(error) = dialect::notify(calls).await
        {
            tracing::warn!(%error, "other servers were not told of events and find them a little later");
        }
    }
}

impl Store {
    /// Wakes this process's reader at once, and those of other processes a moment later, together for
    /// all that is committed until then.
    pub fn wake_readers(&self) {
        let pools = &self.pools;
        pools.wake_up.reader.notify_one();
        self.wake_webhooks();
        let alone = self.get_database_backend() != DbBackend::Postgres;
        if alone || pools.wake_up.calling.swap(true, Ordering::AcqRel) {
            return;
        }
        let pools = pools.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            pools.wake_up.call(&pools.requests).await;
        });
    }

    /// Has this process's scheduler look at once what there is to do.
    pub fn wake_scheduler(&self) {
        self.pools.wake_up.scheduler.notify_one();
    }

    /// Waits until there may be something new to do at a given time. A call while nobody waits is kept.
    pub async fn scheduler_woken(&self) {
        self.pools.wake_up.scheduler.notified().await;
    }

    /// Has what sends to webhooks in this process look at once.
    pub fn wake_webhooks(&self) {
        self.pools.wake_up.webhooks.notify_one();
    }

    /// Waits until there may be something to send to webhooks. A call while nobody waits is kept.
    pub async fn webhooks_woken(&self) {
        self.pools.wake_up.webhooks.notified().await;
    }

    /// Makes the call that is about to be made, before the database is left.
    pub(super) async fn call_now(&self) {
        self.pools.wake_up.call(&self.pools.requests).await;
    }

    /// Waits until there may be new events. A call while nobody waits is kept.
    pub async fn woken(&self) {
        self.pools.wake_up.reader.notified().await;
    }
}
