//! Texts: length, emptiness, and characters that no database takes.

use serde_json::Value;

use super::{Code, Path, Problem};

/// Most characters of a text column without a length of its own: notes, descriptions, messages.
pub const LONG: usize = 20_000;
/// Lengths of the VARCHAR columns, in characters.
pub const CATEGORY: usize = 50;
pub const UNIT: usize = 20;
pub const VALUE_LABEL: usize = 100;
pub const TITLE: usize = 200;
pub const ASSESSMENT_TYPE: usize = 50;
/// Most characters of an idempotency key (ours).
pub const KEY: usize = 200;
/// Most characters of a JSON value when written out (ours).
pub const JSON: usize = 20_000;

/// A text that has to say something.
#[must_use]
pub fn required(path: &Path, name: &str, text: &str, most: usize) -> Option<Problem> {
    if text.trim().is_empty() {
        return Some(Problem::new(Code::Required, path, format!("{name} can't be empty.")));
    }
    optional(path, name, Some(text), most)
}

/// A text that may be missing or empty.
#[must_use]
pub fn optional(path: &Path, name: &str, text: Option<&str>, most: usize) -> Option<Problem> {
    let text = text?;
    let length = text.chars().count();
    if length > most {
        let message = format!("{name} can have at most {most} characters; this has {length}.");
        return Some(Problem::new(Code::TooLong, path, message));
    }
    let message = || format!("{name} can't contain the character NUL, which can't be stored.");
    text.contains('\0').then(|| Problem::new(Code::Invalid, path, message()))
}

/// Free JSON: of bounded size, and without the NUL that JSONB refuses.
#[must_use]
pub fn json(path: &Path, name: &str, value: Option<&Value>) -> Option<Problem> {
    let value = value?;
    if value.to_string().chars().count() > JSON {
        let message = format!("{name} can have at most {JSON} characters.");
        return Some(Problem::new(Code::TooLong, path, message));
    }
    let message = || format!("{name} can't contain the character NUL, which can't be stored.");
    has_nul(value).then(|| Problem::new(Code::Invalid, path, message()))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(members) => members.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
