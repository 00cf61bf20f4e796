//! A connection to PostgreSQL at work.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::Object;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::{PgQueryResult, PgRow};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection, Postgres};
use sea_orm::{DbErr, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::time::timeout;

use super::connector::{ANSWER, BEGINNING, Connector, breaks_connection, silent};
use super::session::{Pooler, Session};

/// The database ends a statement at its limit. When it does not even say that, the connection is dead.
const AFTER_LIMIT: Duration = Duration::from_secs(1);

pub struct Lent {
    /// Absent only while it is dropped.
    connection: Option<Object<Connector>>,
    session: Session,
    in_statement: bool,
    in_transaction: bool,
}

impl Lent {
    pub fn new(connection: Object<Connector>, session: Session) -> Self {
        Self { connection: Some(connection), session, in_statement: false, in_transaction: false }
    }

    pub async fn begin(&mut self) -> Result<(), DbErr> {
        self.in_transaction = true;
        let limit = match self.session.pooler {
            Pooler::Session => BEGINNING.min(self.limit()),
            // It may have to wait for a session first.
            Pooler::Transaction => self.limit(),
        };
        let sql = AssertSqlSafe(self.session.begin());
        let begun = self.run_within(limit, async |connection| connection.execute(sql).await).await;
        begun.map(|_| ()).map_err(execution_error)
    }

    pub async fn query_all(&mut self, statement: &Statement) -> Result<Vec<PgRow>, DbErr> {
        let query = self.query(statement);
        self.run(async |connection| query.fetch_all(connection).await).await.map_err(query_error)
    }

    pub async fn execute(&mut self, statement: &Statement) -> Result<PgQueryResult, DbErr> {
        let query = self.query(statement);
        self.run(async |connection| query.execute(connection).await).await.map_err(execution_error)
    }

    fn query<'s>(&self, statement: &'s Statement) -> Query<'s, Postgres, SqlxValues> {
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
            .persistent(self.session.keeps_prepared())
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

    /// Commits what was begun for one statement, if anything.
    pub async fn end(&mut self) -> Result<(), DbErr> {
        if self.in_transaction { self.commit().await } else { Ok(()) }
    }

    async fn run<T>(
        &mut self,
        send: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        self.run_within(self.limit(), send).await
    }

    /// A statement that is given up, or leaves its connection broken, leaves `in_statement` set.
    async fn run_within<T>(
        &mut self,
        limit: Duration,
        send: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let connection = self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        if self.in_statement {
            return Err(sqlx::Error::PoolClosed);
        }
        self.in_statement = true;
        let answer = timeout(limit, send(connection)).await.unwrap_or(Err(silent()));
        self.in_statement = answer.as_ref().is_err_and(breaks_connection);
        answer
    }

    fn limit(&self) -> Duration {
        self.session.statement + AFTER_LIMIT
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

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn execution_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}
