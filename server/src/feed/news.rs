//! One event on its way to whoever may hear of it, with what its hearers share.

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
use super::outbox::Told;
use crate::access::{Viewer, therapists_of};
use crate::event::{Kind, Topic};
use crate::store::Store;

/// What one subscriber wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub topic: Topic,
    pub goal: Option<Uuid>,
    pub patient: Option<Uuid>,
}

/// What is read for one hearer is good enough for the next only so long; then it is read anew, again for
/// all. So a permission that is gone ends the news, and a slow hour does not make more work.
const SHARED_FOR: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct News {
    pub position: Position,
    pub kind: Kind,
    pub event: event::Model,
    /// Who treats the patient at present.
    therapists: Vec<Uuid>,
    /// Whom it may concern, as they stand now.
    people: OnceLock<Arc<HashMap<Uuid, Viewer>>>,
    read_at: Instant,
    shelf: Mutex<Shelf>,
}

/// Those who see the same rows: all admins, or one person's several connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Eyes {
    Admins,
    Person(Uuid),
}

/// What was read again for those who came late, and what those who see the same rows have read already;
/// the floor above knows what that is.
#[derive(Default)]
struct Shelf {
    people: HashMap<Uuid, Kept<Arc<OnceCell<Option<Viewer>>>>>,
    read: HashMap<Eyes, Kept<Arc<dyn Any + Send + Sync>>>,
}

/// Something to share, for a moment.
struct Kept<T>(T, Instant);

impl<T> Kept<T> {
    fn new(kept: T) -> Self {
        Self(kept, Instant::now())
    }

    fn is_fresh(&self) -> bool {
        self.1.elapsed() < SHARED_FOR
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.read.keys()).finish()
    }
}

/// News of these events, with who treats their patients: one statement, however many there are.
pub async fn of_events(store: &Store, events: Vec<Told>) -> Result<Vec<Arc<News>>, DbErr> {
    let patients: BTreeSet<_> = events.iter().map(|told| told.event.patient_id).collect();
    if patients.is_empty() {
        return Ok(Vec::new());
    }
    let therapists = therapists_of(store, &patients.into_iter().collect::<Vec<_>>()).await?;
    let news = |told: Told| {
        Some(Arc::new(News {
            position: told.position,
            kind: told.kind?,
            therapists: therapists.get(&told.event.patient_id).cloned().unwrap_or_default(),
            event: told.event,
            people: OnceLock::new(),
            read_at: Instant::now(),
            shelf: Mutex::default(),
        }))
    };
    Ok(events.into_iter().filter_map(news).collect())
}

impl News {
    /// Notes how those whom it may concern stand now.
    pub(super) fn know(&self, people: Arc<HashMap<Uuid, Viewer>>) {
        self.people.get_or_init(|| people);
    }

    /// Whether somebody wishes to hear of it.
    pub(super) fn meets(&self, wish: &Wish) -> bool {
        wish.topic.kinds().contains(&self.kind)
            && wish.patient.is_none_or(|patient| patient == self.event.patient_id)
            && wish.goal.is_none_or(|goal| Some(goal) == self.event.goal_id)
    }

    /// Patient, owner and present therapists. Admins come on top.
    pub(super) fn circle(&self) -> impl Iterator<Item = Uuid> {
        [self.event.patient_id]
            .into_iter()
            .chain(self.event.therapist_id)
            .chain(self.therapists.iter().copied())
    }

    pub(super) fn may_concern(&self, viewer: &Viewer) -> bool {
        viewer.role == Role::Admin || self.circle().any(|person| person == viewer.id())
    }

    /// The person as they stand now; `None` when they are gone.
    pub async fn viewer(&self, store: &Store, person: Uuid) -> Result<Option<Viewer>, DbErr> {
        let known = self.people.get().and_then(|people| people.get(&person));
        if let Some(viewer) = known.filter(|_| self.read_at.elapsed() < SHARED_FOR) {
            return Ok(Some(viewer.clone()));
        }
        let late = self.late(person);
        late.get_or_try_init(|| Viewer::identify(store.clone(), person)).await.cloned()
    }

    fn late(&self, person: Uuid) -> Arc<OnceCell<Option<Viewer>>> {
        let mut shelf = self.shelf();
        let kept = shelf.people.entry(person).or_insert_with(|| Kept::new(Arc::default()));
        if !kept.is_fresh() {
            *kept = Kept::new(Arc::default());
        }
        kept.0.clone()
    }

    /// What everybody who sees the same rows shares.
    pub fn shared<T: Clone + Send + Sync + 'static>(&self, viewer: &Viewer, make: impl FnOnce() -> T) -> T {
        let eyes = if viewer.role == Role::Admin { Eyes::Admins } else { Eyes::Person(viewer.id()) };
        let mut shelf = self.shelf();
        let kept = shelf.read.get(&eyes).filter(|kept| kept.is_fresh());
        if let Some(kept) = kept.and_then(|kept| kept.0.downcast_ref::<T>()) {
            return kept.clone();
        }
        let made = make();
        shelf.read.insert(eyes, Kept::new(Arc::new(made.clone())));
        made
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
