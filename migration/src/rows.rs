//! Rows that can't be read as they stand, such as one with a moment at infinity: found by reading all of them, in the
//! way in which they are read when they are served.

use std::collections::BTreeMap;

use entity::{FromPlaces, assessment, goal, milestone, progress, reminder, tracking, value};
use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, QueryResult, Statement,
};
use uuid::Uuid;

use crate::report::Difference;

/// So many are read in one statement.
const PAGE: usize = 2_000;

/// What can't be read in a table of the specification that has all its columns.
pub(crate) async fn unreadable(
    connection: &impl ConnectionTrait,
    table: &str,
) -> Result<Vec<Difference>, DbErr> {
    match table {
        "treatment_goals" => of::<goal::Entity>(connection).await,
        "goal_tracking_config" => of::<tracking::Entity>(connection).await,
        "progress_entries" => of::<progress::Entity>(connection).await,
        "assessment_scores" => of::<assessment::Entity>(connection).await,
        "progress_milestones" => of::<milestone::Entity>(connection).await,
        "goal_reminders" => of::<reminder::Entity>(connection).await,
        _ => Ok(Vec::new()),
    }
}

/// By the first column of each row that can't be read.
async fn of<E: EntityTrait<Model: FromPlaces>>(
    connection: &impl ConnectionTrait,
) -> Result<Vec<Difference>, DbErr> {
    let mut found: BTreeMap<&str, (u64, Option<Uuid>)> = BTreeMap::new();
    let mut behind = String::new();
    loop {
        let rows = page::<E>(connection, &behind).await?;
        for unreadable in rows.iter().filter_map(|row| E::Model::from_places(row).err()) {
            found.entry(unreadable.column).or_insert((0, unreadable.id())).0 += 1;
        }
        match rows.last() {
            Some(last) if rows.len() == PAGE => behind = place(connection, last)?,
            _ => break,
        }
    }
    let table = E::default().as_str().to_owned();
    let columns = E::Column::iter().map(|column| column.as_str());
    let found = columns.filter_map(|column| Some((column, found.get(column)?)));
    Ok(found.map(|(column, count)| Difference::servable(format!("{table}.{column}"), told(*count))).collect())
}

fn told((rows, first): (u64, Option<Uuid>)) -> String {
    let first = first.map_or_else(|| "without a readable id".to_owned(), |id| format!("with the id {id}"));
    if rows == 1 {
        format!("can't be read in 1 row, which is left out of lists: that {first}")
    } else {
        format!("can't be read in {rows} rows, which are left out of lists: the first is that {first}")
    }
}

/// The next rows, in the order of their ids; on SQLite, where an id may be anything, of their numbers.
async fn page<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    behind: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    let table = E::default().as_str().to_owned();
    let columns: Vec<_> = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
    let columns = columns.join(", ");
    let key = if backend == DbBackend::Sqlite { "rowid" } else { "id" };
    let condition = if behind.is_empty() { String::new() } else { format!("WHERE {key} > {behind}") };
    let select = format!(
        "SELECT {columns}, {key} AS waymark_place FROM {table} {condition} ORDER BY {key} LIMIT {PAGE}"
    );
    connection.query_all_raw(Statement::from_string(backend, select)).await
}

/// What the next rows are behind.
fn place(connection: &impl ConnectionTrait, row: &QueryResult) -> Result<String, DbErr> {
    if connection.get_database_backend() == DbBackend::Sqlite {
        return Ok(value::<i64>(row, "waymark_place")?.to_string());
    }
    Ok(format!("'{}'", value::<Uuid>(row, "waymark_place")?))
}
