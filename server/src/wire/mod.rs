//! What travels: scalars, words, and the codes of errors.

pub mod figure;
pub mod scalar;
pub mod word;

use std::fmt::Write;

use async_graphql::{Error, ErrorExtensionValues, ErrorExtensions, ServerError};
use sha2::{Digest, Sha256};

/// Declares the codes, so that their list, their names and their meanings can't differ.
macro_rules! codes {
    ($($variant:ident = $name:literal, $meaning:literal;)+) => {
        /// The codes of top-level errors, in `extensions.code`; there are no others.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it tells a client, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

codes! {
    Unauthenticated = "UNAUTHENTICATED", "No token, or one that is not to be trusted.";
    Forbidden = "FORBIDDEN", "Not for this person, or not for pages of this origin.";
    BadUserInput = "BAD_USER_INPUT", "An argument, a variable or the request itself can't be used as it stands.";
    ParseFailed = "GRAPHQL_PARSE_FAILED", "The document can't be parsed.";
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED", "The document does not fit the schema.";
    DocumentTooLong = "DOCUMENT_TOO_LONG", "The document has more bytes than are read.";
    TooManyFields = "TOO_MANY_FIELDS", "The document selects more fields than it may.";
    TooManyAliases = "TOO_MANY_ALIASES", "The document has more aliases than it may.";
    TooManyDirectives = "TOO_MANY_DIRECTIVES", "The document has more directives than it may.";
    TooManyFragments = "TOO_MANY_FRAGMENTS", "The document defines more fragments than it may.";
    TooManyRootFields = "TOO_MANY_ROOT_FIELDS", "The operation has more fields at its root than it may.";
    TooDeep = "TOO_DEEP", "The fields of the document stand in one another deeper than they may.";
    IntrospectionTooDeep = "INTROSPECTION_TOO_DEEP", "Lists of introspection stand in one another deeper than they may.";
    IntrospectionDisabled = "INTROSPECTION_DISABLED", "The server does not tell its schema.";
    ListTooLong = "LIST_TOO_LONG", "A list that was sent has more items than it may.";
    CostLimitExceeded = "COST_LIMIT_EXCEEDED", "The operation would cost more than it may; `extensions.cost` says how much.";
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND", "No document is known by this hash: send it along.";
    PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED", "Documents are not named by their hash here: send them whole.";
    PersistedQueryHashMismatch = "PERSISTED_QUERY_HASH_MISMATCH", "The hash is not that of the document.";
    DocumentNotTrusted = "DOCUMENT_NOT_TRUSTED", "The server runs trusted documents only, and this is none of them.";
    TooManyErrors = "TOO_MANY_ERRORS", "Stands behind as many errors as an answer may have: there are more.";
    AnswerTooLarge = "ANSWER_TOO_LARGE", "The answer has more bytes than it may, and was given up.";
    BodyTooLarge = "BODY_TOO_LARGE", "The body has more bytes than are read (413).";
    TooManyAtOnce = "TOO_MANY_AT_ONCE", "The person has as many operations under way as one may have (429).";
    RateLimited = "RATE_LIMITED", "The person has as many connections, or operations on a socket, as one may have (429).";
    Conflict = "CONFLICT", "The row has changed meanwhile.";
    CursorExpired = "CURSOR_EXPIRED", "What came after this cursor is no longer kept: read afresh.";
    Timeout = "TIMEOUT", "The operation took too long and was given up (504).";
    Unreadable = "UNREADABLE_ROW", "A row that another program has written can't be read.";
    Internal = "INTERNAL", "A fault of the server's own; `extensions.errorId` stands in its log.";
}

impl Code {
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

/// Gives a code to an error of a document or an operation.
pub fn coded(mut error: ServerError, code: Code) -> ServerError {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
    error
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
