//! What a resolver may reach, without naming types: `ctx.viewer()`, `ctx.load(key)`.

use async_graphql::{Context, Result};

use super::loader::{Batch, Loaders};
use crate::access::Viewer;

pub trait Asking {
    /// Whoever the request acts for.
    fn viewer(&self) -> &Viewer;

    /// One batched read; `None` when there is no such row for this viewer.
    fn load<K: Batch>(&self, key: K) -> impl Future<Output = Result<Option<K::Value>>> + Send;
}

impl Asking for Context<'_> {
    fn viewer(&self) -> &Viewer {
        self.data_unchecked::<Loaders>().viewer()
    }

    async fn load<K: Batch>(&self, key: K) -> Result<Option<K::Value>> {
        self.data_unchecked::<Loaders>().load(key).await
    }
}
