//! Reading rows by the places of their columns.

use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{Decode, Postgres, Row, Type};
use sea_orm::{DbErr, QueryResult, RuntimeErr};

/// A row of a select that gives all columns of the entity, in their order. Looking each column up by its
/// name would cost more than reading it. The type of each value is checked as it is read.
pub trait FromPlaces: Sized {
    fn from_places(row: &QueryResult) -> Result<Self, DbErr>;

    /// As [`from_places`](Self::from_places), while the statement stands at this row.
    fn from_sqlite(row: &rusqlite::Row) -> Result<Self, DbErr>;
}

/// Straight from the driver: asking it once what kind of row this is, and not for each value.
pub(crate) fn from_postgres<'r, T>(row: &'r PgRow, place: usize) -> Result<T, DbErr>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(place).map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
}

/// Declares a model, and how it is read by the places of its fields.
macro_rules! row {
    (
        $(#[$meta:meta])*
        pub struct Model {
            $($(#[$attribute:meta])* pub $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        pub struct Model {
            $($(#[$attribute])* pub $field: $type,)+
        }

        impl $crate::FromPlaces for Model {
            fn from_places(row: &sea_orm::QueryResult) -> Result<Self, sea_orm::DbErr> {
                let mut places = 0..;
                let mut place = || places.next().unwrap_or_default();
                if let Some(row) = row.try_as_pg_row() {
                    return Ok(Self { $($field: $crate::row::from_postgres(row, place())?,)+ });
                }
                Ok(Self { $($field: row.try_get_by_index(place())?,)+ })
            }

            fn from_sqlite(row: &rusqlite::Row) -> Result<Self, sea_orm::DbErr> {
                let mut places = 0..;
                let mut place = || places.next().unwrap_or_default();
                Ok(Self { $($field: $crate::sqlite::read(row, place())?,)+ })
            }
        }
    };
}
pub(crate) use row;
