//! `/graphql`: operations by POST, queries by GET, event streams by either, and `WebSocket`s.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::{ALLOW, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::{Events, Media, answer, come_back, refuse};
use super::identity::Identity;
use super::operation::{Measured, Prepared, kind, run};
use super::request::{from_body, from_query};
use super::{sse, websocket};
use crate::access::Viewer;
use crate::app::App;
use crate::graphql::Answer;
use crate::wire::Code;

/// How many statements an operation took, for whoever measures; it does not reach the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statements(pub u32);

/// How many rows it read in lists; for whoever measures, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows(pub u32);

pub async fn post(
    identity: Identity,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unreadable(&rejection, app.largest_body),
    };
    match from_body(&headers, &body) {
        Ok(request) => respond(&app, identity, app.engine.prepare(request), &headers).await,
        Err(refusal) => refusal,
    }
}

/// A GET may be repeated, prefetched and linked to, so it never runs a mutation. One that asks for a
/// `WebSocket` becomes one, and may say later who it is.
pub async fn get(
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    identity: Result<Identity, Response>,
    State(app): State<Arc<App>>,
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
    let request = match from_query(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let prepared = app.engine.prepare(request);
    if kind(&prepared) == Some(OperationType::Mutation) {
        return only_by_post();
    }
    respond(&app, identity, prepared, &headers).await
}

/// Event by event when the client prefers that, or takes it and asks for a subscription; else at once.
async fn respond(app: &Arc<App>, identity: Identity, prepared: Prepared, headers: &HeaderMap) -> Response {
    let subscribes = kind(&prepared) == Some(OperationType::Subscription);
    match (Media::events(headers), Media::negotiate(headers)) {
        (Events::Preferred, _) => sse::respond(app, identity, prepared, headers),
        (Events::Taken, _) if subscribes => sse::respond(app, identity, prepared, headers),
        (_, Some(media)) if subscribes => {
            let message = "A subscription needs a WebSocket (graphql-transport-ws), or a request that \
                           accepts text/event-stream.";
            answer(Answer::refused(Code::BadUserInput, message), media)
        }
        (_, Some(media)) => respond_once(app, identity.viewer, prepared, media).await,
        (_, None) => not_acceptable(),
    }
}

async fn respond_once(app: &App, viewer: Viewer, prepared: Prepared, media: Media) -> Response {
    let Measured { answer: given, statements, rows, timed_out, refused } = run(app, viewer, prepared).await;
    let mut response = answer(given, media);
    if refused {
        come_back(&mut response);
    }
    if timed_out {
        *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    }
    response.extensions_mut().insert(Statements(statements));
    response.extensions_mut().insert(Rows(rows));
    response
}

fn unreadable(rejection: &BytesRejection, largest: usize) -> Response {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The body is larger than {largest} bytes.");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, Code::BodyTooLarge, &message);
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
