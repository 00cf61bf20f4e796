//! Keeps secrets in a form that the database alone does not give away: sealed with XChaCha20-Poly1305 under a key
//! from the settings. Nonces are drawn at random, which this cipher is made for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit as _, Mac};
use sea_orm::DbErr;
use sha2::Sha256;
use uuid::Uuid;

use super::{Secret, random};

const NONCE: usize = 24;

pub struct Vault(XChaCha20Poly1305);

impl Vault {
    /// The key of the setting may be of any length, and serves nothing else: the cipher's is derived from it.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let derived = hmac(key, b"Waymark: secrets of webhooks, 1");
        Self(XChaCha20Poly1305::new(&Key::from(derived)))
    }

    /// A secret as it is stored: the nonce and the sealed bytes. It can be opened only for its own webhook.
    pub fn seal(&self, webhook: Uuid, secret: &Secret) -> Result<String, DbErr> {
        let nonce = random::<NONCE>();
        let payload = Payload { msg: secret.bytes(), aad: webhook.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| DbErr::Custom("a secret could not be sealed".to_owned()))?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// `None` when it was sealed with another key, or for another webhook.
    #[must_use]
    pub fn open(&self, webhook: Uuid, stored: &str) -> Option<Secret> {
        let bytes = STANDARD.decode(stored).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: webhook.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok().map(Secret::of)
    }
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
