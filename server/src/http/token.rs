//! Bearer tokens (RFC 7519): one algorithm, pinned by the kind of key; `exp` required; `sub` is the id
//! of a user.

use std::fmt;
use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Clocks of two servers may differ by this many seconds.
const LEEWAY: u64 = 30;

/// What tokens are checked with, and made with when the key is a secret.
#[derive(Clone)]
pub struct Keys {
    checking: DecodingKey,
    signing: Option<EncodingKey>,
    validation: Validation,
    issuer: Option<String>,
    audience: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keys")
            .field("algorithms", &self.validation.algorithms)
            .finish_non_exhaustive()
    }
}

/// A key file without a key that can be used.
#[derive(Debug, thiserror::Error)]
#[error("this is no PEM file with the public key of RSA, P-256 or Ed25519.")]
pub struct NoSuchKey;

/// A token that can't be made here.
#[derive(Debug, thiserror::Error)]
#[error("Only a server with WAYMARK_JWT_SECRET can make tokens; yours are signed elsewhere.")]
pub struct CannotSign;

/// Who a token stands for, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub user: Uuid,
    /// Seconds since the epoch.
    pub expires_at: i64,
}

impl Bearer {
    /// From then on the token is refused: its end, and what clocks may differ by.
    #[must_use]
    pub fn until(&self) -> SystemTime {
        let seconds = u64::try_from(self.expires_at).unwrap_or_default().saturating_add(LEEWAY);
        // No token is good for more than some centuries.
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(1 << 35))
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    iss: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    aud: Option<serde_json::Value>,
}

impl Keys {
    #[must_use]
    pub fn secret(secret: &[u8]) -> Self {
        let signing = Some(EncodingKey::from_secret(secret));
        Self { signing, ..Self::new(DecodingKey::from_secret(secret), Algorithm::HS256) }
    }

    /// The kind of key decides the algorithm: a token can't choose another.
    pub fn public(pem: &[u8]) -> Result<Self, NoSuchKey> {
        // The library would read a private key too, and a server must not be given one.
        let private = b"PRIVATE KEY-----";
        if pem.windows(private.len()).any(|part| part == private) {
            return Err(NoSuchKey);
        }
        let rsa = DecodingKey::from_rsa_pem(pem).map(|key| Self::new(key, Algorithm::RS256));
        let curve = || DecodingKey::from_ec_pem(pem).ok().filter(is_p256);
        let curve = || curve().map(|key| Self::new(key, Algorithm::ES256));
        let edwards = || DecodingKey::from_ed_pem(pem).ok().map(|key| Self::new(key, Algorithm::EdDSA));
        rsa.ok().or_else(curve).or_else(edwards).ok_or(NoSuchKey)
    }

    fn new(checking: DecodingKey, algorithm: Algorithm) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.validate_aud = false;
        Self { checking, signing: None, validation, issuer: None, audience: None }
    }

    /// Also asks that tokens come from this issuer and are meant for this audience.
    #[must_use]
    pub fn expecting(mut self, issuer: Option<&str>, audience: Option<&str>) -> Self {
        if let Some(issuer) = issuer {
            self.validation.set_issuer(&[issuer]);
            self.validation.required_spec_claims.insert("iss".to_owned());
        }
        if let Some(audience) = audience {
            self.validation.validate_aud = true;
            self.validation.set_audience(&[audience]);
            self.validation.required_spec_claims.insert("aud".to_owned());
        }
        self.issuer = issuer.map(str::to_owned);
        self.audience = audience.map(str::to_owned);
        self
    }

    /// Who a token stands for; `None` for one that is not to be trusted.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<Bearer> {
        let claims = decode::<Claims>(token, &self.checking, &self.validation).ok()?.claims;
        Some(Bearer { user: claims.sub, expires_at: claims.exp })
    }

    /// A token for a user, valid until `expires_at` in seconds since the epoch.
    pub fn sign(&self, user: Uuid, expires_at: i64) -> Result<String, CannotSign> {
        let signing = self.signing.as_ref().ok_or(CannotSign)?;
        let text = |text: &Option<String>| text.clone().map(serde_json::Value::from);
        let claims =
            Claims { sub: user, exp: expires_at, iss: text(&self.issuer), aud: text(&self.audience) };
        encode(&Header::new(Algorithm::HS256), &claims, signing).map_err(|_| CannotSign)
    }
}

/// Another curve has longer points; its tokens would all be refused.
fn is_p256(key: &DecodingKey) -> bool {
    key.try_get_as_bytes().is_ok_and(|point| point.len() == 65)
}
