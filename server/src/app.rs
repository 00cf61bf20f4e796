//! What a running server is made of.

use crate::clock::Clock;
use crate::graphql::Engine;
use crate::http::playground;
use crate::http::token::Keys;
use crate::store::Store;

#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub engine: Engine,
    pub keys: Keys,
    pub clock: Clock,
    /// `None` when it is turned off.
    pub playground: Option<playground::Settings>,
}

impl App {
    #[must_use]
    pub fn new(store: Store, keys: Keys, clock: Clock) -> Self {
        Self { store, engine: Engine::default(), keys, clock, playground: None }
    }

    #[must_use]
    pub fn with_playground(self, settings: playground::Settings) -> Self {
        Self { playground: Some(settings), ..self }
    }
}
