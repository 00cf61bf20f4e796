//! Batching: nested fields ask for what they need by a typed key, and all keys of one kind that are
//! asked for at the same level of a response become one statement.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use ::dataloader::BatchFn;
use ::dataloader::non_cached::Loader;
use async_graphql::Result;
use sea_orm::DbErr;

use crate::access::Viewer;
use crate::clock::Clock;

/// What is loaded is said by the type of the key.
pub trait Batch: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Value: Clone + Send + Sync + 'static;

    /// Answers the keys that have an answer, for one viewer.
    fn load(
        viewer: &Viewer,
        keys: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, DbErr>> + Send;
}

/// The loaders of one request, made as they are asked for.
///
/// They keep no answers: a mutation later in the same request must see what an earlier one wrote.
#[derive(Debug)]
pub struct Loaders {
    viewer: Viewer,
    clock: Clock,
    by_key: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

type Answer<K> = Result<Option<<K as Batch>::Value>, Arc<DbErr>>;
type LoaderOf<K> = Loader<K, Answer<K>, Source>;

/// More keys than any operation within the limits can ask for, so that a batch is never split.
const MAX_BATCH: usize = 1_000_000;

impl Loaders {
    #[must_use]
    pub fn new(viewer: Viewer, clock: Clock) -> Self {
        Self { viewer, clock, by_key: Mutex::default() }
    }

    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// `None` for a key without an answer: absent, or not for this viewer.
    pub async fn load<K: Batch>(&self, key: K) -> Result<Option<K::Value>> {
        self.loader::<K>()
            .try_load(key)
            .await?
            .map_err(|error| async_graphql::Error::new_with_source(Failed(error)))
    }

    fn loader<K: Batch>(&self) -> LoaderOf<K> {
        let mut loaders = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = loaders.entry(TypeId::of::<K>()).or_insert_with(|| {
            Box::new(LoaderOf::<K>::new(Source(self.viewer.clone())).with_max_batch_size(MAX_BATCH))
        });
        #[expect(clippy::expect_used, reason = "the entry was made for this very type")]
        let loader = loader.downcast_ref::<LoaderOf<K>>().expect("a loader of its key's type");
        loader.clone()
    }
}

/// A failed statement, shared by all the fields that waited for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(Arc<DbErr>);

struct Source(Viewer);

impl<K: Batch> BatchFn<K, Answer<K>> for Source {
    async fn load(&mut self, keys: &[K]) -> HashMap<K, Answer<K>> {
        match K::load(&self.0, keys).await {
            Ok(mut values) => keys.iter().map(|key| (key.clone(), Ok(values.remove(key)))).collect(),
            Err(error) => {
                let error = Arc::new(error);
                keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect()
            }
        }
    }
}
