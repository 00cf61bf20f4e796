//! The database: connecting, counting statements, and the shapes of reading that the floors above use.

mod connect;
pub mod dialect;
pub mod goals;
mod neighbours;
pub mod page;
mod readers;
pub mod score;
pub mod span;
mod transaction;
mod wake_up;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use entity::FromPlaces;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, ExecResult, QueryResult, Statement,
};

pub use connect::{Sizes, connect, open_writer};
pub use neighbours::Neighbours;
use readers::Readers;
pub use transaction::Transaction;
use wake_up::WakeUp;

/// One database, and how many statements were sent to it and rows read from it through this handle.
///
/// A request works on its own handle ([`Store::for_request`]), so the counts tell what one operation
/// cost. Reads and writes have a pool each; that of writes on SQLite is one connection.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Arc<Pools>,
    statements: Arc<AtomicU32>,
    rows: Arc<AtomicU32>,
}

#[derive(Debug)]
struct Pools {
    read: DatabaseConnection,
    readers: Readers,
    write: DatabaseConnection,
    neighbours: Neighbours,
    wake_up: WakeUp,
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

    /// Wakes this process's reader for what other processes commit, until the connection is lost.
    pub async fn listen(&self) -> Result<(), DbErr> {
        dialect::listen(&self.pools.read, self.pools.wake_up.reader()).await
    }

    /// Whether the database answers and has every migration.
    pub async fn is_ready(&self) -> bool {
        matches!(migration::is_current(&self.pools.read).await, Ok(true))
    }

    pub async fn close(&self) -> Result<(), DbErr> {
        self.call_now().await;
        self.pools.readers.close();
        self.pools.read.close_by_ref().await?;
        self.pools.write.close_by_ref().await
    }

    /// The rows of a select that gives all columns of `E`.
    pub async fn read<E: EntityTrait<Model: FromPlaces>>(
        &self,
        select: &SelectStatement,
    ) -> Result<Vec<E::Model>, DbErr> {
        let Readers::Sqlite(readers) = &self.pools.readers else { return rows::<E>(self, select).await };
        self.count_statement();
        let rows = readers.read(DbBackend::Sqlite.build(select)).await?;
        self.count_rows(rows.len());
        Ok(rows)
    }

    fn reading(&self) -> &DatabaseConnection {
        self.count_statement();
        &self.pools.read
    }

    fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    fn count_rows(&self, rows: usize) {
        self.rows.fetch_add(u32::try_from(rows).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// The rows of a select that gives all columns of `E`.
pub async fn rows<E: EntityTrait<Model: FromPlaces>>(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<E::Model>, DbErr> {
    db.query_all(select).await?.iter().map(E::Model::from_places).collect()
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
        let db = self.reading();
        match &self.pools.readers {
            Readers::Postgres(readers) => {
                Ok(readers.query_all(&statement).await?.into_iter().next().map(Into::into))
            }
            Readers::Sqlite(_) => db.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let db = self.reading();
        let rows: Vec<QueryResult> = match &self.pools.readers {
            Readers::Postgres(readers) => {
                readers.query_all(&statement).await?.into_iter().map(Into::into).collect()
            }
            Readers::Sqlite(_) => db.query_all_raw(statement).await?,
        };
        self.count_rows(rows.len());
        Ok(rows)
    }
}
