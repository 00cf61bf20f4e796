//! What goes out: data in the order of the selection, and errors in our words.

use async_graphql::indexmap::IndexMap;
use async_graphql::{ErrorExtensionValues, Name, Pos, Response, ServerError, Value};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::limits::{Limits, beyond};
use crate::graphql::object::Budget;
use crate::graphql::unreadable;
use crate::wire::{Code, coded};

/// The answer to an operation.
#[derive(Debug)]
pub struct Answer {
    /// `{"data":` and the data; `None` when nothing ran, which is not the same as null.
    data: Option<Vec<u8>>,
    pub errors: Vec<ServerError>,
    /// What the operation costs, where that is told.
    cost: Option<Charge>,
}

/// What an operation costs, and what it may cost: `extensions.cost`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Charge {
    pub requested: u64,
    pub limit: u64,
}

const DATA: &[u8] = b"{\"data\":";
const NOTHING: &[u8] = b"{\"data\":null";

/// A field at the root.
pub struct Root {
    pub key: String,
    pub nullable: bool,
}

impl Answer {
    /// The answer to an operation that may not run.
    pub fn refusal(mut errors: Vec<ServerError>, limits: &Limits) -> Self {
        finish(&mut errors, limits.errors);
        Self { data: None, errors, cost: None }
    }

    /// A refusal in one sentence.
    pub fn refused(code: Code, message: &str) -> Self {
        Self { data: None, errors: vec![beyond(code, message)], cost: None }
    }

    /// The answer with what the operation costs.
    pub(super) fn telling(self, cost: Option<Charge>) -> Self {
        Self { cost, ..self }
    }

    pub fn is_refusal(&self) -> bool {
        self.data.is_none()
    }

    /// Whether something failed that is not the client's fault.
    pub fn is_our_fault(&self) -> bool {
        self.errors.iter().any(|error| code(error) == Some(Code::Internal))
    }

    pub(super) fn of(response: Response, roots: &[Root], limits: &Limits, budget: &Budget) -> Self {
        let mut fields = match response.data {
            Value::Object(fields) => fields,
            _ => IndexMap::new(),
        };
        let mut errors = response.errors;
        finish(&mut errors, limits.errors);
        let data = write(&mut fields, roots).unwrap_or_else(|| NOTHING.to_vec());
        if budget.is_overspent() || data.len() > limits.answer {
            return Self::too_large(limits.answer);
        }
        Self { data: Some(data), errors, cost: None }
    }

    /// What was carried out stays so; only its answer is given up.
    fn too_large(most: usize) -> Self {
        let message = format!("The answer is larger than {most} bytes: ask for less at once.");
        Self { data: Some(NOTHING.to_vec()), errors: vec![beyond(Code::AnswerTooLarge, message)], cost: None }
    }

    /// The answer as JSON inside of JSON.
    pub fn into_raw(self) -> serde_json::Result<Box<RawValue>> {
        let text = String::from_utf8(self.into_json()).map_err(serde::de::Error::custom)?;
        RawValue::from_string(text)
    }

    /// The answer as JSON.
    pub fn into_json(self) -> Vec<u8> {
        let mut json = match self.data {
            Some(data) if self.errors.is_empty() => data,
            Some(mut data) => {
                data.extend_from_slice(b",\"errors\":");
                data
            }
            None => b"{\"errors\":".to_vec(),
        };
        if !self.errors.is_empty() {
            json.extend(serde_json::to_vec(&self.errors).unwrap_or_default());
        }
        if let Some(cost) = self.cost {
            json.extend_from_slice(b",\"extensions\":{\"cost\":");
            json.extend(serde_json::to_vec(&cost).unwrap_or_default());
            json.push(b'}');
        }
        json.push(b'}');
        json
    }
}

/// The fields at the root, which the engine hands out as they were done. One that failed is null, and where
/// there may be no null, nothing is left of the data.
fn write(fields: &mut IndexMap<Name, Value>, roots: &[Root]) -> Option<Vec<u8>> {
    let length = |value: &Value| if let Value::Binary(text) = value { text.len() } else { 64 };
    let mut json = Vec::with_capacity(64 + fields.values().map(length).sum::<usize>());
    json.extend_from_slice(DATA);
    json.push(b'{');
    for (place, root) in roots.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        json.extend_from_slice(b"\"");
        json.extend_from_slice(root.key.as_bytes());
        json.extend_from_slice(b"\":");
        match fields.swap_remove(root.key.as_str()) {
            // Only objects that wrote themselves are binary: they are JSON already.
            Some(Value::Binary(text)) => json.extend_from_slice(&text),
            None | Some(Value::Null) if root.nullable => json.extend_from_slice(b"null"),
            None | Some(Value::Null) => return None,
            Some(value) => serde_json::to_writer(&mut json, &value).ok()?,
        }
    }
    json.push(b'}');
    Some(json)
}

fn finish(errors: &mut Vec<ServerError>, most: usize) {
    if errors.len() > most {
        errors.truncate(most);
        errors.push(beyond(Code::TooManyErrors, format!("There are more than {most} errors.")));
    }
    for error in errors {
        word(error);
        // Where the engine knows no place, there is none.
        error.locations.retain(|place| *place != Pos::default());
    }
}

fn code(error: &ServerError) -> Option<Code> {
    let is = |code: Code| {
        error.extensions.as_ref()?.get("code").filter(|it| **it == code.as_str().into()).map(|_| code)
    };
    is(Code::Internal)
}

/// Gives an error its code. One of ours has it; one with a source is unknown and therefore masked; one
/// that the engine made while reading an argument names it; the rest is validation.
fn word(error: &mut ServerError) {
    let known = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
    if known {
        return;
    }
    if let Some(source) = &error.source {
        match unreadable::sentence(&**source) {
            Some(sentence) => mask(error, Code::Unreadable, sentence),
            None => mask(error, Code::Internal, "Something went wrong on our side."),
        }
        return;
    }
    let code = if error.path.is_empty() { Code::ValidationFailed } else { Code::BadUserInput };
    *error = coded(std::mem::replace(error, ServerError::new("", None)), code);
}

/// The truth goes to the log under an id; the client gets the id.
fn mask(error: &mut ServerError, code: Code, sentence: &str) {
    let id = Uuid::new_v4().to_string();
    tracing::error!(error_id = id, path = ?error.path, error = %error.message, "an operation failed");
    let mut masked = coded(ServerError::new(sentence, None), code);
    masked.extensions.get_or_insert_with(ErrorExtensionValues::default).set("errorId", id);
    masked.locations = std::mem::take(&mut error.locations);
    masked.path = std::mem::take(&mut error.path);
    *error = masked;
}
