//! Who the people behind tokens are, known for a moment, so that a page that sends ten operations does not
//! have its reader looked up ten times.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::person::{self, Role};
use quick_cache::sync::Cache;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{Seen, Viewer};
use crate::store::Store;

/// A role that was taken away, and a person who is gone, end after this long at the latest. Whom a therapist
/// treats is not kept: every read asks that anew.
const KNOWN_FOR: Duration = Duration::from_secs(1);
const MOST_PEOPLE: usize = 10_000;

#[derive(Clone)]
pub struct Identities(Arc<Cache<Uuid, Known>>);

#[derive(Clone)]
struct Known {
    person: Seen<person::Entity>,
    role: Role,
    since: Instant,
}

impl Default for Identities {
    fn default() -> Self {
        Self(Arc::new(Cache::new(MOST_PEOPLE)))
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} people", self.0.len())
    }
}

impl Identities {
    /// As [`Viewer::identify`], by what was found within the last second.
    pub async fn viewer(&self, store: Store, id: Uuid) -> Result<Option<Viewer>, DbErr> {
        if let Some(known) = self.0.get(&id).filter(|known| known.since.elapsed() < KNOWN_FOR) {
            return Ok(Some(Viewer { person: known.person, role: known.role, store }));
        }
        let since = Instant::now();
        let viewer = Viewer::identify(store, id).await?;
        match &viewer {
            Some(viewer) => {
                self.0.insert(id, Known { person: viewer.person.clone(), role: viewer.role, since });
            }
            None => {
                self.0.remove(&id);
            }
        }
        Ok(viewer)
    }
}
