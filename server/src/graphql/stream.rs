//! Operations whose transport can carry more than one answer. A subscription is opened once, which
//! checks the document and the arguments and gives the wish in them; then its document is executed for
//! each event, through the eyes of the subscriber as they are at that moment.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Executor, Request, Response, Variables};
use sea_orm::DbErr;

use super::engine::{Shape, prepare, refused};
use super::repair::chosen;
use super::{Engine, Loaders, document};
use crate::clock::Clock;
use crate::feed::{Ended, Feed, MOST_TRIES, News, NoSuchCursor, RETRY, Subscriber, Wish};
use crate::wire::{Code, bad_input};

/// One answer of an operation.
#[derive(Debug)]
pub struct Heard {
    /// Where to go on from; a subscription's events have one.
    pub cursor: Option<String>,
    pub response: Response,
    /// Nothing ran, and nothing more will come.
    pub refused: bool,
}

impl Heard {
    /// Of an operation that never ran.
    #[must_use]
    pub fn refusal(response: Response) -> Self {
        Self { cursor: None, response, refused: true }
    }

    /// The answer as the specification has it: what never ran has no `data`.
    pub fn json(&self) -> serde_json::Result<String> {
        if self.refused {
            return Ok(serde_json::json!({ "errors": self.response.errors }).to_string());
        }
        serde_json::to_string(&self.response)
    }
}

/// One answer is all there is. It is a refusal when no error has a place in the data.
impl From<Response> for Heard {
    fn from(response: Response) -> Self {
        let errors = &response.errors;
        let refused = !errors.is_empty() && errors.iter().all(|error| error.path.is_empty());
        Self { cursor: None, refused: refused && response.data == async_graphql::Value::Null, response }
    }
}

/// Noted when a subscription is opened: what its field asked for.
#[derive(Clone, Default)]
pub struct Opening(Arc<Mutex<Option<Noted>>>);

/// What to listen to, and behind which cursor.
type Noted = (Wish, Option<String>);

impl Opening {
    pub fn note(&self, wish: Wish, after: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((wish, after));
    }

    fn noted(&self) -> Option<(Wish, Option<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Engine {
    /// The answers of an operation: one of a query or mutation, and of a subscription as many as there
    /// are events. `resume` is a cursor that goes before the argument `after`.
    pub fn stream(
        &self,
        request: Request,
        loaders: Loaders,
        feed: Feed,
        resume: Option<String>,
    ) -> BoxStream<'static, Result<Heard, Ended>> {
        let engine = self.clone();
        let answers = async move {
            match engine.open(request, loaders, feed, resume).await {
                Ok(listening) => listening.answers(),
                Err(heard) => stream::once(async { Ok(*heard) }).boxed(),
            }
        };
        // In a box of its own, which goes when it is open: a silent listener keeps little.
        stream::once(answers.boxed()).flatten().boxed()
    }

    /// A subscription that was found to be in order; everything else gives its answer at once.
    async fn open(
        &self,
        request: Request,
        loaders: Loaders,
        feed: Feed,
        resume: Option<String>,
    ) -> Result<Listening, Box<Heard>> {
        let (request, shape) = prepare(request).map_err(|response| Box::new(Heard::refusal(response)))?;
        let operation = chosen(&shape.document, shape.operation.as_deref());
        if operation.is_none_or(|operation| operation.ty != OperationType::Subscription) {
            let response = self.schema.execute(request.data(loaders)).await;
            return Err(Box::new(shape.finish(response, &self.types).into()));
        }
        if let Some(operation) = operation {
            document::check_single_root(&shape.document, operation)
                .map_err(|refusal| Box::new(Heard::refusal(refused(&refusal))))?;
        }
        let opening = Opening::default();
        let variables = request.variables.clone();
        let (viewer, clock) = (loaders.viewer().clone(), loaders.clock().clone());
        let request = request.data(loaders).data(opening.clone());
        let refusal = Executor::execute_stream(&self.schema, request, None).next().await;
        let Some((wish, after)) = opening.noted() else {
            // Refused, or nothing but `__typename`, or skipped by a directive.
            return Err(Box::new(Heard::refusal(shape.finish(refusal.unwrap_or_default(), &self.types))));
        };
        let after = resume.or(after);
        let subscriber = feed.subscribe(&viewer, wish, after.as_deref()).await;
        let subscriber = subscriber
            .map_err(|error| Box::new(Heard::refusal(shape.finish(no_such_cursor(error), &self.types))))?;
        Ok(Listening { engine: self.clone(), subscriber, feed, clock, shape: Arc::new(shape), variables })
    }
}

fn no_such_cursor(error: NoSuchCursor) -> Response {
    let error = match error {
        NoSuchCursor::Expired => Code::CursorExpired
            .error("What came after this cursor is no longer kept. Read afresh, then subscribe without it."),
        NoSuchCursor::Unknown => bad_input("This cursor does not belong to this subscription."),
        NoSuchCursor::Database(error) => async_graphql::Error::new_with_source(error),
    };
    Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())])
}

/// A subscription under way. It keeps no more than its document, its variables and its place.
struct Listening {
    engine: Engine,
    subscriber: Subscriber,
    feed: Feed,
    clock: Clock,
    shape: Arc<Shape>,
    variables: Variables,
}

impl Listening {
    fn answers(self) -> BoxStream<'static, Result<Heard, Ended>> {
        let next = async |mut listening: Self| {
            let answer = listening.next().await;
            Some((answer, listening))
        };
        stream::unfold(self, next).boxed()
    }

    async fn next(&mut self) -> Result<Heard, Ended> {
        loop {
            let news = self.subscriber.next().await?;
            // In a box: room for telling is needed only while there is something to tell.
            if let Some(response) = self.tell(&news).boxed().await? {
                let cursor = news.position.cursor(self.subscriber.wish().topic);
                return Ok(Heard { cursor: Some(cursor), response, refused: false });
            }
        }
    }

    /// `None` when it is not for this person's eyes. An answer that failed on our side is tried again:
    /// nothing that can be told later is lost.
    async fn tell(&self, news: &Arc<News>) -> Result<Option<Response>, Ended> {
        let mut tries = 0;
        loop {
            let answer = self.try_to_tell(news, tries == 0).await;
            let failed = match &answer {
                Ok(response) => response.as_ref().is_some_and(is_our_fault),
                Err(error) => {
                    tracing::warn!(%error, "an event can't be told");
                    true
                }
            };
            tries += 1;
            match answer {
                Ok(response) if !failed => return Ok(response),
                _ if tries == MOST_TRIES => return Err(Ended::Unavailable),
                // At once the first time: what was shared may have failed for another.
                _ if tries == 1 => {}
                _ => tokio::time::sleep(RETRY).await,
            }
        }
    }

    async fn try_to_tell(&self, news: &Arc<News>, share: bool) -> Result<Option<Response>, DbErr> {
        let viewer = news.viewer(self.feed.store(), self.subscriber.person()).await?;
        let Some(viewer) = viewer else { return Ok(None) };
        let loaders = if share {
            news.shared(&viewer, || Loaders::shared(viewer.clone(), self.clock.clone()))
        } else {
            Loaders::new(viewer, self.clock.clone())
        };
        let request = request(&self.shape.document, self.shape.operation.as_deref(), &self.variables);
        let request = request.data(loaders).data(news.clone());
        let response = Executor::execute_stream(&self.engine.schema, request, None).next().await;
        Ok(response.map(|response| self.shape.finish(response, &self.engine.types)))
    }
}

/// The document was parsed, checked and repaired when the subscription was opened.
fn request(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Request {
    let mut request = Request::new("").variables(variables.clone());
    request.operation_name = operation.map(str::to_owned);
    request.set_parsed_query(document.clone());
    request
}

fn is_our_fault(response: &Response) -> bool {
    let code = |error: &async_graphql::ServerError| {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code").cloned())
    };
    response.errors.iter().any(|error| code(error) == Some(Code::Internal.word().into()))
}
