//! Signatures as [Standard Webhooks](https://www.standardwebhooks.com) has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Secret;
use super::vault::hmac;

/// The header: one signature for each secret, with spaces between them. While a secret is replaced both sign, and a
/// receiver that knows either of them takes the message.
#[must_use]
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    let signed = format!("{id}.{timestamp}.{body}");
    let sign = |secret: &Secret| format!("v1,{}", STANDARD.encode(hmac(secret.bytes(), signed.as_bytes())));
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}
