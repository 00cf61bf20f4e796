//! Trusted documents: those of a manifest, that a front end's build has written. Nothing else is run then.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::ServerError;
use serde::Deserialize;
use serde_json::Value;

use super::language::Language;
use super::limits::beyond;
use super::persisted::Named;
use super::prepared::Prepared;
use crate::wire::Code;

/// Documents by their ids.
#[derive(Clone, Debug)]
pub struct Manifest(HashMap<String, String>);

/// Why a manifest can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoManifest {
    #[error(
        "it is no JSON in the format of Apollo's persisted query manifest (version 1), and no map of ids to documents"
    )]
    Format,
    #[error("the id {0} stands for two documents")]
    Twice(String),
    #[error("it holds no document")]
    Empty,
    #[error("the document {0} is not valid: {1}")]
    Invalid(String, String),
}

const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    format: String,
    version: u64,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Manifest {
    /// Reads Apollo's format, or a flat map.
    pub fn read(text: &str) -> Result<Self, NoManifest> {
        let json: Value = serde_json::from_str(text).map_err(|_| NoManifest::Format)?;
        let is_apollos = json.get("operations").is_some_and(Value::is_array);
        let manifest = if is_apollos { of_apollo(json)? } else { flat(json)? };
        if manifest.0.is_empty() { Err(NoManifest::Empty) } else { Ok(manifest) }
    }
}

fn of_apollo(json: Value) -> Result<Manifest, NoManifest> {
    let Ok(Apollo { format, version: 1, operations }) = serde_json::from_value(json) else {
        return Err(NoManifest::Format);
    };
    if format != APOLLO {
        return Err(NoManifest::Format);
    }
    let mut documents = HashMap::new();
    for Operation { id, body } in operations {
        if documents.insert(id.clone(), body.clone()).is_some_and(|other| other != body) {
            return Err(NoManifest::Twice(id));
        }
    }
    Ok(Manifest(documents))
}

fn flat(json: Value) -> Result<Manifest, NoManifest> {
    serde_json::from_value(json).map(Manifest).map_err(|_| NoManifest::Format)
}

/// The documents that may run, by their ids and by their texts.
pub struct Trusted {
    by_id: HashMap<String, Arc<Prepared>>,
    by_text: HashMap<String, Arc<Prepared>>,
}

impl Trusted {
    /// Reads all documents, so that one that can't run is found at the start.
    pub fn new(language: &Language, manifest: &Manifest) -> Result<Self, NoManifest> {
        let (mut by_id, mut by_text) = (HashMap::new(), HashMap::new());
        for (id, text) in &manifest.0 {
            let document = language.read(text).map_err(|errors| {
                let reason = errors.first().map(|error| error.message.clone()).unwrap_or_default();
                NoManifest::Invalid(id.clone(), reason)
            })?;
            let prepared = Arc::new(Prepared::new(document, text));
            by_id.insert(id.clone(), prepared.clone());
            by_text.insert(text.clone(), prepared);
        }
        Ok(Self { by_id, by_text })
    }

    /// The document of this id, or of this text; with both, the id decides and the text must be its own.
    pub fn get(&self, named: Option<&Named>, text: &str) -> Result<Arc<Prepared>, Vec<ServerError>> {
        let of_text = self.by_text.get(text);
        let found = match named {
            None => of_text,
            Some(named) => self.by_id.get(&named.hash).filter(|document| {
                text.is_empty() || of_text.is_some_and(|other| other.fingerprint == document.fingerprint)
            }),
        };
        let message = "This server runs trusted documents only, and this is none of them.";
        found.cloned().ok_or_else(|| vec![beyond(Code::DocumentNotTrusted, message)])
    }
}
