use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::{person, session};
use uuid::Uuid;

use super::page::{ChildList, List};
use super::person::Person;
use super::row::{find_seen, row_object};
use crate::access::Viewer;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::DateTime;

/// A therapy session. Sessions are kept by the product; Waymark only reads them.
#[derive(Clone)]
pub struct TherapySession(pub Arc<session::Model>);

row_object!(TherapySession, session);

/// A therapy session. Sessions are kept by the product; Waymark only reads them.
#[Object]
impl TherapySession {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Who was treated.
    async fn patient(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.patient_id).await
    }

    /// Who treated.
    async fn therapist(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.therapist_id).await
    }

    /// When it took place.
    async fn session_date(&self) -> DateTime {
        self.0.session_date.into()
    }
}

/// A person's sessions, newest first: a patient's own, or those a therapist held.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionsOfPerson {
    pub as_therapist: bool,
}

impl List for SessionsOfPerson {
    type Row = session::Entity;
    const NAME: &'static str = "person.sessions";

    fn ordering(&self) -> Ordering<session::Entity> {
        let keys = [session::Column::SessionDate, session::Column::Id].map(Key::descending);
        Ordering { name: "newest", keys: keys.to_vec() }
    }
}

impl ChildList for SessionsOfPerson {
    fn family(&self, viewer: &Viewer, people: &[Uuid]) -> Family<session::Entity> {
        viewer.under::<person::Entity, session::Entity>(people, self.link())
    }

    fn link(&self) -> session::Column {
        if self.as_therapist { session::Column::TherapistId } else { session::Column::PatientId }
    }
}
