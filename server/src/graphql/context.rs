//! What a resolver may reach, without naming types: `ctx.viewer()`, `ctx.load(key)`.

use async_graphql::{Context, Result};

use super::loader::{Batch, Loaders};
use crate::access::Viewer;
use crate::clock::Clock;
use crate::outbound::Outbound;

pub trait Asking {
    /// Whoever the request acts for.
    fn viewer(&self) -> &Viewer;

    /// What time it is.
    fn clock(&self) -> &Clock;

    /// What sends to webhooks; for mutations.
    fn outbound(&self) -> Outbound;

    /// One batched read; `None` when there is no such row for this viewer.
    fn load<K: Batch>(&self, key: K) -> impl Future<Output = Result<Option<K::Value>>> + Send;

    /// The same for several keys, in their order.
    fn load_many<K: Batch>(&self, keys: Vec<K>)
    -> impl Future<Output = Result<Vec<Option<K::Value>>>> + Send;

    /// The same, where each key may fail by itself.
    fn load_each<K: Batch>(
        &self,
        keys: Vec<K>,
    ) -> impl Future<Output = Result<Vec<Result<Option<K::Value>>>>> + Send;
}

impl Asking for Context<'_> {
    fn viewer(&self) -> &Viewer {
        self.data_unchecked::<Loaders>().viewer()
    }

    fn clock(&self) -> &Clock {
        self.data_unchecked::<Loaders>().clock()
    }

    fn outbound(&self) -> Outbound {
        self.data_opt::<Outbound>().cloned().unwrap_or_default()
    }

    async fn load<K: Batch>(&self, key: K) -> Result<Option<K::Value>> {
        self.data_unchecked::<Loaders>().load(key).await
    }

    async fn load_many<K: Batch>(&self, keys: Vec<K>) -> Result<Vec<Option<K::Value>>> {
        self.data_unchecked::<Loaders>().load_many(keys).await
    }

    async fn load_each<K: Batch>(&self, keys: Vec<K>) -> Result<Vec<Result<Option<K::Value>>>> {
        self.data_unchecked::<Loaders>().load_each(keys).await
    }
}
