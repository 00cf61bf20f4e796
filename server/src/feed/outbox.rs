//! The table of events, read in its one order.

use chrono::NaiveDateTime;
use entity::event::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryResult,
};

use super::{Position, Wish};
use crate::event::Kind;
use crate::store::{Store, dialect};

/// An event as it stands in the outbox.
#[derive(Clone, Debug)]
pub struct Told {
    pub position: Position,
    /// `None` for one of a newer version, which only takes its place in the order.
    pub kind: Option<Kind>,
    pub event: Model,
}

/// What was read of the order.
#[derive(Debug, Default)]
pub struct Page {
    pub events: Vec<Told>,
    /// Behind these there are events that an open transaction may still get in front of.
    pub unsettled: bool,
}

/// The next events of all kinds, up to `most` of them.
pub async fn next(store: &Store, after: Position, most: u64) -> Result<Page, DbErr> {
    let mut page = Page::default();
    for row in store.query_all(&after_position(store, after, most)).await? {
        if !row.try_get::<bool>("", "settled")? {
            page.unsettled = true;
            break;
        }
        page.events.push(told(&row)?);
    }
    Ok(page)
}

/// The next settled events that one subscriber wishes to hear of.
pub async fn next_for(store: &Store, after: Position, wish: &Wish, most: u64) -> Result<Vec<Told>, DbErr> {
    let mut select = after_position(store, after, most);
    select.and_where(dialect::settled(store.get_database_backend()));
    select.and_where(Column::Kind.is_in(wish.topic.kinds().iter().map(|kind| kind.word())));
    select.and_where_option(wish.goal.map(|goal| Column::GoalId.eq(goal)));
    select.and_where_option(wish.patient.map(|patient| Column::PatientId.eq(patient)));
    store.query_all(&select).await?.iter().map(told).collect()
}

/// The last settled event: where somebody who listens from now on begins.
pub async fn newest(store: &Store) -> Result<Position, DbErr> {
    let backend = store.get_database_backend();
    let mut select = Query::select();
    select
        .expr_as(dialect::transaction(backend), "transaction_number")
        .column(Column::Id)
        .from(Entity)
        .and_where(dialect::settled(backend));
    order(&mut select, sea_orm::Order::Desc);
    let row = store.query_one(select.limit(1)).await?;
    row.as_ref().map_or(Ok(Position::default()), position)
}

/// What is known of a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Kept,
    /// The event was pruned, and perhaps others that came after it.
    Expired,
    /// There has never been such an event.
    Unknown,
}

/// Whether everything behind a cursor is still there.
pub async fn standing(store: &Store, after: Position, wish: &Wish) -> Result<Standing, DbErr> {
    let backend = store.get_database_backend();
    let mut own = Query::select();
    own.column(Column::Id)
        .from(Entity)
        .and_where(dialect::place(backend, "=", after.transaction, after.id))
        .and_where(Column::Kind.is_in(wish.topic.kinds().iter().map(|kind| kind.word())));
    if store.query_one(&own).await?.is_some() {
        return Ok(Standing::Kept);
    }
    let mut oldest = Query::select();
    oldest.expr_as(dialect::transaction(backend), "transaction_number").column(Column::Id).from(Entity);
    order(&mut oldest, sea_orm::Order::Asc);
    let oldest = store.query_one(oldest.limit(1)).await?;
    let oldest = oldest.as_ref().map(position).transpose()?;
    Ok(if oldest.is_some_and(|oldest| after < oldest) { Standing::Expired } else { Standing::Unknown })
}

/// Forgets events from before this moment, but never the newest: its cursor must go on being known.
pub async fn prune(store: &Store, before: NaiveDateTime) -> Result<u64, DbErr> {
    let mut newest = Query::select();
    newest.expr(Expr::col(Column::Id).max()).from(Entity);
    let old = Entity::delete_many().filter(Column::CreatedAt.lt(before));
    let old = old.filter(Expr::col(Column::Id).lt(sea_orm::sea_query::SimpleExpr::from(newest)));
    Ok(old.exec(store.writer()).await?.rows_affected)
}

fn after_position(store: &Store, after: Position, most: u64) -> SelectStatement {
    let backend = store.get_database_backend();
    let mut select = Query::select();
    select
        .columns(Column::iter())
        .expr_as(dialect::transaction(backend), "transaction_number")
        .expr_as(dialect::settled(backend), "settled")
        .from(Entity)
        .and_where(dialect::place(backend, ">", after.transaction, after.id))
        .limit(most);
    order(&mut select, sea_orm::Order::Asc);
    select
}

fn order(select: &mut SelectStatement, direction: sea_orm::Order) {
    select.order_by("transaction_id", direction.clone()).order_by(Column::Id, direction);
}

fn position(row: &QueryResult) -> Result<Position, DbErr> {
    Ok(Position { transaction: row.try_get("", "transaction_number")?, id: row.try_get("", "id")? })
}

fn told(row: &QueryResult) -> Result<Told, DbErr> {
    let event = Model::from_query_result(row, "")?;
    Ok(Told { position: position(row)?, kind: Kind::parse(&event.kind), event })
}
