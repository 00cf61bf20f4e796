//! Small questions to the database's catalogue: which tables are there, which of them are ours.
//! "There" is the schema in which an unqualified `CREATE TABLE` would land.

use std::collections::BTreeSet;

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::BOOKKEEPING;

/// Runs a query that has one text per store.
pub(crate) async fn ask(
    connection: &impl ConnectionTrait,
    postgres: &str,
    sqlite: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    let text = if backend == DbBackend::Sqlite { sqlite } else { postgres };
    connection.query_all_raw(Statement::from_string(backend, text)).await
}

/// The names of all tables.
pub(crate) async fn tables(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    let postgres = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')";
    let sqlite = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    names(&ask(connection, postgres, sqlite).await?)
}

/// The names of all views: whatever can be read as a table and is none.
pub(crate) async fn views(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    let postgres = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = current_schema() AND c.relkind IN ('v', 'm', 'f')";
    let sqlite = "SELECT name FROM sqlite_schema WHERE type = 'view'";
    names(&ask(connection, postgres, sqlite).await?)
}

/// The names of all tables and views.
pub(crate) async fn readable(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    let mut all = tables(connection).await?;
    all.extend(views(connection).await?);
    Ok(all)
}

/// The names of the tables that our steps created; the others were there before us.
pub(crate) async fn created(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    column_of(connection, "waymark_created", "SELECT table_name FROM waymark_created").await
}

/// The names of the steps that were applied.
pub(crate) async fn applied(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    column_of(connection, BOOKKEEPING, "SELECT version FROM waymark_migrations").await
}

/// The answers of a query about `table`; none where the table is not there yet.
async fn column_of(
    connection: &impl ConnectionTrait,
    table: &str,
    query: &str,
) -> Result<BTreeSet<String>, DbErr> {
    if !tables(connection).await?.contains(table) {
        return Ok(BTreeSet::new());
    }
    names(&ask(connection, query, query).await?)
}

fn names(rows: &[QueryResult]) -> Result<BTreeSet<String>, DbErr> {
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
