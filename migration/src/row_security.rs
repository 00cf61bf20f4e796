//! Row-level security of PostgreSQL, which hides rows without a word.

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::report::Difference;
use crate::schema::ask;

/// What PostgreSQL hides of a table from some roles.
pub(crate) async fn policies(
    connection: &impl ConnectionTrait,
    table: &str,
) -> Result<Option<Difference>, DbErr> {
    let postgres = format!(
        "SELECT row_security_active(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relname = '{table}' AND c.relrowsecurity"
    );
    let found = ask(connection, &postgres, "SELECT 1 WHERE FALSE").await?;
    let Some(row) = found.first() else { return Ok(None) };
    let active: bool = row.try_get_by_index(0)?;
    let what = if active {
        "has row-level security, which is in force for this role: what its policies hide is not there for Waymark"
    } else {
        "has row-level security, which is not in force for this role: a role that serves must see all rows"
    };
    Ok(Some(Difference::servable(table, what)))
}
