//! Clients that do not take what they are told: memory has a bound, others are unharmed, and whoever is
//! let go comes back and has missed nothing.

use std::sync::Arc;
use std::time::Duration;

use entity::person::Role;
use serde_json::{Value, json};
use server::access::Viewer;
use server::event::Topic;
use server::feed::{self, Delivery, Ended, Feed, Filter, Subscriber};
use server::http::connections::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::both;
use crate::support::{Clinic, DEADLINE, Kind, Person, SECRET, Socket, Waymark, eventually, served};

const ENTRIES: &str = "subscription { progressRecorded { cursor entry { id value } } }";
const WITH_GOALS: &str = "subscription($after: String) {
    progressRecorded(after: $after) { cursor entry { id } goal { description } } }";
const VIEWER: &str = "{ viewer { fullName } }";

both! {
    async fn whoever_falls_behind_is_caught_up_from_the_outbox(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.app.feed = Feed::new(clinic.store(), feed::Limits { queue: 2, max_lag: 1_000 });
        let (viewer, filter) = (viewer(&clinic, &ann).await, entries_of(&ann));
        let mut slow = clinic.app.feed.subscribe(&viewer, filter, None).await.expect("a subscription");
        let mut quick = clinic.app.feed.subscribe(&viewer, filter, None).await.expect("a subscription");
        let mut recorded = Vec::new();
        for value in 0..20 {
            recorded.push(clinic.reports(&ann, &goal, value % 10).await);
            assert_eq!(next(&mut quick).await.expect("news").event.subject_id, recorded[recorded.len() - 1]);
        }
        for entry in recorded {
            assert_eq!(next(&mut slow).await.expect("news").event.subject_id, entry);
        }
        let live = clinic.reports(&ann, &goal, 1).await;
        assert_eq!(next(&mut slow).await.expect("news").event.subject_id, live);
    }

    async fn whoever_is_too_far_behind_is_let_go(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.app.feed = Feed::new(clinic.store(), feed::Limits { queue: 1, max_lag: 3 });
        let (viewer, filter) = (viewer(&clinic, &ann).await, entries_of(&ann));
        let mut slow = clinic.app.feed.subscribe(&viewer, filter, None).await.expect("a subscription");
        for value in 0..6 {
            clinic.reports(&ann, &goal, value).await;
        }
        eventually("it is let go", async || clinic.app.feed.listeners() == 0).await;
        assert!(next(&mut slow).await.is_ok(), "what was in the queue is told");
        assert_eq!(next(&mut slow).await.expect_err("an end"), Ended::TooFarBehind);
    }
}

/// What it hears next; it must not wait for ever.
async fn next(subscriber: &mut Subscriber) -> Result<Arc<Delivery>, Ended> {
    tokio::time::timeout(DEADLINE, subscriber.next()).await.expect("an event in time")
}

/// A goal whose news fills any buffer soon.
fn long() -> String {
    "very long ".repeat(20_000)
}

#[tokio::test]
async fn ten_thousand_subscriptions_on_one_socket_harm_nobody() {
    let (clinic, address, ann) = served(Limits::default()).await;
    let socket = Socket::of(&address, &ann).await;
    let mut other = Socket::of(&address, &clinic.patient("Bob").await).await;
    let (sink, mut stream) = futures_util::StreamExt::split(socket.stream);
    let flood = tokio::spawn(async move {
        let mut sink = sink;
        for id in 0..10_000 {
            let payload = json!({ "query": ENTRIES });
            let message = json!({ "id": id.to_string(), "type": "subscribe", "payload": payload });
            futures_util::SinkExt::send(&mut sink, Message::text(message.to_string())).await.expect("taken");
        }
        sink
    });
    let mut refused = 0;
    while refused < 9_900 {
        let message =
            tokio::time::timeout(crate::support::DEADLINE, futures_util::StreamExt::next(&mut stream));
        match message.await.expect("in time").expect("no end").expect("a message") {
            Message::Text(text) => {
                assert!(text.contains("RATE_LIMITED"), "{text}");
                refused += 1;
            }
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
    let _sink = flood.await.expect("sent");
    assert!(clinic.app.feed.listeners() <= 100);
    other.subscribes("1", VIEWER, json!({})).await;
    assert_eq!(other.hears().await["payload"]["data"]["viewer"]["fullName"], "Bob");
}

#[tokio::test]
async fn a_client_that_never_reads_is_dropped_and_others_are_not() {
    let limits = Limits { send: Duration::from_millis(500), ..Limits::default() };
    let (clinic, address, _) = served(limits).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, &long()).await;
    let mut deaf = Socket::of(&address, &lee).await;
    deaf.subscribes("1", WITH_GOALS, json!({})).await;
    // One after the other: a listener is opened only as long as somebody reads it.
    eventually("the first listens", async || clinic.app.feed.listeners() == 1).await;
    let mut hearing = clinic.listens(&ann, ENTRIES, json!({})).await;
    eventually("both listen", async || clinic.app.feed.listeners() == 2).await;
    let mut recorded = 0;
    while clinic.app.feed.listeners() == 2 {
        clinic.reports(&ann, &goal, 1).await;
        recorded += 1;
        assert!(recorded < 2_000, "it is still there");
        assert_eq!(hearing.news().await["entry"]["value"], "1.00");
    }
}

#[tokio::test]
async fn a_client_that_gives_no_sign_of_life_is_dropped() {
    let limits = Limits { ping: Duration::from_millis(100), ..Limits::default() };
    let (clinic, address, ann) = served(limits).await;
    // Not polled, so it answers no ping.
    let mut dead = Socket::of(&address, &ann).await;
    dead.subscribes("1", ENTRIES, json!({})).await;
    eventually("it listens", async || clinic.app.feed.listeners() == 1).await;
    eventually("it is dropped", async || clinic.app.feed.listeners() == 0).await;
}

#[tokio::test]
async fn a_socket_that_is_cut_leaves_nothing_behind() {
    let (clinic, address, ann) = served(Limits::default()).await;
    let mut socket = Socket::of(&address, &ann).await;
    socket.subscribes("1", ENTRIES, json!({})).await;
    eventually("it listens", async || clinic.app.feed.listeners() == 1).await;
    drop(socket);
    eventually("it has left", async || clinic.app.feed.listeners() == 0).await;
}

#[tokio::test]
async fn whoever_is_let_go_hears_1013_and_resumes_without_a_gap() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app.feed = Feed::new(clinic.store(), feed::Limits { queue: 1, max_lag: 3 });
    let address = clinic.serves().await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, &long()).await;
    let mut slow = Socket::of(&address, &lee).await;
    slow.subscribes("1", WITH_GOALS, json!({})).await;
    eventually("it listens", async || clinic.app.feed.listeners() == 1).await;
    let mut recorded = Vec::new();
    while clinic.app.feed.listeners() == 1 {
        recorded.push(json!(clinic.reports(&ann, &goal, 1).await));
        assert!(recorded.len() < 2_000, "it is still there");
    }

    let (mut heard, mut cursor) = (Vec::new(), Value::Null);
    let code = loop {
        match slow.hears_or_is_closed().await {
            Ok(said) => note(&said, &mut heard, &mut cursor),
            Err(code) => break code,
        }
    };
    assert_eq!(code, 1013, "clients try this again");
    assert!(heard.len() < recorded.len());

    let mut again = Socket::of(&address, &lee).await;
    again.subscribes("1", WITH_GOALS, json!({ "after": cursor })).await;
    while heard.len() < recorded.len() {
        note(&again.hears().await, &mut heard, &mut cursor);
    }
    assert_eq!(heard, recorded);
}

fn note(said: &Value, heard: &mut Vec<Value>, cursor: &mut Value) {
    let news = &said["payload"]["data"]["progressRecorded"];
    heard.push(news["entry"]["id"].clone());
    *cursor = news["cursor"].clone();
}

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
    let limits = Limits { ping: Duration::from_millis(100), ..Limits::default() };
    let (_clinic, address, ann) = served(limits).await;
    let mut socket = Socket::of(&address, &ann).await;
    for _ in 0..6 {
        let message = futures_util::StreamExt::next(&mut socket.stream).await;
        assert!(matches!(message, Some(Ok(Message::Ping(_)))), "{message:?}");
    }
    socket.subscribes("1", VIEWER, json!({})).await;
    assert_eq!(socket.hears().await["type"], "next");
}

/// The kernel sees to it, so this takes as long as a client has.
#[tokio::test]
async fn an_event_stream_that_nobody_reads_is_cut_off() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, &long()).await;
    let server = Waymark::new(&["serve"])
        .env("DATABASE_URL", &clinic.database.url)
        .env("WAYMARK_JWT_SECRET", std::str::from_utf8(SECRET).expect("text"))
        .env("WAYMARK_CONNECTIONS_PER_PERSON", "1")
        .listens()
        .await;
    let _deaf = asks_and_never_reads(&server.address, &lee).await;
    let status = async || {
        let request = reqwest::Client::new().post(format!("{}/graphql", server.address));
        let request = request.json(&json!({ "query": VIEWER })).bearer_auth(&lee.token);
        request.header("accept", "text/event-stream").send().await.expect("an answer").status()
    };
    assert_eq!(status().await, 429);
    let mutation = format!(
        "mutation {{ recordProgress(input: {{ goalId: \"{}\", value: \"1\" }}) {{ userErrors {{ code }} }} }}",
        goal.id
    );
    for _ in 0..80 {
        let answer = server.asks(&ann.token, &mutation).await;
        assert_eq!(answer["data"]["recordProgress"]["userErrors"], json!([]), "{answer}");
    }
    assert_eq!(status().await, 429);
    eventually("its connection permit is free", async || status().await == 200).await;
}

/// Reads that it was let in, and no more.
async fn asks_and_never_reads(address: &str, person: &Person) -> tokio::net::TcpStream {
    let host = address.strip_prefix("http://").expect("an address");
    let mut stream = tokio::net::TcpStream::connect(host).await.expect("a connection");
    let body = json!({ "query": WITH_GOALS }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
        person.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("to be taken");
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.expect("an answer");
    assert_eq!(&head, b"HTTP/1.1 200");
    stream
}

async fn viewer(clinic: &Clinic, person: &Person) -> Viewer {
    let viewer =
        Viewer::identify(clinic.store().clone(), person.id).await.expect("a person").expect("a viewer");
    assert_eq!(viewer.role, Role::Patient);
    viewer
}

fn entries_of(person: &Person) -> Filter {
    Filter { topic: Topic::ProgressRecorded, goal: None, patient: Some(person.id) }
}
