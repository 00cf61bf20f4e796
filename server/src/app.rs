//! What a running server is made of.

use std::time::Duration;

use crate::access::Identities;
use crate::clock::Clock;
use crate::feed::{self, Feed};
use crate::graphql::{Engine, Limits};
use crate::http::connections::{self, Connections};
use crate::http::playground;
use crate::http::token::Keys;
use crate::outbound::Outbound;
use crate::store::Store;

/// Unless the settings say otherwise.
const LONGEST_OPERATION: Duration = Duration::from_secs(10);

const LARGEST_BODY: usize = 1024 * 1024;

#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub engine: Engine,
    pub keys: Keys,
    pub identities: Identities,
    pub clock: Clock,
    pub feed: Feed,
    pub connections: Connections,
    /// The largest body of a request, in bytes.
    pub largest_body: usize,
    /// An operation that takes longer is given up.
    pub longest_operation: Duration,
    /// `None` when it is turned off.
    pub playground: Option<playground::Settings>,
}

impl App {
    #[must_use]
    pub fn new(store: Store, keys: Keys, clock: Clock) -> Self {
        let feed = Feed::new(&store, feed::Limits::default());
        let connections = Connections::default();
        Self {
            store,
            engine: Engine::default(),
            keys,
            identities: Identities::default(),
            clock,
            feed,
            connections,
            largest_body: LARGEST_BODY,
            longest_operation: LONGEST_OPERATION,
            playground: None,
        }
    }

    #[must_use]
    pub fn with_longest_operation(self, longest_operation: Duration) -> Self {
        Self { longest_operation, ..self }
    }

    /// What runs operations, and the largest body that brings one.
    #[must_use]
    pub fn with_engine(self, engine: Engine, largest_body: usize) -> Self {
        Self { engine, largest_body, ..self }
    }

    /// As [`with_engine`](Self::with_engine), with limits of documents and answers alone.
    #[must_use]
    pub fn with_document_limits(self, limits: Limits, largest_body: usize) -> Self {
        self.with_engine(Engine::new(limits), largest_body)
    }

    #[must_use]
    pub fn with_webhooks(self, outbound: Outbound) -> Self {
        Self { engine: self.engine.with_webhooks(outbound), ..self }
    }

    #[must_use]
    pub fn with_limits(self, connections: connections::Limits) -> Self {
        Self { connections: Connections::new(connections), ..self }
    }

    #[must_use]
    pub fn with_playground(self, settings: playground::Settings) -> Self {
        Self { playground: Some(settings), ..self }
    }
}
