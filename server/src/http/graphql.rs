//! `/graphql`: operations by POST, queries by GET.

use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::{Media, answer, refuse};
use super::request::{from_body, from_query};
use crate::access::Viewer;
use crate::app::App;
use crate::graphql::{Loaders, operation_type};
use crate::wire::{Code, fingerprint};

/// An operation that takes longer is given up.
const LONGEST_OPERATION: Duration = Duration::from_secs(10);

/// How many statements an operation took, for whoever measures; it does not reach the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statements(pub u32);

/// How many rows it read in lists; for whoever measures, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows(pub u32);

pub async fn post(
    viewer: Viewer,
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unreadable(&rejection),
    };
    match from_body(&headers, &body) {
        Ok(request) => run(&app, viewer, request, media).await,
        Err(refusal) => refusal,
    }
}

/// A GET may be repeated, prefetched and linked to, so it never runs a mutation.
pub async fn get(
    viewer: Viewer,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    let mut request = match from_query(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    if operation_type(&mut request) == Some(OperationType::Mutation) {
        return only_by_post();
    }
    run(&app, viewer, request, media).await
}

async fn run(app: &App, viewer: Viewer, request: Request, media: Media) -> Response {
    let started = Instant::now();
    let store = viewer.store.clone();
    let user = viewer.id();
    // Names the document without showing its literals, which may be patient data.
    let hash = fingerprint(&request.query);
    let identified = store.statements();
    let operation = app.engine.execute(request.data(Loaders::new(viewer, app.clock.clone())));
    let Ok(response) = tokio::time::timeout(LONGEST_OPERATION, operation).await else {
        tracing::warn!(%user, document = hash, "an operation took too long");
        let message = "The operation took too long and was given up.";
        return refuse(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message);
    };
    let statements = store.statements() - identified;
    tracing::info!(
        %user,
        document = hash,
        statements,
        rows = store.rows(),
        errors = response.errors.len(),
        milliseconds = started.elapsed().as_millis(),
        "operation"
    );
    let mut answer = answer(response, media);
    answer.extensions_mut().insert(Statements(statements));
    answer.extensions_mut().insert(Rows(store.rows()));
    answer
}

fn unreadable(rejection: &BytesRejection) -> Response {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, Code::BadUserInput, "The body is larger than 1 MiB.");
    }
    refuse(StatusCode::BAD_REQUEST, Code::BadUserInput, "The body could not be read.")
}

fn not_acceptable() -> Response {
    let message = "Answers are application/json or application/graphql-response+json.";
    refuse(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput, message)
}

fn only_by_post() -> Response {
    let message = "A mutation is sent by POST.";
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}
