//! The messages of graphql-transport-ws, and the codes with which a socket is closed.

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::http::request::Parameters;

/// A message from a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong {},
    Subscribe { id: String, payload: Parameters },
    Complete { id: String },
}

impl ClientMessage {
    pub fn read(text: &str) -> Result<Self, Close> {
        let message = serde_json::from_str(text).map_err(|_| Close::INVALID)?;
        match &message {
            Self::Subscribe { id, .. } | Self::Complete { id } if id.is_empty() => Err(Close::INVALID),
            _ => Ok(message),
        }
    }
}

/// A message to a client.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: &'a str,
        payload: &'a RawValue,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// Why a socket is closed. Clients connect again after 4403, 4408, 1012 and 1013, and give up after the
/// other codes, so a temporary fault must have one of these four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: &'static str,
}

impl Close {
    pub const INVALID: Self = Self::new(4400, "Invalid message");
    pub const BINARY: Self = Self::new(4400, "Messages are text, not binary");
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub const EXPIRED: Self = Self::new(4403, "The token has expired");
    pub const PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub const DUPLICATE: Self = Self::new(4409, "Subscriber for this id already exists");
    pub const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");
    pub const BROKEN: Self = Self::new(1002, "Protocol error");
    pub const NOT_TEXT: Self = Self::new(1007, "Text must be UTF-8");
    pub const TOO_LARGE: Self = Self::new(1009, "Message too large");
    pub const RESTART: Self = Self::new(1012, "Service restart");
    pub const TOO_MANY: Self = Self::new(1013, "Too many open connections");
    pub const LATER: Self = Self::new(1013, "Try again later");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}
