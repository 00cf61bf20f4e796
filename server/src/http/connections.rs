//! Connections that stay open: how many there may be, how patient we are with them, and their end when
//! the server stops.

use super::origin::Origins;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// What an open connection may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections of one person, `WebSocket`s and event streams together.
    pub per_person: usize,
    pub in_all: usize,
    /// Operations under way on one WebSocket.
    pub operations: usize,
    /// Queries and mutations of one person that are under way, over whatever connections.
    pub at_once: usize,
    /// The largest message of a client, in bytes.
    pub message: usize,
    /// Until a client must have said who it is.
    pub init: Duration,
    /// Until a client must have taken what it was sent.
    pub send: Duration,
    /// Between signs of life that are asked for; a client that gives none twice is gone.
    pub ping: Duration,
    /// Between signs of life on an event stream.
    pub heartbeat: Duration,
    /// Pages of these origins may ask, besides those of this server's own.
    pub origins: Origins,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_person: 100,
            in_all: 20_000,
            operations: 100,
            at_once: 100,
            message: 256 * 1024,
            init: Duration::from_secs(3),
            send: Duration::from_secs(10),
            ping: Duration::from_secs(15),
            heartbeat: Duration::from_secs(12),
            origins: Origins::default(),
        }
    }
}

/// All connections of this process that stay open, and the operations under way.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    pub limits: Arc<Limits>,
    open: Counted,
    under_way: Counted,
    closing: CancellationToken,
    sockets: TaskTracker,
}

/// How many of something each person has.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<Mutex<Count>>);

#[derive(Debug, Default)]
struct Count {
    of: HashMap<Uuid, usize>,
    in_all: usize,
}

impl Counted {
    fn permit(&self, person: Uuid, per_person: usize, in_all: usize) -> Option<ConcurrencyPermit> {
        let mut count = self.count();
        let own = count.of.get(&person).copied().unwrap_or_default();
        if own >= per_person || count.in_all >= in_all {
            return None;
        }
        count.of.insert(person, own + 1);
        count.in_all += 1;
        Some(ConcurrencyPermit { person, counted: self.clone() })
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits: Arc::new(limits), ..Self::default() }
    }

    /// A permit for one more connection; `None` when the person, or the server, has as many as the limits
    /// allow.
    #[must_use]
    pub fn permit(&self, person: Uuid) -> Option<ConcurrencyPermit> {
        self.open.permit(person, self.limits.per_person, self.limits.in_all)
    }

    /// A permit for one more query or mutation; `None` when the person has as many under way as one may have.
    #[must_use]
    pub fn permit_operation(&self, person: Uuid) -> Option<ConcurrencyPermit> {
        self.under_way.permit(person, self.limits.at_once, usize::MAX)
    }

    /// A token that is cancelled when the server stops.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Runs the task of a socket; `closed` waits for it.
    pub fn spawn(&self, socket: impl Future<Output = ()> + Send + 'static) {
        self.sockets.spawn(socket);
    }

    /// Asks all clients to come back later, here or to another server.
    pub fn begin_to_close(&self) {
        self.closing.cancel();
        self.sockets.close();
    }

    /// Waits until the last socket is closed.
    pub async fn closed(&self) {
        self.sockets.wait().await;
    }
}

/// Held by a connection that is open, or an operation under way, which counts against the limits until the permit
/// is dropped.
#[derive(Debug)]
pub struct ConcurrencyPermit {
    person: Uuid,
    counted: Counted,
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        let mut count = self.counted.count();
        count.in_all -= 1;
        if let Some(own) = count.of.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                count.of.remove(&self.person);
            }
        }
    }
}
