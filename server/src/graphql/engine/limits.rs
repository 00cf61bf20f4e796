//! How much one operation may ask for. Each limit refuses, and never clamps; each has a code of its own.

use async_graphql::ServerError;

use crate::wire::{Code, coded};

/// The limits of documents and answers.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest document, in bytes. The default is some twenty times the introspection query.
    pub bytes: usize,
    /// The most fields that a document may select once its fragments are spread.
    pub fields: u64,
    /// The most response keys with an alias.
    pub aliases: u64,
    /// How many fields may stand in one another. The standard introspection query is 15 fields deep, and 17 with
    /// fragments.
    pub depth: u64,
    /// Whether the schema may be asked for.
    pub introspection: bool,
    /// How many lists of introspection may stand in one another. The standard query needs one; each more
    /// multiplies the answer, since types name fields and interfaces, which name types.
    pub introspection_depth: u64,
    /// The most directives, once fragments are spread.
    pub directives: u64,
    /// The most definitions of fragments.
    pub fragments: usize,
    /// The most items of one list, in the document or in a variable.
    pub list: usize,
    /// The most fields at the root of an operation, each response key counted once.
    pub roots: usize,
    /// The most errors in an answer; behind them one says that there are more.
    pub errors: usize,
    /// The most that an operation may cost; see `cost.rs`.
    pub cost: u64,
    /// The largest answer, in bytes.
    pub answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50_000,
            fields: 2_000,
            aliases: 200,
            depth: 20,
            introspection: true,
            introspection_depth: 2,
            directives: 200,
            fragments: 100,
            list: 2_000,
            roots: 50,
            errors: 20,
            cost: 60_000,
            answer: 5_000_000,
        }
    }
}

/// An operation beyond a limit.
pub fn beyond(code: Code, message: impl Into<String>) -> ServerError {
    coded(ServerError::new(message, None), code)
}

/// Refuses a list that is too long, wherever it stands.
pub fn check_list(length: usize, most: usize) -> Result<(), ServerError> {
    if length <= most {
        return Ok(());
    }
    Err(beyond(Code::ListTooLong, format!("A list has more than {most} items.")))
}
