//! Subscriptions. Opening one executes its document once, which checks the arguments and records the filter
//! in them. Then the document is executed for each event, with the rights that the subscriber has then.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Executor;
use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use sea_orm::DbErr;

use super::{Answer, Engine, Limits, Operation};
use crate::clock::Clock;
use crate::feed::{Delivery, Ended, Feed, Filter, MOST_TRIES, NoSuchCursor, RETRY, Subscriber};
use crate::graphql::Loaders;
use crate::graphql::object::Budget;
use crate::wire::{Code, bad_input};

/// One answer of an operation.
#[derive(Debug)]
pub struct StreamItem {
    /// The cursor to resume after; only the events of a subscription have one.
    pub cursor: Option<String>,
    pub answer: Answer,
}

impl From<Answer> for StreamItem {
    fn from(answer: Answer) -> Self {
        Self { cursor: None, answer }
    }
}

/// Put into the request that opens a subscription: its field records the filter and the cursor here.
#[derive(Clone, Default)]
pub struct Probe(Arc<Mutex<Option<Requested>>>);

/// Which events are asked for, and the cursor after which they begin.
type Requested = (Filter, Option<String>);

impl Probe {
    pub fn record(&self, filter: Filter, after: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((filter, after));
    }

    fn take(&self) -> Option<Requested> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Engine {
    /// The answers of a subscription, one for each event. The cursor `resume` is preferred to the argument
    /// `after`.
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
                Ok(subscription) => subscription.answers(),
                Err(refusal) => stream::once(async { Ok((*refusal).into()) }).boxed(),
            }
        };
        // Boxed, and freed when the subscription is open: one without events keeps little memory.
        stream::once(answers.boxed()).flatten().boxed()
    }

    /// Checks the operation and subscribes to its events.
    async fn open(
        &self,
        operation: Operation,
        loaders: Loaders,
        feed: Feed,
        resume: Option<String>,
    ) -> Result<OpenSubscription, Box<Answer>> {
        let probe = Probe::default();
        let (viewer, clock) = (loaders.viewer().clone(), loaders.clock().clone());
        let request = operation.request(loaders).data(probe.clone());
        let refusal = Executor::execute_stream(&self.schema, request, None).next().await;
        let Some((filter, after)) = probe.take() else {
            // Refused, or nothing but `__typename`, or skipped by a directive.
            return Err(Box::new(Answer::refusal(refusal.unwrap_or_default().errors, self.limits())));
        };
        let after = resume.or(after);
        let subscriber = feed.subscribe(&viewer, filter, after.as_deref()).await;
        let subscriber = subscriber.map_err(|error| Box::new(no_such_cursor(error, self.limits())))?;
        Ok(OpenSubscription { engine: self.clone(), subscriber, feed, clock, operation })
    }
}

fn no_such_cursor(error: NoSuchCursor, limits: &Limits) -> Answer {
    let error = match error {
        NoSuchCursor::Expired => Code::CursorExpired
            .error("What came after this cursor is no longer kept. Read afresh, then subscribe without it."),
        NoSuchCursor::Unknown => bad_input("This cursor does not belong to this subscription."),
        NoSuchCursor::Database(error) => async_graphql::Error::new_with_source(error),
    };
    Answer::refusal(vec![error.into_server_error(async_graphql::Pos::default())], limits)
}

/// A subscription that is open. To save memory it keeps only its document, its variables and its position.
struct OpenSubscription {
    engine: Engine,
    subscriber: Subscriber,
    feed: Feed,
    clock: Clock,
    operation: Operation,
}

impl OpenSubscription {
    fn answers(self) -> BoxStream<'static, Result<StreamItem, Ended>> {
        let next = async |mut subscription: Self| {
            let answer = subscription.next().await;
            Some((answer, subscription))
        };
        stream::unfold(self, next).boxed()
    }

    async fn next(&mut self) -> Result<StreamItem, Ended> {
        loop {
            let delivery = self.subscriber.next().await?;
            // Boxed: an execution takes memory only while there is an event to deliver.
            if let Some(answer) = self.deliver(&delivery).boxed().await? {
                let cursor = delivery.position.cursor(self.subscriber.filter().topic);
                return Ok(StreamItem { cursor: Some(cursor), answer });
            }
        }
    }

    /// `None` when the person may not see the event. An answer that failed because of the server is tried
    /// again, so that an event is not lost to a temporary fault.
    async fn deliver(&self, delivery: &Arc<Delivery>) -> Result<Option<Answer>, Ended> {
        let mut tries = 0;
        loop {
            let answer = self.try_deliver(delivery, tries == 0).await;
            let failed = match &answer {
                Ok(answer) => answer.as_ref().is_some_and(Answer::is_our_fault),
                Err(error) => {
                    tracing::warn!(%error, "an event can't be delivered");
                    true
                }
            };
            tries += 1;
            match answer {
                Ok(answer) if !failed => return Ok(answer),
                _ if tries == MOST_TRIES => return Err(Ended::Unavailable),
                // The first retry is at once and shares no rows: the shared read may have failed for another
                // subscriber.
                _ if tries == 1 => {}
                _ => tokio::time::sleep(RETRY).await,
            }
        }
    }

    async fn try_deliver(&self, delivery: &Arc<Delivery>, share: bool) -> Result<Option<Answer>, DbErr> {
        let viewer = delivery.viewer(self.feed.store(), self.subscriber.person()).await?;
        let Some(viewer) = viewer else { return Ok(None) };
        let loaders = if share {
            delivery.shared(&viewer, || Loaders::shared(viewer.clone(), self.clock.clone()))
        } else {
            Loaders::new(viewer, self.clock.clone())
        };
        let limits = self.engine.limits();
        let budget = Arc::new(Budget::new(limits.answer));
        let request = self.operation.request(loaders).data(delivery.clone()).data(budget.clone());
        let response = Executor::execute_stream(&self.engine.schema, request, None).next().await;
        Ok(response.map(|response| self.operation.answer(response, limits, &budget)))
    }
}
