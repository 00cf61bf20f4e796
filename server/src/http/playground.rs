//! `GraphiQL` at `/`, out of the binary: no foreign host is asked for anything, and the page's
//! Content-Security-Policy forbids it to. `build.rs` says where the files come from.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::{Router, middleware, routing::get};
use flate2::read::GzDecoder;
use serde::Serialize;

use super::etag::tagged;

/// No inline script, and no inline style but one, named by its hash: the scroll lock that `GraphiQL`'s
/// dialogs and menus insert. What is not listed falls back to `default-src`; in `connect-src` that
/// covers this origin's `WebSocket`s too.
const POLICY: &str = "default-src 'self'; \
    style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; \
    img-src 'self' data:; font-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page opens with.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Put into the header editor; only ever a demo's.
    pub token: Option<String>,
    /// A tab each.
    pub examples: Vec<Example>,
    /// Whether the server runs trusted documents only, so that nothing typed here is answered.
    pub trusted_only: bool,
}

/// An operation that runs as it is.
#[derive(Clone, Copy, Serialize)]
pub struct Example {
    pub name: &'static str,
    pub query: &'static str,
    /// JSON, or empty.
    pub variables: &'static str,
}

/// The operations that the demo opens with, for a therapist's token.
#[must_use]
pub fn demo_examples() -> Vec<Example> {
    vec![
        Example {
            name: "My caseload: goals, entries, milestones",
            query: include_str!("../../playground/examples/caseload.graphql"),
            variables: "",
        },
        Example {
            name: "Patients with their goals",
            query: include_str!("../../playground/examples/patients.graphql"),
            variables: "",
        },
        Example {
            name: "Goals by a filter (in the Variables pane)",
            query: include_str!("../../playground/examples/goal_filter.graphql"),
            variables: include_str!("../../playground/examples/goal_filter.json"),
        },
        Example {
            name: "News: milestones, when they are achieved",
            query: include_str!("../../playground/examples/milestones_achieved.graphql"),
            variables: "",
        },
        Example {
            name: "Achieve a milestone, for the news to tell of",
            query: include_str!("../../playground/examples/achieve_again.graphql"),
            variables: include_str!("../../playground/examples/achieve_again.json"),
        },
    ]
}

/// The page, its settings and its files.
pub fn routes(settings: Settings) -> Router {
    let settings = get(async move || ([(CACHE_CONTROL, "no-store")], Json(settings)));
    Router::new()
        .route("/", get(async |headers: HeaderMap| file("index.html", &headers)))
        .route("/playground/settings.json", settings)
        .route("/playground/{name}", get(asset))
        .layer(middleware::map_response(guard))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    file(&name, &headers)
}

async fn guard(mut response: Response) -> Response {
    let guards: [(HeaderName, &str); 3] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in guards {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

struct File {
    name: &'static str,
    gzip: &'static [u8],
    /// A hash of the content.
    tag: &'static str,
    /// The name changes with the content, so that it may be kept for ever.
    hashed: bool,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/playground/files.rs"));

fn file(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return (StatusCode::NOT_FOUND, "Not found").into_response();
    };
    tagged(headers, file.tag, content(file, headers))
}

fn content(file: &File, headers: &HeaderMap) -> Response {
    let cache = if file.hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [(CONTENT_TYPE, content_type(file.name)), (CACHE_CONTROL, cache), (VARY, "accept-encoding")];
    if accepts_gzip(headers) {
        let body = Body::from(Bytes::from_static(file.gzip));
        return (about, [(CONTENT_ENCODING, "gzip")], body).into_response();
    }
    let mut plain = Vec::new();
    match GzDecoder::new(file.gzip).read_to_end(&mut plain) {
        Ok(_) => (about, plain).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

/// Whether `gzip` is listed without a weight of zero. All that ask for a page do; the rest get it plain.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}
