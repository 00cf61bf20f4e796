//! Listening: a subscription through the real router as server-sent events, and events as they are
//! written by mutations or, for an order of one's own, straight into the outbox.

use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use entity::{event, goal};
use futures_util::StreamExt;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use serde_json::{Value, json};
use server::http::router;
use tower::ServiceExt;
use uuid::Uuid;

use super::process::DEADLINE;
use super::{Clinic, Person};

/// Waits until something is so.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < DEADLINE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// One server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: String,
}

impl Event {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// What the one field of the subscription gave.
    pub fn news(&self) -> Value {
        let json = self.json();
        assert_eq!(json.get("errors"), None, "{json}");
        json["data"].as_object().expect("data").values().next().expect("a field").clone()
    }

    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A response that goes on.
pub struct Listener {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: BodyDataStream,
    text: String,
}

impl Listener {
    /// The next event; `None` at the end of the response. Heartbeats are passed over.
    pub async fn event(&mut self) -> Option<Event> {
        tokio::time::timeout(DEADLINE, self.next_event()).await.expect("an event in time")
    }

    async fn next_event(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parse(block);
                let rest = rest.to_owned();
                self.text = rest;
                if let Some(event) = event {
                    return Some(event);
                }
            }
            let bytes = self.body.next().await?.expect("a body");
            self.text.push_str(std::str::from_utf8(&bytes).expect("UTF-8"));
        }
    }

    /// What the next event says.
    pub async fn news(&mut self) -> Value {
        self.event().await.expect("an event").news()
    }

    /// What the next events say.
    pub async fn hears(&mut self, count: usize) -> Vec<Value> {
        let mut heard = Vec::new();
        for _ in 0..count {
            heard.push(self.news().await);
        }
        heard
    }

    /// The whole of the first piece, as it is on the wire.
    pub async fn raw(&mut self) -> String {
        let piece = tokio::time::timeout(DEADLINE, self.body.next()).await.expect("a piece in time");
        String::from_utf8(piece.expect("a piece").expect("a body").to_vec()).expect("UTF-8")
    }

    /// Asserts that there is nothing to hear at present.
    pub async fn is_silent(&mut self) {
        if let Ok(event) = tokio::time::timeout(Duration::from_millis(300), self.next_event()).await {
            panic!("heard {event:?}");
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.strip_prefix(' ').unwrap_or(line).to_owned())
    };
    Some(Event { name: field("event")?, id: field("id"), data: field("data").expect("a data line") })
}

impl Clinic {
    /// A subscription that is under way, or was answered. One at a time: that it is under way is seen by the
    /// number of listeners.
    pub async fn listens(&self, person: &Person, query: &str, variables: Value) -> Listener {
        self.listens_from(person, query, variables, None).await
    }

    /// As a browser that has heard an event with this id before.
    pub async fn listens_from(
        &self,
        person: &Person,
        query: &str,
        variables: Value,
        last: Option<&str>,
    ) -> Listener {
        let before = self.app.feed.listeners();
        let mut request = Request::post("/graphql")
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream")
            .header(AUTHORIZATION, format!("Bearer {}", person.token));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut listener = self.streams(request.body(Body::from(body)).expect("a request")).await;
        // It is opened as it is read.
        let opened = async |listener: &mut Listener| {
            while self.app.feed.listeners() == before {
                let piece = tokio::time::timeout(Duration::from_millis(5), listener.body.next()).await;
                if let Ok(piece) = piece {
                    let Some(piece) = piece else { return };
                    listener.text.push_str(std::str::from_utf8(&piece.expect("a body")).expect("UTF-8"));
                    if listener.text.contains("event:") {
                        return;
                    }
                }
            }
        };
        tokio::time::timeout(DEADLINE, opened(&mut listener)).await.expect("opened in time");
        listener
    }

    /// Any request whose answer goes on.
    pub async fn streams(&self, request: Request<Body>) -> Listener {
        let response = router(self.app.clone()).oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        Listener {
            status: parts.status,
            headers: parts.headers,
            body: body.into_data_stream(),
            text: String::new(),
        }
    }

    /// Records a value through the API, and gives the entry's id.
    pub async fn reports(&self, person: &Person, goal: &goal::Model, value: i64) -> Uuid {
        let mutation = "mutation($input: RecordProgressInput!) { recordProgress(input: $input) {
            entry { id } userErrors { code field } } }";
        let input = json!({ "goalId": goal.id, "value": value.to_string() });
        let answer = self.asks(person, mutation, json!({ "input": input })).await;
        assert_eq!(*answer.at("/recordProgress/userErrors"), json!([]));
        serde_json::from_value(answer.at("/recordProgress/entry/id").clone()).expect("an id")
    }

    /// Writes an event as a service does, but for the bell.
    pub async fn writes(
        &self,
        db: &impl ConnectionTrait,
        kind: &str,
        goal: &goal::Model,
        subject: Uuid,
    ) -> i64 {
        let row = event::ActiveModel {
            kind: Set(kind.to_owned()),
            patient_id: Set(goal.patient_id),
            therapist_id: Set(Some(goal.therapist_id)),
            goal_id: Set(Some(goal.id)),
            subject_id: Set(subject),
            created_at: Set(self.now()),
            ..Default::default()
        };
        row.insert(db).await.expect("an event").id
    }
}
