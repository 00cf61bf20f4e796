//! Connections to PostgreSQL: the one place that knows how a connection dies.
//!
//! A pool of our own, since the driver's asks each connection whether it is alive whenever it comes back: a
//! second round trip for every statement. And it takes back connections whose statement or transaction was
//! given up half way. Here
//!
//! - a connection that was given up during a statement - the client hung up, or time ran out - is closed;
//! - one that was given up inside a transaction is rolled back before anybody else gets it, or closed;
//! - one that has rested is asked whether it is alive before it is used, and an old one is closed;
//! - nothing waits for the database without a limit;
//! - a read that finds its connection lost is sent once more over another: reading twice harms nobody. A
//!   write is not, for it may have happened.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgQueryResult, PgRow};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::time::timeout;

/// A connection that has rested for so long is asked whether it is alive: a database that restarts, or a
/// network that forgets, closes those first that nobody uses.
const RESTED: Duration = Duration::from_secs(1);
/// How long it may take to say so, and to end a transaction that was given up.
const ANSWER: Duration = Duration::from_secs(2);
/// The database ends a statement at its limit. When it does not even say that, the connection is dead.
const AFTER_LIMIT: Duration = Duration::from_secs(1);

/// Limits of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub size: usize,
    /// How long a statement may take.
    pub statement: Duration,
    /// How long to wait for a connection: for a free one, or a new one to be made.
    pub wait: Duration,
    /// A connection is closed at this age.
    pub lifetime: Duration,
}

#[derive(Debug)]
pub struct PostgresPool {
    connections: Pool<Connector>,
    limits: Limits,
}

impl PostgresPool {
    pub fn new(options: PgConnectOptions, limits: Limits) -> Result<Self, DbErr> {
        let connector = Connector { options, lifetime: limits.lifetime };
        let pool = Pool::builder(connector).max_size(limits.size).runtime(Runtime::Tokio1);
        let pool = pool.wait_timeout(Some(limits.wait)).create_timeout(Some(limits.wait)).build();
        let connections = pool.map_err(|error| DbErr::Custom(error.to_string()))?;
        Ok(Self { connections, limits })
    }

    /// The rows of a select, by another connection when the first one is lost.
    pub async fn query_all(&self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        match self.attempt(statement).await {
            Err(error) if is_lost(&error) => {
                // Whatever broke this connection has broken those that are idle.
                self.connections.retain(|_, _| false);
                self.attempt(statement).await
            }
            answer => answer,
        }
    }

    async fn attempt(&self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        self.lend().await?.query_all(statement).await
    }

    /// A connection inside a transaction that has begun.
    pub async fn begin(&self) -> Result<Lent, DbErr> {
        let mut lent = self.lend().await?;
        lent.in_transaction = true;
        lent.execute_text("BEGIN").await?;
        Ok(lent)
    }

    async fn lend(&self) -> Result<Lent, DbErr> {
        let connection = Some(self.connections.get().await.map_err(no_connection)?);
        let limit = self.limits.statement + AFTER_LIMIT;
        Ok(Lent { connection, limit, in_statement: false, in_transaction: false })
    }

    pub fn close(&self) {
        self.connections.close();
    }
}

/// Makes connections.
#[derive(Debug)]
struct Connector {
    options: PgConnectOptions,
    lifetime: Duration,
}

impl managed::Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        // The database looks once a second whether the client of a long statement is still there; one that
        // is too old for the setting does without.
        let _ = connection.execute("SET client_connection_check_interval = 1000").await;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() > self.lifetime {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() < RESTED {
            return Ok(());
        }
        match timeout(ANSWER, connection.ping()).await {
            Ok(alive) => alive.map_err(RecycleError::Backend),
            Err(_) => Err(RecycleError::message("silent")),
        }
    }
}

/// A connection at work.
pub struct Lent {
    /// Absent only while it is dropped.
    connection: Option<Object<Connector>>,
    /// For one statement.
    limit: Duration,
    in_statement: bool,
    in_transaction: bool,
}

impl Lent {
    pub async fn query_all(&mut self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        self.run(async |connection| query(statement).fetch_all(connection).await).await.map_err(query_error)
    }

    pub async fn execute(&mut self, statement: &Statement) -> Result<PgQueryResult, DbErr> {
        self.run(async |connection| query(statement).execute(connection).await).await.map_err(execution_error)
    }

    /// Without values, by the simple protocol.
    pub async fn execute_text(&mut self, sql: &str) -> Result<PgQueryResult, DbErr> {
        let sql = AssertSqlSafe(sql);
        self.run(async |connection| connection.execute(sql).await).await.map_err(execution_error)
    }

    pub async fn commit(&mut self) -> Result<(), DbErr> {
        self.execute_text("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// A statement that is given up, or leaves its connection broken, leaves `in_statement` set.
    async fn run<T>(
        &mut self,
        send: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let connection = self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        if self.in_statement {
            return Err(sqlx::Error::PoolClosed);
        }
        self.in_statement = true;
        let answer = timeout(self.limit, send(connection)).await.unwrap_or(Err(silent()));
        self.in_statement = answer.as_ref().is_err_and(breaks_connection);
        answer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.in_statement {
            drop(Object::take(connection));
        } else if self.in_transaction {
            roll_back(connection);
        }
    }
}

/// Gives the connection back when its transaction has ended.
fn roll_back(mut connection: Object<Connector>) {
    // Without a runtime the process is ending.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return drop(Object::take(connection)) };
    runtime.spawn(async move {
        if !matches!(timeout(ANSWER, connection.execute("ROLLBACK")).await, Ok(Ok(_))) {
            drop(Object::take(connection));
        }
    });
}

fn query(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

fn silent() -> sqlx::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer").into()
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn execution_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

fn no_connection(error: PoolError<sqlx::Error>) -> DbErr {
    match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
        PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
    }
}

fn is_lost(error: &DbErr) -> bool {
    matches!(error, DbErr::Query(RuntimeErr::SqlxError(error)) if breaks_connection(error))
}

/// Not what the database says of a statement, unless it says that it ends the session, or that the session's
/// prepared statements do not fit the tables any more.
fn breaks_connection(error: &sqlx::Error) -> bool {
    match error.as_database_error() {
        Some(error) => error.code().is_some_and(|code| {
            ["57P", "08"].iter().any(|class| code.starts_with(class))
                || code == "0A000" && error.message().contains("cached plan")
        }),
        None => !matches!(
            error,
            sqlx::Error::RowNotFound | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)
        ),
    }
}
