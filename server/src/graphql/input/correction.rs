//! Inputs about data points that were recorded.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::progress::{day, time, value};
use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::entry::Changes;
use crate::service::Id;
use crate::wire::scalar::{Date, Decimal, LocalTime};
use crate::wire::word::EntryContext;

/// What to change of an entry.
#[derive(InputObject)]
pub struct UpdateProgressInput {
    /// The entry.
    pub entry_id: ID,
    /// Can't be cleared.
    pub value: MaybeUndefined<Decimal>,
    /// Can't be cleared.
    pub entry_date: MaybeUndefined<Date>,
    /// The patient's local time of day.
    pub entry_time: MaybeUndefined<LocalTime>,
    /// At most 100 characters.
    pub value_label: MaybeUndefined<String>,
    /// At most 20,000 characters.
    pub notes: MaybeUndefined<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: MaybeUndefined<EntryContext>,
    /// The session in which it was recorded; one of the patient's.
    pub session_id: MaybeUndefined<ID>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for UpdateProgressInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let new_value = reader.kept("value", "The value", self.value);
        let new_day = reader.kept("entryDate", "The date", self.entry_date);
        let changes = Changes {
            value: new_value.and_then(|sent| value(reader, &sent)),
            date: new_day.and_then(|sent| day(reader, &sent)),
            time: reader.patch(self.entry_time, |reader, sent| time(reader, &sent)),
            value_label: self.value_label.into(),
            notes: self.notes.into(),
            context: self.context.map_value(Into::into).into(),
            session: reader.patch(self.session_id, |reader, id| reader.id("sessionId", &id)),
        };
        (reader.id("entryId", &self.entry_id), changes)
    }
}

/// An entry to delete.
#[derive(InputObject)]
pub struct DeleteProgressInput {
    /// The entry.
    pub entry_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(DeleteProgressInput, entry_id, "entryId");
