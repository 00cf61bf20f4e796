//! What goes out of the house by itself: the messages to webhooks, where they may go, how they are signed, and how
//! the secrets that sign them are kept.
//!
//! **Where they may go.** An address is looked up and checked at each try, and the connection goes to the very
//! address that was checked (`target`): whoever owns a name can't have it lead elsewhere in between.

mod secret;
mod send;
mod signature;
mod target;
mod vault;

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

pub use secret::Secret;
pub use send::Message;
pub use target::{Names, Target};
pub use vault::Vault;

use crate::rules::address::Networks;

/// Well under the time for which a server has a delivery to itself.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// What sends messages. Without a key no webhook can be registered.
#[derive(Clone)]
pub struct Outbound {
    vault: Option<Arc<Vault>>,
    allowed: Arc<Networks>,
    names: Names,
    tls: Arc<ClientConfig>,
    longest_attempt: Duration,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            vault: None,
            allowed: Arc::default(),
            names: Names::System,
            tls: Arc::new(tls()),
            longest_attempt: LONGEST_ATTEMPT,
        }
    }
}

impl Outbound {
    #[must_use]
    pub fn with_key(self, key: &[u8]) -> Self {
        Self { vault: Some(Arc::new(Vault::new(key))), ..self }
    }

    /// May go to these networks too, and there without TLS.
    #[must_use]
    pub fn allowing(self, networks: Networks) -> Self {
        Self { allowed: Arc::new(networks), ..self }
    }

    #[must_use]
    pub fn with_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    #[must_use]
    pub fn with_longest_attempt(self, longest_attempt: Duration) -> Self {
        Self { longest_attempt, ..self }
    }

    /// What keeps secrets; `None` when no key was set.
    #[must_use]
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_deref()
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Outbound")
    }
}

/// Trusts Mozilla's roots, and what the system trusts besides: a house may have certificates of its own.
fn tls() -> ClientConfig {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "the provider has the ciphers of these versions")]
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS that the provider knows");
    versions.with_root_certificates(roots).with_no_client_auth()
}

/// Random bytes of the system.
///
/// # Panics
/// When the system has none: without them no secret can be kept.
#[must_use]
pub fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    #[expect(clippy::expect_used, reason = "see above")]
    getrandom::fill(&mut bytes).expect("random bytes of the system");
    bytes
}

/// A random number from 0 to 1, without 1.
#[must_use]
pub fn chance() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / (f64::from(u32::MAX) + 1.0)
}
