//! Inputs about data points.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{NaiveDate, NaiveTime};

use super::Input;
use super::reader::Reader;
use crate::rules::input::MOST_ROWS;
use crate::rules::input::entry::{Changes, Draft};
use crate::service::Id;
use crate::wire::scalar::{Date, Decimal, LocalTime};
use crate::wire::word::EntryContext;

/// A data point to record.
#[derive(InputObject)]
pub struct RecordProgressInput {
    /// The goal.
    pub goal_id: ID,
    /// In the unit of the tracking, at most two decimals; 0 or 1 for BINARY.
    pub value: Decimal,
    /// The patient's local day; their today unless said, never in their future.
    pub entry_date: Option<Date>,
    /// The patient's local time of day.
    pub entry_time: Option<LocalTime>,
    /// What the value is called, at most 100 characters.
    pub value_label: Option<String>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: Option<EntryContext>,
    /// The session in which it was recorded; one of the patient's.
    pub session_id: Option<ID>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for RecordProgressInput {
    type Draft = (Id, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let draft = Draft {
            value: value(reader, &self.value),
            date: self.entry_date.and_then(|sent| day(reader, &sent)),
            time: self.entry_time.and_then(|sent| time(reader, &sent)),
            value_label: self.value_label,
            notes: self.notes,
            context: self.context.map(Into::into),
            session: self.session_id.and_then(|id| reader.id("sessionId", &id)),
        };
        (reader.id("goalId", &self.goal_id), draft)
    }
}

fn value(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("value", "The value", sent)
}

fn day(reader: &mut Reader, sent: &Date) -> Option<NaiveDate> {
    reader.day("entryDate", "The date", sent)
}

fn time(reader: &mut Reader, sent: &LocalTime) -> Option<NaiveTime> {
    reader.time("entryTime", "The time", sent)
}

/// Data points to take over from elsewhere, all or nothing.
#[derive(InputObject)]
pub struct ImportProgressInput {
    /// The goal.
    pub goal_id: ID,
    /// 1 to 1,000 of them.
    pub entries: Vec<ProgressRowInput>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for ImportProgressInput {
    type Draft = (Id, Vec<Draft>);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        // Of a list that is too long no row is read.
        let most = if self.entries.len() > MOST_ROWS { 0 } else { MOST_ROWS };
        let rows = reader.list("entries", self.entries, most, |reader, row| row.read(reader));
        (reader.id("goalId", &self.goal_id), rows)
    }
}

/// One row of an import.
#[derive(InputObject)]
pub struct ProgressRowInput {
    /// In the unit of the tracking, at most two decimals; 0 or 1 for BINARY.
    pub value: Decimal,
    /// The patient's local day, never in their future.
    pub entry_date: Date,
    /// The patient's local time of day.
    pub entry_time: Option<LocalTime>,
    /// What the value is called, at most 100 characters.
    pub value_label: Option<String>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// How it was recorded; a patient's entries are `SELF_REPORT`.
    pub context: Option<EntryContext>,
}

impl ProgressRowInput {
    fn read(self, reader: &mut Reader) -> Draft {
        Draft {
            value: value(reader, &self.value),
            date: day(reader, &self.entry_date),
            time: self.entry_time.and_then(|sent| time(reader, &sent)),
            value_label: self.value_label,
            notes: self.notes,
            context: self.context.map(Into::into),
            session: None,
        }
    }
}

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

impl Input for DeleteProgressInput {
    type Draft = Id;

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        reader.id("entryId", &self.entry_id)
    }
}
