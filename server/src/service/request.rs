//! Requests that carried an idempotency key, with the first answer, which a retry gets again.

use chrono::{NaiveDateTime, TimeDelta};
use entity::request::{ActiveModel, Column, Entity, Model};
use entity::{assessment, goal, person, webhook};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Outcome, Retry};
use crate::clock::Clock;
use crate::rules::input::{Code, Path, Problem, text};
use crate::store::{Store, Transaction};

/// How long a first answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// What the first answer is about.
#[derive(Deserialize)]
pub struct About {
    pub goal: Option<goal::Model>,
    pub assessment: Option<assessment::Model>,
    pub person: Option<person::Model>,
    pub webhook: Option<webhook::Model>,
}

pub fn path() -> Path {
    Path::input().at("idempotencyKey")
}

/// The first answer, when this was asked before. Otherwise the key is taken.
pub async fn first_answer(
    db: &Transaction,
    user: Uuid,
    retry: &Retry,
    now: NaiveDateTime,
) -> Outcome<Option<String>> {
    let path = path();
    if let Some(problem) = text::required(&path, "The idempotency key", &retry.key, text::KEY) {
        return Err(problem.into());
    }
    if take(db, user, retry, now).await? {
        return Ok(None);
    }
    let stored = stored(db, user, retry).await?.filter(|stored| stored.body_hash == retry.body_hash);
    let answer = stored.and_then(|stored| stored.answer);
    let message = "This idempotency key was used for something else.";
    answer.map(Some).ok_or_else(|| Problem::new(Code::Conflict, &path, message).into())
}

/// Whether the key was free, or its answer too old. A request with the same key that is still under way
/// is waited for.
async fn take(db: &Transaction, user: Uuid, retry: &Retry, now: NaiveDateTime) -> Result<bool, DbErr> {
    let row = ActiveModel {
        user_id: Set(user),
        key: Set(retry.key.clone()),
        body_hash: Set(retry.body_hash.clone()),
        answer: Set(None),
        created_at: Set(now),
    };
    let once = OnConflict::columns([Column::UserId, Column::Key])
        .update_columns([Column::BodyHash, Column::Answer, Column::CreatedAt])
        .action_and_where(Expr::col((Entity, Column::CreatedAt)).lt(now - KEPT))
        .to_owned();
    Ok(Entity::insert(row).on_conflict(once).exec_without_returning(db).await? == 1)
}

async fn stored(db: &Transaction, user: Uuid, retry: &Retry) -> Result<Option<Model>, DbErr> {
    #[expect(clippy::disallowed_methods, reason = "the viewer's own request, by their id")]
    let stored = Entity::find_by_id((user, retry.key.clone()));
    stored.one(db).await
}

/// Keeps the answer for whoever asks again.
pub async fn keep<T: Serialize>(
    db: &Transaction,
    user: Uuid,
    retry: &Retry,
    answer: &T,
) -> Result<(), DbErr> {
    let json = serde_json::to_string(answer).map_err(|error| DbErr::Custom(error.to_string()))?;
    let row = ActiveModel {
        user_id: Set(user),
        key: Set(retry.key.clone()),
        answer: Set(Some(json)),
        ..Default::default()
    };
    row.update(db).await?;
    Ok(())
}

/// Forgets the answers that no retry gets any more; how many they were.
pub async fn forget_old(store: &Store, clock: &Clock) -> Result<u64, DbErr> {
    let old = Column::CreatedAt.lt(clock.stamp() - KEPT);
    Ok(Entity::delete_many().filter(old).exec(store).await?.rows_affected)
}
