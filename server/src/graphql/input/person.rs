//! Inputs about people.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::Input;
use super::reader::Reader;
use crate::rules::input::person::Changes;
use crate::service::Id;
use crate::wire::scalar::TimeZone;
use crate::wire::word::WeekStart;

/// What to change of how a person counts days and weeks. An absent field keeps what is stored.
#[derive(InputObject)]
pub struct UpdatePersonSettingsInput {
    /// The person.
    pub person_id: ID,
    /// The zone in which the person's days begin and reminders are due; can't be cleared.
    pub time_zone: MaybeUndefined<TimeZone>,
    /// The day on which the person's weeks begin; can't be cleared.
    pub week_start: MaybeUndefined<WeekStart>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for UpdatePersonSettingsInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let changes = Changes {
            time_zone: reader.kept("timeZone", "The time zone", self.time_zone).map(|zone| zone.0),
            week_start: reader.kept("weekStart", "The start of the week", self.week_start).map(Into::into),
        };
        (reader.id("personId", &self.person_id), changes)
    }
}
