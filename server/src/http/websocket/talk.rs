//! One socket, from its first message to its close: one task, and no queue of answers. An operation goes
//! on only when what it said before has been taken, so a client that does not read costs nothing.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll, StreamExt};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Map, Value};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tungstenite::Error as SocketError;
use uuid::Uuid;

use super::message::{Close, Said, Say};
use crate::app::App;
use crate::feed::Ended;
use crate::graphql::{Answer, Request, StreamItem};
use crate::http::connections::Seat;
use crate::http::identity::Identity;
use crate::http::operation::{Answers, answers};
use crate::wire::Code;

/// A client that was told to go has this long.
const GOODBYE: Duration = Duration::from_secs(2);

pub struct Talk {
    app: Arc<App>,
    socket: WebSocket,
    /// Of the HTTP request; one in `connection_init` goes before it.
    token: Option<String>,
    me: Option<Me>,
    operations: SelectAll<BoxStream<'static, Step>>,
    running: HashMap<String, AbortHandle>,
    opened: Instant,
    last_heard: Instant,
    next_ping: Instant,
}

/// Whoever has said who they are.
struct Me {
    person: Uuid,
    until: Instant,
    _seat: Seat,
}

/// What an operation did.
enum Step {
    Answered(String, Result<StreamItem, Ended>),
    Done(String),
}

/// How it goes on: an error ends the talk, with a close frame when the client is still there.
type Flow = Result<(), Option<Close>>;

impl Talk {
    pub fn new(app: Arc<App>, socket: WebSocket, token: Option<String>) -> Self {
        let now = Instant::now();
        let next_ping = now + app.connections.limits.ping;
        let (operations, running) = (SelectAll::new(), HashMap::new());
        Self { app, socket, token, me: None, operations, running, opened: now, last_heard: now, next_ping }
    }

    /// Until there is nothing more to say; `None` when the client has gone.
    pub async fn run(&mut self) -> Option<Close> {
        let closing = self.app.connections.closing();
        loop {
            let wake = self.wake();
            let flow = tokio::select! {
                () = closing.cancelled() => Err(Some(Close::RESTART)),
                // In a box: a client says little, and the talk goes on for days.
                message = self.socket.recv() => self.hear(message).boxed().await,
                Some(step) = self.operations.next(), if !self.operations.is_empty() => self.tell(step).await,
                () = sleep_until(wake) => self.look_at_the_clock().await,
            };
            if let Err(close) = flow {
                return close;
            }
        }
    }

    /// Says why, and waits a moment for the client to hear it: a socket that is dropped with unread
    /// messages takes the close frame with it.
    pub async fn close(&mut self, close: Close) {
        self.operations.clear();
        let frame = CloseFrame { code: close.code, reason: close.reason.into() };
        if self.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let goodbye = Instant::now() + GOODBYE;
        while let Ok(Some(Ok(_))) = tokio::time::timeout_at(goodbye, self.socket.recv()).await {}
        if close == Close::TOO_LARGE {
            // The rest of that message can't be read; the client is still sending it.
            sleep_until(goodbye).await;
        }
    }

    // -- time -------------------------------------------------------------------------------------

    fn wake(&self) -> Instant {
        let own = self.me.as_ref().map_or(self.opened + self.app.connections.limits.init, |me| me.until);
        own.min(self.next_ping)
    }

    async fn look_at_the_clock(&mut self) -> Flow {
        let now = Instant::now();
        let limits = &self.app.connections.limits;
        match &self.me {
            None if now >= self.opened + limits.init => return Err(Some(Close::INIT_TIMEOUT)),
            Some(me) if now >= me.until => return Err(Some(Close::EXPIRED)),
            _ => {}
        }
        if now < self.next_ping {
            return Ok(());
        }
        if now.duration_since(self.last_heard) > limits.ping * 2 {
            return Err(None);
        }
        self.next_ping = now + limits.ping;
        self.send(Message::Ping(axum::body::Bytes::default())).await
    }

    // -- hearing ----------------------------------------------------------------------------------

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Flow {
        self.last_heard = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => self.understand(Said::read(&text).map_err(Some)?).await,
            Some(Ok(Message::Binary(_))) => Err(Some(Close::BINARY)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => {
                // Lets the answer to a close frame go out.
                let _ = timeout(GOODBYE, self.socket.recv()).await;
                Err(None)
            }
            Some(Err(error)) => Err(fault(error)),
        }
    }

    async fn understand(&mut self, said: Said) -> Flow {
        match said {
            Said::ConnectionInit { payload } => self.init(payload.as_ref()).await,
            Said::Ping { payload } => self.say(&Say::Pong { payload }).await,
            Said::Pong {} => Ok(()),
            Said::Subscribe { id, payload } => {
                let request = payload.into_request().ok_or(Some(Close::INVALID))?;
                self.begin(id, request).await
            }
            Said::Complete { id } => {
                if let Some(operation) = self.running.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    async fn init(&mut self, payload: Option<&Map<String, Value>>) -> Flow {
        if self.me.is_some() {
            return Err(Some(Close::SECOND_INIT));
        }
        let sent = payload.and_then(token).or(self.token.take()).ok_or(Some(Close::FORBIDDEN))?;
        let identity = Identity::of_token(&self.app, &sent).await.map_err(|error| {
            tracing::error!(%error, "the viewer could not be read");
            Some(Close::LATER)
        })?;
        let identity = identity.ok_or(Some(Close::FORBIDDEN))?;
        let person = identity.viewer.id();
        let seat = self.app.connections.seat(person).ok_or(Some(Close::TOO_MANY))?;
        self.me = Some(Me { person, until: Instant::now() + identity.left(), _seat: seat });
        self.say(&Say::ConnectionAck).await
    }

    async fn begin(&mut self, id: String, request: Request) -> Flow {
        let Some(me) = &self.me else { return Err(Some(Close::UNAUTHORIZED)) };
        if self.running.contains_key(&id) {
            return Err(Some(Close::DUPLICATE));
        }
        if self.running.len() >= self.app.connections.limits.operations {
            let refused =
                Answer::refused(Code::RateLimited, "Too many operations on this socket; complete one.");
            return self.say(&Say::Error { id: &id, payload: &refused.errors }).await;
        }
        let (operation, registration) = AbortHandle::new_pair();
        let name = id.clone();
        let steps = operate(self.app.clone(), me.person, request)
            .map(move |answer| Step::Answered(name.clone(), answer))
            .chain(stream::once(std::future::ready(Step::Done(id.clone()))));
        self.operations.push(Abortable::new(steps, registration).boxed());
        self.running.insert(id, operation);
        Ok(())
    }

    // -- saying -----------------------------------------------------------------------------------

    async fn tell(&mut self, step: Step) -> Flow {
        match step {
            // One that the client completed meanwhile says nothing more.
            Step::Answered(id, _) | Step::Done(id) if !self.running.contains_key(&id) => Ok(()),
            Step::Answered(id, Ok(item)) if item.answer.is_refusal() => {
                self.running.remove(&id);
                self.say(&Say::Error { id: &id, payload: &item.answer.errors }).await
            }
            Step::Answered(id, Ok(item)) => match item.answer.into_raw() {
                Ok(payload) => self.say(&Say::Next { id: &id, payload: &payload }).await,
                Err(error) => Err(Some(unwritable(&error))),
            },
            // An `error` would end the operation for good; after this clients come back and go on.
            Step::Answered(_, Err(Ended::TooFarBehind | Ended::Unavailable)) => Err(Some(Close::LATER)),
            Step::Done(id) => {
                self.running.remove(&id);
                self.say(&Say::Complete { id: &id }).await
            }
        }
    }

    async fn say(&mut self, say: &Say<'_>) -> Flow {
        let text = serde_json::to_string(say).map_err(|error| Some(unwritable(&error)))?;
        self.send(Message::text(text)).await
    }

    /// A client that does not take what it is sent is gone.
    async fn send(&mut self, message: Message) -> Flow {
        let sent = timeout(self.app.connections.limits.send, self.socket.send(message)).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(None) }
    }
}

fn unwritable(error: &serde_json::Error) -> Close {
    tracing::error!(%error, "an answer is no JSON");
    Close::LATER
}

/// The token in a `connection_init`, with or without the name of the scheme.
fn token(payload: &Map<String, Value>) -> Option<String> {
    let text =
        ["Authorization", "authorization", "token"].iter().find_map(|key| payload.get(*key)?.as_str())?;
    let bare = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => text,
    };
    Some(bare.trim().to_owned())
}

/// Each operation acts for the person as they are when it begins, not when the socket was opened.
fn operate(app: Arc<App>, person: Uuid, request: Request) -> Answers {
    let begin = async move {
        match app.identities.viewer(app.store.for_request(), person).await {
            Ok(Some(viewer)) => answers(&app, viewer, app.engine.prepare(request), None),
            Ok(None) => {
                let gone = Answer::refused(Code::Unauthenticated, "A valid bearer token is needed.");
                stream::once(std::future::ready(Ok(gone.into()))).boxed()
            }
            Err(error) => {
                tracing::error!(%error, "the viewer could not be read");
                stream::once(std::future::ready(Err(Ended::Unavailable))).boxed()
            }
        }
    };
    // In a box that goes when it has begun: a subscription may be silent for days.
    stream::once(begin.boxed()).flatten().boxed()
}

/// How to close after what could not be read; `None` when the connection is lost.
fn fault(error: axum::Error) -> Option<Close> {
    match error.into_inner().downcast_ref::<SocketError>()? {
        SocketError::Capacity(_) => Some(Close::TOO_LARGE),
        SocketError::Utf8(_) => Some(Close::NOT_TEXT),
        SocketError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => None,
        SocketError::Protocol(_) => Some(Close::BROKEN),
        _ => None,
    }
}
