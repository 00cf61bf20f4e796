//! How a retry is recognised: by the key that the client chose, and a hash of what it sent with it.
//!
//! The hash is one of JSON with sorted names, so neither the order of fields nor the names of Rust types
//! matter, and a retry is still recognised after a new version was deployed.
//!
//! Versions before December 2026 stored another hash. A retry whose first request was answered by such a
//! version gets `CONFLICT` for the 24 hours that its key is kept; nothing is done twice.

use std::collections::BTreeMap;

use async_graphql::{Context, Name, Result, Value};
use serde_json::json;

use crate::graphql::IdempotencyKey;
use crate::rules::input::{Code, Path, Problem};
use crate::service::Retry;
use crate::wire::fingerprint;

/// The key of the input, or else that of the header; and what is wrong when they differ.
pub fn key<'c>(ctx: &'c Context<'_>, own: Option<&'c String>) -> (Option<&'c String>, Option<Problem>) {
    let header = ctx.data_opt::<IdempotencyKey>().map(|key| &key.0);
    let differ = own.zip(header).is_some_and(|(own, header)| own != header);
    let problem = || {
        let message = "The header Idempotency-Key has another key.";
        Problem::new(Code::Conflict, &Path::input().at("idempotencyKey"), message)
    };
    (own.or(header), differ.then(problem))
}

pub fn retry(ctx: &Context<'_>, key: Option<&String>) -> Result<Option<Retry>> {
    let Some(key) = key else { return Ok(None) };
    let field = ctx.field();
    let arguments = field.arguments().map_err(|error| error.message)?;
    let mut arguments = Value::Object(arguments.into_iter().collect());
    put_in(&mut arguments, key);
    let body = json!([field.name(), canonical(arguments)]).to_string();
    Ok(Some(Retry { key: key.clone(), body_hash: fingerprint(&body) }))
}

/// A key of the header is written where the field would be, so that a retry may use either.
fn put_in(arguments: &mut Value, key: &str) {
    if let Value::Object(arguments) = arguments
        && let Some(Value::Object(input)) = arguments.get_mut("input")
    {
        input.insert(Name::new("idempotencyKey"), Value::String(key.to_owned()));
    }
}

/// JSON whose objects have their names in order.
fn canonical(value: Value) -> serde_json::Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name.to_string(), canonical(value)));
            let sorted: BTreeMap<_, _> = fields.collect();
            serde_json::Value::Object(sorted.into_iter().collect())
        }
        Value::List(members) => members.into_iter().map(canonical).collect(),
        scalar => scalar.into_json().unwrap_or_default(),
    }
}
