//! HEAD is answered as GET is, with every header that GET would have, and without the body.

use std::convert::Infallible;

use async_graphql::futures_util::stream;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::Response;

/// Asks the inner services by GET, so that what they work out of a body, such as its encoding, is told truly.
pub async fn as_get(mut request: Request, next: Next) -> Response {
    if request.method() != Method::HEAD {
        return next.run(request).await;
    }
    *request.method_mut() = Method::GET;
    let (mut parts, body) = next.run(request).await.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    // Of unknown length: an empty body would be given a length of zero, which is not that of the answer to a GET.
    Response::from_parts(parts, Body::from_stream(stream::empty::<Result<Bytes, Infallible>>()))
}
