//! Documents that clients name by their hash: automatic persisted queries, in Apollo's protocol. A client sends the
//! hash alone; when it is not known, the document once with its hash.
//!
//! Nobody can put another document under a hash, since the server works the hash out itself. Only valid documents
//! are kept, and only so many: whoever floods the cache makes others send their documents again, and no more.

use std::sync::Arc;

use async_graphql::ServerError;
use quick_cache::sync::Cache;

use super::language::Language;
use super::limits::beyond;
use super::prepared::{Documents, Prepared, Weight, bounded};
use crate::wire::{Code, fingerprint};

/// How a request names its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Of the protocol; there is one.
    pub version: Option<u64>,
    /// The SHA-256 of the document in hexadecimal; of a trusted document its id.
    pub hash: String,
}

/// Documents that are known by their hash.
pub struct Persisted(Cache<String, Arc<Prepared>, Weight>);

impl Default for Persisted {
    fn default() -> Self {
        Self(bounded())
    }
}

impl Persisted {
    /// The document of this name; `text` when it was sent along.
    pub fn get(
        &self,
        language: &Language,
        documents: &Documents,
        named: &Named,
        text: &str,
    ) -> Result<Arc<Prepared>, Vec<ServerError>> {
        if named.version != Some(1) {
            return Err(vec![not_supported()]);
        }
        let hash = named.hash.to_ascii_lowercase();
        if text.is_empty() {
            // Clients know these words, too.
            let unknown = || vec![beyond(Code::PersistedQueryNotFound, "PersistedQueryNotFound")];
            return self.0.get(&hash).ok_or_else(unknown);
        }
        if fingerprint(text) != hash {
            let message = "The hash is not that of the document.";
            return Err(vec![beyond(Code::PersistedQueryHashMismatch, message)]);
        }
        let prepared = documents.get(language, text)?;
        self.0.insert(hash, prepared.clone());
        Ok(prepared)
    }
}

/// Clients send whole documents from then on.
pub fn not_supported() -> ServerError {
    beyond(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported")
}
