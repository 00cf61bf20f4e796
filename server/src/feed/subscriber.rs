//! One subscriber: it reads what it missed from the outbox, and then takes events from its queue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;
use uuid::Uuid;

use super::delivery::{Delivery, deliveries_of};
use super::hub::{Hub, Registration};
use super::{Ended, Feed, Filter, Position, outbox};
use crate::access::Viewer;

/// The most events that a subscriber that is behind reads at once.
const PAGE: u64 = 100;
/// How often a database that fails is asked, and how long to wait between tries.
pub const MOST_TRIES: u32 = 20;
pub const RETRY: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Subscriber {
    feed: Feed,
    person: Uuid,
    filter: Filter,
    number: u64,
    queue: Receiver<Arc<Delivery>>,
    /// Every event up to here was delivered, or did not match.
    delivered: Position,
    /// Read from the outbox, not yet delivered.
    backlog: VecDeque<Arc<Delivery>>,
    /// Up to where the outbox must be read; `None` when the queue has every event.
    behind: Option<Position>,
}

impl Subscriber {
    pub(super) fn new(feed: Feed, viewer: &Viewer, filter: Filter, after: Option<Position>) -> Self {
        let Registration { number, queue, head } = feed.hub().join(viewer, filter, after.is_some());
        let delivered = after.unwrap_or(head);
        let backlog = VecDeque::new();
        Self { feed, person: viewer.id(), filter, number, queue, delivered, backlog, behind: None }
    }

    #[must_use]
    pub fn person(&self) -> Uuid {
        self.person
    }

    #[must_use]
    pub fn filter(&self) -> Filter {
        self.filter
    }

    /// The next event that matches the filter and may concern the person. Whether the person may see it is
    /// checked later, when its rows are read for them.
    pub async fn next(&mut self) -> Result<Arc<Delivery>, Ended> {
        loop {
            let delivery = match self.backlog.pop_front() {
                Some(delivery) => delivery,
                None if self.is_behind() => {
                    // Boxed, so that this future takes no memory in a subscriber that is not behind.
                    Box::pin(self.read_page()).await?;
                    continue;
                }
                None => self.hear().await?,
            };
            // The queue may also have an event that was read from the outbox.
            if delivery.position > self.delivered {
                self.delivered = delivery.position;
                return Ok(delivery);
            }
        }
    }

    /// Asks the hub only when the queue is empty: a subscriber that falls behind has a full queue first.
    fn is_behind(&mut self) -> bool {
        if self.behind.is_none() && self.queue.is_empty() {
            self.behind = self.hub().rejoin(self.number);
        }
        self.behind.is_some()
    }

    async fn hear(&mut self) -> Result<Arc<Delivery>, Ended> {
        match self.queue.try_recv() {
            Ok(delivery) => Ok(delivery),
            Err(TryRecvError::Empty) => self.queue.recv().await.ok_or(Ended::TooFarBehind),
            Err(TryRecvError::Disconnected) => Err(Ended::TooFarBehind),
        }
    }

    async fn read_page(&mut self) -> Result<(), Ended> {
        let mut tries = 0;
        while let Err(error) = self.try_read_page().await {
            tries += 1;
            tracing::warn!(%error, "missed events can't be read");
            if tries == MOST_TRIES {
                return Err(Ended::Unavailable);
            }
            tokio::time::sleep(RETRY).await;
        }
        Ok(())
    }

    async fn try_read_page(&mut self) -> Result<(), DbErr> {
        let store = self.feed.store();
        let page = outbox::next_for(store, self.delivered, &self.filter, PAGE).await?;
        let last = page.last().map(|stored| stored.position);
        let complete = u64::try_from(page.len()).is_ok_and(|read| read < PAGE);
        let viewer = Viewer::identify(store.clone(), self.person).await?;
        let deliveries = deliveries_of(store, page).await?;
        if let Some(viewer) = viewer {
            self.backlog.extend(deliveries.into_iter().filter(|delivery| delivery.may_concern(&viewer)));
        }
        if complete {
            // The queue has every event after this position.
            let up_to = self.behind.take().max(last);
            self.skip_to(up_to);
        } else {
            self.skip_to(last);
        }
        Ok(())
    }

    /// Marks all events up to here as delivered, unless some of them still wait in the backlog.
    fn skip_to(&mut self, position: Option<Position>) {
        if self.backlog.is_empty() {
            self.delivered = self.delivered.max(position.unwrap_or_default());
        }
    }

    fn hub(&self) -> &Hub {
        self.feed.hub()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.feed.hub().leave(self.number);
    }
}
