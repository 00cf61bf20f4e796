//! The clients that front ends use, each over two servers of which the first stops half way: they come
//! back by themselves, and have heard everything once and in order.

use std::sync::{Arc, Mutex};

use axum::extract::Request;
use entity::goal;
use serde_json::{Value, json};
use server::app::App;
use server::http::router;
use tower::ServiceExt;

use crate::support::{Clinic, Kind, Person, eventually, node, serve};

/// A patient who listens, and a therapist who gives them something to hear.
struct Ward {
    clinic: Clinic,
    ann: Person,
    lee: Person,
    goal: goal::Model,
    /// From before the first entry, so that it matters nothing when the first server stops.
    cursor: String,
}

impl Ward {
    async fn open() -> Self {
        let clinic = Clinic::open(Kind::Sqlite).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut listener =
            clinic.listens(&ann, "subscription { progressRecorded { cursor } }", json!({})).await;
        clinic.reports(&lee, &goal, 0).await;
        let cursor = listener.event().await.expect("an event").id.expect("a cursor");
        drop(listener);
        eventually("it has left", async || clinic.app.feed.listeners() == 0).await;
        Self { clinic, ann, lee, goal, cursor }
    }

    async fn two_servers(&self) -> [String; 2] {
        [self.clinic.serves().await, serve(&self.clinic.another()).await]
    }

    /// What a client saw that was there while six entries were recorded and the first server stopped.
    async fn shows(&self, script: &'static str, addresses: &[String], half_way: impl FnOnce()) -> Value {
        let own = [self.ann.token.clone(), self.cursor.clone()];
        let arguments: Vec<_> = addresses.iter().cloned().chain(own).collect();
        let client = tokio::spawn(async move {
            node::run_with(script, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
        });
        eventually("it listens", async || self.clinic.app.feed.listeners() == 1).await;
        let mut recorded = Vec::new();
        for value in 1..=3 {
            recorded.push(json!(self.clinic.reports(&self.lee, &self.goal, value).await));
        }
        half_way();
        self.clinic.app.connections.begin_to_close();
        for value in 4..=6 {
            recorded.push(json!(self.clinic.reports(&self.lee, &self.goal, value).await));
        }
        let seen = client.await.expect("the client");
        assert_eq!(seen["entries"], json!(recorded));
        assert_eq!(seen["viewer"], json!({ "data": { "viewer": { "fullName": "Ann" } } }));
        seen
    }
}

#[tokio::test]
async fn graphql_ws_comes_back_and_resumes() {
    let ward = Ward::open().await;
    let seen = ward.shows("websocket.mjs", &ward.two_servers().await, || {}).await;
    assert_eq!(seen["closed"][0], 1012);
    assert_eq!(seen["refused"], "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn graphql_sse_comes_back_and_resumes() {
    let ward = Ward::open().await;
    let seen = ward.shows("sse.mjs", &ward.two_servers().await, || {}).await;
    assert_eq!(seen["refused"], "GRAPHQL_VALIDATION_FAILED");
}

/// What is in every browser. It knows one address, and the last id that it heard.
#[tokio::test]
async fn a_browsers_event_source_comes_back_and_resumes() {
    let ward = Ward::open().await;
    let (address, behind) = balance(ward.clinic.app.clone()).await;
    let other = ward.clinic.another();
    let exchange = || *behind.lock().expect("no panic") = other;
    let seen = ward.shows("events.mjs", &[address], exchange).await;
    assert_eq!(seen["opened"], 2);
}

/// One address in front of a server that can be exchanged.
async fn balance(app: App) -> (String, Arc<Mutex<App>>) {
    let current = Arc::new(Mutex::new(app));
    let behind = current.clone();
    let front = axum::Router::new().fallback(async move |request: Request| {
        let app = behind.lock().expect("no panic").clone();
        router(app).oneshot(request).await
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, front).await.expect("serving") });
    (address, current)
}
