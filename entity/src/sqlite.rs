//! Reading the values of a SQLite row. Any program may have stored them, and SQLite keeps what it is given:
//! dates come with and without seconds, moments with and without an offset, numbers whole and broken.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rust_decimal::Decimal;
use sea_orm::{DbErr, RuntimeErr};
use uuid::Uuid;

use crate::Weekdays;

/// The value at a place of a row.
pub(crate) fn read<T: Stored>(row: &rusqlite::Row, place: usize) -> Result<T, DbErr> {
    // The error says where, and never what: a value is patient data.
    let failure = |what| DbErr::Query(RuntimeErr::Internal(format!("place {place} of a row {what}")));
    let value = row.get_ref(place).map_err(|_| failure("is missing"))?;
    T::stored(value).map_err(|_| failure("holds no value of its type"))
}

/// A type of column.
pub(crate) trait Stored: Sized {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self>;
}

impl<T: Stored> Stored for Option<T> {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if value == ValueRef::Null { Ok(None) } else { T::stored(value).map(Some) }
    }
}

/// Types that the library reads.
macro_rules! as_the_library_does {
    ($($type:ty),+) => {
        $(impl Stored for $type {
            fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value)
            }
        })+
    };
}
as_the_library_does!(bool, i32, i64, String, Uuid, serde_json::Value);

impl Stored for Decimal {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(number) => Ok(number.into()),
            ValueRef::Real(number) => hundredths(number).map_or_else(
                || number.try_into().map_err(FromSqlError::other),
                |number| Ok(Self::new(number, 2)),
            ),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A number of two places, as the columns have them, without the long division that any other number takes.
fn hundredths(number: f64) -> Option<i64> {
    let hundredths = (number * 100.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and far from the ends of the type")]
    (hundredths.abs() < 1e12 && (hundredths / 100.0).to_bits() == number.to_bits())
        .then_some(hundredths as i64)
}

impl Stored for NaiveDate {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

impl Stored for NaiveTime {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().or_else(|_| FromSql::column_result(value))
    }
}

impl Stored for NaiveDateTime {
    /// The form in which Waymark writes is tried first, since chrono takes long over patterns.
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if let ValueRef::Integer(seconds) = value {
            let moment = DateTime::from_timestamp(seconds, 0).ok_or(FromSqlError::OutOfRange(seconds))?;
            return Ok(moment.naive_utc());
        }
        let parts = value.as_str()?.split_once([' ', 'T']);
        let own =
            parts.and_then(|(date, time)| Some(date.parse::<NaiveDate>().ok()?.and_time(time.parse().ok()?)));
        own.map_or_else(|| Ok(DateTime::<Utc>::column_result(value)?.naive_utc()), Ok)
    }
}

impl Stored for Weekdays {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::from_json(&FromSql::column_result(value)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored<T: Stored>(value: ValueRef<'_>) -> Option<T> {
        T::stored(value).ok()
    }

    fn text<T: Stored>(text: &str) -> Option<T> {
        stored(ValueRef::Text(text.as_bytes()))
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0.0, 7.5, 0.1, -0.07, 99_999_999.99, -99_999_999.99, 1.005, 1e-7] {
            let exact: Decimal = number.to_string().parse().expect("a decimal");
            assert_eq!(stored::<Decimal>(ValueRef::Real(number)), Some(exact), "{number}");
        }
        assert_eq!(stored::<Decimal>(ValueRef::Integer(7)), Some(7.into()));
        for none in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(stored::<Decimal>(ValueRef::Real(none)), None, "{none}");
        }
    }

    #[test]
    fn moments_are_utc_in_whatever_form_they_were_stored() {
        let moment: NaiveDateTime = "2026-03-01T08:30:00".parse().expect("a moment");
        let forms = [
            "2026-03-01 08:30:00",
            "2026-03-01T08:30:00.000",
            "2026-03-01 10:30:00+02:00",
            "2026-03-01T08:30:00Z",
        ];
        for form in forms {
            assert_eq!(text(form), Some(moment), "{form}");
        }
        assert_eq!(stored(ValueRef::Integer(moment.and_utc().timestamp())), Some(moment));
        assert_eq!(text::<NaiveDateTime>("soon"), None);
        assert_eq!(text::<NaiveTime>("08:30"), NaiveTime::from_hms_opt(8, 30, 0));
    }

    #[test]
    fn null_is_no_value() {
        assert_eq!(stored::<Option<i32>>(ValueRef::Null), Some(None));
        assert_eq!(stored::<i32>(ValueRef::Null), None);
    }
}
