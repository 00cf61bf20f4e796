//! Which entry was made of which score.

use entity::{assessment, goal, progress};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::{ColumnTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::rules::input::{Code, Path, Problem};
use crate::store::{one, rows};

/// The id of the entry that is made of a score: the score's own with its last bit turned. No column links the two
/// rows, so their ids do.
pub const fn entry_id(score: Uuid) -> Uuid {
    Uuid::from_u128(score.as_u128() ^ 1)
}

/// The id of the score that an entry with this id would be made of: the same way back.
const fn score_id(entry: Uuid) -> Uuid {
    entry_id(entry)
}

/// The entry that was made of a score. One that a version before December 2026 has made is known by what both rows
/// were given at once: moment, day and value.
pub async fn made_of(
    work: &Work<'_>,
    goal: &goal::Model,
    score: &assessment::Model,
) -> Outcome<Option<progress::Model>> {
    use progress::Column::{Context, EntryDate, GoalId, Id, RecordedAt, Value};
    let entries = || {
        let of_goal = work.viewer().few::<progress::Entity>(GoalId.eq(goal.id));
        of_goal.filter(Context.eq(progress::Context::Assessment.as_str()))
    };
    if let Some(entry) = one(&work.db, entries().filter(Id.eq(entry_id(score.id)))).await? {
        return Ok(Some(entry));
    }
    let alike = entries()
        .filter(RecordedAt.eq(score.created_at))
        .filter(EntryDate.eq(score.administered_date))
        .filter(Value.eq(Decimal::from(score.score)));
    for entry in rows::<progress::Entity>(&work.db, &alike.into_query()).await? {
        if work.find::<assessment::Entity>(score_id(entry.id)).await?.is_none() {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Refuses to change an entry that was made of a score: the score is what was measured, and its correction
/// corrects the entry.
pub async fn check_not_made(work: &mut Work<'_>, entry: Option<&progress::Model>) -> Outcome<()> {
    let Some(entry) = entry else { return Ok(()) };
    if source(work, entry).await?.is_some() {
        let message =
            "This entry was made of an assessment: correct or delete the assessment, and the entry follows.";
        work.check.note([Problem::new(Code::NotAllowed, &Path::input().at("entryId"), message)]);
    }
    Ok(())
}

/// The score that an entry was made of.
async fn source(work: &Work<'_>, entry: &progress::Model) -> Outcome<Option<Uuid>> {
    use assessment::Column::{AdministeredDate, CreatedAt, GoalId, Score};
    if entry.context() != Some(progress::Context::Assessment) {
        return Ok(None);
    }
    if work.find::<assessment::Entity>(score_id(entry.id)).await?.is_some() {
        return Ok(Some(score_id(entry.id)));
    }
    let alike = work
        .viewer()
        .few::<assessment::Entity>(GoalId.eq(entry.goal_id))
        .filter(CreatedAt.eq(entry.recorded_at))
        .filter(AdministeredDate.eq(entry.entry_date))
        .filter(Score.eq(entry.value.to_i32().filter(|score| Decimal::from(*score) == entry.value)));
    for score in rows::<assessment::Entity>(&work.db, &alike.into_query()).await? {
        if work.find::<progress::Entity>(entry_id(score.id)).await?.is_none() {
            return Ok(Some(score.id));
        }
    }
    Ok(None)
}
