//! How one connection to PostgreSQL is made, trusted again, and known to be lost.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgSeverity};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::timeout;

use super::session::Session;

/// A connection that has rested for so long is asked whether it is alive: a database that restarts, or a
/// network that forgets, closes those first that nobody uses.
const RESTED: Duration = Duration::from_secs(1);
/// How long it may take to say so, and to end a transaction that was given up.
pub const ANSWER: Duration = Duration::from_secs(2);
/// How long it may take to make a connection, and to begin on it. Both can be done twice within an operation.
pub const BEGINNING: Duration = Duration::from_secs(4);

/// Limits of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub size: usize,
    /// How long to wait for a connection to be free.
    pub wait: Duration,
    /// A connection is closed at this age.
    pub lifetime: Duration,
    /// A connection is closed when nobody has used it for so long.
    pub idle: Duration,
}

/// Makes connections.
#[derive(Debug)]
pub struct Connector {
    pub options: PgConnectOptions,
    session: Session,
    limits: Limits,
    /// When a connection was found lost for the last time.
    lost_at: Mutex<Option<Instant>>,
}

impl Connector {
    pub fn new(options: PgConnectOptions, session: Session, limits: Limits) -> Self {
        Self { options, session, limits, lost_at: Mutex::default() }
    }

    /// Whatever broke one connection has broken those that were idle then. To ask each of them would take too long
    /// when they went silent.
    pub fn distrust_others(&self) {
        *self.lost_at() = Some(Instant::now());
    }

    fn lost_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.lost_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl managed::Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        let Some(settings) = self.session.on_connecting() else { return Ok(connection) };
        connection.execute(AssertSqlSafe(settings)).await?;
        // The database looks once a second whether the client of a long statement is still there; one that
        // is too old for the setting does without.
        let _ = connection.execute("SET client_connection_check_interval = 1000").await;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() > self.limits.lifetime || metrics.last_used() > self.limits.idle {
            return Err(RecycleError::message("old"));
        }
        let last_used = metrics.recycled.unwrap_or(metrics.created);
        if self.lost_at().is_some_and(|lost| last_used < lost) {
            return Err(RecycleError::message("as old as one that was lost"));
        }
        if metrics.last_used() < RESTED {
            return Ok(());
        }
        let alive = timeout(ANSWER, connection.ping()).await.unwrap_or(Err(silent()));
        alive.inspect_err(|_| self.distrust_others()).map_err(RecycleError::Backend)
    }
}

pub fn silent() -> sqlx::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer").into()
}

/// Not what the database says of a statement, unless it says that this ends the session, or that the session's
/// prepared statements do not fit the tables any more.
pub fn breaks_connection(error: &sqlx::Error) -> bool {
    match error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) {
        Some(error) => {
            matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                || ["57P", "08"].iter().any(|class| error.code().starts_with(class))
                || error.code() == "0A000" && error.message().contains("cached plan")
        }
        None => !matches!(
            error,
            sqlx::Error::RowNotFound | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)
        ),
    }
}
