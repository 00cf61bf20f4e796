//! The table of events, read in its one order.

use chrono::NaiveDateTime;
use entity::event::{Column, Entity, Model};
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryResult,
};

use super::{Filter, Position};
use crate::access::Viewer;
use crate::event::Kind;
use crate::store::{Store, dialect};

/// An event as it is stored in the outbox.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub position: Position,
    /// `None` when a newer version of the server wrote a kind that this one does not know: the event is
    /// skipped, but it has its position in the order.
    pub kind: Option<Kind>,
    pub event: Model,
}

/// Events that were read in their order.
#[derive(Debug, Default)]
pub struct Page {
    pub events: Vec<StoredEvent>,
    /// True when more events follow, but a transaction that is still open may yet write events before them.
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
        page.events.push(stored_event(&row)?);
    }
    Ok(page)
}

/// The next settled events that match the filter of one subscriber.
pub async fn next_for(
    store: &Store,
    after: Position,
    filter: &Filter,
    most: u64,
) -> Result<Vec<StoredEvent>, DbErr> {
    let mut select = after_position(store, after, most);
    select.and_where(dialect::settled(store.get_database_backend()));
    select.and_where(Column::Kind.is_in(filter.topic.kinds().iter().map(|kind| kind.as_str())));
    select.and_where_option(filter.goal.map(|goal| Column::GoalId.eq(goal)));
    select.and_where_option(filter.patient.map(|patient| Column::PatientId.eq(patient)));
    store.query_all(&select).await?.iter().map(stored_event).collect()
}

/// The last settled event: a subscription from now on begins after it.
pub async fn newest(store: &Store) -> Result<Position, DbErr> {
    let settled = dialect::settled(store.get_database_backend());
    Ok(edge(store, sea_orm::Order::Desc, Some(settled)).await?.unwrap_or_default())
}

/// The first or the last position, of all events or of some.
async fn edge(
    store: &Store,
    direction: sea_orm::Order,
    among: Option<SimpleExpr>,
) -> Result<Option<Position>, DbErr> {
    let mut select = Query::select();
    select
        .expr_as(dialect::transaction(store.get_database_backend()), "transaction_number")
        .column(Column::Id)
        .from(Entity)
        .and_where_option(among);
    order(&mut select, direction);
    store.query_one(select.limit(1)).await?.as_ref().map(position).transpose()
}

/// Whether a subscription can resume after a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorState {
    Valid,
    /// The event was deleted because of its age, and perhaps later events too.
    Expired,
    /// There has never been such an event.
    Unknown,
}

/// Whether all events after a cursor are still stored. The cursor of an event that the viewer could never
/// have received counts as unknown.
pub async fn cursor_state(
    store: &Store,
    after: Position,
    filter: &Filter,
    viewer: &Viewer,
) -> Result<CursorState, DbErr> {
    let backend = store.get_database_backend();
    let mut own = Query::select();
    own.columns([Column::PatientId, Column::TherapistId])
        .from(Entity)
        .and_where(dialect::place(backend, "=", after.transaction, after.id))
        // Only settled events are delivered. An unsettled one here came with a dump of another cluster.
        .and_where(dialect::settled(backend))
        .and_where(Column::Kind.is_in(filter.topic.kinds().iter().map(|kind| kind.as_str())));
    if let Some(row) = store.query_one(&own).await? {
        let (patient, owner) = (row.try_get("", "patient_id")?, row.try_get("", "therapist_id")?);
        if viewer.could_ever_see(store, patient, owner).await? {
            return Ok(CursorState::Valid);
        }
    }
    let oldest = edge(store, sea_orm::Order::Asc, None).await?;
    Ok(if oldest.is_some_and(|oldest| after < oldest) { CursorState::Expired } else { CursorState::Unknown })
}

/// Whether events after a position may have been deleted: its own is gone, and there are others after it.
pub async fn is_forgotten(store: &Store, position: Position) -> Result<bool, DbErr> {
    // The beginning, before any event, is no event's position.
    if position == Position::default() {
        return Ok(false);
    }
    let mut own = Query::select();
    let place = dialect::place(store.get_database_backend(), "=", position.transaction, position.id);
    own.column(Column::Id).from(Entity).and_where(place);
    if store.query_one(&own).await?.is_some() {
        return Ok(false);
    }
    Ok(edge(store, sea_orm::Order::Asc, None).await?.is_some_and(|oldest| position < oldest))
}

/// Deletes all events before the first one that is young enough and settled: before one that is not settled,
/// a transaction that is still open may yet write young ones. So no event is deleted from the middle of
/// the order, even when clocks went backwards, and the newest one, whose cursor must stay valid, is kept.
pub async fn prune(store: &Store, young: NaiveDateTime) -> Result<u64, DbErr> {
    let young = Column::CreatedAt.gte(young).and(dialect::settled(store.get_database_backend()));
    let first = match edge(store, sea_orm::Order::Asc, Some(young)).await? {
        Some(first) => first,
        None => newest(store).await?,
    };
    let before = dialect::place(store.get_database_backend(), "<", first.transaction, first.id);
    Ok(Entity::delete_many().filter(before).exec(store).await?.rows_affected)
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

fn stored_event(row: &QueryResult) -> Result<StoredEvent, DbErr> {
    let event = Model::from_query_result(row, "")?;
    Ok(StoredEvent { position: position(row)?, kind: Kind::parse(&event.kind), event })
}
