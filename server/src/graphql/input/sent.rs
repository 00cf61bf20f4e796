//! How a retry is recognised: by the key that the client chose, and a hash of what it sent with it.
//!
//! The hash is one of JSON with sorted names, so neither the order of fields nor the names of Rust types
//! matter, and a retry is still recognised after a new version was deployed.
//!
//! Versions before December 2026 stored another hash. A retry whose first request was answered by such a
//! version gets `CONFLICT` for the 24 hours that its key is kept; nothing is done twice.

use std::collections::BTreeMap;

use async_graphql::{Context, Result, Value};
use serde_json::json;

use crate::service::Retry;
use crate::wire::fingerprint;

pub fn retry(ctx: &Context<'_>, key: Option<&String>) -> Result<Option<Retry>> {
    let Some(key) = key else { return Ok(None) };
    let field = ctx.field();
    let arguments = field.arguments().map_err(|error| error.message)?;
    let arguments = Value::Object(arguments.into_iter().collect());
    let body = json!([field.name(), canonical(arguments)]).to_string();
    Ok(Some(Retry { key: key.clone(), body_hash: fingerprint(&body) }))
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
