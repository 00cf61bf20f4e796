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
//! - a read that finds its connection lost is sent once more over another: reading twice harms nobody. So is the
//!   beginning of a transaction. What comes after it is not, for it may have happened.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Pool, PoolError, TimeoutType};
use sea_orm::sqlx;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgRow};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
};
use tokio::sync::Notify;

use super::connector::{BEGINNING, Connector, Limits, breaks_connection, silent};
use super::lent::Lent;
use super::listen::listen;
use super::session::{Pooler, Session};

/// Connections that nobody has used for too long are looked for this often, or more often.
const SWEEP: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct PostgresPool {
    connections: Pool<Connector>,
    session: Session,
}

impl PostgresPool {
    pub fn new(options: PgConnectOptions, session: Session, limits: Limits) -> Result<Self, DbErr> {
        let connector = Connector::new(options, session, limits);
        let pool = Pool::builder(connector).max_size(limits.size).runtime(Runtime::Tokio1);
        let pool = pool.wait_timeout(Some(limits.wait)).create_timeout(Some(BEGINNING)).build();
        let connections = pool.map_err(|error| DbErr::Custom(error.to_string()))?;
        tokio::spawn(close_idle(connections.clone(), limits.idle));
        Ok(Self { connections, session })
    }

    /// The rows of a select, by another connection when the first one is lost.
    pub async fn query_all(&self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        match self.attempt(statement).await {
            Err(error) if is_lost(&error) => {
                self.connections.manager().distrust_others();
                self.attempt(statement).await
            }
            answer => answer,
        }
    }

    async fn attempt(&self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        let mut lent = self.for_one_statement().await?;
        let rows = lent.query_all(statement).await?;
        lent.end().await?;
        Ok(rows)
    }

    /// A connection inside a transaction that has begun, another one when the first one is lost.
    pub async fn begin(&self) -> Result<Lent, DbErr> {
        match self.attempt_to_begin().await {
            Err(error) if is_lost(&error) => {
                self.connections.manager().distrust_others();
                self.attempt_to_begin().await
            }
            begun => begun,
        }
    }

    async fn attempt_to_begin(&self) -> Result<Lent, DbErr> {
        let mut lent = self.lend().await?;
        lent.begin().await?;
        Ok(lent)
    }

    /// Behind a pooler even one statement needs a transaction, since it is prepared by one message and run by
    /// another.
    async fn for_one_statement(&self) -> Result<Lent, DbErr> {
        match self.session.pooler {
            Pooler::Session => self.lend().await,
            Pooler::Transaction => self.begin().await,
        }
    }

    async fn lend(&self) -> Result<Lent, DbErr> {
        Ok(Lent::new(self.connections.get().await.map_err(no_connection)?, self.session))
    }

    /// Whether [`listen`](Self::listen) ever hears anything.
    pub fn can_listen(&self) -> bool {
        self.session.pooler == Pooler::Session
    }

    /// Wakes the reader whenever another process notifies; ends when the connection is lost.
    pub async fn listen(&self, reader: &Notify) -> Result<(), DbErr> {
        if !self.can_listen() {
            return std::future::pending().await;
        }
        listen(&self.connections.manager().options, reader).await
    }

    pub fn close(&self) {
        self.connections.close();
    }
}

/// For what is no part of an operation. Nothing is sent twice.
#[async_trait::async_trait]
impl ConnectionTrait for PostgresPool {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lent = self.for_one_statement().await?;
        let done = lent.execute(&statement).await?;
        lent.end().await?;
        Ok(done.into())
    }

    /// One message is one transaction.
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        Ok(self.lend().await?.execute_text(sql).await?.into())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.attempt(&statement).await?.into_iter().next().map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.attempt(&statement).await?.into_iter().map(Into::into).collect())
    }
}

/// Closes what nobody has used for so long, until the pool is closed.
async fn close_idle(connections: Pool<Connector>, idle: Duration) {
    while !connections.is_closed() {
        tokio::time::sleep(idle.min(SWEEP)).await;
        connections.retain(|_, metrics| metrics.last_used() < idle);
    }
}

fn no_connection(error: PoolError<sqlx::Error>) -> DbErr {
    match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
        PoolError::Timeout(TimeoutType::Create) => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(silent()))),
        PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
    }
}

/// Whether the connection is lost, or could not be made.
fn is_lost(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error)) => breaks_connection(error),
        _ => false,
    }
}
