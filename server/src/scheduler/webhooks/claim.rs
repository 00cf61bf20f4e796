//! Takes deliveries of one webhook, and notes what became of them. A claim is a conditional update: of several
//! servers one has a delivery, until the claim ends. What a dead server had taken is sent again then, so a message
//! may come twice, with the same id.

use chrono::NaiveDateTime;
use entity::webhook_delivery::{self as delivery, Column, Entity, Problem, State};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter};
use uuid::Uuid;

use crate::agenda::CLAIM;
use crate::outbound::chance;
use crate::rules::retry;
use crate::store::{Store, dialect};

/// Up to `most` that are due, the longest due first.
pub async fn claim(
    store: &Store,
    webhook: Uuid,
    now: NaiveDateTime,
    most: u64,
) -> Result<Vec<delivery::Model>, DbErr> {
    let db = store.begin().await?;
    let mut due = Query::select();
    due.column(Column::Id)
        .from(Entity)
        .and_where(Column::WebhookId.eq(webhook))
        .and_where(Column::NextAttemptAt.lte(now))
        .order_by(Column::NextAttemptAt, Order::Asc)
        .order_by(Column::EventId, Order::Asc)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let rows = db.query_all(&due).await?;
    let ids = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<Uuid>, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let take = Entity::update_many()
        .col_expr(Column::ClaimedBy, Expr::value(Uuid::now_v7()))
        .col_expr(Column::NextAttemptAt, Expr::value(now + CLAIM))
        .col_expr(Column::LastAttemptAt, Expr::value(now))
        .col_expr(Column::Attempts, Column::Attempts.into_simple_expr().add(1))
        .filter(dialect::among(db.get_database_backend(), Column::Id.into_simple_expr(), &ids))
        .filter(Column::NextAttemptAt.lte(now));
    let taken = take.exec_with_returning(&db).await?;
    db.commit().await?;
    Ok(taken)
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    pub status: Option<u16>,
    /// `None`: it was delivered.
    pub problem: Option<Problem>,
}

/// Notes what a try came to: delivered, to be tried again, or given up. Not so where the claim was lost.
pub async fn note(
    store: &Store,
    delivery: &delivery::Model,
    tried: Tried,
    now: NaiveDateTime,
) -> Result<State, DbErr> {
    let attempts = delivery.attempts.unsigned_abs();
    let next = tried.problem.and_then(|_| retry::next_try(attempts, now, delivery.give_up_at, chance()));
    let state = match (tried.problem, next) {
        (None, _) => State::Delivered,
        (Some(_), Some(_)) => State::Pending,
        (Some(_), None) => State::Dead,
    };
    let settled = (state != State::Pending).then_some(now);
    let note = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::ClaimedBy, Expr::cust("NULL"))
        .col_expr(Column::LastStatus, Expr::value(tried.status.map(i32::from)))
        .col_expr(Column::LastProblem, Expr::value(tried.problem.map(Problem::as_str)))
        .col_expr(Column::SettledAt, Expr::value(settled))
        .filter(Column::Id.eq(delivery.id))
        .filter(Column::ClaimedBy.eq(delivery.claimed_by));
    note.exec(store).await?;
    Ok(state)
}
