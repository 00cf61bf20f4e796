//! Batching: nested fields ask for what they need by a typed key, and all keys of one kind that are
//! asked for at the same level of a response become one statement.
//!
//! The loader alone waits a fixed number of turns and lets its callers through one at a time, so with
//! hundreds of rows a level falls apart into several batches. Here the first of a level waits until
//! nobody else comes, asks for all at once, and wakes all at once.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::dataloader::{BatchFn, cached, non_cached};
use async_graphql::Result;
use entity::is_unreadable;
use sea_orm::DbErr;
use tokio::sync::oneshot;
use tokio::task::unconstrained;

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
/// They keep no answers: a mutation later in the same request must see what an earlier one wrote. Those
/// of an event do: all who hear of it through the same eyes are told what was read once.
#[derive(Clone, Debug)]
pub struct Loaders {
    viewer: Viewer,
    clock: Clock,
    keep: bool,
    by_key: Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>,
}

type Answer<K> = Result<Option<<K as Batch>::Value>, Arc<DbErr>>;

/// What asks for the keys of a level, and perhaps keeps their answers.
enum LoaderOf<K: Batch> {
    Fresh(non_cached::Loader<K, Answer<K>, Source>),
    Kept(cached::Loader<K, Answer<K>, Source>),
}

impl<K: Batch> LoaderOf<K> {
    fn new(viewer: Viewer, keep: bool) -> Self {
        let source = Source(viewer);
        if keep {
            return Self::Kept(
                cached::Loader::new(source).with_max_batch_size(MAX_BATCH).with_yield_count(0),
            );
        }
        Self::Fresh(non_cached::Loader::new(source).with_max_batch_size(MAX_BATCH).with_yield_count(0))
    }

    async fn load(&self, keys: Vec<K>) -> std::io::Result<HashMap<K, Answer<K>>> {
        match self {
            Self::Fresh(loader) => loader.try_load_many(keys).await,
            Self::Kept(loader) => loader.try_load_many(keys).await,
        }
    }
}

/// More keys than any operation within the limits can ask for, so that a batch is never split.
const MAX_BATCH: usize = 1_000_000;
/// After so many turns of the runtime without a further key, a level is complete. All fields of a level are
/// asked in one turn, but a long list may be parted in two, so one quiet turn may lie between its halves.
const QUIET_TURNS: u32 = 2;

impl Loaders {
    #[must_use]
    pub fn new(viewer: Viewer, clock: Clock) -> Self {
        Self { viewer, clock, keep: false, by_key: Arc::default() }
    }

    /// Loaders that keep their answers, for a moment's sharing.
    #[must_use]
    pub fn shared(viewer: Viewer, clock: Clock) -> Self {
        Self { keep: true, ..Self::new(viewer, clock) }
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
        Ok(self.load_many(vec![key]).await?.pop().flatten())
    }

    /// The answers to several keys, in their order.
    pub async fn load_many<K: Batch>(&self, keys: Vec<K>) -> Result<Vec<Option<K::Value>>> {
        self.load_each(keys).await?.into_iter().collect()
    }

    /// The same, where each key may fail by itself.
    pub async fn load_each<K: Batch>(&self, keys: Vec<K>) -> Result<Vec<Result<Option<K::Value>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let level = self.level::<K>();
        loop {
            let (answer, mine) = oneshot::channel();
            if level.join(keys.clone(), answer) {
                level.lead().await?;
            }
            // Without an answer when the one who led gave up; then somebody else has to. All who are answered go
            // on in one turn: the runtime's budget for a turn would part them, and with them the next level.
            if let Ok(answers) = unconstrained(mine).await {
                let failed = |error| async_graphql::Error::new_with_source(Failed(error));
                return Ok(answers.into_iter().map(|answer| answer.map_err(failed)).collect());
            }
        }
    }

    fn level<K: Batch>(&self) -> Arc<Level<K>> {
        let mut levels = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let level = levels
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Box::new(Level::<K>::new(self.viewer.clone(), self.keep)));
        #[expect(clippy::expect_used, reason = "the entry was made for this very type")]
        let level = level.downcast_ref::<Arc<Level<K>>>().expect("the level of its key's type");
        level.clone()
    }
}

/// Keys of one kind that wait to be asked for together.
struct Level<K: Batch> {
    loader: LoaderOf<K>,
    waiting: Mutex<Vec<Waiting<K>>>,
}

/// The keys that somebody asked for, and where the answers go.
type Waiting<K> = (Vec<K>, oneshot::Sender<Vec<Answer<K>>>);

impl<K: Batch> Level<K> {
    fn new(viewer: Viewer, keep: bool) -> Arc<Self> {
        Arc::new(Self { loader: LoaderOf::new(viewer, keep), waiting: Mutex::default() })
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<K>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether these keys are the first, whose caller has to lead.
    fn join(&self, keys: Vec<K>, answer: oneshot::Sender<Vec<Answer<K>>>) -> bool {
        let mut waiting = self.waiting();
        waiting.push((keys, answer));
        waiting.len() == 1
    }

    async fn lead(&self) -> std::io::Result<()> {
        let leading = Leading(self);
        let (mut size, mut quiet) = (1, 0);
        while quiet < QUIET_TURNS {
            tokio::task::yield_now().await;
            let now = self.waiting().len();
            quiet = if now == size { quiet + 1 } else { 0 };
            size = now;
        }
        let level = leading.take();
        let keys = level.iter().flat_map(|(keys, _)| keys).cloned().collect();
        let answers = self.loader.load(keys).await?;
        for (keys, sender) in level {
            let own = keys.iter().map(|key| answers.get(key).cloned().unwrap_or(Ok(None))).collect();
            // Whoever asked may be gone.
            let _ = sender.send(own);
        }
        Ok(())
    }
}

/// Sends everybody away when the one who leads is dropped before they asked.
struct Leading<'l, K: Batch>(&'l Level<K>);

impl<K: Batch> Leading<'_, K> {
    fn take(self) -> Vec<Waiting<K>> {
        std::mem::take(&mut *self.0.waiting())
    }
}

impl<K: Batch> Drop for Leading<'_, K> {
    fn drop(&mut self) {
        self.0.waiting().clear();
    }
}

/// A failed statement, shared by all the fields that waited for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub Arc<DbErr>);

struct Source(Viewer);

impl<K: Batch> BatchFn<K, Answer<K>> for Source {
    /// A row that can't be read fails only those keys that need it: then the keys are asked for again in halves.
    async fn load(&mut self, keys: &[K]) -> HashMap<K, Answer<K>> {
        let mut answers = HashMap::with_capacity(keys.len());
        let mut open = vec![keys];
        while let Some(keys) = open.pop() {
            match K::load(&self.0, keys).await {
                Ok(mut values) => {
                    answers.extend(keys.iter().map(|key| (key.clone(), Ok(values.remove(key)))));
                }
                Err(error) if keys.len() > 1 && is_unreadable(&error) => {
                    let (first, second) = keys.split_at(keys.len() / 2);
                    open.extend([first, second]);
                }
                Err(error) => {
                    let error = Arc::new(error);
                    answers.extend(keys.iter().map(|key| (key.clone(), Err(error.clone()))));
                }
            }
        }
        answers
    }
}
