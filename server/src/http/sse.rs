//! Server-sent events, in the distinct connections mode of graphql-sse: one operation a request, an
//! event `next` for each answer, and `complete` at the end. Each event's id is its cursor, so that a
//! browser that reconnects with `Last-Event-ID` misses nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::futures_util::stream::{self, StreamExt};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::answer::{come_back, refuse};
use super::connections::ConcurrencyPermit;
use super::identity::Identity;
use super::operation::{Answers, Prepared, answers};
use crate::app::App;
use crate::graphql::StreamItem;
use crate::wire::Code;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks proxies not to hold events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers an operation event by event.
pub fn respond(app: &Arc<App>, identity: Identity, prepared: Prepared, headers: &HeaderMap) -> Response {
    let Some(permit) = app.connections.permit(identity.viewer.id()) else { return too_many() };
    let left = identity.left();
    let answers = answers(app, identity.viewer, prepared, resume(headers));
    let telling = Telling::new(app, answers, left, permit);
    let frames = stream::unfold(telling, async |mut telling| Some((telling.next().await?, telling)));
    let mut response = Response::new(Body::from_stream(frames.map(Ok::<_, Infallible>)));
    let about = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache, no-store"),
        (BUFFERING, "no"),
    ];
    for (name, value) in about {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The event that a client heard last. A browser sends an empty one when there was none.
fn resume(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(LAST_EVENT_ID)?;
    // One that is no text is no cursor either, and is refused as such.
    let id = String::from_utf8_lossy(id.as_bytes()).into_owned();
    Some(id).filter(|id| !id.is_empty())
}

fn too_many() -> Response {
    let message = "You have too many open connections; close one.";
    let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message);
    come_back(&mut response);
    response
}

/// A response under way. Its events are made as the client takes them.
struct Telling {
    answers: Option<Answers>,
    heartbeat: Interval,
    closing: CancellationToken,
    until: Instant,
    _permit: ConcurrencyPermit,
}

impl Telling {
    fn new(app: &App, answers: Answers, left: Duration, permit: ConcurrencyPermit) -> Self {
        // The first goes out at once, and the headers with it.
        let mut heartbeat = interval(app.connections.limits.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (closing, until) = (app.connections.closing(), Instant::now() + left);
        Self { answers: Some(answers), heartbeat, closing, until, _permit: permit }
    }

    /// The next piece. Without `complete` before its end, clients connect again: so ends whoever is too
    /// far behind, has an old token, or is asked to go elsewhere.
    async fn next(&mut self) -> Option<Bytes> {
        let answers = self.answers.as_mut()?;
        tokio::select! {
            answer = answers.next() => match answer {
                Some(Ok(item)) => Some(frame(item)),
                Some(Err(_)) => None,
                None => {
                    self.answers = None;
                    // Browsers drop an event that has no data line.
                    Some(Bytes::from_static(b"event: complete\ndata:\n\n"))
                }
            },
            _ = self.heartbeat.tick() => Some(Bytes::from_static(b":\n\n")),
            () = self.closing.cancelled() => None,
            () = tokio::time::sleep_until(self.until) => None,
        }
    }
}

/// JSON has no line breaks, and a cursor neither.
fn frame(item: StreamItem) -> Bytes {
    let id = item.cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    let head = format!("event: next\n{id}data: ");
    Bytes::from([head.as_bytes(), &item.answer.into_json()[..], b"\n\n"].concat())
}
