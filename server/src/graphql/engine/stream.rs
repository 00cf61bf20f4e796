//! Subscriptions. One is opened once, which checks the arguments and gives the wish in them; then its
//! document is executed for each event, through the eyes of the subscriber as they are at that moment.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Executor;
use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use sea_orm::DbErr;

use super::{Answer, Engine, Operation};
use crate::clock::Clock;
use crate::feed::{Delivery, Ended, Feed, Filter, MOST_TRIES, NoSuchCursor, RETRY, Subscriber};
use crate::graphql::Loaders;
use crate::wire::{Code, bad_input};

/// One answer of an operation.
#[derive(Debug)]
pub struct StreamItem {
    /// Where to go on from; a subscription's events have one.
    pub cursor: Option<String>,
    pub answer: Answer,
}

impl From<Answer> for StreamItem {
    fn from(answer: Answer) -> Self {
        Self { cursor: None, answer }
    }
}

/// Noted when a subscription is opened: what its field asked for.
#[derive(Clone, Default)]
pub struct Opening(Arc<Mutex<Option<Noted>>>);

/// What to listen to, and behind which cursor.
type Noted = (Filter, Option<String>);

impl Opening {
    pub fn note(&self, filter: Filter, after: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((filter, after));
    }

    fn noted(&self) -> Option<(Filter, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Engine {
    /// The answers of a subscription, as many as there are events. `resume` is a cursor that goes before
    /// the argument `after`.
    pub fn subscribe(
        &self,
        operation: Operation,
        loaders: Loaders,
        feed: Feed,
        resume: Option<String>,
    ) -> BoxStream<'static, Result<StreamItem, Ended>> {
        let engine = self.clone();
        let answers = async move {
            match engine.open(operation, loaders, feed, resume).await {
                Ok(listening) => listening.answers(),
                Err(refusal) => stream::once(async { Ok((*refusal).into()) }).boxed(),
            }
        };
        // In a box of its own, which goes when it is open: a silent listener keeps little.
        stream::once(answers.boxed()).flatten().boxed()
    }

    /// A subscription that was found to be in order.
    async fn open(
        &self,
        operation: Operation,
        loaders: Loaders,
        feed: Feed,
        resume: Option<String>,
    ) -> Result<Listening, Box<Answer>> {
        let opening = Opening::default();
        let (viewer, clock) = (loaders.viewer().clone(), loaders.clock().clone());
        let request = operation.request(loaders).data(opening.clone());
        let refusal = Executor::execute_stream(&self.schema, request, None).next().await;
        let Some((filter, after)) = opening.noted() else {
            // Refused, or nothing but `__typename`, or skipped by a directive.
            return Err(Box::new(Answer::refusal(refusal.unwrap_or_default().errors)));
        };
        let after = resume.or(after);
        let subscriber = feed.subscribe(&viewer, filter, after.as_deref()).await;
        let subscriber = subscriber.map_err(|error| Box::new(no_such_cursor(error)))?;
        Ok(Listening { engine: self.clone(), subscriber, feed, clock, operation })
    }
}

fn no_such_cursor(error: NoSuchCursor) -> Answer {
    let error = match error {
        NoSuchCursor::Expired => Code::CursorExpired
            .error("What came after this cursor is no longer kept. Read afresh, then subscribe without it."),
        NoSuchCursor::Unknown => bad_input("This cursor does not belong to this subscription."),
        NoSuchCursor::Database(error) => async_graphql::Error::new_with_source(error),
    };
    Answer::refusal(vec![error.into_server_error(async_graphql::Pos::default())])
}

/// A subscription under way. It keeps no more than its document, its variables and its place.
struct Listening {
    engine: Engine,
    subscriber: Subscriber,
    feed: Feed,
    clock: Clock,
    operation: Operation,
}

impl Listening {
    fn answers(self) -> BoxStream<'static, Result<StreamItem, Ended>> {
        let next = async |mut listening: Self| {
            let answer = listening.next().await;
            Some((answer, listening))
        };
        stream::unfold(self, next).boxed()
    }

    async fn next(&mut self) -> Result<StreamItem, Ended> {
        loop {
            let delivery = self.subscriber.next().await?;
            // In a box: room for telling is needed only while there is something to tell.
            if let Some(answer) = self.tell(&delivery).boxed().await? {
                let cursor = delivery.position.cursor(self.subscriber.filter().topic);
                return Ok(StreamItem { cursor: Some(cursor), answer });
            }
        }
    }

    /// `None` when it is not for this person's eyes. An answer that failed on our side is tried again:
    /// nothing that can be told later is lost.
    async fn tell(&self, delivery: &Arc<Delivery>) -> Result<Option<Answer>, Ended> {
        let mut tries = 0;
        loop {
            let answer = self.try_to_tell(delivery, tries == 0).await;
            let failed = match &answer {
                Ok(answer) => answer.as_ref().is_some_and(Answer::is_our_fault),
                Err(error) => {
                    tracing::warn!(%error, "an event can't be told");
                    true
                }
            };
            tries += 1;
            match answer {
                Ok(answer) if !failed => return Ok(answer),
                _ if tries == MOST_TRIES => return Err(Ended::Unavailable),
                // At once the first time: what was shared may have failed for another.
                _ if tries == 1 => {}
                _ => tokio::time::sleep(RETRY).await,
            }
        }
    }

    async fn try_to_tell(&self, delivery: &Arc<Delivery>, share: bool) -> Result<Option<Answer>, DbErr> {
        let viewer = delivery.viewer(self.feed.store(), self.subscriber.person()).await?;
        let Some(viewer) = viewer else { return Ok(None) };
        let loaders = if share {
            delivery.shared(&viewer, || Loaders::shared(viewer.clone(), self.clock.clone()))
        } else {
            Loaders::new(viewer, self.clock.clone())
        };
        let request = self.operation.request(loaders).data(delivery.clone());
        let response = Executor::execute_stream(&self.engine.schema, request, None).next().await;
        Ok(response.map(|response| self.operation.answer(response)))
    }
}
