//! Operations, run, timed and logged in one place for every transport.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use async_graphql::parser::types::OperationType;

use super::OUR_FAULT;
use crate::access::Viewer;
use crate::app::App;
use crate::feed::Ended;
use crate::graphql::{Answer, Loaders, Operation, Refused, StreamItem};
use crate::panics::{Panicked, caught};
use crate::wire::Code;

const TOO_LONG: &str = "The operation took too long and was given up.";

/// An operation that was looked at, and may run or not.
pub type Prepared = Result<Operation, Refused>;

/// Its type, if it could be told.
pub fn kind(prepared: &Prepared) -> Option<OperationType> {
    match prepared {
        Ok(operation) => Some(operation.kind()),
        Err(refused) => refused.kind,
    }
}

/// The one answer of an operation, and what it cost.
pub struct Measured {
    pub answer: Answer,
    pub statements: u32,
    pub rows: u32,
    pub timed_out: bool,
    /// The person had too many operations under way, so that this one did not run.
    pub refused: bool,
}

const TOO_MANY: &str = "You have too many operations under way; wait for one to end.";

/// Runs a query or a mutation.
pub async fn run(app: &App, viewer: Viewer, prepared: Prepared) -> Measured {
    let Some(_permit) = app.connections.permit_operation(viewer.id()) else {
        let answer = Answer::refused(Code::TooManyAtOnce, TOO_MANY);
        return Measured { answer, statements: 0, rows: 0, timed_out: false, refused: true };
    };
    let started = Instant::now();
    let (user, store) = (viewer.id(), viewer.store.clone());
    let before = store.statements();
    let (document, answer) = match prepared {
        Err(refused) => (refused.fingerprint, Some(refused.answer)),
        Ok(operation) => {
            let running = app.engine.execute(&operation, Loaders::new(viewer, app.clock.clone()));
            let running = caught(async { Ok::<_, Panicked>(running.await) });
            let answer = tokio::time::timeout(app.longest_operation, running).await.ok();
            let answer = answer.map(|answer| answer.unwrap_or_else(|_| our_fault()));
            (operation.fingerprint().to_owned(), answer)
        }
    };
    let timed_out = answer.is_none();
    let answer = answer.unwrap_or_else(|| Answer::refused(Code::Timeout, TOO_LONG));
    let (statements, rows) = (store.statements() - before, store.rows());
    let (errors, milliseconds) = (answer.errors.len(), started.elapsed().as_millis());
    tracing::info!(%user, document, statements, rows, errors, milliseconds, timed_out, "operation");
    Measured { answer, statements, rows, timed_out, refused: false }
}

pub type Answers = BoxStream<'static, Result<StreamItem, Ended>>;

/// The answers of an operation, one by one. Only a subscription may take its time.
pub fn answers(app: &Arc<App>, viewer: Viewer, prepared: Prepared, resume: Option<String>) -> Answers {
    match prepared {
        Ok(operation) if operation.kind() == OperationType::Subscription => {
            tracing::info!(user = %viewer.id(), document = operation.fingerprint(), "subscription");
            let loaders = Loaders::new(viewer, app.clock.clone());
            let answers = app.engine.subscribe(operation, loaders, app.feed.clone(), resume);
            // After a panic nothing follows.
            let answers = AssertUnwindSafe(answers).catch_unwind();
            answers.map(|answer| answer.unwrap_or_else(|_| Ok(our_fault().into()))).boxed()
        }
        prepared => {
            let app = app.clone();
            let answer = async move { Ok(run(&app, viewer, prepared).await.answer.into()) };
            stream::once(answer.boxed()).boxed()
        }
    }
}

fn our_fault() -> Answer {
    Answer::refused(Code::Internal, OUR_FAULT)
}
