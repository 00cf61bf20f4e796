//! graphql-transport-ws: every close code, and what no client should do.

use std::time::Duration;

use serde_json::{Value, json};
use server::http::connections::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Clinic, Person, Socket, eventually, served};

const VIEWER: &str = "{ viewer { fullName } }";
const ENTRIES: &str = "subscription { progressRecorded { cursor entry { value } } }";

async fn plainly_served() -> (Clinic, String, Person) {
    served(Limits::default()).await
}

#[tokio::test]
async fn queries_mutations_and_subscriptions_share_a_socket() {
    let (clinic, address, _) = plainly_served().await;
    let (bob, lee) = clinic.couple("Bob", "Dr. Lee").await;
    let goal = clinic.goal(&bob, &lee, "Walk").await;
    let mut socket = Socket::of(&address, &bob).await;
    socket.subscribes("news", ENTRIES, json!({})).await;
    eventually("it listens", async || clinic.app.feed.listeners() == 1).await;
    socket.subscribes("q", VIEWER, json!({})).await;
    let payload = json!({ "data": { "viewer": { "fullName": "Bob" } } });
    assert_eq!(socket.hears().await, json!({ "id": "q", "type": "next", "payload": payload }));
    assert_eq!(socket.hears().await, json!({ "id": "q", "type": "complete" }));

    let mutation = "mutation($goal: ID!) { recordProgress(input: { goalId: $goal, value: \"3\" }) {
        entry { value } } }";
    socket.subscribes("m", mutation, json!({ "goal": goal.id })).await;
    let mut heard = [socket.hears().await, socket.hears().await, socket.hears().await];
    heard.sort_by_key(|message| (message["id"].to_string(), message["type"] == "complete"));
    assert_eq!(heard[0]["payload"]["data"]["recordProgress"]["entry"]["value"], "3.00");
    assert_eq!(heard[1], json!({ "id": "m", "type": "complete" }));
    assert_eq!(heard[2]["payload"]["data"]["progressRecorded"]["entry"]["value"], "3.00");

    socket.says(json!({ "id": "news", "type": "complete" })).await;
    eventually("it is left", async || clinic.app.feed.listeners() == 0).await;
    socket.says(json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(socket.hears().await, json!({ "type": "pong", "payload": { "n": 1 } }));
}

#[tokio::test]
async fn what_is_no_message_closes_with_4400() {
    let (_clinic, address, ann) = plainly_served().await;
    let bad = [
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"type\":\"start\"}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{\"query\":\"{ __typename }\"}}",
        "{\"type\":\"subscribe\",\"id\":1,\"payload\":{\"query\":\"{ __typename }\"}}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{}}",
        "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":7}}",
        "{\"type\":\"complete\"}",
        "{\"type\":\"ping\",\"payload\":7}",
        "{\"type\":\"connection_init\",\"payload\":\"token\"}",
    ];
    for text in bad {
        let mut socket = Socket::open(&address).await;
        if !text.contains("connection_init") {
            socket.init(&ann.token).await;
        }
        socket.sends(Message::text(text)).await;
        assert_eq!(socket.closes().await, 4400, "{text}");
    }
    let mut socket = Socket::of(&address, &ann).await;
    socket.sends(Message::binary(b"{\"type\":\"ping\"}".to_vec())).await;
    assert_eq!(socket.closes().await, 4400);
}

#[tokio::test]
async fn subscribing_before_the_acknowledgement_closes_with_4401() {
    let (_clinic, address, _) = plainly_served().await;
    let mut socket = Socket::open(&address).await;
    socket.subscribes("1", VIEWER, json!({})).await;
    assert_eq!(socket.closes().await, 4401);
}

#[tokio::test]
async fn a_token_that_is_not_good_closes_with_4403() {
    let (clinic, address, ann) = plainly_served().await;
    let gone = clinic.token(uuid::Uuid::from_u128(3));
    let payloads = [
        Value::Null,
        json!({}),
        json!({ "token": "" }),
        json!({ "token": "x.y.z" }),
        json!({ "Authorization": 7 }),
        json!({ "token": gone }),
        json!({ "token": format!("{}x", ann.token) }),
    ];
    for payload in payloads {
        let mut socket = Socket::open(&address).await;
        socket.says(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.closes().await, 4403, "{payload}");
    }
}

#[tokio::test]
async fn a_token_is_taken_from_any_of_its_places() {
    let (_clinic, address, ann) = plainly_served().await;
    let bearer = format!("Bearer {}", ann.token);
    for payload in [
        json!({ "Authorization": bearer }),
        json!({ "authorization": bearer }),
        json!({ "token": ann.token }),
    ] {
        let mut socket = Socket::open(&address).await;
        socket.says(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hears().await["type"], "connection_ack");
    }
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("authorization", bearer.as_str())];
    let mut socket = Socket::open_with(&address, &headers).await.expect("a socket");
    socket.says(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.hears().await["type"], "connection_ack");
}

#[tokio::test]
async fn a_token_that_expires_closes_with_4403() {
    let (clinic, address, ann) = plainly_served().await;
    // Clocks may differ by 30 seconds, and this one has two of them left.
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let token = clinic.app.keys.sign(ann.id, now - 28).expect("a token");
    let mut socket = Socket::open(&address).await;
    socket.init(&token).await;
    assert_eq!(socket.closes().await, 4403);
}

#[tokio::test]
async fn another_protocol_or_none_closes_with_4406() {
    let (_clinic, address, _) = plainly_served().await;
    let mut legacy =
        Socket::open_with(&address, &[("sec-websocket-protocol", "graphql-ws")]).await.expect("a socket");
    assert_eq!(legacy.closes().await, 4406);
    let mut none = Socket::open_with(&address, &[]).await.expect("a socket");
    assert_eq!(none.closes().await, 4406);
}

#[tokio::test]
async fn saying_nothing_closes_with_4408() {
    let limits = Limits { init: Duration::from_millis(200), ..Limits::default() };
    let (_clinic, address, _) = served(limits).await;
    let mut socket = Socket::open(&address).await;
    assert_eq!(socket.closes().await, 4408);
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409() {
    let (_clinic, address, ann) = plainly_served().await;
    let mut socket = Socket::of(&address, &ann).await;
    for _ in 0..2 {
        socket.subscribes("1", ENTRIES, json!({})).await;
    }
    assert_eq!(socket.closes().await, 4409);
}

#[tokio::test]
async fn a_second_init_closes_with_4429() {
    let (_clinic, address, ann) = plainly_served().await;
    let mut socket = Socket::of(&address, &ann).await;
    socket.says(json!({ "type": "connection_init", "payload": { "token": ann.token } })).await;
    assert_eq!(socket.closes().await, 4429);
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_with_1009() {
    let (_clinic, address, ann) = plainly_served().await;
    for size in [300 * 1024, 20 * 1024 * 1024] {
        let socket = Socket::of(&address, &ann).await;
        let (mut sink, stream) = futures_util::StreamExt::split(socket.stream);
        // It may never be taken as a whole.
        let sending = tokio::spawn(async move {
            let _ = futures_util::SinkExt::send(&mut sink, Message::text("x".repeat(size))).await;
            sink
        });
        let close = async {
            let mut stream = stream;
            loop {
                match futures_util::StreamExt::next(&mut stream).await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        assert_eq!(tokio::time::timeout(crate::support::DEADLINE, close).await.expect("in time"), 1009);
        sending.abort();
    }
}

#[tokio::test]
async fn a_server_that_stops_closes_with_1012() {
    let (clinic, address, ann) = plainly_served().await;
    let mut socket = Socket::of(&address, &ann).await;
    socket.subscribes("1", ENTRIES, json!({})).await;
    clinic.app.connections.begin_to_close();
    assert_eq!(socket.closes().await, 1012);
    tokio::time::timeout(crate::support::DEADLINE, clinic.app.connections.closed()).await.expect("an end");
}

#[tokio::test]
async fn an_invalid_operation_is_one_error_and_no_complete() {
    let (_clinic, address, ann) = plainly_served().await;
    let mut socket = Socket::of(&address, &ann).await;
    let bad = [
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { progressRecorded(after: \"x\") { cursor } }", "BAD_USER_INPUT"),
        ("subscription { progressRecorded(goalId: \"x\") { cursor } }", "BAD_USER_INPUT"),
    ];
    for (query, code) in bad {
        socket.subscribes("1", query, json!({})).await;
        let heard = socket.hears().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!("1")));
        assert_eq!(heard["payload"][0]["extensions"]["code"], code, "{query}");
        socket.says(json!({ "type": "ping" })).await;
        assert_eq!(socket.hears().await, json!({ "type": "pong" }), "nothing in between");
    }
}

#[tokio::test]
async fn only_pages_of_this_server_or_of_the_list_may_open_a_socket() {
    let origins = "https://app.example, https://other.example/".parse().expect("origins");
    let (_clinic, address, _) = served(Limits { origins, ..Limits::default() }).await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for (origin, fine) in [
        (address.as_str(), true),
        ("https://app.example", true),
        ("HTTPS://Other.Example:443", true),
        ("https://evil.example", false),
        ("https://app.example.evil.example", false),
        ("null", false),
        ("http://127.0.0.1:1", false),
    ] {
        let opened = Socket::open_with(&address, &[protocol, ("origin", origin)]).await;
        assert_eq!(opened.is_ok(), fine, "{origin}");
    }
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_a_socket_so_many_operations() {
    let limits = Limits { per_person: 2, operations: 3, ..Limits::default() };
    let (clinic, address, ann) = served(limits).await;
    let mut first = Socket::of(&address, &ann).await;
    let second = Socket::of(&address, &ann).await;
    let mut third = Socket::open(&address).await;
    third.says(json!({ "type": "connection_init", "payload": { "token": ann.token } })).await;
    assert_eq!(third.closes().await, 1013, "clients try this again");
    drop(second);
    eventually("a connection permit is free", async || {
        let permit = clinic.app.connections.permit(ann.id);
        permit.is_some()
    })
    .await;
    Socket::of(&address, &ann).await;

    for id in ["1", "2", "3", "4"] {
        first.subscribes(id, ENTRIES, json!({})).await;
    }
    let heard = first.hears().await;
    assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!("4")));
    assert_eq!(heard["payload"][0]["extensions"]["code"], "RATE_LIMITED");
}
