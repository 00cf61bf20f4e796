//! Reading the values of a PostgreSQL row, which come in the database's own binary form.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use sea_orm::sqlx::postgres::{PgValueFormat, PgValueRef};
use sea_orm::sqlx::{Decode, Postgres, Type, TypeInfo, ValueRef};

use crate::stored::{Stored, end_of_day, in_years};

/// The value, or what NULL is read as.
pub(crate) fn read<T: Stored>(value: PgValueRef<'_>) -> Option<T> {
    if value.is_null() { T::absent() } else { T::received(value) }
}

/// As the driver reads it, which does not panic over this type.
pub(crate) fn by_the_driver<'r, T: Decode<'r, Postgres> + Type<Postgres>>(
    value: PgValueRef<'r>,
) -> Option<T> {
    let fits = T::compatible(&value.type_info());
    if fits { T::decode(value).ok() } else { None }
}

/// Days since 2000-01-01; the ends of the type are the two infinities.
pub(crate) fn day(value: &PgValueRef<'_>) -> Option<NaiveDate> {
    let days = i32::from_be_bytes(binary(value, &["DATE"])?);
    day_at(days)
}

/// Microseconds since 2000-01-01 00:00:00, in UTC also when the column has a time zone.
pub(crate) fn moment(value: &PgValueRef<'_>) -> Option<NaiveDateTime> {
    let micros = i64::from_be_bytes(binary(value, &["TIMESTAMP", "TIMESTAMPTZ"])?);
    moment_at(micros)
}

/// Microseconds since midnight, the end of the day included.
pub(crate) fn time(value: &PgValueRef<'_>) -> Option<NaiveTime> {
    let micros = i64::from_be_bytes(binary(value, &["TIME"])?);
    time_at(micros)
}

/// The bytes of a value of one of these types.
fn binary<const BYTES: usize>(value: &PgValueRef<'_>, types: &[&str]) -> Option<[u8; BYTES]> {
    let fits = value.format() == PgValueFormat::Binary && types.contains(&value.type_info().name());
    if fits { value.as_bytes().ok()?.try_into().ok() } else { None }
}

/// 2000-01-01 in seconds since 1970.
const EPOCH: i64 = 946_684_800;

fn day_at(days: i32) -> Option<NaiveDate> {
    let epoch = DateTime::from_timestamp(EPOCH, 0)?.date_naive();
    epoch.checked_add_signed(TimeDelta::try_days(days.into())?).filter(|day| in_years(*day))
}

fn moment_at(micros: i64) -> Option<NaiveDateTime> {
    let since_1970 = micros.checked_add(EPOCH * 1_000_000)?;
    let moment = DateTime::from_timestamp_micros(since_1970)?.naive_utc();
    Some(moment).filter(|moment| in_years(moment.date()))
}

fn time_at(micros: i64) -> Option<NaiveTime> {
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    if (seconds, rest) == (86_400, 0) {
        return Some(end_of_day());
    }
    let nanos = u32::try_from(rest * 1000).ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(seconds).ok()?, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond_the_calendar_is_no_value() {
        for days in [i32::MIN, i32::MAX, i32::MAX - 1, 105_000_000] {
            assert_eq!(day_at(days), None, "{days}");
        }
        for micros in [i64::MIN, i64::MAX, i64::MAX - 1, 9_000_000_000_000_000_000] {
            assert_eq!(moment_at(micros), None, "{micros}");
        }
        for micros in [-1, 86_400_000_001, i64::MIN, i64::MAX] {
            assert_eq!(time_at(micros), None, "{micros}");
        }
    }

    #[test]
    fn days_moments_and_times_are_read_to_the_microsecond() {
        assert_eq!(day_at(9555).map(|day| day.to_string()).as_deref(), Some("2026-02-28"));
        assert_eq!(day_at(-1).map(|day| day.to_string()).as_deref(), Some("1999-12-31"));
        assert_eq!(moment_at(-1).map(|at| at.to_string()).as_deref(), Some("1999-12-31 23:59:59.999999"));
        assert_eq!(time_at(86_399_999_999).map(|at| at.to_string()).as_deref(), Some("23:59:59.999999"));
        assert_eq!(time_at(86_400_000_000), Some(end_of_day()));
    }
}
