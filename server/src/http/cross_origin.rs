//! Front ends of other origins. What they may is what the browser asks before it sends (CORS, of the Fetch
//! standard); the answer is the same list of origins by which `WebSocket`s are opened.

use std::time::Duration;

use axum::http::header::{HOST, ORIGIN, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::REQUEST_ID;
use super::origin::{Origin, Origins};

/// How long a browser may remember what it was told; Chromium remembers nothing for longer.
const REMEMBERED: Duration = Duration::from_hours(2);

/// Tells browsers which pages may ask. Credentials are off: a token is sent by the page itself, so a page of
/// another origin has nothing to send unless it was given a token.
pub fn layer(others: Origins) -> CorsLayer {
    let may_ask = move |origin: &HeaderValue, request: &Parts| is_allowed(origin, &request.headers, &others);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(may_ask))
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        // Any: clients send headers of their own, and none of them gives a right.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([REQUEST_ID, RETRY_AFTER])
        .max_age(REMEMBERED)
        // Answers to OPTIONS are never cached, so what a preflight asks need not be named.
        .vary([ORIGIN])
}

/// A browser sends the origin of its page. Other clients send none and may ask: they need a token anyway.
pub fn may_ask(headers: &HeaderMap, others: &Origins) -> bool {
    headers.get(ORIGIN).is_none_or(|origin| is_allowed(origin, headers, others))
}

/// The server's own pages, and those of the listed origins.
fn is_allowed(origin: &HeaderValue, headers: &HeaderMap, others: &Origins) -> bool {
    let Some(origin) = origin.to_str().ok().and_then(|origin| origin.parse::<Origin>().ok()) else {
        return false;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| origin.is_of_host(host)) || others.contains(&origin)
}
