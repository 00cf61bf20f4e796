//! Scores before a score.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::access::Viewer;

/// The first and the last score before each of these, of the same person and instrument. One statement.
pub async fn earlier_scores(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    scores: &[Uuid],
) -> Result<HashMap<Uuid, [Option<i32>; 2]>, DbErr> {
    let rows = db.query_all(&viewer.earlier_scores(scores).first_and_previous()).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok((row.try_get("", "id")?, [row.try_get("", "first")?, row.try_get("", "previous")?]))
    };
    rows.iter().map(read).collect()
}
