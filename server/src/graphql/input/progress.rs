//! Inputs about data points to record.

use async_graphql::{ID, InputObject};
use chrono::{NaiveDate, NaiveTime};

use super::Input;
use super::reader::Reader;
use crate::rules::input::MOST_ROWS;
use crate::rules::input::entry::Draft;
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

pub fn value(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("value", "The value", sent)
}

pub fn day(reader: &mut Reader, sent: &Date) -> Option<NaiveDate> {
    reader.day("entryDate", "The date", sent)
}

pub fn time(reader: &mut Reader, sent: &LocalTime) -> Option<NaiveTime> {
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
