//! How answers look on the wire: the media type the client asked for, and the status that goes with it.
//! The status codes are those of the GraphQL-over-HTTP audit suite.

use async_graphql_axum::GraphQLResponse;
use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use headers_accept::Accept;
use mediatype::MediaType;
use serde_json::json;

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
static GRAPHQL_RESPONSE: MediaType<'static> = MediaType::from_parts(
    mediatype::names::APPLICATION,
    mediatype::Name::new_unchecked("graphql-response"),
    Some(mediatype::names::JSON),
    &[],
);

impl Media {
    /// What the client likes best; `None` when it takes neither. Plain JSON when it does not say.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let Some(accept) = headers.get(ACCEPT) else { return Some(Self::Json) };
        let accept = Accept::try_from(accept).ok()?;
        let best = accept.negotiate([&JSON, &GRAPHQL_RESPONSE])?;
        Some(if *best == GRAPHQL_RESPONSE { Self::GraphqlResponse } else { Self::Json })
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// The answer to an operation.
pub fn answer(response: async_graphql::Response, media: Media) -> Response {
    let refused = !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty());
    let mut answer = if refused && response.data == async_graphql::Value::Null {
        request_error(&response, media)
    } else {
        GraphQLResponse(response.into()).into_response()
    };
    answer.headers_mut().insert(CONTENT_TYPE, media.content_type());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An operation that never ran has no `data` at all.
fn request_error(response: &async_graphql::Response, media: Media) -> Response {
    let status = if media == Media::GraphqlResponse { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let body = json!({ "errors": response.errors });
    (status, body.to_string()).into_response()
}

/// A request that does not get as far as an operation.
pub fn refuse(status: StatusCode, code: Code, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code.word() } }] });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, Media::Json.content_type());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
