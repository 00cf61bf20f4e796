//! Operations whose answers go out one by one: over a WebSocket, or as server-sent events.

use std::time::{Duration, Instant};

use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};

use crate::access::Viewer;
use crate::app::App;
use crate::feed::Ended;
use crate::graphql::{Heard, Loaders, operation_type};
use crate::wire::{Code, fingerprint};

/// An operation that takes longer is given up.
pub const LONGEST_OPERATION: Duration = Duration::from_secs(10);

pub type Answers = BoxStream<'static, Result<Heard, Ended>>;

/// The answers of an operation. Only a subscription may take its time.
pub fn answers(app: &App, viewer: Viewer, mut request: Request, resume: Option<String>) -> Answers {
    let user = viewer.id();
    let document = fingerprint(&request.query);
    let loaders = Loaders::new(viewer, app.clock.clone());
    if operation_type(&mut request) == Some(OperationType::Subscription) {
        tracing::info!(%user, document, "subscription");
        return app.engine.stream(request, loaders, app.feed.clone(), resume);
    }
    let mut answers = app.engine.stream(request, loaders, app.feed.clone(), None);
    let answer = async move {
        let started = Instant::now();
        let answer = tokio::time::timeout(LONGEST_OPERATION, answers.next()).await;
        let milliseconds = started.elapsed().as_millis();
        tracing::info!(%user, document, milliseconds, "operation");
        answer
            .ok()
            .flatten()
            .unwrap_or_else(|| Ok(refused(Code::Timeout, "The operation took too long and was given up.")))
    };
    stream::once(answer).boxed()
}

/// Once only, for an operation that does not get as far as the schema.
pub fn refused(code: Code, message: &str) -> Heard {
    let error: ServerError = code.error(message).into_server_error(async_graphql::Pos::default());
    Heard::refusal(Response::from_errors(vec![ServerError { locations: Vec::new(), ..error }]))
}
