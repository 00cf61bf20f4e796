//! GraphQL over HTTP: methods, media types, status codes and the form of requests. What the audit
//! suite of the ecosystem asks is in `audit.rs`; this is what else a client may lean on.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Method, Request, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both;
use crate::support::{Answer, Clinic, Kind, Person};

const QUERY: &str = r#"{"query":"{ viewer { fullName } }"}"#;
const JSON: &str = "application/json; charset=utf-8";
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";

/// A SQLite clinic and somebody in it; what HTTP does is no question of the database.
async fn clinic_and_ann() -> (Clinic, Person) {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

/// A POST to the endpoint as Ann, with these headers and no others.
async fn post(clinic: &Clinic, ann: &Person, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    send(clinic, ann, Method::POST, "/graphql", headers, body).await
}

/// A POST of JSON that wants the strict media type.
async fn post_json(clinic: &Clinic, ann: &Person, body: impl Into<Body>) -> Answer {
    let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    post(clinic, ann, &headers, body).await
}

async fn get(clinic: &Clinic, ann: &Person, parameters: &[(&str, &str)]) -> Answer {
    let url = reqwest::Url::parse_with_params("http://localhost/graphql", parameters).expect("a URL");
    let path = format!("/graphql?{}", url.query().unwrap_or_default());
    let headers = [("accept", "application/graphql-response+json")];
    send(clinic, ann, Method::GET, &path, &headers, Body::empty()).await
}

async fn send(
    clinic: &Clinic,
    ann: &Person,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header("authorization", format!("Bearer {}", ann.token));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    clinic.sends(request.body(body.into()).expect("a request")).await
}

/// A refusal is JSON with errors that have a code, and without `data`.
#[track_caller]
fn assert_refused(answer: &Answer, status: StatusCode, message: &str) {
    let code = json!({ "code": "BAD_USER_INPUT" });
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.body, json!({ "errors": [{ "message": message, "extensions": code }] }));
    assert_eq!(answer.headers[CONTENT_TYPE], JSON);
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
}

fn ann_is_seen() -> Value {
    json!({ "data": { "viewer": { "fullName": "Ann" } } })
}

// -- methods ----------------------------------------------------------------------------------------

#[tokio::test]
async fn a_query_may_be_sent_by_get() {
    let (clinic, ann) = clinic_and_ann().await;
    let answer = get(&clinic, &ann, &[("query", "{ viewer { fullName } }")]).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &ann_is_seen()));

    let query = "query A { __typename } query B($id: ID!) { person(id: $id) { fullName } }";
    let variables = json!({ "id": ann.id }).to_string();
    let parameters = [("query", query), ("operationName", "B"), ("variables", &variables)];
    let answer = get(&clinic, &ann, &parameters).await;
    assert_eq!(answer.body, json!({ "data": { "person": { "fullName": "Ann" } } }));
}

#[tokio::test]
async fn empty_parameters_of_a_get_count_as_absent() {
    let (clinic, ann) = clinic_and_ann().await;
    let query = ("query", "{ viewer { fullName } }");
    let parameters = [query, ("operationName", ""), ("variables", ""), ("extensions", ""), ("x", "y")];
    assert_eq!(get(&clinic, &ann, &parameters).await.body, ann_is_seen());
    let nulls = [query, ("variables", "null"), ("extensions", "null")];
    assert_eq!(get(&clinic, &ann, &nulls).await.body, ann_is_seen());

    for missing in [&[][..], &[("query", "")]] {
        let answer = get(&clinic, &ann, missing).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "The parameter `query` is missing.");
    }
}

#[tokio::test]
async fn parameters_of_a_get_that_are_no_json_objects_are_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    for name in ["variables", "extensions"] {
        for value in ["{", "[]", "1", "text"] {
            let answer = get(&clinic, &ann, &[("query", "{ viewer { id } }"), (name, value)]).await;
            let message = format!("The parameter `{name}` must be a JSON object.");
            assert_refused(&answer, StatusCode::BAD_REQUEST, &message);
        }
    }
}

#[tokio::test]
async fn a_mutation_is_never_run_by_get() {
    let (clinic, ann) = clinic_and_ann().await;
    for parameters in [
        &[("query", "mutation { __typename }")][..],
        &[("query", "mutation M { __typename } query Q { __typename }"), ("operationName", "M")],
    ] {
        let answer = get(&clinic, &ann, parameters).await;
        assert_refused(&answer, StatusCode::METHOD_NOT_ALLOWED, "A mutation is sent by POST.");
        assert_eq!(answer.headers[ALLOW], "POST");
    }
    let of_two = [("query", "mutation M { __typename } query Q { __typename }"), ("operationName", "Q")];
    assert_eq!(get(&clinic, &ann, &of_two).await.body, json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let (clinic, ann) = clinic_and_ann().await;
    let json = [("content-type", "application/json")];
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
        let answer = send(&clinic, &ann, method, "/graphql", &json, QUERY).await;
        let message = "Operations are sent by POST, queries also by GET.";
        assert_refused(&answer, StatusCode::METHOD_NOT_ALLOWED, message);
        assert_eq!(answer.headers[ALLOW], "GET, POST");
    }
    for path in ["/schema.graphql", "/healthz", "/readyz"] {
        let answer = send(&clinic, &ann, Method::POST, path, &json, QUERY).await;
        assert_refused(&answer, StatusCode::METHOD_NOT_ALLOWED, "Only GET is served here.");
        assert_eq!(answer.headers[ALLOW], "GET,HEAD");
    }
}

// -- media types ------------------------------------------------------------------------------------

#[tokio::test]
async fn only_json_bodies_are_taken_so_that_no_form_of_another_site_runs_anything() {
    let (clinic, ann) = clinic_and_ann().await;
    for odd in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/jsonp"),
        Some("application/json; charset=iso-8859-1"),
        Some("text/json"),
        Some("json"),
    ] {
        let headers: Vec<_> = odd.map(|odd| ("content-type", odd)).into_iter().collect();
        let answer = post(&clinic, &ann, &headers, QUERY).await;
        let message = "The body must be of type application/json, in UTF-8.";
        assert_refused(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    for good in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json; charset=\"UTF-8\"",
        "application/json; odd=1",
    ] {
        let answer = post(&clinic, &ann, &[("content-type", good)], QUERY).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, ann_is_seen()), "{good}");
    }
}

#[tokio::test]
async fn the_media_type_of_the_answer_is_the_one_the_client_likes_best() {
    let (clinic, ann) = clinic_and_ann().await;
    for (accept, expected) in [
        (&[][..], JSON),
        (&["*/*"], JSON),
        (&["application/*"], JSON),
        (&["application/json"], JSON),
        (&["APPLICATION/JSON"], JSON),
        (&["application/json; charset=utf-8"], JSON),
        (&["application/graphql-response+json"], GRAPHQL_RESPONSE),
        (&["application/graphql-response+json; charset=utf-8"], GRAPHQL_RESPONSE),
        (&["application/graphql-response+json, application/json;q=0.9"], GRAPHQL_RESPONSE),
        (&["application/json;q=0.5, application/graphql-response+json;q=0.9"], GRAPHQL_RESPONSE),
        (&["application/json, application/graphql-response+json;q=0.9"], JSON),
        (&["application/graphql-response+json;q=0, */*"], JSON),
        (&["text/html, */*;q=0.1"], JSON),
        (&["text/event-stream;q=0.7, application/graphql-response+json;q=0.8"], GRAPHQL_RESPONSE),
        (&["text/html", "application/graphql-response+json"], GRAPHQL_RESPONSE),
        (&[""], JSON),
    ] {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(accept.iter().map(|accept| ("accept", *accept)));
        let answer = post(&clinic, &ann, &headers, QUERY).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &ann_is_seen()), "{accept:?}");
        assert_eq!(answer.headers[CONTENT_TYPE], expected, "{accept:?}");
    }
}

#[tokio::test]
async fn a_client_that_takes_neither_media_type_is_told_so() {
    let (clinic, ann) = clinic_and_ann().await;
    for accept in ["text/html", "application/json;q=0", "image/*", "nonsense"] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let answer = post(&clinic, &ann, &headers, QUERY).await;
        let message = "Answers are application/json, application/graphql-response+json or text/event-stream.";
        assert_refused(&answer, StatusCode::NOT_ACCEPTABLE, message);
    }
}

#[tokio::test]
async fn a_request_error_has_no_data_and_its_status_is_what_the_media_type_asks_for() {
    let (clinic, ann) = clinic_and_ann().await;
    for (query, variables, code) in [
        ("{ viewer {", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { person(id: $id) { id } }", json!({}), "BAD_USER_INPUT"),
        ("query($n: Int) { goals(first: $n) { totalCount } }", json!({ "n": "x" }), "BAD_USER_INPUT"),
        ("query A { __typename } query B { __typename }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { person(id: $id) { id } }", json!({ "id": null }), "BAD_USER_INPUT"),
    ] {
        let body = json!({ "query": query, "variables": variables }).to_string();
        for (accept, status) in [("application/graphql-response+json", 400), ("application/json", 200)] {
            let headers = [("content-type", "application/json"), ("accept", accept)];
            let answer = post(&clinic, &ann, &headers, body.clone()).await;
            assert_eq!(answer.status, status, "{query}: {}", answer.body);
            assert_eq!(answer.body.get("data"), None, "{query}");
            assert_eq!(answer.codes(), [code], "{query}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn null_stands_where_a_field_failed_and_no_further_up_than_it_must() {
    let (clinic, ann) = clinic_and_ann().await;
    let bad = "first: 1000";
    for (query, expected) in [
        // A connection may not be null, so whoever it hangs on is.
        (
            format!("{{ a: person(id: $id) {{ id goals({bad}) {{ totalCount }} }} b: __typename }}"),
            json!({ "a": null, "b": "Query" }),
        ),
        (
            format!(
                "{{ nodes(ids: [$id, $id]) {{ ... on Person {{ fullName goals({bad}) {{ totalCount }} }} }} }}"
            ),
            json!({ "nodes": [null, null] }),
        ),
        (format!("{{ b: __typename viewer {{ goals({bad}) {{ totalCount }} }} }}"), Value::Null),
        (
            "{ a: goal(id: \"x\") { id } b: goal(id: \"y\") { id } }".to_owned(),
            json!({ "a": null, "b": null }),
        ),
    ] {
        let query = query.replace("$id", &format!("\"{}\"", ann.id));
        let answer = clinic.asks(&ann, &query, json!({})).await;
        assert_eq!(answer.body["data"], expected, "{query}: {}", answer.body);
        assert!(answer.codes().iter().all(|code| *code == "BAD_USER_INPUT"), "{}", answer.body);
    }
}

#[tokio::test]
async fn an_error_of_a_field_has_data_and_status_200() {
    let (clinic, ann) = clinic_and_ann().await;
    let body = json!({ "query": "{ viewer { id } person(id: \"no id\") { id } }" }).to_string();
    let answer = post_json(&clinic, &ann, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["data"], json!({ "viewer": { "id": ann.id }, "person": null }));
    assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
}

// -- the form of a request --------------------------------------------------------------------------

#[tokio::test]
async fn what_is_no_json_is_refused_with_the_place_of_the_fault() {
    let (clinic, ann) = clinic_and_ann().await;
    let invalid_utf8 = b"{\"query\":\"{ viewer { id } } # \xff\"}".to_vec();
    for (body, place) in [
        (Vec::new(), "line 1, column 0"),
        (b"{".to_vec(), "line 1, column 1"),
        (b"{\n \"query\": }".to_vec(), "line 2, column 11"),
        (b"query { viewer { id } }".to_vec(), "line 1, column 1"),
        ([QUERY.as_bytes(), b" x"].concat(), "line 1, column 37"),
        (invalid_utf8, "line 1, column 31"),
    ] {
        let answer = post_json(&clinic, &ann, body.clone()).await;
        let message = format!("The body is no valid JSON: {place}.");
        assert_refused(&answer, StatusCode::BAD_REQUEST, &message);
    }
}

#[tokio::test]
async fn json_nested_without_end_is_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    let body = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{}"#, "[".repeat(100_000));
    let answer = post_json(&clinic, &ann, body).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::BAD_REQUEST, vec!["BAD_USER_INPUT"]));
}

#[tokio::test]
async fn parameters_that_are_missing_or_of_the_wrong_type_are_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    for body in [r"{}", r#"{"query":null}"#, r#"{"query":""}"#, r#"{"operationName":"A"}"#] {
        let answer = post_json(&clinic, &ann, body).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "The parameter `query` is missing.");
    }
    let expected = "The body must be an object with `query` (text), and perhaps `operationName` (text), \
                    `variables` (object) and `extensions` (object).";
    for body in [
        "1",
        "null",
        r#""text""#,
        r#"{"query":1}"#,
        r#"{"query":{}}"#,
        r#"{"query":"{ __typename }","operationName":1}"#,
        r#"{"query":"{ __typename }","variables":[]}"#,
        r#"{"query":"{ __typename }","variables":"{}"}"#,
        r#"{"query":"{ __typename }","extensions":"x"}"#,
        r#"{"query":"{ __typename }","extensions":[]}"#,
        r#"{"query":"{ __typename }","query":"{ __typename }"}"#,
    ] {
        let answer = post_json(&clinic, &ann, body).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, expected);
    }
}

#[tokio::test]
async fn null_parameters_count_as_absent_and_unknown_ones_are_ignored() {
    let (clinic, ann) = clinic_and_ann().await;
    let body = json!({ "query": "{ viewer { fullName } }", "operationName": null, "variables": null,
        "extensions": null, "id": 7, "documentId": [] });
    assert_eq!(post_json(&clinic, &ann, body.to_string()).await.body, ann_is_seen());
    let body = json!({ "query": "{ viewer { fullName } }", "extensions": { "persistedQuery": {} } });
    assert_eq!(post_json(&clinic, &ann, body.to_string()).await.body, ann_is_seen());
}

#[tokio::test]
async fn batches_are_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    for body in ["[]".to_owned(), format!("[{QUERY}]"), format!(" \n[{QUERY},{QUERY}]")] {
        let answer = post_json(&clinic, &ann, body).await;
        let message = "Send one operation a request; batches are not taken.";
        assert_refused(&answer, StatusCode::BAD_REQUEST, message);
    }
}

#[tokio::test]
async fn a_body_may_have_a_mebibyte_and_no_byte_more() {
    let (clinic, ann) = clinic_and_ann().await;
    let padded = |length: usize| format!("{QUERY}{}", " ".repeat(length - QUERY.len()));
    assert_eq!(post_json(&clinic, &ann, padded(1024 * 1024)).await.body, ann_is_seen());

    let answer = post_json(&clinic, &ann, padded(1024 * 1024 + 1)).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::PAYLOAD_TOO_LARGE, vec!["BODY_TOO_LARGE"]));

    // Nor when the length is not told in advance.
    let chunk = || Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]);
    let endless = Body::from_stream(futures_util::stream::iter((0..17).map(move |_| chunk())));
    let answer = post_json(&clinic, &ann, endless).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::PAYLOAD_TOO_LARGE, vec!["BODY_TOO_LARGE"]));
}

// -- headers of the answer --------------------------------------------------------------------------

#[tokio::test]
async fn a_plain_request_id_comes_back_and_any_other_is_replaced() {
    let (clinic, ann) = clinic_and_ann().await;
    let answered = async |id: Option<&str>| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(id.map(|id| ("x-request-id", id)));
        let answer = post(&clinic, &ann, &headers, QUERY).await;
        answer.headers["x-request-id"].to_str().expect("plain text").to_owned()
    };
    let longest = "a".repeat(64);
    for plain in ["7", "6f1c-Trace", &longest] {
        assert_eq!(answered(Some(plain)).await, plain);
    }
    let too_long = "a".repeat(65);
    for odd in [None, Some(""), Some("a b"), Some("a\tb"), Some("{}"), Some("ä"), Some(&*too_long)] {
        let made = answered(odd).await;
        assert!(made.parse::<Uuid>().is_ok(), "{odd:?} became {made}");
    }
    assert_ne!(answered(None).await, answered(None).await);
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_forbids_guessing_its_type() {
    let (clinic, ann) = clinic_and_ann().await;
    for path in
        ["/graphql", "/graphql?query=%7B__typename%7D", "/schema.graphql", "/healthz", "/readyz", "/x"]
    {
        let answer = send(&clinic, &ann, Method::GET, path, &[], Body::empty()).await;
        assert_eq!(answer.headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn no_answer_with_data_is_kept_by_anybody() {
    let (clinic, ann) = clinic_and_ann().await;
    for body in [QUERY, r#"{"query":"{ nothing }"}"#, "{"] {
        assert_eq!(post_json(&clinic, &ann, body).await.headers[CACHE_CONTROL], "no-store");
    }
    let answer = get(&clinic, &ann, &[("query", "{ viewer { fullName } }")]).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
}

// -- other paths ------------------------------------------------------------------------------------

#[tokio::test]
async fn an_unknown_path_is_answered_in_json() {
    let (clinic, ann) = clinic_and_ann().await;
    for path in ["/x", "/graphql/", "/graphql/x", "/..%2f..%2fetc/passwd", "/%ff"] {
        let answer = send(&clinic, &ann, Method::GET, path, &[], Body::empty()).await;
        assert_refused(&answer, StatusCode::NOT_FOUND, "There is nothing here.");
    }
    // The playground is off in a clinic of the tests.
    let answer = send(&clinic, &ann, Method::GET, "/", &[], Body::empty()).await;
    assert_refused(&answer, StatusCode::NOT_FOUND, "There is nothing here.");
}

#[tokio::test]
async fn the_schema_is_served_as_text_to_anybody() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let answer = clinic.gets("/schema.graphql").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(answer.body, json!(server::graphql::sdl()));
}

both! {
    async fn the_server_is_alive_and_ready(clinic) {
        assert_eq!(clinic.status_of("/healthz").await, StatusCode::OK);
        assert_eq!(clinic.status_of("/readyz").await, StatusCode::OK);
    }

    async fn without_a_migration_the_server_is_alive_but_not_ready(clinic) {
        migration::down(clinic.db(), 1).await.expect("a step back");
        assert_eq!(clinic.status_of("/healthz").await, StatusCode::OK);
        assert_not_ready(&clinic).await;
    }

    async fn without_its_database_the_server_is_alive_but_not_ready(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.store().close().await.expect("closing");
        assert_eq!(clinic.status_of("/healthz").await, StatusCode::OK);
        assert_not_ready(&clinic).await;

        let answer = post_json(&clinic, &ann, QUERY).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body, json!({ "errors": [{
            "message": "The database can't be reached at the moment.",
            "extensions": { "code": "INTERNAL" },
        }] }));
    }

    async fn what_the_database_says_stays_in_the_log(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.db().execute_unprepared("ALTER TABLE treatment_goals RENAME TO elsewhere").await.expect("a change");
        let body = json!({ "query": "{ goals { nodes { id } } }" }).to_string();
        let answer = post_json(&clinic, &ann, body).await;
        assert_eq!(answer.status, StatusCode::OK);
        let error = &answer.body["errors"][0];
        let id = error["extensions"]["errorId"].as_str().unwrap_or_default();
        assert!(id.parse::<Uuid>().is_ok(), "{error}");
        assert_eq!(answer.body, json!({ "data": null, "errors": [{
            "message": "Something went wrong on our side.",
            "path": error["path"],
            "locations": error["locations"],
            "extensions": { "code": "INTERNAL", "errorId": id },
        }] }));
    }
}

async fn assert_not_ready(clinic: &Clinic) {
    let answer = clinic.gets("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        answer.body,
        json!({ "errors": [{
        "message": "The database can't be reached, or lacks a migration.",
        "extensions": { "code": "INTERNAL" },
    }] })
    );
}

#[tokio::test]
async fn a_slip_in_a_name_is_not_answered_with_the_right_one() {
    let (clinic, ann) = clinic_and_ann().await;
    for query in [
        "{ viewr { id } }",
        "{ viewer { fulName } }",
        "{ goals(frst: 1) { totalCount } }",
        "{ goals(orderBy: CREATED_AT_DES) { totalCount } }",
        "{ goals(filter: { patientIdd: \"\" }) { totalCount } }",
        "{ viewer { ... on Gaol { id } } }",
    ] {
        let answer = post_json(&clinic, &ann, json!({ "query": query }).to_string()).await;
        let text = answer.body.to_string();
        assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(1), "{query}: {text}");
        assert!(!text.contains("Did you mean"), "{query}: {text}");
    }
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, body).expect("a compressed body");
    encoder.finish().expect("a compressed body")
}

#[tokio::test]
async fn a_compressed_body_is_read_and_its_limit_is_that_of_what_comes_out() {
    let (clinic, ann) = clinic_and_ann().await;
    let with = |encoding| [("content-type", "application/json"), ("content-encoding", encoding)];
    let answer = post(&clinic, &ann, &with("gzip"), compressed(QUERY.as_bytes())).await;
    assert_eq!((answer.status.as_u16(), answer.data()["viewer"]["fullName"].as_str()), (200, Some("Ann")));

    let large = json!({ "query": "{ viewer { id } }", "more": " ".repeat(4 << 20) }).to_string();
    let bomb = compressed(large.as_bytes());
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    assert_eq!(post(&clinic, &ann, &with("gzip"), bomb).await.status, 413);
    assert_eq!(post(&clinic, &ann, &with("zebra"), QUERY).await.status, 415);
    assert_eq!(post(&clinic, &ann, &with("gzip"), QUERY).await.status, 400);
}
