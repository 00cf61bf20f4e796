//! Webhooks: where events go, and which.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entity::event::Kind;
use url::Url;

use super::{Code, Path, Problem, count};

/// Most webhooks of a server.
pub const MOST_WEBHOOKS: usize = 20;
/// Most characters of an address.
const LONGEST_URL: usize = 2_000;
/// As Standard Webhooks has it.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Before the base64 of a secret.
pub const SECRET_PREFIX: &str = "whsec_";

/// A webhook to register.
#[derive(Clone, Default)]
pub struct Draft {
    pub url: String,
    pub kinds: Vec<Kind>,
    pub include_message: bool,
    /// One is made when it is absent.
    pub secret: Option<String>,
}

/// What to change of a webhook. None of it can be cleared.
#[derive(Clone, Default)]
pub struct Changes {
    pub url: Option<String>,
    pub kinds: Option<Vec<Kind>>,
    pub include_message: Option<bool>,
    pub is_active: Option<bool>,
}

/// # Errors
/// When it is no address that a webhook can have, apart from where it leads.
pub fn url(text: &str) -> Result<Url, Problem> {
    let problem = |code, message: &str| Problem::new(code, &Path::input().at("url"), message);
    let url = Url::parse(text).map_err(|_| {
        problem(Code::Invalid, "This is not an address such as https://receiver.example/hooks.")
    })?;
    let message = if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        "The address must begin with https://."
    } else if !url.username().is_empty() || url.password().is_some() {
        "The address can't hold a user or a password: what is sent is known by its signature."
    } else if url.fragment().is_some() {
        "The address can't have a part behind #, which is never sent."
    } else if url.as_str().len().max(text.len()) > LONGEST_URL {
        return Err(problem(Code::TooLong, "The address can have at most 2000 characters."));
    } else {
        return Ok(url);
    };
    Err(problem(Code::Invalid, message))
}

#[must_use]
pub fn kinds(kinds: &[Kind]) -> Option<Problem> {
    let message = "Say which kinds of events are wanted.";
    kinds.is_empty().then(|| Problem::new(Code::Required, &Path::input().at("kinds"), message))
}

/// The kinds as they are stored: each once, in their order.
#[must_use]
pub fn stored_kinds(kinds: &[Kind]) -> String {
    let wanted = Kind::ALL.iter().filter(|kind| kinds.contains(kind));
    wanted.map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}

/// The bytes of a secret that somebody has chosen.
///
/// # Errors
/// When it has another form, or is too short or too long.
pub fn secret(text: &str) -> Result<Vec<u8>, Problem> {
    let problem = |code, message: &str| Problem::new(code, &Path::input().at("secret"), message);
    let bytes = text.strip_prefix(SECRET_PREFIX).and_then(|rest| STANDARD.decode(rest).ok());
    let bytes = bytes.ok_or_else(|| {
        problem(Code::Invalid, "A secret is whsec_ and base64 after it; leave it out to have one made.")
    })?;
    if SECRET_BYTES.contains(&bytes.len()) {
        return Ok(bytes);
    }
    Err(problem(Code::OutOfRange, "A secret has 24 to 64 bytes before they are written as base64."))
}

/// Refuses one more than there may be.
#[must_use]
pub fn room(stored: usize) -> Option<Problem> {
    count(&Path::input(), "webhooks", stored, 1, MOST_WEBHOOKS)
}
