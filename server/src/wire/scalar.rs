//! Scalars. What a client sends is kept as it came, so that a mutation can say in its `userErrors` what
//! is wrong with it; a query refuses what it can't read with `BAD_USER_INPUT`.

use async_graphql::{ID, InputValueResult, Result, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use uuid::Uuid;

use super::bad_input;
use crate::rules::input::date;

/// A value of ours, or the text of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire<T> {
    Known(T),
    Sent(String),
}

/// A decimal number with two places, as text, for example "7.50": JSON numbers would lose digits.
/// Within -99999999.99 and 99999999.99. On input a text is read exactly; a number is taken too, in double
/// precision: one with more than 15 digits may be another by the time it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub Wire<rust_decimal::Decimal>);

/// A calendar day, for example "2026-03-01".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Date(pub Wire<NaiveDate>);

/// A time of day on a wall clock, without a zone, for example "08:30:00", at most microseconds. On input
/// "08:30" is taken too. "24:00:00", the end of a day, is shown where another program has stored it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime(pub Wire<NaiveTime>);

/// A moment in UTC, for example "2026-03-01T08:30:00Z": RFC 3339, at most microseconds. On input any
/// offset is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTime(pub Wire<NaiveDateTime>);

/// The name of a time zone in the IANA database, for example "Europe/Vienna".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(pub String);

impl<T> Wire<T> {
    fn sent(value: Value) -> Self {
        Self::Sent(match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }

    fn to_value(&self, show: impl FnOnce(&T) -> String) -> Value {
        Value::String(match self {
            Self::Known(value) => show(value),
            Self::Sent(text) => text.clone(),
        })
    }

    /// What the client sent.
    pub fn text(&self) -> &str {
        if let Self::Sent(text) = self { text } else { "" }
    }
}

/// A decimal number with two places, as text, for example "7.50": JSON numbers would lose digits.
/// Within -99999999.99 and 99999999.99. On input a text is read exactly; a number is taken too, in double
/// precision: one with more than 15 digits may be another by the time it arrives.
#[Scalar(specified_by_url = "https://scalars.graphql.org/chillicream/decimal.html")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(Wire::sent(value)))
    }

    fn to_value(&self) -> Value {
        self.0.to_value(|value| format!("{:.2}", crate::rules::shown(*value)))
    }
}

/// A calendar day, for example "2026-03-01".
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(Wire::sent(value)))
    }

    fn to_value(&self) -> Value {
        self.0.to_value(NaiveDate::to_string)
    }
}

/// A time of day on a wall clock, without a zone, for example "08:30:00", at most microseconds. On input
/// "08:30" is taken too. "24:00:00", the end of a day, is shown where another program has stored it.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-time.html")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(Wire::sent(value)))
    }

    fn to_value(&self) -> Value {
        let is_end = |time: &NaiveTime| *time == entity::end_of_day();
        let pattern = |time: &NaiveTime| if is_end(time) { "24:00:00" } else { "%H:%M:%S%.f" };
        self.0.to_value(|time| time.format(pattern(time)).to_string())
    }
}

/// A moment in UTC, for example "2026-03-01T08:30:00Z": RFC 3339, at most microseconds. On input any
/// offset is taken.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(Wire::sent(value)))
    }

    fn to_value(&self) -> Value {
        self.0.to_value(|moment| moment.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// The name of a time zone in the IANA database, for example "Europe/Vienna".
#[Scalar(specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(name) = value else { return Ok(Self(String::new())) };
        Ok(Self(name))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(value: rust_decimal::Decimal) -> Self {
        Self(Wire::Known(value))
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(Wire::Known(day))
    }
}

impl From<NaiveTime> for LocalTime {
    fn from(time: NaiveTime) -> Self {
        Self(Wire::Known(time))
    }
}

impl From<NaiveDateTime> for DateTime {
    fn from(moment: NaiveDateTime) -> Self {
        Self(Wire::Known(moment))
    }
}

impl Date {
    /// For an argument of a query.
    pub fn read(&self, name: &str) -> Result<NaiveDate> {
        let day = date::read(self.0.text()).filter(|day| in_years(*day));
        day.ok_or_else(|| bad_input(format!("`{name}` is not a date like 2026-03-01.")))
    }
}

impl DateTime {
    /// For an argument of a query or a mutation.
    pub fn parse(&self) -> Option<NaiveDateTime> {
        let moment = chrono::DateTime::parse_from_rfc3339(self.0.text()).ok()?.naive_utc();
        in_years(moment.date()).then_some(moment)
    }

    /// For an argument of a query.
    pub fn read(&self, name: &str) -> Result<NaiveDateTime> {
        let refusal = || bad_input(format!("`{name}` is not a moment like 2026-03-01T08:30:00Z."));
        self.parse().ok_or_else(refusal)
    }
}

fn in_years(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// A UUID with hyphens, and nothing else.
pub fn parse_id(id: &str) -> Option<Uuid> {
    (id.len() == 36).then(|| id.parse().ok()).flatten()
}

/// An id for an argument of a query: a UUID with hyphens.
pub fn read_id(name: &str, id: &ID) -> Result<Uuid> {
    parse_id(id).ok_or_else(|| bad_input(format!("`{name}` is not an id: ids are UUIDs with hyphens.")))
}

/// The longest text a query may search or filter for.
const LONGEST_TEXT: usize = 200;

/// A text for an argument of a query.
pub fn read_text(name: &str, text: String) -> Result<String> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(bad_input(format!("`{name}` is longer than {LONGEST_TEXT} characters.")));
    }
    if text.contains('\0') {
        return Err(bad_input(format!("`{name}` contains a NUL character.")));
    }
    Ok(text)
}
