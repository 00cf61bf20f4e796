//! What a running server is made of.

use crate::clock::Clock;
use crate::feed::{self, Feed};
use crate::graphql::Engine;
use crate::http::connections::{self, Connections};
use crate::http::playground;
use crate::http::token::Keys;
use crate::store::Store;

#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub engine: Engine,
    pub keys: Keys,
    pub clock: Clock,
    pub feed: Feed,
    pub connections: Connections,
    /// `None` when it is turned off.
    pub playground: Option<playground::Settings>,
}

impl App {
    #[must_use]
    pub fn new(store: Store, keys: Keys, clock: Clock) -> Self {
        let feed = Feed::new(&store, feed::Limits::default());
        let connections = Connections::default();
        Self { store, engine: Engine::default(), keys, clock, feed, connections, playground: None }
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
