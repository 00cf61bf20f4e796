//! Server-sent events: graphql-sse in the distinct connections mode.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use serde_json::json;
use server::http::connections::{Connections, Limits};

use crate::both;
use crate::support::{Clinic, Kind, Listener, Person};

const ENTRIES: &str = "subscription { progressRecorded { cursor entry { id } } }";

async fn asks(clinic: &Clinic, person: &Person, accept: Option<&str>, query: &str) -> Listener {
    let mut request = Request::post("/graphql")
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Bearer {}", person.token));
    if let Some(accept) = accept {
        request = request.header(ACCEPT, accept);
    }
    let body = json!({ "query": query }).to_string();
    clinic.streams(request.body(Body::from(body)).expect("a request")).await
}

both! {
    async fn the_last_event_id_goes_on_where_it_stood(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut whole = clinic.listens(&ann, ENTRIES, json!({})).await;
        let mut recorded = Vec::new();
        for value in 1..=3 {
            recorded.push(json!(clinic.reports(&ann, &goal, value).await));
        }
        let first = whole.event().await.expect("an event");
        assert_eq!(first.name, "next");
        assert_eq!(first.id.as_deref(), first.news()["cursor"].as_str());
        let mut resumed = clinic.listens_from(&ann, ENTRIES, json!({}), first.id.as_deref()).await;
        for entry in &recorded[1..] {
            assert_eq!(resumed.news().await["entry"]["id"], *entry);
        }
        let mut bad = clinic.listens_from(&ann, ENTRIES, json!({}), Some("nonsense")).await;
        assert_eq!(bad.event().await.expect("an answer").code(), "BAD_USER_INPUT");
        let mut fresh = clinic.listens_from(&ann, ENTRIES, json!({}), Some("")).await;
        fresh.is_silent().await;
    }
}

#[tokio::test]
async fn the_answer_has_the_right_headers_and_begins_at_once() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let mut listener = asks(&clinic, &ann, Some("text/event-stream"), ENTRIES).await;
    assert_eq!(listener.status, StatusCode::OK);
    assert_eq!(listener.headers["content-type"], "text/event-stream; charset=utf-8");
    assert!(listener.headers["cache-control"].to_str().expect("text").contains("no-cache"));
    assert_eq!(listener.headers["x-accel-buffering"], "no");
    assert_eq!(listener.raw().await, ":\n\n");
}

#[tokio::test]
async fn a_query_is_next_and_then_complete_with_an_empty_data_line() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let mut listener = asks(&clinic, &ann, Some("text/event-stream"), "{ viewer { fullName } }").await;
    let next = listener.event().await.expect("an answer");
    assert_eq!((next.name.as_str(), &next.id), ("next", &None));
    assert_eq!(next.data, r#"{"data":{"viewer":{"fullName":"Ann"}}}"#);
    let complete = listener.event().await.expect("its end");
    assert_eq!((complete.name.as_str(), complete.data.as_str()), ("complete", ""));
    assert_eq!(listener.event().await, None);
}

#[tokio::test]
async fn validation_errors_are_told_as_next() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    for query in ["subscription { nonsense }", "{ nonsense }"] {
        let mut listener = asks(&clinic, &ann, Some("text/event-stream"), query).await;
        assert_eq!(listener.status, StatusCode::OK);
        let next = listener.event().await.expect("an answer");
        assert_eq!((next.name.as_str(), next.code().as_str()), ("next", "GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(next.json().get("data"), None);
        assert_eq!(listener.event().await.expect("its end").name, "complete");
    }
}

#[tokio::test]
async fn what_is_sent_follows_what_is_accepted() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
    let stream = "text/event-stream; charset=utf-8";
    let json = "application/json; charset=utf-8";
    let response = "application/graphql-response+json; charset=utf-8";
    let (query, news) = ("{ viewer { id } }", ENTRIES);
    for (accept, operation, expected) in [
        (Some("text/event-stream"), query, stream),
        (Some("text/event-stream"), news, stream),
        (Some(urql), query, response),
        (Some(urql), news, stream),
        (Some("text/event-stream, multipart/mixed"), news, stream),
        (Some("application/json;q=0.5, text/event-stream"), query, stream),
        (Some("application/json, text/event-stream;q=0.5"), query, json),
        (Some("application/json, text/event-stream;q=0"), news, json),
        (Some("*/*"), query, json),
        (Some("*/*"), news, json),
        (None, news, json),
    ] {
        let listener = asks(&clinic, &ann, accept, operation).await;
        assert_eq!(listener.headers["content-type"], expected, "{accept:?} {operation}");
    }
    let plain = clinic.asks(&ann, ENTRIES, json!({})).await;
    assert_eq!(plain.codes(), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn a_get_streams_and_a_stranger_is_refused() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let path = "/graphql?query=%7Bviewer%7BfullName%7D%7D";
    let request = Request::get(path).header(ACCEPT, "text/event-stream");
    let known = request.header(AUTHORIZATION, format!("Bearer {}", ann.token));
    let mut listener = clinic.streams(known.body(Body::empty()).expect("a request")).await;
    assert_eq!(listener.event().await.expect("an answer").name, "next");
    let request = Request::get(path).header(ACCEPT, "text/event-stream");
    let listener = clinic.streams(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(listener.status, StatusCode::UNAUTHORIZED);
}

/// As a browser's `EventSource` has to, and nobody else may.
#[tokio::test]
async fn a_token_in_the_address_opens_event_streams_and_nothing_else() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let path = |token: &str| format!("/graphql?query=%7Bviewer%7BfullName%7D%7D&access_token={token}");
    let stream = Some("text/event-stream");
    for (request, accept, token, status) in [
        (Request::get(path(&ann.token)), stream, None, StatusCode::OK),
        (Request::get(path("nonsense")), stream, None, StatusCode::UNAUTHORIZED),
        (Request::get(path(&ann.token)), stream, Some("nonsense"), StatusCode::UNAUTHORIZED),
        (Request::get(path(&ann.token)), Some("application/json"), None, StatusCode::UNAUTHORIZED),
        (Request::get(path(&ann.token)), Some("*/*"), None, StatusCode::UNAUTHORIZED),
        (Request::get(path(&ann.token)), None, None, StatusCode::UNAUTHORIZED),
        (Request::post(path(&ann.token)), stream, None, StatusCode::UNAUTHORIZED),
    ] {
        let mut request = request.header(CONTENT_TYPE, "application/json");
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let listener = clinic.streams(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(listener.status, status, "{accept:?} {token:?}");
    }
}

#[tokio::test]
async fn a_silent_stream_gives_signs_of_life() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let limits = Limits { heartbeat: Duration::from_millis(20), ..Limits::default() };
    clinic.app.connections = Connections::new(limits);
    let ann = clinic.patient("Ann").await;
    let mut listener = asks(&clinic, &ann, Some("text/event-stream"), ENTRIES).await;
    for _ in 0..5 {
        assert_eq!(listener.raw().await, ":\n\n");
    }
}

#[tokio::test]
async fn a_stream_ends_without_complete_when_the_server_stops_or_the_token_does() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let mut ann = clinic.patient("Ann").await;
    let mut listener = clinic.listens(&ann, ENTRIES, json!({})).await;
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    ann.token = clinic.app.keys.sign(ann.id, now - 28).expect("a token");
    let mut short = clinic.listens(&ann, ENTRIES, json!({})).await;
    assert_eq!(short.event().await, None);
    clinic.app.connections.begin_to_close();
    assert_eq!(listener.event().await, None);
}

#[tokio::test]
async fn a_person_has_so_many_streams() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app.connections = Connections::new(Limits { per_person: 1, ..Limits::default() });
    let ann = clinic.patient("Ann").await;
    let first = clinic.listens(&ann, ENTRIES, json!({})).await;
    let second = asks(&clinic, &ann, Some("text/event-stream"), ENTRIES).await;
    assert_eq!(second.status, StatusCode::TOO_MANY_REQUESTS);
    drop(first);
    let third = asks(&clinic, &ann, Some("text/event-stream"), ENTRIES).await;
    assert_eq!(third.status, StatusCode::OK);
}
