//! Makes deliveries of events: for each webhook of the events that it wants, once.

use chrono::NaiveDateTime;
use entity::{event, webhook, webhook_delivery as delivery};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::feed::{self, Page, Position, StoredEvent};
use crate::rules::retry;
use crate::store::{Store, Transaction};

const PAGE: u64 = 500;

/// Goes on in the outbox until nothing is left that is settled; whether there was anything.
pub async fn hand_over(store: &Store, webhook: &webhook::Model, now: NaiveDateTime) -> Result<bool, DbErr> {
    let wanted = webhook.kinds();
    let mut from = position(webhook);
    let page = feed::next(store, from, PAGE).await?;
    if !page.events.is_empty() && feed::is_forgotten(store, from).await? {
        tracing::warn!(webhook = %webhook.id, "events were forgotten before this webhook got them");
        note_missed(store, webhook.id, now).await?;
    }
    let mut next = Some(page);
    while let Some(Page { events, .. }) = next.take().filter(|page| !page.events.is_empty()) {
        let Some(to) = events.last().map(|event| event.position) else { break };
        let rows = events.iter().filter(|event| event.kind.is_some_and(|kind| wanted.contains(&kind)));
        let rows: Vec<_> = rows.map(|event| row(webhook.id, event, now)).collect();
        if !move_on(store, webhook.id, (from, to), rows).await? {
            break;
        }
        from = to;
        next = Some(feed::next(store, from, PAGE).await?);
    }
    Ok(from != position(webhook))
}

fn position(webhook: &webhook::Model) -> Position {
    Position { transaction: webhook.position_transaction, id: webhook.position_id }
}

/// The deliveries and the position in one transaction. Of several servers one does it; the others find that the
/// webhook has moved on, or was turned off.
async fn move_on(
    store: &Store,
    webhook: Uuid,
    (from, to): (Position, Position),
    rows: Vec<delivery::ActiveModel>,
) -> Result<bool, DbErr> {
    let db = store.begin().await?;
    if !take(&db, webhook, from, to).await? {
        return Ok(false);
    }
    if !rows.is_empty() {
        let once = OnConflict::columns([delivery::Column::WebhookId, delivery::Column::EventId])
            .do_nothing()
            .to_owned();
        delivery::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&db).await?;
    }
    db.commit().await?;
    Ok(true)
}

async fn take(db: &Transaction, webhook: Uuid, from: Position, to: Position) -> Result<bool, DbErr> {
    use webhook::Column::{Id, IsActive, PositionId, PositionTransaction};
    let move_on = webhook::Entity::update_many()
        .col_expr(PositionTransaction, Expr::value(to.transaction))
        .col_expr(PositionId, Expr::value(to.id))
        .filter(Id.eq(webhook))
        .filter(IsActive.eq(true))
        .filter(PositionTransaction.eq(from.transaction))
        .filter(PositionId.eq(from.id));
    Ok(move_on.exec(db).await?.rows_affected == 1)
}

async fn note_missed(store: &Store, webhook: Uuid, now: NaiveDateTime) -> Result<(), DbErr> {
    let note = webhook::Entity::update_many()
        .col_expr(webhook::Column::MissedEventsAt, Expr::value(now))
        .filter(webhook::Column::Id.eq(webhook));
    note.exec(store).await?;
    Ok(())
}

fn row(webhook: Uuid, stored: &StoredEvent, now: NaiveDateTime) -> delivery::ActiveModel {
    let event::Model { id, kind, patient_id, therapist_id, goal_id, subject_id, entry_id, .. } =
        stored.event.clone();
    delivery::ActiveModel {
        id: Set(Uuid::now_v7()),
        webhook_id: Set(webhook),
        event_id: Set(id),
        kind: Set(kind),
        patient_id: Set(patient_id),
        therapist_id: Set(therapist_id),
        goal_id: Set(goal_id),
        subject_id: Set(subject_id),
        entry_id: Set(entry_id),
        due_at: Set(stored.event.due_at),
        happened_at: Set(stored.event.created_at),
        state: Set(delivery::State::Pending.as_str().to_owned()),
        attempts: Set(0),
        next_attempt_at: Set(Some(now)),
        claimed_by: Set(None),
        give_up_at: Set(now + retry::LASTING),
        last_attempt_at: Set(None),
        last_status: Set(None),
        last_problem: Set(None),
        created_at: Set(now),
        settled_at: Set(None),
    }
}
