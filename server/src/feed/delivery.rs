//! One event on its way to the subscribers who may see it, and the rows that these subscribers share.

use std::any::Any;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use entity::event;
use entity::person::Role;
use sea_orm::DbErr;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Position;
use super::outbox::StoredEvent;
use crate::access::{Viewer, therapists_of};
use crate::event::{Kind, Topic};
use crate::store::Store;

/// Which events one subscriber asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    pub topic: Topic,
    pub goal: Option<Uuid>,
    pub patient: Option<Uuid>,
}

/// How long rows that were read for one subscriber may be shown to another; after that they are read again,
/// once for all. So a permission that was taken away takes effect after one second at most, and many slow
/// subscribers do not cause one read each.
const SHARED_FOR: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Delivery {
    pub position: Position,
    pub kind: Kind,
    pub event: event::Model,
    /// The therapists who treat the patient when the event is read.
    therapists: Vec<Uuid>,
    /// The subscribed people whom the event may concern, with their roles at `read_at`.
    people: OnceLock<Arc<HashMap<Uuid, Viewer>>>,
    read_at: Instant,
    cache: Mutex<Cache>,
}

/// Subscribers who see the same rows: all admins, or all connections of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Audience {
    Admins,
    Person(Uuid),
}

/// What the subscribers of one event share: people who were read again after `SHARED_FOR`, and for each
/// audience a value of a type that only the caller of [`Delivery::shared`] knows.
#[derive(Default)]
struct Cache {
    people: HashMap<Uuid, Cached<Arc<OnceCell<Option<Viewer>>>>>,
    read: HashMap<Audience, Cached<Arc<dyn Any + Send + Sync>>>,
}

/// A value, and when it was made. It may be shared for `SHARED_FOR`.
struct Cached<T>(T, Instant);

impl<T> Cached<T> {
    fn new(cached: T) -> Self {
        Self(cached, Instant::now())
    }

    fn is_fresh(&self) -> bool {
        self.1.elapsed() < SHARED_FOR
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.read.keys()).finish()
    }
}

/// Deliveries of these events. The therapists of their patients are read with one statement, however many
/// events there are.
pub async fn deliveries_of(store: &Store, events: Vec<StoredEvent>) -> Result<Vec<Arc<Delivery>>, DbErr> {
    let patients: BTreeSet<_> = events.iter().map(|stored| stored.event.patient_id).collect();
    if patients.is_empty() {
        return Ok(Vec::new());
    }
    let therapists = therapists_of(store, &patients.into_iter().collect::<Vec<_>>()).await?;
    let delivery = |stored: StoredEvent| {
        Some(Arc::new(Delivery {
            position: stored.position,
            kind: stored.kind?,
            therapists: therapists.get(&stored.event.patient_id).cloned().unwrap_or_default(),
            event: stored.event,
            people: OnceLock::new(),
            read_at: Instant::now(),
            cache: Mutex::default(),
        }))
    };
    Ok(events.into_iter().filter_map(delivery).collect())
}

impl Delivery {
    /// Stores the subscribed people with their present roles; only the first call has an effect.
    pub(super) fn know(&self, people: Arc<HashMap<Uuid, Viewer>>) {
        self.people.get_or_init(|| people);
    }

    /// Whether the event is one that the filter asks for.
    pub(super) fn matches(&self, filter: &Filter) -> bool {
        filter.topic.kinds().contains(&self.kind)
            && filter.patient.is_none_or(|patient| patient == self.event.patient_id)
            && filter.goal.is_none_or(|goal| Some(goal) == self.event.goal_id)
    }

    /// The patient, the owner and the present therapists. Admins see every event and are not in this list.
    pub(super) fn audience_ids(&self) -> impl Iterator<Item = Uuid> {
        [self.event.patient_id]
            .into_iter()
            .chain(self.event.therapist_id)
            .chain(self.therapists.iter().copied())
    }

    pub(super) fn may_concern(&self, viewer: &Viewer) -> bool {
        viewer.role == Role::Admin || self.audience_ids().any(|person| person == viewer.id())
    }

    /// The person with their present role, at most `SHARED_FOR` old; `None` when the person was deleted.
    pub async fn viewer(&self, store: &Store, person: Uuid) -> Result<Option<Viewer>, DbErr> {
        let known = self.people.get().and_then(|people| people.get(&person));
        if let Some(viewer) = known.filter(|_| self.read_at.elapsed() < SHARED_FOR) {
            return Ok(Some(viewer.clone()));
        }
        let late = self.late(person);
        late.get_or_try_init(|| Viewer::identify(store.clone(), person)).await.cloned()
    }

    fn late(&self, person: Uuid) -> Arc<OnceCell<Option<Viewer>>> {
        let mut cache = self.cache();
        let cached = cache.people.entry(person).or_insert_with(|| Cached::new(Arc::default()));
        if !cached.is_fresh() {
            *cached = Cached::new(Arc::default());
        }
        cached.0.clone()
    }

    /// The value that the whole audience of this viewer shares; it is made when there is none, or only an old one.
    pub fn shared<T: Clone + Send + Sync + 'static>(&self, viewer: &Viewer, make: impl FnOnce() -> T) -> T {
        let audience =
            if viewer.role == Role::Admin { Audience::Admins } else { Audience::Person(viewer.id()) };
        let mut cache = self.cache();
        let cached = cache.read.get(&audience).filter(|cached| cached.is_fresh());
        if let Some(cached) = cached.and_then(|cached| cached.0.downcast_ref::<T>()) {
            return cached.clone();
        }
        let made = make();
        cache.read.insert(audience, Cached::new(Arc::new(made.clone())));
        made
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
