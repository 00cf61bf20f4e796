//! Documents named by their hash: Apollo's automatic persisted queries, over every transport.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use server::graphql::{Engine, Limits};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Clinic, Kind, Person, Socket};

const QUERY: &str = "query Me { viewer { fullName } }";
const NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";

fn hash(document: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(document).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("text");
        hex
    })
}

fn named(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn clinic_and_ann() -> (Clinic, Person) {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

async fn posts(clinic: &Clinic, person: &Person, body: Value) -> Answer {
    clinic.posts(Some(&person.token), &body.to_string()).await
}

async fn by_hash(clinic: &Clinic, person: &Person, document: &str) -> Answer {
    posts(clinic, person, json!({ "extensions": named(&hash(document)) })).await
}

async fn registers(clinic: &Clinic, person: &Person, document: &str) -> Answer {
    posts(clinic, person, json!({ "query": document, "extensions": named(&hash(document)) })).await
}

async fn gets(clinic: &Clinic, person: &Person, accept: &str, parameters: &[(&str, &str)]) -> Request<Body> {
    let url = reqwest::Url::parse_with_params("http://localhost/graphql", parameters).expect("a URL");
    let _ = clinic;
    Request::get(format!("/graphql?{}", url.query().unwrap_or_default()))
        .header("accept", accept)
        .header("authorization", format!("Bearer {}", person.token))
        .body(Body::empty())
        .expect("a request")
}

#[tokio::test]
async fn a_document_that_was_sent_once_is_known_by_its_hash_to_all() {
    let (clinic, ann) = clinic_and_ann().await;
    let bob = clinic.patient("Bob").await;
    let unknown = by_hash(&clinic, &ann, QUERY).await;
    assert_eq!((unknown.status, unknown.refusal()), (StatusCode::OK, NOT_FOUND));
    assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(unknown.headers["cache-control"], "no-store");

    assert_eq!(*registers(&clinic, &ann, QUERY).await.data(), json!({ "viewer": { "fullName": "Ann" } }));
    assert_eq!(*by_hash(&clinic, &ann, QUERY).await.data(), json!({ "viewer": { "fullName": "Ann" } }));
    assert_eq!(*by_hash(&clinic, &bob, QUERY).await.data(), json!({ "viewer": { "fullName": "Bob" } }));
    let capitals = json!({ "query": "", "extensions": named(&hash(QUERY).to_uppercase()) });
    assert_eq!(*posts(&clinic, &bob, capitals).await.data(), json!({ "viewer": { "fullName": "Bob" } }));
}

#[tokio::test]
async fn variables_and_the_name_of_the_operation_are_sent_with_the_hash() {
    let (clinic, ann) = clinic_and_ann().await;
    let document = "query A { __typename } query B($id: ID!) { person(id: $id) { fullName } }";
    let body = |query: Option<&str>| {
        json!({ "query": query, "operationName": "B", "variables": { "id": ann.id },
        "extensions": named(&hash(document)) })
    };
    let first = posts(&clinic, &ann, body(Some(document))).await;
    assert_eq!(*first.data(), json!({ "person": { "fullName": "Ann" } }));
    assert_eq!(posts(&clinic, &ann, body(None)).await.text, first.text);
}

#[tokio::test]
async fn nobody_can_put_another_document_under_a_hash() {
    let (clinic, ann) = clinic_and_ann().await;
    let other = "{ viewer { role } }";
    let poisoned = json!({ "query": other, "extensions": named(&hash(QUERY)) });
    let answer = posts(&clinic, &ann, poisoned).await;
    assert_eq!((answer.refusal(), answer.statements), ("PERSISTED_QUERY_HASH_MISMATCH", 0));
    assert_eq!(by_hash(&clinic, &ann, QUERY).await.refusal(), NOT_FOUND);
    assert_eq!(by_hash(&clinic, &ann, other).await.refusal(), NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_valid_is_not_kept() {
    let (clinic, ann) = clinic_and_ann().await;
    for (document, code) in [("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"), ("{", "GRAPHQL_PARSE_FAILED")] {
        assert_eq!(registers(&clinic, &ann, document).await.codes(), [code]);
        assert_eq!(by_hash(&clinic, &ann, document).await.refusal(), NOT_FOUND);
    }
}

#[tokio::test]
async fn however_many_documents_are_sent_only_some_are_kept() {
    let (clinic, ann) = clinic_and_ann().await;
    registers(&clinic, &ann, QUERY).await;
    let padding = " ".repeat(49_000);
    for number in 0..60 {
        registers(&clinic, &ann, &format!("{{ a{number}: __typename }}{padding}")).await;
    }
    let mut kept = 0;
    for number in 0..60 {
        let answer = by_hash(&clinic, &ann, &format!("{{ a{number}: __typename }}{padding}")).await;
        kept += usize::from(answer.body.get("errors").is_none());
    }
    // Two mebibytes of text.
    assert!((1..=43).contains(&kept), "{kept}");
}

#[tokio::test]
async fn another_version_and_a_server_without_them_ask_for_whole_documents() {
    let (mut clinic, ann) = clinic_and_ann().await;
    for version in [json!(2), json!(0), json!("1"), json!(null)] {
        let extensions = json!({ "persistedQuery": { "version": version, "sha256Hash": hash(QUERY) } });
        let answer = posts(&clinic, &ann, json!({ "query": QUERY, "extensions": extensions })).await;
        assert_eq!(answer.refusal(), "PERSISTED_QUERY_NOT_SUPPORTED");
    }
    clinic.app = clinic.app.with_engine(Engine::new(Limits::default()).without_persisted(), 1024);
    for answer in [by_hash(&clinic, &ann, QUERY).await, registers(&clinic, &ann, QUERY).await] {
        assert_eq!(answer.refusal(), "PERSISTED_QUERY_NOT_SUPPORTED");
        assert_eq!(answer.body["errors"][0]["message"], "PersistedQueryNotSupported");
    }
    let whole = posts(&clinic, &ann, json!({ "query": QUERY })).await;
    assert_eq!(*whole.data(), json!({ "viewer": { "fullName": "Ann" } }));
}

#[tokio::test]
async fn a_request_without_document_and_hash_is_told_so() {
    let (clinic, ann) = clinic_and_ann().await;
    for extensions in
        [json!({}), json!({ "persistedQuery": {} }), json!({ "persistedQuery": { "sha256Hash": 1 } })]
    {
        let answer = posts(&clinic, &ann, json!({ "extensions": extensions })).await;
        assert_eq!((answer.status, answer.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
    }
}

#[tokio::test]
async fn by_get_a_query_is_named_and_a_mutation_is_still_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    let accept = "application/graphql-response+json";
    let extensions = named(&hash(QUERY)).to_string();
    let unknown = clinic.sends(gets(&clinic, &ann, accept, &[("extensions", &extensions)]).await).await;
    assert_eq!((unknown.status, unknown.refusal()), (StatusCode::BAD_REQUEST, NOT_FOUND));
    let first = gets(&clinic, &ann, accept, &[("query", QUERY), ("extensions", &extensions)]).await;
    assert_eq!(*clinic.sends(first).await.data(), json!({ "viewer": { "fullName": "Ann" } }));
    let known = gets(&clinic, &ann, accept, &[("extensions", &extensions)]).await;
    assert_eq!(*clinic.sends(known).await.data(), json!({ "viewer": { "fullName": "Ann" } }));

    let mutation = "mutation { __typename }";
    registers(&clinic, &ann, mutation).await.data();
    let extensions = named(&hash(mutation)).to_string();
    let answer = clinic.sends(gets(&clinic, &ann, accept, &[("extensions", &extensions)]).await).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn over_a_websocket_and_an_event_stream_a_document_is_named_as_well() {
    let (clinic, ann) = clinic_and_ann().await;
    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    let extensions = named(&hash(QUERY));
    let subscribe = |id: &str, payload: Value| json!({ "id": id, "type": "subscribe", "payload": payload });
    socket.says(subscribe("a", json!({ "extensions": extensions }))).await;
    let unknown = socket.hears().await;
    assert_eq!(
        (&unknown["type"], &unknown["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!(NOT_FOUND))
    );
    socket.says(subscribe("b", json!({ "query": QUERY, "extensions": extensions }))).await;
    assert_eq!(socket.hears().await["payload"]["data"], json!({ "viewer": { "fullName": "Ann" } }));
    assert_eq!(socket.hears().await, json!({ "id": "b", "type": "complete" }));
    socket.says(subscribe("c", json!({ "extensions": extensions }))).await;
    assert_eq!(socket.hears().await["payload"]["data"], json!({ "viewer": { "fullName": "Ann" } }));

    let stream = async |document: &str| {
        let extensions = named(&hash(document)).to_string();
        let request = gets(&clinic, &ann, "text/event-stream", &[("extensions", &extensions)]).await;
        clinic.streams(request).await.event().await.expect("an answer")
    };
    assert_eq!(stream(QUERY).await.data, r#"{"data":{"viewer":{"fullName":"Ann"}}}"#);
    assert_eq!(stream("{ goals { totalCount } }").await.code(), NOT_FOUND);
}
