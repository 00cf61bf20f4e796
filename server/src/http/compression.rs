//! Answers are compressed as the client likes best: gzip, brotli or zstd.

use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue, Request};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};

/// Shorter answers fit into one packet anyway.
const WORTH_IT: u64 = 1024;

/// Event streams are left alone: an event would wait in the compressor for those behind it.
pub fn layer() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT + 1).and(NotForContentType::SSE))
}

/// Takes back what a client says of having nothing but certain encodings. The layer would answer 406 then, after
/// the operation has run; a plain answer is allowed as well (RFC 9110, 12.5.3).
pub fn never_unacceptable<B>(mut request: Request<B>) -> Request<B> {
    if let Some(gentler) = without_refusals(request.headers()) {
        request.headers_mut().insert(ACCEPT_ENCODING, gentler);
    }
    request
}

/// `None` when nothing is refused.
fn without_refusals(headers: &HeaderMap) -> Option<HeaderValue> {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let (refusals, rest): (Vec<_>, Vec<_>) =
        lines.flat_map(|line| line.split(',')).partition(|coding| refuses_the_plain(coding));
    if refusals.is_empty() { None } else { HeaderValue::from_str(&rest.join(",")).ok() }
}

/// Whether this is `identity;q=0`, or `*;q=0`, which covers it.
fn refuses_the_plain(coding: &str) -> bool {
    let Some((name, weight)) = coding.split_once(';') else { return false };
    let weight = weight.trim().trim_start_matches(['q', 'Q', '=']).parse::<f32>();
    ["identity", "*"].iter().any(|plain| name.trim().eq_ignore_ascii_case(plain))
        && weight.is_ok_and(|weight| weight <= 0.0)
}
