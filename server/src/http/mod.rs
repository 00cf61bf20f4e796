//! The routes and their limits.

mod answer;
mod compression;
pub mod connections;
mod cross_origin;
mod etag;
mod graphql;
mod head;
mod identity;
mod operation;
pub mod origin;
pub mod playground;
mod request;
mod sse;
pub mod token;
mod websocket;

use std::sync::{Arc, LazyLock};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware, routing};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::request_id::{MakeRequestId, RequestId};
use tower_http::trace::TraceLayer;
use uuid::Uuid;

pub use graphql::{Rows, Statements};

use crate::app::App;
use crate::graphql::sdl;
use crate::wire::{Code, fingerprint};
use answer::refuse;

const OUR_FAULT: &str = "Something went wrong on our side.";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that is served.
pub fn router(app: App) -> Router {
    let app = Arc::new(app);
    let (others, largest_body) = (app.connections.limits.origins.clone(), app.largest_body);
    let endpoint = routing::post(graphql::post).get(graphql::get).fallback(wrong_method);
    let mut router = Router::new()
        .route("/graphql", endpoint)
        .route("/schema.graphql", routing::get(schema))
        .route("/healthz", routing::get(async || "alive\n"))
        .route("/readyz", routing::get(ready))
        .fallback(async || refuse(StatusCode::NOT_FOUND, Code::BadUserInput, "There is nothing here."))
        .with_state(app.clone());
    if let Some(playground) = &app.playground {
        router = router.merge(playground::routes(playground.clone()));
    }
    let router = router.method_not_allowed_fallback(async || {
        refuse(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, "Only GET is served here.")
    });
    let layers = ServiceBuilder::new()
        .map_request(refuse_odd_request_id)
        .set_request_id(REQUEST_ID, NewRequestId)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .propagate_request_id(REQUEST_ID)
        // Around all that answers, so that a page of another origin can read why it was refused.
        .layer(cross_origin::layer(others))
        .layer(middleware::from_fn(head::as_get))
        .map_request(compression::never_unacceptable)
        .layer(compression::layer())
        .layer(CatchPanicLayer::custom(panicked))
        // The limit of a body counts what comes out of it.
        .layer(RequestDecompressionLayer::new())
        .override_response_header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    router.layer(layers).layer(DefaultBodyLimit::max(largest_body))
}

#[derive(Clone)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _request: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&Uuid::new_v4().to_string()).ok().map(RequestId::new)
    }
}

/// A request id of the client's is kept when it is short and plain, since it ends up in the log.
fn refuse_odd_request_id<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    let plain = |id: &HeaderValue| {
        let bytes = id.as_bytes();
        (1..=64).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    if !request.headers().get(REQUEST_ID).is_some_and(plain) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// No query string: by GET it holds the document and its variables.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, OUR_FAULT)
}

async fn wrong_method(_request: Request) -> Response {
    let message = "Operations are sent by POST, queries also by GET.";
    let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, Code::BadUserInput, message);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

/// The schema never changes while the server runs.
static SCHEMA: LazyLock<(String, String)> = LazyLock::new(|| {
    let sdl = sdl();
    (format!("W/\"{}\"", fingerprint(&sdl)), sdl)
});

async fn schema(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    if !app.engine.limits().introspection {
        let message = "This server does not tell its schema.";
        return refuse(StatusCode::NOT_FOUND, Code::IntrospectionDisabled, message);
    }
    let (tag, sdl) = &*SCHEMA;
    let about = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    etag::tagged(&headers, tag, (about, sdl.as_str()).into_response())
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.store.is_ready().await {
        return "ready\n".into_response();
    }
    let message = "The database can't be reached, or lacks a migration.";
    refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, message)
}
