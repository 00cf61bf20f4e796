//! A GraphQL request out of an HTTP one: JSON by POST, or parameters by GET. Whatever is wrong with its
//! form is said here, in JSON, before anything is parsed as GraphQL.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use mediatype::MediaType;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::refuse;
use crate::graphql::{Named, Request};
use crate::wire::Code;

/// The parameters; unknown ones are ignored, null is the same as absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

/// By GET the structured parameters are JSON texts, and an empty text is the same as absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// Reads a POST body. Only `application/json` is taken: a page of another origin can't send that
/// without being asked first, so forms and plain text never run a mutation.
pub fn from_body(headers: &HeaderMap, body: &Bytes) -> Result<Request, Response> {
    if !is_json(headers) {
        let message = "The body must be of type application/json, in UTF-8.";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadUserInput, message));
    }
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(bad_request("Send one operation a request; batches are not taken."));
    }
    let parameters: Parameters =
        serde_json::from_slice(body).map_err(|error| bad_request(&explain(&error)))?;
    let idempotency_key = idempotency_key(headers)?;
    into_request(parameters).map(|request| Request { idempotency_key, ..request })
}

/// The key of the header, bare or in quotes (a string of RFC 8941, as the draft of the IETF has it).
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Response> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|_| keys.next().is_none());
    let text = text.ok_or_else(|| bad_request("The header Idempotency-Key must be one plain text."))?.trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Ok(Some(bare.to_owned()))
}

/// Reads the query string of a GET.
pub fn from_query(query: &str) -> Result<Request, Response> {
    let parameters: QueryString =
        serde_urlencoded::from_str(query).map_err(|_| bad_request("The query string can't be read."))?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    into_request(Parameters {
        query: filled(parameters.query),
        operation_name: filled(parameters.operation_name),
        variables: filled(parameters.variables)
            .map(|text| read_json("variables", &text))
            .transpose()?
            .flatten(),
        extensions: filled(parameters.extensions)
            .map(|text| read_json("extensions", &text))
            .transpose()?
            .flatten(),
    })
}

fn into_request(parameters: Parameters) -> Result<Request, Response> {
    parameters.into_request().ok_or_else(|| bad_request("The parameter `query` is missing."))
}

impl Parameters {
    /// `None` without a document, and without a name for one.
    pub fn into_request(self) -> Option<Request> {
        let named = self.extensions.as_ref().and_then(named);
        let document = self.query.unwrap_or_default();
        if document.is_empty() && named.is_none() {
            return None;
        }
        let variables = self.variables.unwrap_or_default();
        let extensions = self.extensions.unwrap_or_default();
        let tells_cost = extensions.get("cost") == Some(&Value::Bool(true));
        let operation_name = self.operation_name;
        Some(Request { document, named, operation_name, variables, tells_cost, idempotency_key: None })
    }
}

/// The document by its hash, in the form of Apollo's persisted queries. One without a hash names nothing.
fn named(extensions: &Map<String, Value>) -> Option<Named> {
    let query = extensions.get("persistedQuery")?;
    let hash = query.get("sha256Hash")?.as_str()?.to_owned();
    Some(Named { version: query.get("version").and_then(Value::as_u64), hash })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let Ok(media) = MediaType::parse(text) else { return false };
    let charset = media.params.iter().find(|(name, _)| *name == mediatype::names::CHARSET);
    let utf8 = charset.is_none_or(|(_, charset)| charset.unquoted_str().eq_ignore_ascii_case("utf-8"));
    media.essence() == MediaType::new(mediatype::names::APPLICATION, mediatype::names::JSON) && utf8
}

fn read_json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Response> {
    serde_json::from_str(text)
        .map_err(|_| bad_request(&format!("The parameter `{name}` must be a JSON object.")))
}

/// serde's words name a type and a place, never a value of the client's.
fn explain(error: &serde_json::Error) -> String {
    if error.is_data() {
        let message = "The body must be an object with `query` (text), and perhaps `operationName` (text), \
                       `variables` (object) and `extensions` (object).";
        return message.to_owned();
    }
    format!("The body is no valid JSON: line {}, column {}.", error.line(), error.column())
}

fn bad_request(message: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, Code::BadUserInput, message)
}
