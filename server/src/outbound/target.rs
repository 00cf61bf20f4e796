//! Where a message goes: the addresses behind a name, looked up and checked.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::webhook_delivery::Problem;
use tokio::time::timeout;
use url::{Host, Url};

use super::Outbound;
use crate::rules::address::is_public;

/// Looking a name up takes no longer.
const LONGEST_LOOKUP: Duration = Duration::from_secs(5);

/// How names become addresses.
#[derive(Clone, Debug)]
pub enum Names {
    System,
    /// These and no others: for tests, which can change them.
    Fixed(Arc<Mutex<HashMap<String, Vec<IpAddr>>>>),
}

impl Names {
    async fn look_up(&self, name: &str, port: u16) -> Vec<SocketAddr> {
        match self {
            Self::System => {
                let found = timeout(LONGEST_LOOKUP, tokio::net::lookup_host((name, port))).await;
                found.ok().and_then(Result::ok).map(Iterator::collect).unwrap_or_default()
            }
            Self::Fixed(names) => {
                let names = names.lock().unwrap_or_else(PoisonError::into_inner);
                let found = names.get(name).map(Vec::as_slice).unwrap_or_default();
                found.iter().map(|address| SocketAddr::new(*address, port)).collect()
            }
        }
    }
}

/// An address that was checked.
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) url: Url,
    pub(super) addresses: Vec<SocketAddr>,
}

impl Outbound {
    /// Looks up where an address leads to now. One bad address of a name is enough to refuse it.
    pub async fn target(&self, url: &Url) -> Result<Target, Problem> {
        let port = url.port_or_known_default().ok_or(Problem::NameUnknown)?;
        let addresses = match url.host().ok_or(Problem::NameUnknown)? {
            Host::Domain(name) => self.names.look_up(name, port).await,
            Host::Ipv4(address) => vec![SocketAddr::new(address.into(), port)],
            Host::Ipv6(address) => vec![SocketAddr::new(address.into(), port)],
        };
        if addresses.is_empty() {
            return Err(Problem::NameUnknown);
        }
        let encrypted = url.scheme() == "https";
        if addresses.iter().any(|address| !self.may_reach(address.ip(), encrypted)) {
            return Err(Problem::AddressRefused);
        }
        Ok(Target { url: url.clone(), addresses })
    }

    /// The public internet with TLS; elsewhere, and without TLS, only where the setting says so.
    fn may_reach(&self, address: IpAddr, encrypted: bool) -> bool {
        self.allowed.hold(address) || encrypted && is_public(address)
    }
}
