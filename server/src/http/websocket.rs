//! `WebSocket`s, in the protocol graphql-transport-ws.

mod message;
mod talk;

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::answer::refuse;
use super::identity::bearer;
use crate::app::App;
use crate::wire::Code;
use message::Close;
use talk::Talk;

const PROTOCOL: &str = "graphql-transport-ws";
/// Tungstenite's own 128 KiB a socket would be most of what a silent socket costs.
const READ_BUFFER: usize = 2 * 1024;

/// Turns a request into a `WebSocket`. One that asks for another protocol, as the legacy `graphql-ws`
/// is, gets it and is told at once that it is not spoken here: a browser could not see a refusal.
pub fn upgrade(mut upgrade: WebSocketUpgrade, app: Arc<App>, headers: &HeaderMap) -> Response {
    if !may_open(headers, &app.connections.limits.origins) {
        let message = "Pages of this origin may not open WebSockets here.";
        return refuse(StatusCode::FORBIDDEN, Code::Forbidden, message);
    }
    let asked: Vec<_> = upgrade.requested_protocols().cloned().collect();
    let spoken = asked.iter().find(|protocol| *protocol == PROTOCOL);
    if let Some(protocol) = spoken.or(asked.first()) {
        upgrade.set_selected_protocol(protocol.clone());
    }
    let token = bearer(headers).map(str::to_owned);
    let spoken = spoken.is_some();
    let limit = app.connections.limits.message;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(limit)
        .max_frame_size(limit);
    upgrade.on_upgrade(async move |socket| {
        // On a task that the server waits for when it stops.
        app.connections.clone().spawn(talk(Box::new(Talk::new(app, socket, token)), spoken));
    })
}

async fn talk(mut talk: Box<Talk>, spoken: bool) {
    let close = if spoken { talk.run().await } else { Some(Close::PROTOCOL) };
    if let Some(close) = close {
        talk.close(close).await;
    }
}

/// A browser says whose page it is; what is no browser does not, and has to have a token anyway.
fn may_open(headers: &HeaderMap, others: &[String]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let own = origin.parse::<Uri>().ok();
    let own = own.as_ref().and_then(Uri::authority).map(|authority| authority.as_str().as_bytes());
    let host = headers.get(HOST).map(axum::http::HeaderValue::as_bytes);
    (own.is_some() && own == host) || others.iter().any(|other| other == origin)
}
