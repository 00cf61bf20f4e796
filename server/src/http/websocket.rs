//! `WebSocket`s, in the protocol graphql-transport-ws.

mod connection;
mod message;

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::refuse;
use super::cross_origin::may_ask;
use super::identity::bearer;
use crate::app::App;
use crate::panics::{Panicked, caught};
use crate::wire::Code;
use connection::Connection;
use message::Close;

const PROTOCOL: &str = "graphql-transport-ws";
/// In bytes. Tungstenite's default of 128 KiB would be most of the memory of an idle socket.
const READ_BUFFER: usize = 2 * 1024;

/// Turns a request into a `WebSocket`. One that asks for another protocol, as the legacy `graphql-ws`
/// is, gets it, and then a close frame with the reason: a browser does not show a refused upgrade.
pub fn upgrade(mut upgrade: WebSocketUpgrade, app: Arc<App>, headers: &HeaderMap) -> Response {
    if !may_ask(headers, &app.connections.limits.origins) {
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
        app.connections.clone().spawn(serve(Box::new(Connection::new(app, socket, token)), spoken));
    })
}

async fn serve(mut connection: Box<Connection>, spoken: bool) {
    let run = caught(async {
        Ok::<_, Panicked>(if spoken { connection.run().await } else { Some(Close::PROTOCOL) })
    });
    if let Some(close) = run.await.unwrap_or(Some(Close::LATER)) {
        connection.close(close).await;
    }
}
