//! Reading the values of a SQLite row. Any program may have stored them, and SQLite keeps what it is given:
//! dates come with and without seconds, moments with and without an offset, numbers whole and broken.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rust_decimal::Decimal;
use sea_orm::sqlx::postgres::PgValueRef;
use sea_orm::sqlx::sqlite::SqliteValueRef;
use sea_orm::sqlx::{Decode, Sqlite, TypeInfo, ValueRef as _};
use uuid::Uuid;

use crate::Weekdays;
use crate::postgres::{self, by_the_driver};
use crate::stored::{Stored, end_of_day, in_years};

/// A value of the other driver, which is read in the same way.
pub(crate) fn read_from_driver<T: Stored>(value: SqliteValueRef<'_>) -> Option<T> {
    // The type of a NULL is that of its column.
    let kind = if value.is_null() { "NULL".to_owned() } else { value.type_info().name().to_owned() };
    let value = match kind.as_str() {
        "NULL" => ValueRef::Null,
        "INTEGER" => ValueRef::Integer(<i64 as Decode<Sqlite>>::decode(value).ok()?),
        "REAL" => ValueRef::Real(<f64 as Decode<Sqlite>>::decode(value).ok()?),
        "TEXT" => ValueRef::Text(<&[u8] as Decode<Sqlite>>::decode(value).ok()?),
        "BLOB" => ValueRef::Blob(<&[u8] as Decode<Sqlite>>::decode(value).ok()?),
        _ => return None,
    };
    T::stored(value).ok()
}

impl<T: Stored> Stored for Option<T> {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if value == ValueRef::Null { Ok(None) } else { T::stored(value).map(Some) }
    }

    fn received(value: PgValueRef<'_>) -> Option<Self> {
        T::received(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Types that the libraries read.
macro_rules! as_the_libraries_do {
    ($($type:ty),+) => {
        $(impl Stored for $type {
            fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value)
            }

            fn received(value: PgValueRef<'_>) -> Option<Self> {
                by_the_driver(value)
            }
        })+
    };
}
as_the_libraries_do!(bool, i32, i64, String, Uuid, serde_json::Value);

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

    /// Not NaN, and not the infinities of PostgreSQL 14.
    fn received(value: PgValueRef<'_>) -> Option<Self> {
        by_the_driver(value)
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
        let day: Self = value.as_str()?.parse().map_err(FromSqlError::other)?;
        if in_years(day) { Ok(day) } else { Err(FromSqlError::InvalidType) }
    }

    fn received(value: PgValueRef<'_>) -> Option<Self> {
        postgres::day(&value)
    }
}

impl Stored for NaiveTime {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        if let Ok(time) = text.parse() {
            return Ok(time);
        }
        let is_end = text.starts_with("24:00") && text.bytes().skip(5).all(|byte| b":.0".contains(&byte));
        if is_end {
            return Ok(end_of_day());
        }
        FromSql::column_result(value)
    }

    fn received(value: PgValueRef<'_>) -> Option<Self> {
        postgres::time(&value)
    }
}

impl Stored for NaiveDateTime {
    /// The form in which Waymark writes is tried first, since chrono takes long over patterns.
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if let ValueRef::Integer(seconds) = value {
            let moment = DateTime::from_timestamp(seconds, 0).map(|moment| moment.naive_utc());
            return moment.filter(|at| in_years(at.date())).ok_or(FromSqlError::OutOfRange(seconds));
        }
        let parts = value.as_str()?.split_once([' ', 'T']);
        let own =
            parts.and_then(|(date, time)| Some(date.parse::<NaiveDate>().ok()?.and_time(time.parse().ok()?)));
        let moment = own.map_or_else(|| Ok(DateTime::<Utc>::column_result(value)?.naive_utc()), Ok)?;
        if in_years(moment.date()) { Ok(moment) } else { Err(FromSqlError::InvalidType) }
    }

    fn received(value: PgValueRef<'_>) -> Option<Self> {
        postgres::moment(&value)
    }
}

impl Stored for Weekdays {
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self::from_json(&FromSql::column_result(value)?))
    }

    fn received(value: PgValueRef<'_>) -> Option<Self> {
        by_the_driver(value)
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
        for end in ["24:00", "24:00:00", "24:00:00.000"] {
            assert_eq!(text::<NaiveTime>(end), Some(end_of_day()), "{end}");
        }
        for none in ["24:00:01", "24:01", "25:00", "9999-99-99", "+262000-01-01 00:00:00", "infinity"] {
            assert_eq!(text::<NaiveTime>(none), None, "{none}");
            assert_eq!(text::<NaiveDate>(none), None, "{none}");
            assert_eq!(text::<NaiveDateTime>(none), None, "{none}");
        }
        for beyond in [i64::MIN, i64::MAX, 9_000_000_000_000] {
            assert_eq!(stored::<NaiveDateTime>(ValueRef::Integer(beyond)), None, "{beyond}");
        }
    }

    #[test]
    fn null_is_no_value() {
        assert_eq!(stored::<Option<i32>>(ValueRef::Null), Some(None));
        assert_eq!(stored::<i32>(ValueRef::Null), None);
    }
}
