//! The database: connecting, counting statements, and the shapes of reading that the floors above use.

mod address;
mod bound;
mod connect;
mod connector;
pub mod dialect;
mod found;
pub mod goals;
mod lent;
mod listen;
mod neighbours;
pub mod page;
mod postgres;
mod read_only;
mod saved;
pub mod score;
mod session;
pub mod span;
mod sqlite;
mod transaction;
mod wake_up;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use entity::FromPlaces;
use sea_orm::sea_query::SelectStatement;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, ExecResult, QueryResult, Statement,
};

pub use address::{Address, WrongAddress};
pub use connect::{Sizes, connect, ground, open_existing, open_writer};
pub use found::{Found, one, rows};
pub use neighbours::Neighbours;
use postgres::PostgresPool;
pub use saved::{Inserted, Saved, Updated, read};
use sqlite::SqliteReaders;
use tokio::time::timeout;
pub use transaction::Transaction;
use wake_up::WakeUp;

/// Whoever asks whether the server is ready waits no longer.
const LONGEST_CHECK: Duration = Duration::from_secs(5);

/// One database, and how many statements were sent to it and rows read from it through this handle.
///
/// A request works on its own handle ([`Store::for_request`]), so the counts tell what one operation
/// cost. Reads and writes have a pool each.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Arc<Pools>,
    statements: Arc<AtomicU32>,
    rows: Arc<AtomicU32>,
}

#[derive(Debug)]
struct Pools {
    requests: Requests,
    /// The driver's, for migrations. On SQLite it is the one connection that writes.
    own: DatabaseConnection,
    neighbours: Neighbours,
    wake_up: WakeUp,
}

/// The connections that requests wait for.
#[derive(Debug)]
enum Requests {
    Postgres {
        read: PostgresPool,
        write: PostgresPool,
        /// Tells other processes of events: one connection, so that no request is waited for.
        calls: PostgresPool,
    },
    Sqlite {
        lists: SqliteReaders,
        /// Reads what is no list of models.
        others: DatabaseConnection,
    },
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

    /// For migrations, and the demo's first data.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.pools.own
    }

    /// Wakes this process's reader for what other processes commit, until the connection is lost. On SQLite
    /// there is nothing to hear, for ever.
    pub async fn listen(&self) -> Result<(), DbErr> {
        match &self.pools.requests {
            Requests::Postgres { calls, .. } => calls.listen(self.pools.wake_up.reader()).await,
            Requests::Sqlite { .. } => std::future::pending().await,
        }
    }

    /// Whether other processes commit what this one does not hear of.
    pub fn is_deaf(&self) -> bool {
        matches!(&self.pools.requests, Requests::Postgres { calls, .. } if !calls.can_listen())
    }

    /// Whether the database answers, by the connections that requests wait for, and has every migration.
    pub async fn is_ready(&self) -> bool {
        matches!(timeout(LONGEST_CHECK, migration::is_current(self)).await, Ok(Ok(true)))
    }

    pub async fn close(&self) -> Result<(), DbErr> {
        self.call_now().await;
        match &self.pools.requests {
            Requests::Postgres { read, write, calls } => {
                [read, write, calls].into_iter().for_each(PostgresPool::close);
            }
            Requests::Sqlite { lists, others } => {
                lists.close();
                others.close_by_ref().await?;
            }
        }
        self.pools.own.close_by_ref().await
    }

    /// The rows of a select that gives all columns of `E`, and those of them that can't be read.
    pub async fn find<E: EntityTrait<Model: FromPlaces>>(
        &self,
        select: &SelectStatement,
    ) -> Result<Found<E::Model>, DbErr> {
        let Requests::Sqlite { lists, .. } = &self.pools.requests else {
            return found::found::<E>(self, select).await;
        };
        self.count_statement();
        let found = lists.read(DbBackend::Sqlite.build(select)).await?;
        self.count_rows(found.rows.len());
        Ok(found)
    }

    /// The same, where a row that can't be read is an error.
    pub async fn read<E: EntityTrait<Model: FromPlaces>>(
        &self,
        select: &SelectStatement,
    ) -> Result<Vec<E::Model>, DbErr> {
        self.find::<E>(select).await?.whole::<E>()
    }

    fn count_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    fn count_rows(&self, rows: usize) {
        self.rows.fetch_add(u32::try_from(rows).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// A text that the database has no characters for stands in no row.
async fn rows_of(read: &PostgresPool, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
    match read.query_all(statement).await {
        Err(error) if dialect::is_untranslatable(&error) => Ok(Vec::new()),
        rows => rows,
    }
}

/// What goes through the store is counted.
#[async_trait::async_trait]
impl ConnectionTrait for Store {
    fn get_database_backend(&self) -> DbBackend {
        self.pools.own.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count_statement();
        match &self.pools.requests {
            Requests::Postgres { write, .. } => write.execute_raw(statement).await,
            Requests::Sqlite { .. } => self.pools.own.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count_statement();
        match &self.pools.requests {
            Requests::Postgres { write, .. } => write.execute_unprepared(sql).await,
            Requests::Sqlite { .. } => self.pools.own.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count_statement();
        match &self.pools.requests {
            Requests::Postgres { read, .. } => {
                Ok(rows_of(read, &statement).await?.into_iter().next().map(Into::into))
            }
            Requests::Sqlite { others, .. } => others.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count_statement();
        let rows: Vec<QueryResult> = match &self.pools.requests {
            Requests::Postgres { read, .. } => {
                rows_of(read, &statement).await?.into_iter().map(Into::into).collect()
            }
            Requests::Sqlite { others, .. } => others.query_all_raw(statement).await?,
        };
        self.count_rows(rows.len());
        Ok(rows)
    }
}
