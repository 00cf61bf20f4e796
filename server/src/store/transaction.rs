//! A transaction whose statements are counted with those of its request, `BEGIN` and `COMMIT` included.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

use super::Store;

/// Dropped without [`commit`](Self::commit), nothing of it has happened.
#[derive(Debug)]
pub struct Transaction {
    db: DatabaseTransaction,
    store: Store,
}

impl Store {
    /// Opens a transaction that may write; on SQLite it takes the write lock at once, so that two
    /// writers wait for each other instead of failing half way.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.count_statement();
        let db = self.writer().begin_with_options(options).await?;
        Ok(Transaction { db, store: self.clone() })
    }
}

impl Transaction {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.store.count_statement();
        self.db.commit().await
    }

    /// Commits what has events in it. Only then are their readers woken: outside of the transaction, so
    /// that no commit waits for another.
    pub async fn commit_with_events(self) -> Result<(), DbErr> {
        let store = self.store.clone();
        self.commit().await?;
        store.wake_readers();
        Ok(())
    }

    fn counted(&self) -> &DatabaseTransaction {
        self.store.count_statement();
        &self.db
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.counted().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.counted().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.counted().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.counted().query_all_raw(statement).await?;
        self.store.count_rows(rows.len());
        Ok(rows)
    }
}
