//! The connections that read: pools of our own, since the driver's cost more than many a statement.

mod postgres;
mod sqlite;

pub use postgres::PostgresReaders;
pub use sqlite::SqliteReaders;

#[derive(Debug)]
pub enum Readers {
    Postgres(PostgresReaders),
    Sqlite(SqliteReaders),
}

impl Readers {
    pub fn close(&self) {
        match self {
            Self::Postgres(readers) => readers.close(),
            Self::Sqlite(readers) => readers.close(),
        }
    }
}
