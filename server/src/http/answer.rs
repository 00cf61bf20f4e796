//! How answers look on the wire: the media type the client asked for, and the status that goes with it.
//! The status codes are those of the GraphQL-over-HTTP audit suite.

use std::str::FromStr;

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use headers_accept::Accept;
use mediatype::{MediaType, Name, Value};
use serde_json::json;

use crate::graphql::Answer;
use crate::wire::Code;

/// What a GraphQL answer may be sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: request errors have status 200, for clients that look at nothing else.
    Json,
    /// `application/graphql-response+json`: request errors have status 400.
    GraphqlResponse,
}

static JSON: MediaType<'static> = MediaType::new(mediatype::names::APPLICATION, mediatype::names::JSON);
static GRAPHQL_RESPONSE: MediaType<'static> = graphql_response(&[]);
/// A range with a parameter matches only a type that has it.
static JSON_UTF8: MediaType<'static> =
    MediaType::from_parts(mediatype::names::APPLICATION, mediatype::names::JSON, None, UTF8);
static GRAPHQL_RESPONSE_UTF8: MediaType<'static> = graphql_response(UTF8);
const UTF8: &[(Name<'static>, Value<'static>)] = &[(mediatype::names::CHARSET, mediatype::values::UTF_8)];

const fn graphql_response(parameters: &'static [(Name<'static>, Value<'static>)]) -> MediaType<'static> {
    let name = Name::new_unchecked("graphql-response");
    MediaType::from_parts(mediatype::names::APPLICATION, name, Some(mediatype::names::JSON), parameters)
}

static EVENT_STREAM: MediaType<'static> =
    MediaType::new(mediatype::names::TEXT, mediatype::Name::new_unchecked("event-stream"));

/// Whether answers may be sent as server-sent events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// Better than anything else.
    Preferred,
    /// Named, but behind something else, as urql does: for subscriptions.
    Taken,
    Unknown,
}

/// The whole header. Names are compared in any case, but `utf-8` is only known as `UTF-8`.
fn accept(headers: &HeaderMap) -> Option<String> {
    let lines: Result<Vec<_>, _> = headers.get_all(ACCEPT).iter().map(HeaderValue::to_str).collect();
    Some(lines.ok()?.join(",").to_uppercase())
}

impl Media {
    /// What the client likes best; `None` when it takes neither. Plain JSON when it does not say. The
    /// header may come in several lines.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let accept = accept(headers)?;
        if accept.trim().is_empty() {
            return Some(Self::Json);
        }
        let accept = Accept::from_str(&accept).ok()?;
        let best = accept.negotiate([&JSON, &GRAPHQL_RESPONSE, &JSON_UTF8, &GRAPHQL_RESPONSE_UTF8])?;
        Some(if best.suffix.is_some() { Self::GraphqlResponse } else { Self::Json })
    }

    /// What the client makes of server-sent events. Only what it names counts: a client that takes just
    /// anything could not read them.
    pub fn events(headers: &HeaderMap) -> Events {
        let Some(accept) = accept(headers).filter(|accept| accept.contains("TEXT/EVENT-STREAM")) else {
            return Events::Unknown;
        };
        let Ok(accept) = Accept::from_str(&accept) else { return Events::Unknown };
        let all = [&JSON, &GRAPHQL_RESPONSE, &JSON_UTF8, &GRAPHQL_RESPONSE_UTF8, &EVENT_STREAM];
        if accept.negotiate(all).is_some_and(|best| *best == EVENT_STREAM) {
            return Events::Preferred;
        }
        if accept.negotiate([&EVENT_STREAM]).is_some() { Events::Taken } else { Events::Unknown }
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// The answer to an operation. One that never ran has no `data` at all.
pub fn answer(answer: Answer, media: Media) -> Response {
    let refused = answer.is_refusal() && media == Media::GraphqlResponse;
    let mut response = Response::new(Body::from(answer.into_json()));
    *response.status_mut() = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    response.headers_mut().insert(CONTENT_TYPE, media.content_type());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A request that does not get as far as an operation.
pub fn refuse(status: StatusCode, code: Code, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code.as_str() } }] });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, Media::Json.content_type());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Asks whoever has too much under way to come back in a second.
pub fn come_back(response: &mut Response) {
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
}
