//! The secret that a webhook and its receiver share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::random;
use crate::rules::input::webhook::SECRET_PREFIX;

/// Its bytes. Shown once, when it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one, as long as the hash that it signs with.
    #[must_use]
    pub fn random() -> Self {
        Self(random::<32>().to_vec())
    }

    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As receivers take it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}
