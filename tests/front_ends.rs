//! Front ends of other origins: who may ask, what is compressed, and what is not sent twice.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use server::http::connections::{Connections, Limits};
use server::http::router;
use tower::ServiceExt;

use crate::support::{Answer, Clinic, Kind, Person, Waymark};

const APP: &str = "https://app.example";
const QUERY: &str = r#"{"query":"{ viewer { fullName } }"}"#;

/// A clinic whose list holds one origin, and somebody in it.
async fn clinic_and_ann() -> (Clinic, Person) {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let origins = format!("{APP},http://localhost:3000").parse().expect("origins");
    clinic.app.connections = Connections::new(Limits { origins, ..Limits::default() });
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

async fn preflight(clinic: &Clinic, headers: &[(&str, &str)]) -> Answer {
    clinic.sends(request(Method::OPTIONS, "/graphql", headers, Body::empty())).await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().expect("text"))
}

/// All values of a header, in small letters and sorted.
fn words(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).iter().map(|line| line.to_str().expect("text").to_lowercase());
    let mut words: Vec<_> = lines
        .flat_map(|line| line.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>())
        .collect();
    words.sort();
    words
}

// -- who may ask --------------------------------------------------------------------------------

#[tokio::test]
async fn a_page_of_a_listed_origin_may_ask_with_a_token_and_remembers_that() {
    let (clinic, ann) = clinic_and_ann().await;
    let asked = [
        ("origin", APP),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,x-of-the-client"),
    ];
    let answer = preflight(&clinic, &asked).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(header(&answer.headers, "access-control-allow-origin"), Some(APP));
    assert_eq!(words(&answer.headers, "access-control-allow-methods"), ["get", "head", "post"]);
    assert_eq!(
        words(&answer.headers, "access-control-allow-headers"),
        ["authorization", "content-type", "x-of-the-client"]
    );
    assert_eq!(header(&answer.headers, "access-control-max-age"), Some("7200"));
    assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
    assert_eq!(words(&answer.headers, "vary"), ["origin"]);

    let bearer = format!("Bearer {}", ann.token);
    let headers = [("origin", APP), ("content-type", "application/json"), ("authorization", &bearer)];
    let answer = clinic.sends(request(Method::POST, "/graphql", &headers, QUERY)).await;
    assert_eq!(*answer.data(), json!({ "viewer": { "fullName": "Ann" } }));
    assert_eq!(header(&answer.headers, "access-control-allow-origin"), Some(APP));
    assert_eq!(words(&answer.headers, "access-control-expose-headers"), ["retry-after", "x-request-id"]);
    assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
    assert_eq!(words(&answer.headers, "vary"), ["origin"]);
}

#[tokio::test]
async fn a_page_of_another_origin_is_not_let_in_and_learns_nothing() {
    let (clinic, _) = clinic_and_ann().await;
    for origin in ["https://evil.example", "https://app.example.evil", "http://app.example", "null", "*", "x"]
    {
        let answer =
            preflight(&clinic, &[("origin", origin), ("access-control-request-method", "POST")]).await;
        assert_eq!(answer.headers.get("access-control-allow-origin"), None, "{origin}");
        assert_eq!(words(&answer.headers, "vary"), ["origin"], "{origin}");
        let answer =
            clinic.sends(request(Method::GET, "/schema.graphql", &[("origin", origin)], Body::empty())).await;
        assert_eq!(answer.headers.get("access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn the_servers_own_pages_are_let_in_without_being_listed() {
    let (clinic, _) = clinic_and_ann().await;
    let own = [
        ("origin", "https://own.example"),
        ("host", "own.example"),
        ("access-control-request-method", "POST"),
    ];
    let answer = preflight(&clinic, &own).await;
    assert_eq!(header(&answer.headers, "access-control-allow-origin"), Some("https://own.example"));
}

#[tokio::test]
async fn a_page_can_read_why_it_was_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    let bearer = format!("Bearer {}", ann.token);
    let refused = [
        request(Method::POST, "/graphql", &[("origin", APP)], QUERY),
        request(Method::POST, "/graphql", &[("origin", APP), ("authorization", &bearer)], QUERY),
        request(Method::PUT, "/graphql", &[("origin", APP)], QUERY),
        request(Method::GET, "/nothing", &[("origin", APP)], Body::empty()),
    ];
    for (refused, status) in refused.into_iter().zip([401, 415, 405, 404]) {
        let answer = clinic.sends(refused).await;
        assert_eq!(answer.status, status);
        assert_eq!(header(&answer.headers, "access-control-allow-origin"), Some(APP), "{status}");
        assert_eq!(answer.codes().len(), 1);
    }
}

#[tokio::test]
async fn the_demo_lets_in_development_servers_of_this_machine_unless_the_list_is_set() {
    let allowed = async |address: &str, origin: &str| {
        let request = reqwest::Client::new().request(Method::OPTIONS, format!("{address}/graphql"));
        let answer = request.header("origin", origin).header("access-control-request-method", "POST");
        let answer = answer.send().await.expect("an answer");
        header(answer.headers(), "access-control-allow-origin") == Some(origin)
    };
    let demo = Waymark::new(&[]).listens().await;
    for host in ["localhost", "127.0.0.1"] {
        for (port, wanted) in [(3000, true), (5173, true), (8080, true), (3001, false)] {
            let origin = format!("http://{host}:{port}");
            assert_eq!(allowed(&demo.address, &origin).await, wanted, "{origin}");
        }
    }
    assert!(!allowed(&demo.address, "http://other.example:3000").await);
    demo.stops().await;

    for listed in ["", "https://app.example"] {
        let closed = Waymark::new(&[]).env("WAYMARK_ALLOWED_ORIGINS", listed).listens().await;
        assert!(!allowed(&closed.address, "http://localhost:3000").await, "{listed}");
        assert_eq!(allowed(&closed.address, APP).await, !listed.is_empty());
        closed.stops().await;
    }
}

// -- compression --------------------------------------------------------------------------------

/// The body as it went out.
async fn raw(clinic: &Clinic, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let (parts, body) = router(clinic.app.clone()).oneshot(request).await.expect("an answer").into_parts();
    (parts.status, parts.headers, body.collect().await.expect("a body").to_bytes().to_vec())
}

fn unpacked(encoding: Option<&str>, packed: &[u8]) -> String {
    let mut plain = Vec::new();
    match encoding {
        Some("gzip") => flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).expect("gzip"),
        Some("br") => brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain).expect("brotli"),
        Some("zstd") => {
            plain = zstd::decode_all(packed).expect("zstd");
            plain.len()
        }
        _ => {
            plain = packed.to_vec();
            plain.len()
        }
    };
    String::from_utf8(plain).expect("UTF-8")
}

#[tokio::test]
async fn an_answer_above_a_kilobyte_is_compressed_as_the_client_likes_best() {
    let (clinic, ann) = clinic_and_ann().await;
    let ask = |accept: &str| {
        let bearer = format!("Bearer {}", ann.token);
        let headers =
            [("content-type", "application/json"), ("authorization", &bearer), ("accept-encoding", accept)];
        request(
            Method::POST,
            "/graphql",
            &headers,
            r#"{"query":"{ instruments { code name sources bands { code label min max } } }"}"#,
        )
    };
    let (_, headers, plain) = raw(&clinic, ask("identity")).await;
    assert_eq!(headers.get("content-encoding"), None);
    assert!(plain.len() > 5000);
    for (accept, wanted) in [
        ("gzip", Some("gzip")),
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("gzip, deflate, br", Some("br")),
        ("br;q=0.5, gzip", Some("gzip")),
        ("deflate", None),
        ("gzip;q=0", None),
        ("deflate, *;q=0", None),
        ("identity;q=0", None),
        ("gzip, identity; q=0", Some("gzip")),
        ("", None),
    ] {
        let (status, headers, body) = raw(&clinic, ask(accept)).await;
        assert_eq!(status, StatusCode::OK, "{accept}");
        assert_eq!(header(&headers, "content-encoding"), wanted, "{accept}");
        assert_eq!(words(&headers, "vary"), ["accept-encoding", "origin"], "{accept}");
        assert_eq!(unpacked(wanted, &body).as_bytes(), plain, "{accept}");
        assert_eq!(body.len() < plain.len() / 2, wanted.is_some(), "{accept}");
    }
}

#[tokio::test]
async fn an_answer_of_a_kilobyte_is_sent_as_it_is_and_one_byte_more_is_compressed() {
    let (clinic, ann) = clinic_and_ann().await;
    let bearer = format!("Bearer {}", ann.token);
    let sized = |size: usize| {
        let around = r#"{"data":{"":"Query"}}"#.len();
        let body = json!({ "query": format!("{{ {}: __typename }}", "a".repeat(size - around)) });
        let headers =
            [("content-type", "application/json"), ("authorization", &bearer), ("accept-encoding", "gzip")];
        request(Method::POST, "/graphql", &headers, body.to_string())
    };
    let (_, headers, body) = raw(&clinic, sized(1024)).await;
    assert_eq!((body.len(), headers.get("content-encoding")), (1024, None));
    let (_, headers, body) = raw(&clinic, sized(1025)).await;
    assert_eq!(header(&headers, "content-encoding"), Some("gzip"));
    assert_eq!(unpacked(Some("gzip"), &body).len(), 1025);
}

#[tokio::test]
async fn an_event_stream_is_never_compressed() {
    let (clinic, ann) = clinic_and_ann().await;
    let bearer = format!("Bearer {}", ann.token);
    let headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("authorization", &bearer),
        ("accept-encoding", "gzip, br, zstd"),
    ];
    let query = r#"{"query":"{ instruments { code name sources bands { code label min max } } }"}"#;
    let mut listener = clinic.streams(request(Method::POST, "/graphql", &headers, query)).await;
    assert_eq!(listener.headers.get("content-encoding"), None);
    assert!(listener.event().await.is_some_and(|event| event.data.len() > 5000));
}

// -- what is not sent twice ---------------------------------------------------------------------

#[tokio::test]
async fn the_schema_and_the_playgrounds_files_are_sent_once() {
    let (mut clinic, _) = clinic_and_ann().await;
    let settings = server::http::playground::Settings { token: None, examples: vec![], trusted_only: false };
    clinic.app = clinic.app.with_playground(settings);
    let get = |path: &str, headers: &[(&str, &str)]| request(Method::GET, path, headers, Body::empty());
    for path in ["/schema.graphql", "/", "/playground/LICENSES.txt"] {
        let (status, headers, plain) = raw(&clinic, get(path, &[])).await;
        if status == StatusCode::NOT_FOUND && path.ends_with("LICENSES.txt") {
            continue; // built without the playground's files
        }
        assert_eq!(status, StatusCode::OK, "{path}");
        let tag = header(&headers, "etag").expect("a tag").to_owned();
        assert!(tag.starts_with("W/\"") && tag.ends_with('"') && tag.len() > 10, "{tag}");
        assert_eq!(header(&headers, "cache-control"), Some("no-cache"), "{path}");

        let strong = tag.trim_start_matches("W/");
        for kept in [&tag, strong, "*", &format!("\"other\", {tag}")] {
            for encoding in ["identity", "gzip", "br"] {
                let asked = get(path, &[("if-none-match", kept), ("accept-encoding", encoding)]);
                let (status, headers, body) = raw(&clinic, asked).await;
                assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{path} {kept}");
                assert_eq!(header(&headers, "etag"), Some(tag.as_str()));
                assert_eq!(headers.get("content-encoding"), None);
            }
        }
        for other in ["\"other\"", "W/\"\"", "nonsense"] {
            let (status, _, body) = raw(&clinic, get(path, &[("if-none-match", other)])).await;
            assert_eq!((status, body), (StatusCode::OK, plain.clone()), "{path} {other}");
        }
    }
}

// -- HEAD ---------------------------------------------------------------------------------------

#[tokio::test]
async fn head_is_answered_with_the_headers_of_get_and_no_body() {
    let (mut clinic, ann) = clinic_and_ann().await;
    let settings = server::http::playground::Settings { token: None, examples: vec![], trusted_only: false };
    clinic.app = clinic.app.with_playground(settings);
    let bearer = format!("Bearer {}", ann.token);
    let long = format!("/graphql?query=%7B{}%3A__typename%7D", "a".repeat(2000));
    for path in
        ["/graphql?query=%7B__typename%7D", &long, "/graphql", "/schema.graphql", "/", "/healthz", "/nothing"]
    {
        for encoding in ["identity", "gzip", "br"] {
            let headers =
                [("authorization", bearer.as_str()), ("accept-encoding", encoding), ("x-request-id", "a")];
            let got = raw(&clinic, request(Method::GET, path, &headers, Body::empty())).await;
            let told = raw(&clinic, request(Method::HEAD, path, &headers, Body::empty())).await;
            assert_eq!((told.0, &told.1, told.2.len()), (got.0, &got.1, 0), "{path} {encoding}");
            assert!(!got.2.is_empty(), "{path}");
        }
    }
    let mutation = "/graphql?query=mutation%7B__typename%7D";
    let headers = [("authorization", bearer.as_str())];
    let told = raw(&clinic, request(Method::HEAD, mutation, &headers, Body::empty())).await;
    assert_eq!(told.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn head_tells_the_length_over_a_real_connection_and_the_connection_goes_on() {
    let (clinic, _) = clinic_and_ann().await;
    let address = clinic.serves().await;
    let client = reqwest::Client::new();
    let sdl = client.get(format!("{address}/schema.graphql")).send().await.expect("an answer");
    let length = sdl.text().await.expect("a text").len().to_string();
    for encoding in ["identity", "gzip"] {
        let told = client.head(format!("{address}/schema.graphql")).header("accept-encoding", encoding);
        let told = told.send().await.expect("an answer");
        let wanted = (encoding == "identity").then_some(length.as_str());
        assert_eq!(header(told.headers(), "content-length"), wanted, "{encoding}");
    }
    let alive = client.get(format!("{address}/healthz")).send().await.expect("an answer");
    assert_eq!(alive.text().await.expect("a text"), "alive\n");
}
