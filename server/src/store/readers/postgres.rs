//! The connections that read from PostgreSQL.
//!
//! A pool of their own, since the driver's asks each connection whether it is alive whenever it comes back:
//! a second round trip for every statement. Here a connection whose statement did not end - its client hung
//! up, or it ran out of time - is closed and never used again; and a statement that finds its connection
//! lost is sent once more, over a fresh one: reading twice harms nobody.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, Pool, PoolError, RecycleResult};
use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgRow};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, PgConnection};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;

#[derive(Debug)]
pub struct PostgresReaders(Pool<Connector>);

impl PostgresReaders {
    /// `wait`: how long a read waits for a free connection, and for a new one to be made.
    pub fn new(options: PgConnectOptions, size: usize, wait: Duration) -> Result<Self, DbErr> {
        let pool = Pool::builder(Connector(options)).max_size(size).runtime(Runtime::Tokio1);
        let pool = pool.wait_timeout(Some(wait)).create_timeout(Some(wait)).build();
        pool.map(Self).map_err(|error| DbErr::Custom(error.to_string()))
    }

    pub async fn query_all(&self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        match self.attempt(statement).await {
            Err(Attempt::Lost(_)) => {
                // Whatever broke this connection has broken those that are idle.
                self.0.retain(|_, _| false);
                self.attempt(statement).await.map_err(Attempt::into_error)
            }
            answer => answer.map_err(Attempt::into_error),
        }
    }

    async fn attempt(&self, statement: &Statement) -> Result<Vec<PgRow>, Attempt> {
        let mut lent = Lent(Some(self.0.get().await?));
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
        let rows = query.fetch_all(lent.connection()?).await;
        match rows {
            Err(error) if is_lost(&error) => Err(Attempt::Lost(error)),
            rows => {
                lent.give_back();
                rows.map_err(Attempt::Failed)
            }
        }
    }

    pub fn close(&self) {
        self.0.close();
    }
}

/// Makes connections.
#[derive(Debug)]
struct Connector(PgConnectOptions);

impl managed::Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        self.0.connect().await
    }

    async fn recycle(&self, _: &mut PgConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}

/// A connection at work. Dropped before its statement has ended, it is closed.
struct Lent(Option<Object<Connector>>);

impl Lent {
    fn connection(&mut self) -> Result<&mut PgConnection, Attempt> {
        self.0.as_deref_mut().ok_or(Attempt::Failed(sqlx::Error::PoolClosed))
    }

    fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(unfinished) = self.0.take() {
            drop(Object::take(unfinished));
        }
    }
}

/// Why a statement was not answered.
enum Attempt {
    /// The connection is of no more use.
    Lost(sqlx::Error),
    Failed(sqlx::Error),
    NoConnection(PoolError<sqlx::Error>),
}

impl From<PoolError<sqlx::Error>> for Attempt {
    fn from(error: PoolError<sqlx::Error>) -> Self {
        Self::NoConnection(error)
    }
}

impl Attempt {
    fn into_error(self) -> DbErr {
        match self {
            Self::Lost(error) | Self::Failed(error) => DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))),
            Self::NoConnection(PoolError::Backend(error)) => {
                DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
            }
            Self::NoConnection(PoolError::Timeout(_)) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            Self::NoConnection(_) => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        }
    }
}

/// Not what the database says of a statement, unless it says that it ends the session.
fn is_lost(error: &sqlx::Error) -> bool {
    match error.as_database_error() {
        Some(error) => {
            error.code().is_some_and(|code| ["57P", "08"].iter().any(|class| code.starts_with(class)))
        }
        None => !matches!(
            error,
            sqlx::Error::RowNotFound | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)
        ),
    }
}
