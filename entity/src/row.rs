//! Reading rows by the places of their columns, from whichever driver has them.

use sea_orm::sqlx::Row as _;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::sqlite::SqliteRow;
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::postgres;
use crate::sqlite;
use crate::stored::Stored;

/// A row of a select that gives all columns of the entity, in their order. Looking each column up by its
/// name would cost more than reading it. The type of each value is checked as it is read.
pub trait FromPlaces: Sized {
    fn from_source(row: &impl Source) -> Result<Self, Unreadable>;

    fn from_places(row: &QueryResult) -> Result<Self, Unreadable> {
        match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
            (Some(row), _) => Self::from_source(row),
            (_, Some(row)) => Self::from_source(row),
            (None, None) => Err(Unreadable { column: "", ids: Vec::new() }),
        }
    }

    /// As [`from_places`](Self::from_places), while the statement stands at this row.
    fn from_sqlite(row: &rusqlite::Row) -> Result<Self, Unreadable> {
        Self::from_source(row)
    }
}

/// A row that another program has written and that can't be read: one of its values is none of its type, such as
/// a moment at infinity. No value of it is kept but ids, for values are patient data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The first column that can't be read.
    pub column: &'static str,
    /// By the places of the columns: those of its values that are ids.
    pub ids: Vec<Option<Uuid>>,
}

impl Unreadable {
    pub(crate) fn of(row: &impl Source, column: &'static str) -> Self {
        Self { column, ids: (0..row.width()).map(|place| row.value(place)).collect() }
    }

    /// The row's own id, which is the first column of every table.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.ids.first().copied().flatten()
    }

    /// As an error of a read as a whole.
    #[must_use]
    pub fn error(&self, table: &str) -> DbErr {
        let id = self.id().map_or_else(|| "without a readable id".to_owned(), |id| id.to_string());
        unreadable(&format!("{table}.{} of the row {id}", self.column))
    }
}

/// The error of a value that can't be read; [`is_unreadable`] knows it.
fn unreadable(what: &str) -> DbErr {
    DbErr::Type(format!("{what} holds no value of its type"))
}

/// Whether a read failed because of what is stored, and not because of the database.
#[must_use]
pub fn is_unreadable(error: &DbErr) -> bool {
    matches!(error, DbErr::Type(_))
}

/// A value by the name of its column, of a row that is no model.
pub fn value<T: Stored>(row: &QueryResult, column: &str) -> Result<T, DbErr> {
    let found = match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
        (Some(row), _) => row.try_get_raw(column).ok().and_then(postgres::read),
        (_, Some(row)) => row.try_get_raw(column).ok().and_then(sqlite::read_from_driver),
        (None, None) => None,
    };
    found.ok_or_else(|| unreadable(&format!("the column {column} of a row")))
}

/// A row of one of the drivers.
pub trait Source {
    /// The value at a place; `None` when it can't be read.
    fn value<T: Stored>(&self, place: usize) -> Option<T>;

    /// How many values it has.
    fn width(&self) -> usize;
}

impl Source for PgRow {
    fn value<T: Stored>(&self, place: usize) -> Option<T> {
        postgres::read(self.try_get_raw(place).ok()?)
    }

    fn width(&self) -> usize {
        self.len()
    }
}

impl Source for SqliteRow {
    fn value<T: Stored>(&self, place: usize) -> Option<T> {
        sqlite::read_from_driver(self.try_get_raw(place).ok()?)
    }

    fn width(&self) -> usize {
        self.len()
    }
}

impl Source for rusqlite::Row<'_> {
    fn value<T: Stored>(&self, place: usize) -> Option<T> {
        T::stored(self.get_ref(place).ok()?).ok()
    }

    fn width(&self) -> usize {
        self.as_ref().column_count()
    }
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
            fn from_source(row: &impl $crate::Source) -> Result<Self, $crate::Unreadable> {
                let mut places = 0..;
                Ok(Self {
                    $($field: {
                        let place = places.next().unwrap_or_default();
                        row.value(place).ok_or_else(|| $crate::Unreadable::of(row, stringify!($field)))?
                    },)+
                })
            }
        }
    };
}
pub(crate) use row;
