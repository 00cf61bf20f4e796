//! The types of columns, and what any program may have stored in one.
//!
//! A value is read or it is not; nothing here panics. The drivers do, over moments that lie beyond chrono's last
//! year, so moments, days and times are read here.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, NaiveTime};
use rusqlite::types::{FromSqlResult, ValueRef};
use sea_orm::sqlx::postgres::PgValueRef;

/// A type of column, as both databases store it.
pub trait Stored: Sized {
    /// From SQLite, where a column may hold a value of any type.
    fn stored(value: ValueRef<'_>) -> FromSqlResult<Self>;

    /// From PostgreSQL; `None` for what is no value of this type.
    fn received(value: PgValueRef<'_>) -> Option<Self>;

    /// What NULL is read as, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// The years of days and moments that are read. PostgreSQL begins with the first of them; behind the last one,
/// converting to a time zone could leave what chrono can hold.
pub(crate) const YEARS: RangeInclusive<i32> = -4712..=99_999;

pub(crate) fn in_years(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

/// The end of a day, `24:00:00`, which is stored as a time of day but is none for chrono: its leap second of the
/// last minute, which lies at the same place.
#[must_use]
pub fn end_of_day() -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(86_399, 1_000_000_000).unwrap_or_default()
}
