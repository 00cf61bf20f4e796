//! The connections that read from a SQLite file.
//!
//! The driver hands over row by row from its thread to the one that waits, which takes longer than finding
//! and reading the row. Here a statement is run to its end on a thread that may block, and its rows become
//! models there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Pool, PoolError, RecycleResult};
use entity::FromPlaces;
use rusqlite::{Connection, InterruptHandle, OpenFlags, params_from_iter};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, Statement};
use tokio::task::spawn_blocking;

use super::bound::Bound;
use super::found::Found;
use super::read_only::Reach;

/// Statements that each connection keeps prepared.
const PREPARED: usize = 100;

/// So much of the file is read in place, in bytes: out of the system's memory of files, which all connections
/// share. The rest is copied into a cache of each connection.
const MAPPED: i64 = 1 << 30;

#[derive(Debug)]
pub struct SqliteReaders(Pool<Connector>);

impl SqliteReaders {
    /// `wait`: how long a read waits for a free connection, and for another program that locks the file.
    pub fn new((file, reach): (PathBuf, Reach), size: usize, wait: Duration) -> Result<Self, DbErr> {
        let pool = Pool::builder(Connector { file, reach, wait }).max_size(size).runtime(Runtime::Tokio1);
        pool.wait_timeout(Some(wait)).build().map(Self).map_err(|error| DbErr::Custom(error.to_string()))
    }

    /// The rows of a select that gives all columns of `M`. Given up, its statement is interrupted.
    pub async fn read<M: FromPlaces + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<Found<M>, DbErr> {
        let connection = self.0.get().await.map_err(no_connection)?;
        let handle = connection.get_interrupt_handle();
        // The connection comes back with the answer, so that no other statement is interrupted in its place.
        let mut reading = spawn_blocking(move || (models(&connection, statement), connection));
        let mut unfinished = Unfinished(Some(handle));
        let answer = (&mut reading).await;
        unfinished.0 = None;
        answer.map_err(|error| DbErr::Custom(error.to_string()))?.0
    }

    pub fn close(&self) {
        self.0.close();
    }
}

fn models<M: FromPlaces>(connection: &Connection, statement: Statement) -> Result<Found<M>, DbErr> {
    let values = statement.values.map(|values| values.0).unwrap_or_default();
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(|error| failed(&error))?;
    let mut rows =
        prepared.query(params_from_iter(values.into_iter().map(Bound))).map_err(|error| failed(&error))?;
    let mut models = Found::default();
    while let Some(row) = rows.next().map_err(|error| failed(&error))? {
        models.add(M::from_sqlite(row));
    }
    Ok(models)
}

fn failed(error: &rusqlite::Error) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(error.to_string()))
}

fn no_connection(error: PoolError<rusqlite::Error>) -> DbErr {
    match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::Internal(error.to_string())),
        PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
    }
}

/// A statement under way: interrupted when nobody waits for it any more.
struct Unfinished(Option<InterruptHandle>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(statement) = &self.0 {
            statement.interrupt();
        }
    }
}

/// The address of a file that nobody changes.
fn immutable(file: &Path) -> String {
    let escaped = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{escaped}?immutable=1")
}

/// Opens connections.
#[derive(Debug)]
struct Connector {
    file: PathBuf,
    reach: Reach,
    wait: Duration,
}

impl managed::Manager for Connector {
    type Type = Connection;
    type Error = rusqlite::Error;

    async fn create(&self) -> Result<Connection, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self.reach {
            Reach::Immutable => {
                Connection::open_with_flags(immutable(&self.file), flags | OpenFlags::SQLITE_OPEN_URI)?
            }
            Reach::Writable | Reach::ReadOnly => Connection::open_with_flags(&self.file, flags)?,
        };
        connection.busy_timeout(self.wait)?;
        connection.pragma_update(None, "mmap_size", MAPPED)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    async fn recycle(&self, _: &mut Connection, _: &Metrics) -> RecycleResult<rusqlite::Error> {
        Ok(())
    }
}
