//! From a bearer token to a [`Viewer`]: without one, nothing behind this door is reached.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use sea_orm::DbErr;
use serde::Deserialize;

use super::answer::{Events, Media, refuse};
use super::token::Refused;
use crate::access::Viewer;
use crate::app::App;
use crate::wire::Code;

/// Whoever a token stands for, and until when.
pub struct Identity {
    pub viewer: Viewer,
    /// From then on the token is refused.
    pub until: SystemTime,
}

impl Identity {
    /// `None` for a token that is not to be trusted, or of a user who is gone.
    pub async fn of_token(app: &App, token: &str) -> Result<Option<Self>, DbErr> {
        let bearer = match app.keys.check(token) {
            Ok(bearer) => bearer,
            Err(refused) => return Ok(log(refused)),
        };
        let viewer = app.identities.viewer(app.store.for_request(), bearer.user).await?;
        let identity = viewer.map(|viewer| Self { viewer, until: bearer.until() });
        Ok(identity.or_else(|| log(Refused::User)))
    }

    /// How long the token is still good for.
    pub fn left(&self) -> Duration {
        self.until.duration_since(SystemTime::now()).unwrap_or_default()
    }
}

/// Whoever runs the server learns why; the client is told nothing.
fn log(refused: Refused) -> Option<Identity> {
    tracing::info!(reason = %refused, "a token was refused");
    None
}

impl FromRequestParts<Arc<App>> for Identity {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let token = bearer(&parts.headers).map(str::to_owned).or_else(|| of_event_source(parts));
        match Self::of_token(app, &token.ok_or_else(unauthenticated)?).await {
            Ok(identity) => identity.ok_or_else(unauthenticated),
            Err(error) => {
                tracing::error!(%error, "the viewer could not be read");
                let message = "The database can't be reached at the moment.";
                Err(refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, message))
            }
        }
    }
}

/// The token of an `Authorization: Bearer` header; the scheme in capital or small letters.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token in the address of a GET for server-sent events (RFC 6750, 2.3): a browser's `EventSource`
/// sends no header of one's own. Addresses end up in logs of proxies, so it is taken for nothing else.
fn of_event_source(parts: &Parts) -> Option<String> {
    #[derive(Deserialize)]
    struct Query {
        access_token: String,
    }
    if parts.method != Method::GET || Media::events(&parts.headers) != Events::Preferred {
        return None;
    }
    let query = serde_urlencoded::from_str::<Query>(parts.uri.query()?).ok()?;
    Some(query.access_token)
}

/// The same words for no token, a bad one, and one of a user who is gone.
pub fn unauthenticated() -> Response {
    let message = "A valid bearer token is needed.";
    let mut response = refuse(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
