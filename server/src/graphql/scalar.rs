//! Scalars. What a client sends is kept even when it can't be read, so that a mutation can name the
//! field in its `userErrors`; a query refuses it with `BAD_USER_INPUT`.

use async_graphql::{ID, InputValueResult, Result, Scalar, ScalarType, Value};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use uuid::Uuid;

use super::error::bad_input;

/// A decimal number with two places, as text, for example "7.50": JSON numbers would lose digits.
/// Within -99999999.99 and 99999999.99. On input a number is taken too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub Option<rust_decimal::Decimal>);

/// A calendar day, for example "2026-03-01": years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date(pub Option<NaiveDate>);

/// A time of day on a wall clock, without a zone, for example "08:30:00".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub Option<NaiveTime>);

/// A moment in UTC, for example "2026-03-01T08:30:00Z": RFC 3339, at most microseconds. On input any
/// offset is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime(pub Option<NaiveDateTime>);

/// The name of a time zone in the IANA database, for example "Europe/Vienna".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(pub String);

/// A decimal number with two places, as text, for example "7.50": JSON numbers would lose digits.
/// Within -99999999.99 and 99999999.99. On input a number is taken too.
#[Scalar(specified_by_url = "https://scalars.graphql.org/chillicream/decimal.html")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Ok(Self(text.parse().or_else(|_| rust_decimal::Decimal::from_scientific(&text)).ok()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.map(|value| format!("{:.2}", value.round_dp(2))).unwrap_or_default())
    }
}

/// A calendar day, for example "2026-03-01": years 0001 to 9999.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(text(&value).filter(|text| text.len() == 10).and_then(read_date)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.map(|day| day.to_string()).unwrap_or_default())
    }
}

/// A time of day on a wall clock, without a zone, for example "08:30:00".
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-time.html")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let time = text(&value).and_then(|text| {
            let whole = NaiveTime::parse_from_str(text, "%H:%M:%S%.f");
            whole.or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
        });
        Ok(Self(time))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.map(|time| time.format("%H:%M:%S%.f").to_string()).unwrap_or_default())
    }
}

/// A moment in UTC, for example "2026-03-01T08:30:00Z": RFC 3339, at most microseconds. On input any
/// offset is taken.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let moment = text(&value).and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
        Ok(Self(moment.map(|moment| moment.naive_utc()).filter(|moment| in_years(moment.date()))))
    }

    fn to_value(&self) -> Value {
        let text = self.0.map(|moment| moment.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true));
        Value::String(text.unwrap_or_default())
    }
}

/// The name of a time zone in the IANA database, for example "Europe/Vienna".
#[Scalar(specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(text(&value).unwrap_or_default().to_owned()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

fn text(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn read_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| in_years(*day))
}

fn in_years(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (1..=9999).contains(&day.year())
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(value: rust_decimal::Decimal) -> Self {
        Self(Some(value))
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(Some(day))
    }
}

impl From<NaiveTime> for LocalTime {
    fn from(time: NaiveTime) -> Self {
        Self(Some(time))
    }
}

impl From<NaiveDateTime> for DateTime {
    fn from(moment: NaiveDateTime) -> Self {
        Self(Some(moment))
    }
}

impl Date {
    /// For an argument of a query.
    pub fn read(self, name: &str) -> Result<NaiveDate> {
        self.0.ok_or_else(|| bad_input(format!("`{name}` is not a date like 2026-03-01.")))
    }
}

impl DateTime {
    /// For an argument of a query.
    pub fn read(self, name: &str) -> Result<NaiveDateTime> {
        self.0.ok_or_else(|| bad_input(format!("`{name}` is not a moment like 2026-03-01T08:30:00Z.")))
    }
}

/// An id for an argument of a query: a UUID with hyphens.
pub fn read_id(name: &str, id: &ID) -> Result<Uuid> {
    let uuid = (id.len() == 36).then(|| id.parse().ok()).flatten();
    uuid.ok_or_else(|| bad_input(format!("`{name}` is not an id: ids are UUIDs with hyphens.")))
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
