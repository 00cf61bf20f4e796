//! A score that is recorded twice: the same instrument, person, day and total.

use chrono::NaiveDate;
use entity::assessment;
use sea_orm::{ColumnTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::instrument;
use crate::store::{dialect, rows};

/// A score as it is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub patient: Uuid,
    pub day: NaiveDate,
    pub score: i32,
    /// `None` for one that is not stored yet.
    pub id: Option<Uuid>,
}

/// Notes when there is such a score already. A request with an idempotency key says by it that it is another one.
pub async fn check_new(work: &mut Work<'_>, instrument: &str, taken: Taken) -> Outcome<()> {
    use assessment::Column::{AdministeredDate, PatientId, Score};
    if work.has_key() {
        return Ok(());
    }
    lock_scores(work, taken.patient).await?;
    let alike = work
        .viewer()
        .few::<assessment::Entity>(PatientId.eq(taken.patient))
        .filter(AdministeredDate.eq(taken.day))
        .filter(Score.eq(taken.score));
    let alike = rows::<assessment::Entity>(&work.db, &alike.into_query()).await?;
    let is_same = |row: &assessment::Model| {
        Some(row.id) != taken.id && instrument::is_same(&row.assessment_type, instrument)
    };
    if alike.iter().any(is_same) {
        let message = "This score of this day has been recorded already. Send an idempotency key to record another one.";
        work.check.note([Problem::new(Code::Duplicate, &Path::input().at("score"), message)]);
    }
    Ok(())
}

/// Lets only one transaction at a time write scores of a patient. Whoever locks a goal as well does so before.
pub async fn lock_scores(work: &Work<'_>, patient: Uuid) -> Outcome<()> {
    Ok(dialect::lock(&work.db, patient).await?)
}
