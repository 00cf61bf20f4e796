use std::sync::Arc;
use std::time::Duration;

use migration::Ground;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Database, Executor, PgConnection};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector};
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::connector::Limits;
use super::dialect::is_busy;
use super::postgres::PostgresPool;
use super::read_only::Reach;
use super::session::{Pooler, Session};
use super::sqlite::SqliteReaders;
use super::{Neighbours, Pools, Requests, Store, WakeUp};

/// How long to wait for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// For what the server does by itself: hearing of events, and telling of them.
const OWN_CONNECTIONS: u32 = 2;

/// How many connections are kept, and how long a statement may take.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// To PostgreSQL, half of them for reading.
    pub connections: u32,
    /// To a SQLite file, for reading; one more writes.
    pub readers: u32,
    /// How long a statement may run on PostgreSQL, and how long a writer waits for another on SQLite.
    pub statement: Duration,
    /// A connection to PostgreSQL is closed at this age.
    pub lifetime: Duration,
    /// A connection to PostgreSQL is closed when nobody has used it for so long.
    pub idle: Duration,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            connections: 20,
            readers: 4,
            statement: Duration::from_secs(10),
            lifetime: Duration::from_mins(30),
            idle: Duration::from_mins(10),
        }
    }
}

/// Connects to a `sqlite:` or `postgres:` address whose tables are there already.
pub async fn connect(url: &str, sizes: Sizes) -> Result<Store, DbErr> {
    let (own, requests) = match address(url)? {
        Address::Postgres(options, pooler) => {
            let (options, session) = (postgres(*options), session(pooler, sizes));
            (open_postgres(&options, session).await?, requests_to_postgres(&options, session, sizes)?)
        }
        Address::Sqlite(options) => {
            let options = existing(*options)?;
            let reach = Reach::of(&options).await;
            let options = sqlite(options, sizes, reach);
            let own = open_file(&options, 1).await?;
            let others = open_file(&options, sizes.readers).await?;
            let file = options.get_filename().to_path_buf();
            let lists = SqliteReaders::new((file, reach), sizes.readers as usize, sizes.statement)?;
            (own, Requests::Sqlite { lists, others })
        }
    };
    let neighbours = match &requests {
        Requests::Postgres { read, .. } => Neighbours::discover(read).await?,
        Requests::Sqlite { others, .. } => Neighbours::discover(others).await?,
    };
    let pools = Pools { requests, own, neighbours, wake_up: WakeUp::default() };
    Ok(Store { pools: pools.into(), statements: Arc::default(), rows: Arc::default() })
}

/// The connections that may write; a SQLite file is made when it is not there.
pub async fn open_writer(url: &str) -> Result<DatabaseConnection, DbErr> {
    open(url, |options| Ok(options.create_if_missing(true))).await
}

/// How migrations go about such a connection.
pub fn ground<'a>(url: &str, db: &'a DatabaseConnection) -> Ground<'a> {
    match address(url) {
        Ok(Address::Postgres(_, Pooler::Transaction)) => Ground::pooled(db),
        _ => db.into(),
    }
}

/// As [`open_writer`], of a database that is there.
pub async fn open_existing(url: &str) -> Result<DatabaseConnection, DbErr> {
    open(url, existing).await
}

async fn open(
    url: &str,
    file: impl FnOnce(SqliteConnectOptions) -> Result<SqliteConnectOptions, DbErr>,
) -> Result<DatabaseConnection, DbErr> {
    let sizes = Sizes::default();
    match address(url)? {
        Address::Postgres(options, pooler) => {
            let (options, session) = (postgres(*options), session(pooler, sizes));
            // Migrations forget what others have prepared in a session of a pooler, so nothing must be kept.
            let options =
                if session.keeps_prepared() { options } else { options.statement_cache_capacity(0) };
            open_postgres(&options, session).await
        }
        Address::Sqlite(options) => {
            let options = file(*options)?;
            let reach = Reach::of(&options).await;
            open_file(&sqlite(options, sizes, reach), 1).await
        }
    }
}

fn address(url: &str) -> Result<Address, DbErr> {
    url.parse().map_err(|error: super::WrongAddress| DbErr::Custom(error.to_string()))
}

/// A mistyped path must not become an empty database.
fn existing(options: SqliteConnectOptions) -> Result<SqliteConnectOptions, DbErr> {
    let file = options.get_filename();
    if file.exists() || file.as_os_str() == ":memory:" {
        return Ok(options);
    }
    let message = format!("there is no file {}. `waymark migrate up` makes one.", file.display());
    Err(DbErr::Custom(message))
}

/// Says at once what keeps a connection from being made; the pool would try until time is up.
async fn open_postgres(options: &PgConnectOptions, session: Session) -> Result<DatabaseConnection, DbErr> {
    let silent = || sqlx::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let first = timeout(LONGEST_WAIT, options.connect()).await.unwrap_or_else(|_| Err(silent()));
    first.map_err(connection_error)?.close().await.map_err(connection_error)?;
    let pool = pool(OWN_CONNECTIONS).test_before_acquire(true).after_connect(
        move |connection: &mut PgConnection, _| {
            let settings = session.on_connecting().unwrap_or_default();
            Box::pin(async move { connection.execute(AssertSqlSafe(settings)).await.map(|_| ()) })
        },
    );
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with(options.clone())))
}

fn session(pooler: Pooler, sizes: Sizes) -> Session {
    Session { pooler, statement: sizes.statement }
}

fn requests_to_postgres(
    options: &PgConnectOptions,
    session: Session,
    sizes: Sizes,
) -> Result<Requests, DbErr> {
    let Sizes { connections, lifetime, idle, .. } = sizes;
    let for_reading = (connections / 2).max(1);
    let for_writing = connections.saturating_sub(for_reading + OWN_CONNECTIONS).max(1);
    let pool = |size: u32| {
        let limits = Limits { size: size as usize, wait: LONGEST_WAIT, lifetime, idle };
        PostgresPool::new(options.clone(), session, limits)
    };
    Ok(Requests::Postgres { read: pool(for_reading)?, write: pool(for_writing)?, calls: pool(1)? })
}

/// The switch to WAL needs the file to itself and, unlike every later statement, does not wait for others
/// that are opening it: so it is tried again.
async fn open_file(options: &SqliteConnectOptions, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let deadline = Instant::now() + LONGEST_WAIT;
    loop {
        let pool = pool(connections).test_before_acquire(false);
        match pool.connect_with(options.clone()).await.map_err(connection_error) {
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(BUSY_PAUSE).await,
            opened => return opened.map(SqlxSqliteConnector::from_sqlx_sqlite_pool),
        }
    }
}

fn pool<D: Database>(connections: u32) -> PoolOptions<D> {
    PoolOptions::new().max_connections(connections).acquire_timeout(LONGEST_WAIT)
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// Statements are never logged: their values are patient data. Poolers refuse the parameter about digits that
/// the driver sends, and it says nothing about rows that come in binary.
fn postgres(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("waymark").extra_float_digits(None).disable_statement_logging()
}

fn sqlite(options: SqliteConnectOptions, sizes: Sizes, reach: Reach) -> SqliteConnectOptions {
    let options = match reach {
        Reach::Writable => options.journal_mode(SqliteJournalMode::Wal),
        Reach::ReadOnly | Reach::Immutable => reach.reading(options),
    };
    options
        .foreign_keys(true)
        // A committed entry must survive a power cut, so every commit is flushed.
        .synchronous(SqliteSynchronous::Full)
        // A page of rows is handed over without waiting for whoever takes them, row by row.
        .row_buffer_size(1024)
        .busy_timeout(sizes.statement)
        .disable_statement_logging()
}
