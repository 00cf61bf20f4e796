//! The database: connecting, counting statements, and the shapes of reading that the floors above use.

mod connect;
pub mod dialect;
mod neighbours;
pub mod page;
pub mod score;
pub mod span;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExecResult,
    FromQueryResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

pub use connect::{connect, open_writer};
pub use neighbours::Neighbours;

/// One database, and how many statements were sent to it and rows read from it through this handle.
///
/// A request works on its own handle ([`Store::for_request`]), so the counts tell what one operation
/// cost. Reads and writes have a pool each on SQLite (many readers, one writer) and share one on
/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Arc<Pools>,
    statements: Arc<AtomicU32>,
    rows: Arc<AtomicU32>,
}

#[derive(Debug)]
struct Pools {
    read: DatabaseConnection,
    write: DatabaseConnection,
    neighbours: Neighbours,
    bell: Notify,
}

impl Store {
    #[must_use]
    pub fn for_request(&self) -> Self {
        Self { pools: self.pools.clone(), statements: Arc::default(), rows: Arc::default() }
    }

    /// Statements sent through this handle so far.
    #[must_use]
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Rows read in lists through this handle so far.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows.load(Ordering::Relaxed)
    }

    /// How the product's own tables are read.
    #[must_use]
    pub fn neighbours(&self) -> &Neighbours {
        &self.pools.neighbours
    }

    /// The pool that may write, for migrations and the demo's first data.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.pools.write
    }

    /// Opens a transaction that may write; on SQLite it takes the write lock at once, so that two
    /// writers wait for each other instead of failing half way.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.pools.write.begin_with_options(options).await
    }

    /// Commits what has events in it, and rings the bell: on every server, the event's reader wakes.
    pub async fn commit_with_events(&self, db: DatabaseTransaction) -> Result<(), DbErr> {
        dialect::ring(&db).await?;
        db.commit().await?;
        self.pools.bell.notify_one();
        Ok(())
    }

    /// Waits until there may be new events. A ring while nobody waits is kept.
    pub async fn rung(&self) {
        self.pools.bell.notified().await;
    }

    /// Rings for what other servers commit, until the connection is lost.
    pub async fn listen(&self) -> Result<(), DbErr> {
        dialect::listen(&self.pools.read, &self.pools.bell).await
    }

    /// Whether the database answers and has every migration.
    pub async fn is_ready(&self) -> bool {
        matches!(migration::is_current(&self.pools.read).await, Ok(true))
    }

    pub async fn close(&self) -> Result<(), DbErr> {
        self.pools.read.close_by_ref().await?;
        self.pools.write.close_by_ref().await
    }

    fn reading(&self) -> &DatabaseConnection {
        self.statements.fetch_add(1, Ordering::Relaxed);
        &self.pools.read
    }
}

/// The rows of a select that gives all columns of `E`.
pub async fn rows<E: EntityTrait>(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<E::Model>, DbErr> {
    db.query_all(select).await?.iter().map(|row| E::Model::from_query_result(row, "")).collect()
}

/// Reads through the store are counted.
#[async_trait::async_trait]
impl ConnectionTrait for Store {
    fn get_database_backend(&self) -> DbBackend {
        self.pools.read.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.reading().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.reading().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.reading().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.reading().query_all_raw(statement).await?;
        self.rows.fetch_add(u32::try_from(rows.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
        Ok(rows)
    }
}
