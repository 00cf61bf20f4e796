//! Rows that a viewer has been found to see.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use sea_orm::EntityTrait;
use uuid::Uuid;

use super::Visible;

/// A row that was read through the viewer in this operation, or written for them by it. Only the policy
/// makes one, so what hangs on the row may be read without asking again whether the row may be seen.
pub struct Seen<E: EntityTrait>(Arc<E::Model>);

impl<E: EntityTrait> Seen<E> {
    pub(super) fn new(row: E::Model) -> Self {
        Self(Arc::new(row))
    }

    /// A row that a service gives back: it was found through the viewer, who had leave to write it.
    #[must_use]
    pub fn written(row: E::Model) -> Self {
        Self::new(row)
    }

    #[must_use]
    pub fn shared(&self) -> Arc<E::Model> {
        self.0.clone()
    }
}

impl<E: Visible> Seen<E> {
    #[must_use]
    pub fn id(&self) -> SeenId<E> {
        SeenId(E::id_of(&self.0), PhantomData)
    }
}

/// The id of a row that was seen.
pub struct SeenId<E>(Uuid, PhantomData<fn() -> E>);

impl<E> SeenId<E> {
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.0
    }
}

impl<E> From<SeenId<E>> for Uuid {
    fn from(id: SeenId<E>) -> Self {
        id.0
    }
}

impl<E: EntityTrait> Deref for Seen<E> {
    type Target = E::Model;

    fn deref(&self) -> &E::Model {
        &self.0
    }
}

// Derives would ask `E` itself, and show patient data.
impl<E: EntityTrait> Clone for Seen<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: EntityTrait> fmt::Debug for Seen<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(E::default().table_name())
    }
}

impl<E> Clone for SeenId<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for SeenId<E> {}

impl<E> PartialEq for SeenId<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E> Eq for SeenId<E> {}

impl<E> Hash for SeenId<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E> fmt::Debug for SeenId<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
