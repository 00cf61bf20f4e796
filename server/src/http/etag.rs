//! What a client has already is not sent again: `ETag`, `If-None-Match` and 304 (RFC 9110, 13.1.2).

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use headers::{ETag, HeaderMapExt, IfNoneMatch};

/// Names the content of a response. The tag is a weak one, `W/"..."`, since the content may be sent in several
/// encodings under it.
pub fn tagged(asked: &HeaderMap, tag: &str, mut response: Response) -> Response {
    let (Ok(value), Ok(known)) = (HeaderValue::from_str(tag), tag.parse::<ETag>()) else { return response };
    response.headers_mut().insert(ETAG, value);
    let is_new = asked.typed_get::<IfNoneMatch>().is_none_or(|kept| kept.precondition_passes(&known));
    if is_new {
        return response;
    }
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    for header in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
        response.headers_mut().remove(header);
    }
    *response.body_mut() = Body::empty();
    response
}
