//! Bearer tokens (RFC 7519): algorithms pinned by the kinds of keys; `exp` required; `sub` is the id of a
//! user. With several keys a token of any of them is good, so that they can be rotated.

use std::fmt;
use std::time::{Duration, SystemTime};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Clocks of two servers may differ by this many seconds.
const LEEWAY: u64 = 30;

/// What tokens are checked with, and made with when the key is a secret.
#[derive(Clone)]
pub struct Keys {
    checking: Vec<Key>,
    signing: Option<EncodingKey>,
    issuer: Option<String>,
    audience: Option<String>,
}

#[derive(Clone)]
struct Key {
    key: DecodingKey,
    validation: Validation,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} keys", self.checking.len())
    }
}

/// A key file without a key that can be used.
#[derive(Debug, thiserror::Error)]
pub enum NoSuchKey {
    #[error("this is no PEM file with the public key of RSA, P-256 or Ed25519.")]
    Unknown,
    #[error("an RSA key must have at least 2048 bits.")]
    Short,
}

/// Why a token is not to be trusted; for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it is no token of the form that is known here")]
    Form,
    #[error("it has an extension (`crit`) that is not known here")]
    Extension,
    #[error("no key that is known here has signed it")]
    Key,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet")]
    Early,
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is meant for another audience")]
    Audience,
    #[error("its user is gone, or has no role here")]
    User,
}

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

#[derive(PartialEq, Deserialize)]
struct Claims {
    sub: Uuid,
    /// Seconds since the epoch, which may be broken.
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
}

#[derive(Serialize)]
struct Signed {
    sub: Uuid,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
}

impl Keys {
    #[must_use]
    pub fn secret(secret: &[u8]) -> Self {
        let checking = vec![Key::new(DecodingKey::from_secret(secret), Algorithm::HS256)];
        Self { checking, signing: Some(EncodingKey::from_secret(secret)), issuer: None, audience: None }
    }

    /// All keys of a PEM file. The kind of a key decides the algorithm: a token can't choose another.
    pub fn public(pem: &[u8]) -> Result<Self, NoSuchKey> {
        const END: &str = "-----END";
        let text = std::str::from_utf8(pem).map_err(|_| NoSuchKey::Unknown)?;
        let starts: Vec<_> = text.match_indices("-----BEGIN").map(|(start, _)| start).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let blocks = starts.iter().zip(ends).map(|(start, end)| &text[*start..end]);
        let checking: Vec<_> =
            blocks.filter(|block| block.contains(END)).map(Key::public).collect::<Result<_, _>>()?;
        if checking.is_empty() {
            return Err(NoSuchKey::Unknown);
        }
        Ok(Self { checking, signing: None, issuer: None, audience: None })
    }

    /// Also asks that tokens come from this issuer and are meant for this audience.
    #[must_use]
    pub fn expecting(mut self, issuer: Option<&str>, audience: Option<&str>) -> Self {
        for key in &mut self.checking {
            key.expect(issuer, audience);
        }
        self.issuer = issuer.map(str::to_owned);
        self.audience = audience.map(str::to_owned);
        self
    }

    /// Who a token stands for.
    pub fn check(&self, token: &str) -> Result<Bearer, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Form)?;
        if header.crit.is_some() {
            return Err(Refused::Extension);
        }
        let claims = self.checking.iter().map(|key| key.claims(token));
        // What a key says that has signed it counts; without one, that none has.
        let claims = claims.reduce(|one, next| if one == Err(Refused::Key) { next } else { one });
        let claims = claims.unwrap_or(Err(Refused::Key))?;
        claims.check_time(SystemTime::now())?;
        Ok(Bearer { user: claims.sub, expires_at: whole(claims.exp) })
    }

    /// A token for a user, valid until `expires_at` in seconds since the epoch.
    pub fn sign(&self, user: Uuid, expires_at: i64) -> Result<String, CannotSign> {
        let signing = self.signing.as_ref().ok_or(CannotSign)?;
        let claims =
            Signed { sub: user, exp: expires_at, iss: self.issuer.clone(), aud: self.audience.clone() };
        encode(&Header::new(Algorithm::HS256), &claims, signing).map_err(|_| CannotSign)
    }
}

impl Key {
    fn public(pem: &str) -> Result<Self, NoSuchKey> {
        // The library would read a private key too, and a server must not be given one.
        if pem.contains("PRIVATE KEY-----") {
            return Err(NoSuchKey::Unknown);
        }
        let pem = pem.as_bytes();
        if let Ok(rsa) = DecodingKey::from_rsa_pem(pem) {
            return if is_long(&rsa) { Ok(Self::new(rsa, Algorithm::RS256)) } else { Err(NoSuchKey::Short) };
        }
        let curve = DecodingKey::from_ec_pem(pem).ok().filter(is_p256);
        let curve = curve.map(|key| Self::new(key, Algorithm::ES256));
        let edwards = || DecodingKey::from_ed_pem(pem).ok().map(|key| Self::new(key, Algorithm::EdDSA));
        curve.or_else(edwards).ok_or(NoSuchKey::Unknown)
    }

    /// Times are checked here and not by the library, which takes no null and no fraction.
    fn new(key: DecodingKey, algorithm: Algorithm) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self { key, validation }
    }

    fn expect(&mut self, issuer: Option<&str>, audience: Option<&str>) {
        if let Some(issuer) = issuer {
            self.validation.set_issuer(&[issuer]);
            self.validation.required_spec_claims.insert("iss".to_owned());
        }
        if let Some(audience) = audience {
            self.validation.validate_aud = true;
            self.validation.set_audience(&[audience]);
            self.validation.required_spec_claims.insert("aud".to_owned());
        }
    }

    fn claims(&self, token: &str) -> Result<Claims, Refused> {
        let decoded = decode::<Claims>(token, &self.key, &self.validation);
        decoded.map(|token| token.claims).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Refused::Key,
            ErrorKind::InvalidIssuer => Refused::Issuer,
            ErrorKind::InvalidAudience => Refused::Audience,
            _ => Refused::Form,
        })
    }
}

impl Claims {
    fn check_time(&self, now: SystemTime) -> Result<(), Refused> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let leeway = Duration::from_secs(LEEWAY).as_secs_f64();
        if self.exp + leeway < now {
            return Err(Refused::Expired);
        }
        if self.nbf.is_some_and(|start| start - leeway > now) {
            return Err(Refused::Early);
        }
        Ok(())
    }
}

/// Whole seconds; far beyond any calendar the last one that there is.
fn whole(seconds: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest")]
    let whole = seconds.floor() as i64;
    whole
}

/// A key of 2048 bits has a modulus of 256 bytes.
fn is_long(key: &DecodingKey) -> bool {
    key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() > 256)
}

/// Another curve has longer points; its tokens would all be refused.
fn is_p256(key: &DecodingKey) -> bool {
    key.try_get_as_bytes().is_ok_and(|point| point.len() == 65)
}
