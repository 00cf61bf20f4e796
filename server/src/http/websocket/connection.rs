//! One socket, from its first message to its close. It is one task without a queue of answers: an operation
//! continues only when its last answer was sent, so a client that does not read uses no memory for answers.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::futures_util::FutureExt;
use async_graphql::futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll, StreamExt};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Map, Value};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tungstenite::Error as SocketError;
use uuid::Uuid;

use super::message::{ClientMessage, Close, ServerMessage};
use crate::app::App;
use crate::feed::Ended;
use crate::graphql::{Answer, Request, StreamItem};
use crate::http::connections::ConcurrencyPermit;
use crate::http::identity::Identity;
use crate::http::operation::{Answers, answers};
use crate::wire::Code;

/// How long a client has to answer a close frame.
const GOODBYE: Duration = Duration::from_secs(2);

pub struct Connection {
    app: Arc<App>,
    socket: WebSocket,
    /// The token of the HTTP request; one in `connection_init` is preferred.
    token: Option<String>,
    session: Option<Session>,
    operations: SelectAll<BoxStream<'static, Step>>,
    running: HashMap<String, AbortHandle>,
    opened: Instant,
    last_heard: Instant,
    next_ping: Instant,
}

/// The person whose token was accepted, until the token expires.
struct Session {
    person: Uuid,
    until: Instant,
    _permit: ConcurrencyPermit,
}

/// What a running operation gives to its connection.
enum Step {
    Answered(String, Result<StreamItem, Ended>),
    Done(String),
}

/// An error ends the connection: with a close frame, or without one (`None`) when the client has gone.
type HandlerResult = Result<(), Option<Close>>;

impl Connection {
    pub fn new(app: Arc<App>, socket: WebSocket, token: Option<String>) -> Self {
        let now = Instant::now();
        let next_ping = now + app.connections.limits.ping;
        let (operations, running) = (SelectAll::new(), HashMap::new());
        Self {
            app,
            socket,
            token,
            session: None,
            operations,
            running,
            opened: now,
            last_heard: now,
            next_ping,
        }
    }

    /// Serves the connection until it must be closed; `None` when the client has gone.
    pub async fn run(&mut self) -> Option<Close> {
        let closing = self.app.connections.closing();
        loop {
            let wake = self.wake();
            let result = tokio::select! {
                () = closing.cancelled() => Err(Some(Close::RESTART)),
                // Boxed, because a connection is idle most of the time, for days: the future then takes no memory.
                message = self.socket.recv() => self.receive(message).boxed().await,
                Some(step) = self.operations.next(), if !self.operations.is_empty() => self.forward(step).await,
                () = sleep_until(wake) => self.check_time().await,
            };
            if let Err(close) = result {
                return close;
            }
        }
    }

    /// Sends the close frame, and waits up to `GOODBYE` for the client to receive it: dropping a socket with
    /// unread messages would lose the frame.
    pub async fn close(&mut self, close: Close) {
        self.operations.clear();
        let frame = CloseFrame { code: close.code, reason: close.reason.into() };
        if self.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let goodbye = Instant::now() + GOODBYE;
        while let Ok(Some(Ok(_))) = tokio::time::timeout_at(goodbye, self.socket.recv()).await {}
        if close == Close::TOO_LARGE {
            // The rest of the message can't be read, and the client is still sending it.
            sleep_until(goodbye).await;
        }
    }

    // -- time -------------------------------------------------------------------------------------

    fn wake(&self) -> Instant {
        let own = self
            .session
            .as_ref()
            .map_or(self.opened + self.app.connections.limits.init, |session| session.until);
        own.min(self.next_ping)
    }

    async fn check_time(&mut self) -> HandlerResult {
        let now = Instant::now();
        let limits = &self.app.connections.limits;
        match &self.session {
            None if now >= self.opened + limits.init => return Err(Some(Close::INIT_TIMEOUT)),
            Some(session) if now >= session.until => return Err(Some(Close::EXPIRED)),
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

    // -- receiving --------------------------------------------------------------------------------

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> HandlerResult {
        self.last_heard = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => self.dispatch(ClientMessage::read(&text).map_err(Some)?).await,
            Some(Ok(Message::Binary(_))) => Err(Some(Close::BINARY)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => {
                // Gives the socket time to send the answer to the close frame.
                let _ = timeout(GOODBYE, self.socket.recv()).await;
                Err(None)
            }
            Some(Err(error)) => Err(fault(error)),
        }
    }

    async fn dispatch(&mut self, message: ClientMessage) -> HandlerResult {
        match message {
            ClientMessage::ConnectionInit { payload } => self.init(payload.as_ref()).await,
            ClientMessage::Ping { payload } => self.reply(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong {} => Ok(()),
            ClientMessage::Subscribe { id, payload } => {
                let request = payload.into_request().ok_or(Some(Close::INVALID))?;
                self.begin(id, request).await
            }
            ClientMessage::Complete { id } => {
                if let Some(operation) = self.running.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    async fn init(&mut self, payload: Option<&Map<String, Value>>) -> HandlerResult {
        if self.session.is_some() {
            return Err(Some(Close::SECOND_INIT));
        }
        let sent = payload.and_then(token).or(self.token.take()).ok_or(Some(Close::FORBIDDEN))?;
        let identity = Identity::of_token(&self.app, &sent).await.map_err(|error| {
            tracing::error!(%error, "the viewer could not be read");
            Some(Close::LATER)
        })?;
        let identity = identity.ok_or(Some(Close::FORBIDDEN))?;
        let person = identity.viewer.id();
        let permit = self.app.connections.permit(person).ok_or(Some(Close::TOO_MANY))?;
        self.session = Some(Session { person, until: Instant::now() + identity.left(), _permit: permit });
        self.reply(&ServerMessage::ConnectionAck).await
    }

    async fn begin(&mut self, id: String, request: Request) -> HandlerResult {
        let Some(session) = &self.session else { return Err(Some(Close::UNAUTHORIZED)) };
        if self.running.contains_key(&id) {
            return Err(Some(Close::DUPLICATE));
        }
        if self.running.len() >= self.app.connections.limits.operations {
            let refused =
                Answer::refused(Code::RateLimited, "Too many operations on this socket; complete one.");
            return self.reply(&ServerMessage::Error { id: &id, payload: &refused.errors }).await;
        }
        let (operation, registration) = AbortHandle::new_pair();
        let name = id.clone();
        let steps = operate(self.app.clone(), session.person, request)
            .map(move |answer| Step::Answered(name.clone(), answer))
            .chain(stream::once(std::future::ready(Step::Done(id.clone()))));
        self.operations.push(Abortable::new(steps, registration).boxed());
        self.running.insert(id, operation);
        Ok(())
    }

    // -- sending ----------------------------------------------------------------------------------

    async fn forward(&mut self, step: Step) -> HandlerResult {
        match step {
            // The client has completed this operation meanwhile: nothing more is sent for it.
            Step::Answered(id, _) | Step::Done(id) if !self.running.contains_key(&id) => Ok(()),
            Step::Answered(id, Ok(item)) if item.answer.is_refusal() => {
                self.running.remove(&id);
                self.reply(&ServerMessage::Error { id: &id, payload: &item.answer.errors }).await
            }
            Step::Answered(id, Ok(item)) => match item.answer.into_raw() {
                Ok(payload) => self.reply(&ServerMessage::Next { id: &id, payload: &payload }).await,
                Err(error) => Err(Some(unwritable(&error))),
            },
            // An `error` message would end the operation for good; after this close code clients connect again
            // and resume.
            Step::Answered(_, Err(Ended::TooFarBehind | Ended::Unavailable)) => Err(Some(Close::LATER)),
            Step::Done(id) => {
                self.running.remove(&id);
                self.reply(&ServerMessage::Complete { id: &id }).await
            }
        }
    }

    async fn reply(&mut self, message: &ServerMessage<'_>) -> HandlerResult {
        let text = serde_json::to_string(message).map_err(|error| Some(unwritable(&error)))?;
        self.send(Message::text(text)).await
    }

    /// A client that does not take a message in time counts as gone.
    async fn send(&mut self, message: Message) -> HandlerResult {
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

/// The role of the person is read when the operation begins, not when the socket was opened.
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
    // Boxed, and freed when the operation has begun: a subscription may have no event for days.
    stream::once(begin.boxed()).flatten().boxed()
}

/// The close code for a message that could not be read; `None` when the connection is lost.
fn fault(error: axum::Error) -> Option<Close> {
    match error.into_inner().downcast_ref::<SocketError>()? {
        SocketError::Capacity(_) => Some(Close::TOO_LARGE),
        SocketError::Utf8(_) => Some(Close::NOT_TEXT),
        SocketError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => None,
        SocketError::Protocol(_) => Some(Close::BROKEN),
        _ => None,
    }
}
