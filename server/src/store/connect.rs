use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};

use tokio::time::{Instant, sleep};

use super::dialect::is_busy;
use super::readers::{PostgresReaders, Readers, SqliteReaders};
use super::{Neighbours, Pools, Store, WakeUp};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How many connections are kept, and how long a statement may take.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// To PostgreSQL, half of them for reading.
    pub connections: u32,
    /// To a SQLite file, for reading; one more writes.
    pub readers: u32,
    /// How long a statement may run on PostgreSQL, and how long a writer waits for another on SQLite.
    pub statement: Duration,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { connections: 20, readers: 4, statement: Duration::from_secs(10) }
    }
}

/// Connects to a `sqlite:` or `postgres:` address whose tables are there already.
pub async fn connect(url: &str, sizes: Sizes) -> Result<Store, DbErr> {
    let write = open(url, sizes).await?;
    let read = match write.get_database_backend() {
        DbBackend::Sqlite => Database::connect(sqlite(url, sizes.readers, sizes)).await?,
        _ => write.clone(),
    };
    let readers = readers(&write, sizes)?;
    let neighbours = Neighbours::discover(&read).await?;
    let pools = Arc::new(Pools { read, readers, write, neighbours, wake_up: WakeUp::default() });
    Ok(Store { pools, statements: Arc::default(), rows: Arc::default() })
}

/// The one pool that may write; a SQLite file is created when it is not there.
pub async fn open_writer(url: &str) -> Result<DatabaseConnection, DbErr> {
    open(url, Sizes::default()).await
}

async fn open(url: &str, sizes: Sizes) -> Result<DatabaseConnection, DbErr> {
    if url.starts_with("sqlite:") {
        open_file(url, sizes).await
    } else {
        Database::connect(postgres(url, sizes)).await
    }
}

/// The switch to WAL needs the file to itself and, unlike every later statement, does not wait for others
/// that are opening it: so it is tried again.
async fn open_file(url: &str, sizes: Sizes) -> Result<DatabaseConnection, DbErr> {
    let deadline = Instant::now() + ACQUIRE_TIMEOUT;
    loop {
        match Database::connect(sqlite(url, 1, sizes)).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(BUSY_PAUSE).await,
            opened => return opened,
        }
    }
}

/// To the same database as the connections that write.
fn readers(write: &DatabaseConnection, sizes: Sizes) -> Result<Readers, DbErr> {
    if write.get_database_backend() == DbBackend::Sqlite {
        let options = write.get_sqlite_connection_pool().connect_options();
        let (file, number) = (options.get_filename().to_path_buf(), sizes.readers as usize);
        return SqliteReaders::new(file, number, sizes.statement).map(Readers::Sqlite);
    }
    let options = Arc::unwrap_or_clone(write.get_postgres_connection_pool().connect_options());
    let number = (sizes.connections / 2).max(1) as usize;
    PostgresReaders::new(options, number, ACQUIRE_TIMEOUT).map(Readers::Postgres)
}

/// Statements are planned once a connection: a read by `= ANY($1)` takes PostgreSQL longer to plan than to run,
/// and its values, ids all, would change nothing about the plan.
fn postgres(url: &str, sizes: Sizes) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    quiet(&mut options).max_connections((sizes.connections / 2).max(1)).statement_timeout(sizes.statement);
    options.set_application_name("waymark");
    options.map_sqlx_postgres_opts(|postgres| postgres.options([("plan_cache_mode", "force_generic_plan")]));
    options
}

fn sqlite(url: &str, connections: u32, sizes: Sizes) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    quiet(&mut options).max_connections(connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A committed entry must survive a power cut, so every commit is flushed.
            .synchronous(SqliteSynchronous::Full)
            // In KiB: what one operation reads comes out of memory the next time.
            .pragma("cache_size", "-8192")
            // A page of rows is handed over without waiting for whoever takes them, row by row.
            .row_buffer_size(1024)
            .busy_timeout(sizes.statement)
    });
    options
}

/// Statements are never logged: their values are patient data. No ping before each use: it would cost
/// a round trip a statement.
fn quiet(options: &mut ConnectOptions) -> &mut ConnectOptions {
    options.sqlx_logging(false).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false)
}
