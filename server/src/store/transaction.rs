//! A transaction whose statements are counted with those of its request, `BEGIN` and `COMMIT` included.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

use tokio::sync::Mutex;

use super::lent::Lent;
use super::{Requests, Store};

/// Dropped without [`commit`](Self::commit), nothing of it has happened.
pub struct Transaction {
    connection: Connection,
    store: Store,
}

enum Connection {
    Postgres(Mutex<Lent>),
    Sqlite(DatabaseTransaction),
}

impl Store {
    /// Opens a transaction that may write; on SQLite it takes the write lock at once, so that two
    /// writers wait for each other instead of failing half way.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        self.count_statement();
        let connection = match &self.pools.requests {
            Requests::Postgres { write, .. } => Connection::Postgres(Mutex::new(write.begin().await?)),
            Requests::Sqlite { .. } => Connection::Sqlite(self.begin_on_sqlite().await?),
        };
        Ok(Transaction { connection, store: self.clone() })
    }

    async fn begin_on_sqlite(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer().begin_with_options(options).await
    }
}

impl Transaction {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.store.count_statement();
        match self.connection {
            Connection::Postgres(lent) => lent.into_inner().commit().await,
            Connection::Sqlite(db) => db.commit().await,
        }
    }

    /// Commits what has events in it. Only then are their readers woken: outside of the transaction, so
    /// that no commit waits for another.
    pub async fn commit_with_events(self) -> Result<(), DbErr> {
        let store = self.store.clone();
        self.commit().await?;
        store.wake_readers();
        Ok(())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.store.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.store.count_statement();
        match &self.connection {
            Connection::Postgres(lent) => Ok(lent.lock().await.execute(&statement).await?.into()),
            Connection::Sqlite(db) => db.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.store.count_statement();
        match &self.connection {
            Connection::Postgres(lent) => Ok(lent.lock().await.execute_text(sql).await?.into()),
            Connection::Sqlite(db) => db.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.store.count_statement();
        match &self.connection {
            Connection::Postgres(lent) => {
                Ok(lent.lock().await.query_all(&statement).await?.into_iter().next().map(Into::into))
            }
            Connection::Sqlite(db) => db.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.store.count_statement();
        let rows: Vec<QueryResult> = match &self.connection {
            Connection::Postgres(lent) => {
                lent.lock().await.query_all(&statement).await?.into_iter().map(Into::into).collect()
            }
            Connection::Sqlite(db) => db.query_all_raw(statement).await?,
        };
        self.store.count_rows(rows.len());
        Ok(rows)
    }
}
