//! `/graphql`: operations by POST, queries by GET, event streams by either, and `WebSocket`s.

use std::time::Instant;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::{ALLOW, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::{Events, Media, answer, refuse};
use super::identity::Identity;
use super::operation::{LONGEST_OPERATION, refused};
use super::request::{from_body, from_query};
use super::{sse, websocket};
use crate::access::Viewer;
use crate::app::App;
use crate::graphql::{Loaders, operation_type};
use crate::wire::{Code, fingerprint};

/// How many statements an operation took, for whoever measures; it does not reach the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statements(pub u32);

/// How many rows it read in lists; for whoever measures, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows(pub u32);

pub async fn post(
    identity: Identity,
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unreadable(&rejection),
    };
    match from_body(&headers, &body) {
        Ok(request) => run(&app, identity, request, &headers).await,
        Err(refusal) => refusal,
    }
}

/// A GET may be repeated, prefetched and linked to, so it never runs a mutation. One that asks for a
/// `WebSocket` becomes one, and may say later who it is.
pub async fn get(
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    identity: Result<Identity, Response>,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if headers.contains_key(UPGRADE) {
        return match socket {
            Ok(socket) => websocket::upgrade(socket, app, &headers),
            Err(_) => refuse(StatusCode::BAD_REQUEST, Code::BadUserInput, "This is no WebSocket request."),
        };
    }
    let identity = match identity {
        Ok(identity) => identity,
        Err(refusal) => return refusal,
    };
    let mut request = match from_query(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    if operation_type(&mut request) == Some(OperationType::Mutation) {
        return only_by_post();
    }
    run(&app, identity, request, &headers).await
}

/// Event by event when the client prefers that, or takes it and asks for a subscription; else at once.
async fn run(app: &App, identity: Identity, mut request: Request, headers: &HeaderMap) -> Response {
    let subscribes = operation_type(&mut request) == Some(OperationType::Subscription);
    match (Media::events(headers), Media::negotiate(headers)) {
        (Events::Preferred, _) => sse::respond(app, identity, request, headers),
        (Events::Taken, _) if subscribes => sse::respond(app, identity, request, headers),
        (_, Some(media)) if subscribes => {
            let message = "A subscription needs a WebSocket (graphql-transport-ws), or a request that \
                           accepts text/event-stream.";
            answer(refused(Code::BadUserInput, message).response, media)
        }
        (_, Some(media)) => run_once(app, identity.viewer, request, media).await,
        (_, None) => not_acceptable(),
    }
}

async fn run_once(app: &App, viewer: Viewer, request: Request, media: Media) -> Response {
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
    let message = "Answers are application/json, application/graphql-response+json or text/event-stream.";
    refuse(StatusCode::NOT_ACCEPTABLE, Code::BadUserInput, message)
}

fn only_by_post() -> Response {
    let message = "A mutation is sent by POST.";
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    response
}
