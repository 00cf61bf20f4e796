//! The values of a statement as SQLite takes them.
//!
//! The crate that does this for sea-query is tied to SQLite 3.51.1, in which two threads can wait for each other for
//! ever: one closes the last connection to a file while the other opens one. 3.51.3 takes the locks one by one.

use rusqlite::types::{Null, ToSql, ToSqlOutput};
use sea_orm::Value;
use sea_orm::sea_query::OptionEnum;

/// A value, written as the driver for writing has it.
pub(super) struct Bound(pub Value);

impl ToSql for Bound {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match &self.0 {
            Value::Bool(value) => value.to_sql(),
            Value::TinyInt(value) => value.to_sql(),
            Value::SmallInt(value) => value.to_sql(),
            Value::Int(value) => value.to_sql(),
            Value::BigInt(value) => value.to_sql(),
            Value::TinyUnsigned(value) => value.to_sql(),
            Value::SmallUnsigned(value) => value.to_sql(),
            Value::Unsigned(value) => value.to_sql(),
            Value::BigUnsigned(value) => {
                let value = value.map(i64::try_from).transpose();
                Ok(value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?.into_sql())
            }
            Value::Float(value) => value.to_sql(),
            Value::Double(value) => value.to_sql(),
            Value::String(value) => value.as_deref().map_or(Null.to_sql(), str::to_sql),
            Value::Enum(OptionEnum::Some(value)) => value.value.as_ref().to_sql(),
            Value::Enum(OptionEnum::None(_)) => Null.to_sql(),
            Value::Char(value) => Ok(value.map(String::from).into_sql()),
            Value::Bytes(value) => value.as_deref().map_or(Null.to_sql(), <[u8]>::to_sql),
            Value::ChronoDate(value) => value.to_sql(),
            Value::ChronoTime(value) => value.to_sql(),
            Value::ChronoDateTime(value) => value.to_sql(),
            Value::ChronoDateTimeUtc(value) => value.to_sql(),
            Value::Uuid(value) => value.to_sql(),
            Value::Decimal(value) => Ok(value.map(|value| value.to_string()).into_sql()),
            Value::Json(value) => Ok(value.as_ref().map(ToString::to_string).into_sql()),
            _ => Err(rusqlite::Error::ToSqlConversionFailure("no statement has a value of this kind".into())),
        }
    }
}

trait IntoSql {
    fn into_sql(self) -> ToSqlOutput<'static>;
}

impl<T: Into<rusqlite::types::Value>> IntoSql for Option<T> {
    fn into_sql(self) -> ToSqlOutput<'static> {
        ToSqlOutput::Owned(self.map_or(rusqlite::types::Value::Null, Into::into))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sqlite_is_of_a_release_in_which_opening_and_closing_do_not_wait_for_each_other() {
        assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
    }
}
