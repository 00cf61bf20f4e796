use entity::{person, session};

use super::list::{ChildList, List};
use super::object::{Id, object};
use super::person::Person;
use super::row::row_object;
use crate::access::{SeenId, Viewer};
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::DateTime;

row_object!(TherapySession, session);

object! {
    /// A therapy session. Sessions are kept by the product; Waymark only reads them.
    TherapySession |session in sessions, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(session.id);
        /// Who was treated.
        link patient: Person = session.patient_id;
        /// Who treated.
        link therapist: Person = session.therapist_id;
        /// When it took place.
        leaf session_date: DateTime = session.session_date.into();
    }
}

/// A person's sessions, newest first: a patient's own, or those a therapist held.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionsOfPerson {
    as_therapist: bool,
}

impl SessionsOfPerson {
    pub fn of(person: &Person) -> Self {
        Self { as_therapist: person.is_therapist() }
    }
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
    type Parent = SeenId<person::Entity>;

    fn family(&self, viewer: &Viewer, people: &[SeenId<person::Entity>]) -> Family<session::Entity> {
        viewer.under_seen(people, self.link())
    }

    fn link(&self) -> session::Column {
        if self.as_therapist { session::Column::TherapistId } else { session::Column::PatientId }
    }
}
