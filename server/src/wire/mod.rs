//! What travels: scalars, words, and the codes of errors.

pub mod figure;
pub mod scalar;
pub mod word;

use std::fmt::Write;

use async_graphql::{Error, ErrorExtensions};
use sha2::{Digest, Sha256};

/// The codes of top-level errors, in `extensions.code`; there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    BadUserInput,
    ParseFailed,
    ValidationFailed,
    DocumentTooLong,
    TooManyFields,
    TooManyAliases,
    TooManyDirectives,
    TooManyFragments,
    TooManyRootFields,
    TooDeep,
    IntrospectionTooDeep,
    IntrospectionDisabled,
    ListTooLong,
    CostLimitExceeded,
    /// No document is known by this hash: send it along.
    PersistedQueryNotFound,
    /// Send whole documents.
    PersistedQueryNotSupported,
    PersistedQueryHashMismatch,
    DocumentNotTrusted,
    /// Stands behind as many errors as an answer may have.
    TooManyErrors,
    AnswerTooLarge,
    BodyTooLarge,
    /// The person has as many operations under way as one may have.
    TooManyAtOnce,
    Conflict,
    RateLimited,
    /// News behind this cursor is no longer kept.
    CursorExpired,
    Timeout,
    Internal,
}

impl Code {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::DocumentTooLong => "DOCUMENT_TOO_LONG",
            Self::TooManyFields => "TOO_MANY_FIELDS",
            Self::TooManyAliases => "TOO_MANY_ALIASES",
            Self::TooManyDirectives => "TOO_MANY_DIRECTIVES",
            Self::TooManyFragments => "TOO_MANY_FRAGMENTS",
            Self::TooManyRootFields => "TOO_MANY_ROOT_FIELDS",
            Self::TooDeep => "TOO_DEEP",
            Self::IntrospectionTooDeep => "INTROSPECTION_TOO_DEEP",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::ListTooLong => "LIST_TOO_LONG",
            Self::CostLimitExceeded => "COST_LIMIT_EXCEEDED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::PersistedQueryHashMismatch => "PERSISTED_QUERY_HASH_MISMATCH",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::TooManyErrors => "TOO_MANY_ERRORS",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::TooManyAtOnce => "TOO_MANY_AT_ONCE",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::CursorExpired => "CURSOR_EXPIRED",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL",
        }
    }

    /// An error of this code; `message` is a sentence fit to show.
    #[must_use]
    pub fn error(self, message: impl Into<String>) -> Error {
        Error::new(message).extend_with(|_, extensions| extensions.set("code", self.as_str()))
    }
}

/// An argument that can't be used as it stands.
#[must_use]
pub fn bad_input(message: impl Into<String>) -> Error {
    Code::BadUserInput.error(message)
}

/// The SHA-256 of a text, in hexadecimal: names it without showing it.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
