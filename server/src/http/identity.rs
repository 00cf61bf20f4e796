//! From a bearer token to a [`Viewer`]: without one, nothing behind this door is reached.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::answer::refuse;
use crate::access::Viewer;
use crate::app::App;
use crate::wire::Code;

impl FromRequestParts<App> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let bearer =
            bearer(&parts.headers).and_then(|token| app.keys.check(token)).ok_or_else(unauthenticated)?;
        match Self::identify(app.store.for_request(), bearer.user).await {
            Ok(viewer) => viewer.ok_or_else(unauthenticated),
            Err(error) => {
                tracing::error!(%error, "the viewer could not be read");
                let message = "The database can't be reached at the moment.";
                Err(refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, message))
            }
        }
    }
}

/// The token of an `Authorization: Bearer` header; the scheme in capital or small letters.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The same words for no token, a bad one, and one of a user who is gone.
fn unauthenticated() -> Response {
    let message = "A valid bearer token is needed.";
    let mut response = refuse(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
