//! One who listens: what is behind is read from the outbox, then news is heard as it comes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;
use uuid::Uuid;

use super::hub::{Hub, Place};
use super::news::{News, of_events};
use super::{Ended, Feed, Position, Wish, outbox};
use crate::access::Viewer;

/// So many events are read at once by one who is behind.
const PAGE: u64 = 100;
/// A database that does not answer is asked again, this often and this far apart.
pub const MOST_TRIES: u32 = 20;
pub const RETRY: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Subscriber {
    feed: Feed,
    person: Uuid,
    wish: Wish,
    number: u64,
    queue: Receiver<Arc<News>>,
    /// Everything up to here has been told, or was not for this one.
    told: Position,
    /// Read from the outbox, still to be told.
    backlog: VecDeque<Arc<News>>,
    /// Up to where the outbox must be read; `None` for one who hears everything as it comes.
    behind: Option<Position>,
}

impl Subscriber {
    pub(super) fn new(feed: Feed, viewer: &Viewer, wish: Wish, after: Option<Position>) -> Self {
        let Place { number, queue, head } = feed.hub().join(viewer, wish, after.is_some());
        let told = after.unwrap_or(head);
        let backlog = VecDeque::new();
        Self { feed, person: viewer.id(), wish, number, queue, told, backlog, behind: None }
    }

    #[must_use]
    pub fn person(&self) -> Uuid {
        self.person
    }

    #[must_use]
    pub fn wish(&self) -> Wish {
        self.wish
    }

    /// The next event that this one wishes to hear of and that may concern them. Whether they may see
    /// it is for their own eyes to say, when it is told.
    pub async fn next(&mut self) -> Result<Arc<News>, Ended> {
        loop {
            let news = match self.backlog.pop_front() {
                Some(news) => news,
                None if self.is_behind() => {
                    // In a box: one who hears everything as it comes keeps no room for it.
                    Box::pin(self.read_page()).await?;
                    continue;
                }
                None => self.hear().await?,
            };
            // What was read from the outbox may be in the queue as well.
            if news.position > self.told {
                self.told = news.position;
                return Ok(news);
            }
        }
    }

    /// Looked at only when the queue is empty: one who is behind has a full one first.
    fn is_behind(&mut self) -> bool {
        if self.behind.is_none() && self.queue.is_empty() {
            self.behind = self.hub().rejoin(self.number);
        }
        self.behind.is_some()
    }

    async fn hear(&mut self) -> Result<Arc<News>, Ended> {
        match self.queue.try_recv() {
            Ok(news) => Ok(news),
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
        let page = outbox::next_for(store, self.told, &self.wish, PAGE).await?;
        let last = page.last().map(|told| told.position);
        let complete = u64::try_from(page.len()).is_ok_and(|read| read < PAGE);
        let viewer = Viewer::identify(store.clone(), self.person).await?;
        let news = of_events(store, page).await?;
        if let Some(viewer) = viewer {
            self.backlog.extend(news.into_iter().filter(|news| news.may_concern(&viewer)));
        }
        if complete {
            // The queue holds what came after this.
            let up_to = self.behind.take().max(last);
            self.skip_to(up_to);
        } else {
            self.skip_to(last);
        }
        Ok(())
    }

    /// Nothing up to here is left, but for what waits in the backlog.
    fn skip_to(&mut self, position: Option<Position>) {
        if self.backlog.is_empty() {
            self.told = self.told.max(position.unwrap_or_default());
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
