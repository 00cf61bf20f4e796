//! What the server has to do at a given time: one row for each thing, found by an index on when a server
//! takes it next.
//!
//! **A row only says when to look.** Whether there is anything to do is decided by the rows it is about, at
//! that moment. So a row that is out of date does no harm, and only a row that is missing would.
//!
//! **A claim is a conditional update**: of several servers one takes a row, for as long as [`CLAIM`]. A
//! server that dies leaves its claims behind, and they are taken up again at their end. What a claim is for
//! must therefore be such that it can be done again: it decides in its own transaction whether it was done.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
pub use entity::agenda::Kind;
use entity::agenda::{self, Column, Entity};
use entity::event;
use sea_orm::sea_query::{
    Expr, ExprTrait, LockBehavior, LockType, OnConflict, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, Order, QueryFilter, QueryResult, Set,
    UpdateMany,
};
use uuid::Uuid;

use crate::store::{Store, dialect};

/// For so long a server has what it has taken to itself.
pub const CLAIM: TimeDelta = TimeDelta::seconds(30);

/// The subject of what there is only one of.
const ONLY: Uuid = Uuid::nil();

/// Something whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub subject: Uuid,
    /// The moment it is for.
    pub due_at: NaiveDateTime,
    /// How often it was begun before.
    pub attempts: i32,
    /// How far a work that is done in pieces has come.
    pub position: Option<Uuid>,
}

/// What one server has taken, and nobody else has until the claim ends.
#[derive(Clone, Debug)]
pub struct Claim {
    id: Uuid,
    pub kind: Kind,
    pub items: Vec<Item>,
}

impl Claim {
    pub fn subjects(&self) -> Vec<Uuid> {
        self.items.iter().map(|item| item.subject).collect()
    }

    /// The same claim to one of its items.
    #[must_use]
    pub fn only(&self, item: Item) -> Self {
        Self { items: vec![item], ..*self }
    }
}

/// Whether the timed work of a goal may have changed by what happened to it. What is recorded changes none:
/// when a period closes, and when a reminder is due, is said by the goal and its configuration.
#[must_use]
pub const fn is_moved_by(happened: event::Kind) -> bool {
    use event::Kind as Happened;
    matches!(
        happened,
        Happened::GoalCreated
            | Happened::GoalUpdated
            | Happened::GoalStatusChanged
            | Happened::GoalTransferred
            | Happened::TrackingConfigured
            | Happened::MilestoneAdded
            | Happened::MilestoneUpdated
            | Happened::MilestoneRevoked
            | Happened::ReminderScheduled
            | Happened::ReminderUpdated
    )
}

/// Has the timed work of goals, or of all goals of patients, reckoned anew: in the transaction that changed
/// them, so that it happens when that is committed, and only then.
///
/// Whoever is about to reckon one of them by what it was before loses the claim, and it is reckoned again.
pub async fn reckon(
    db: &impl ConnectionTrait,
    goals_or_patients: &[Uuid],
    now: NaiveDateTime,
) -> Result<(), DbErr> {
    let rows = goals_or_patients.iter().map(|subject| row(Kind::Reckoning, *subject, now));
    let again = conflict().update_columns([Column::NextTryAt, Column::ClaimedBy]).to_owned();
    insert(db, rows.collect(), again).await
}

/// Begins what goes on for ever, unless it was begun before.
pub async fn begin(store: &Store, kind: Kind, now: NaiveDateTime) -> Result<(), DbErr> {
    insert(store, vec![row(kind, ONLY, now)], conflict().do_nothing().to_owned()).await
}

/// When each of these is to be looked at, which may be another time than before.
pub async fn schedule(
    db: &impl ConnectionTrait,
    kind: Kind,
    due: impl IntoIterator<Item = (Uuid, NaiveDateTime)>,
) -> Result<(), DbErr> {
    use Column::{Attempts, ClaimedBy, DueAt, NextTryAt};
    let rows = due.into_iter().map(|(subject, at)| row(kind, subject, at));
    let anew = conflict().update_columns([DueAt, NextTryAt, ClaimedBy, Attempts]).to_owned();
    insert(db, rows.collect(), anew).await
}

/// There is nothing to do about these any more.
pub async fn cancel(db: &impl ConnectionTrait, kind: Kind, subjects: &[Uuid]) -> Result<(), DbErr> {
    if !subjects.is_empty() {
        Entity::delete_many().filter(of(db, kind, subjects)).exec(db).await?;
    }
    Ok(())
}

/// When these are due.
pub async fn due(
    db: &impl ConnectionTrait,
    kind: Kind,
    subjects: &[Uuid],
) -> Result<HashMap<Uuid, NaiveDateTime>, DbErr> {
    let mut select = Query::select();
    select.columns([Column::SubjectId, Column::DueAt]).from(Entity).and_where(of(db, kind, subjects));
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok((row.try_get("", "subject_id")?, row.try_get("", "due_at")?))).collect()
}

/// When the first of each kind is to be taken. One step into the index for each kind.
pub async fn first_of_each_kind(store: &Store) -> Result<Vec<(Kind, NaiveDateTime)>, DbErr> {
    let mut kinds = Kind::ALL.iter().map(|kind| first_of(*kind));
    let mut select = kinds.next().unwrap_or_default();
    select.unions(kinds.map(|first| (UnionType::All, first)));
    let mut first = Vec::new();
    for row in store.query_all(&select).await? {
        let (kind, at): (String, Option<NaiveDateTime>) = (row.try_get("", "kind")?, row.try_get("", "at")?);
        first.extend(Kind::parse(&kind).zip(at));
    }
    Ok(first)
}

fn first_of(kind: Kind) -> SelectStatement {
    let mut first = Query::select();
    first
        .expr_as(Expr::cust(format!("'{}'", kind.as_str())), "kind")
        .expr_as(Column::NextTryAt.min(), "at")
        .from(Entity)
        .and_where(Column::Kind.eq(kind.as_str()));
    first
}

/// Takes up to `most` of what is due, the longest due first.
pub async fn claim(store: &Store, kind: Kind, now: NaiveDateTime, most: u64) -> Result<Claim, DbErr> {
    let db = store.begin().await?;
    let rows = db.query_all(&due_now(kind, now, most)).await?;
    let items = rows.iter().map(item).collect::<Result<_, _>>()?;
    let claim = Claim { id: Uuid::now_v7(), kind, items };
    if claim.items.is_empty() {
        return Ok(claim);
    }
    let take = Entity::update_many()
        .col_expr(Column::ClaimedBy, Expr::value(claim.id))
        .col_expr(Column::NextTryAt, Expr::value(now + CLAIM))
        .col_expr(Column::Attempts, Column::Attempts.into_simple_expr().add(1))
        .filter(of(&db, kind, &claim.subjects()))
        .filter(Column::NextTryAt.lte(now));
    take.exec(&db).await?;
    db.commit().await?;
    Ok(claim)
}

/// Rows that another server is taking are left to it.
fn due_now(kind: Kind, now: NaiveDateTime, most: u64) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns([Column::SubjectId, Column::DueAt, Column::Attempts, Column::Position])
        .from(Entity)
        .and_where(Column::Kind.eq(kind.as_str()))
        .and_where(Column::NextTryAt.lte(now))
        .order_by(Column::NextTryAt, Order::Asc)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    select
}

fn item(row: &QueryResult) -> Result<Item, DbErr> {
    Ok(Item {
        subject: row.try_get("", "subject_id")?,
        due_at: row.try_get("", "due_at")?,
        attempts: row.try_get("", "attempts")?,
        position: row.try_get("", "position")?,
    })
}

/// Ends a claim: each of these is due next then, or not at all. Not so where the claim was lost, because
/// something changed in the meantime or another server took over.
pub async fn finish(
    db: &impl ConnectionTrait,
    claim: &Claim,
    next: impl IntoIterator<Item = (Uuid, Option<NaiveDateTime>)>,
) -> Result<(), DbErr> {
    let mut by_moment: HashMap<_, Vec<Uuid>> = HashMap::new();
    for (subject, at) in next {
        by_moment.entry(at).or_default().push(subject);
    }
    for (at, subjects) in by_moment {
        let own = of(db, claim.kind, &subjects).and(Column::ClaimedBy.eq(claim.id));
        match at {
            Some(at) => moved_to(at).filter(own).exec(db).await?.rows_affected,
            None => Entity::delete_many().filter(own).exec(db).await?.rows_affected,
        };
    }
    Ok(())
}

/// Ends a claim to a work that is done in pieces: it goes on behind `position` at that time.
pub async fn go_on(
    db: &impl ConnectionTrait,
    claim: &Claim,
    position: Option<Uuid>,
    at: NaiveDateTime,
) -> Result<(), DbErr> {
    let own = of(db, claim.kind, &claim.subjects()).and(Column::ClaimedBy.eq(claim.id));
    moved_to(at).col_expr(Column::Position, Expr::value(position)).filter(own).exec(db).await?;
    Ok(())
}

/// Ends a claim to something that failed: it is tried again then.
pub async fn put_off(
    db: &impl ConnectionTrait,
    claim: &Claim,
    subject: Uuid,
    until: NaiveDateTime,
) -> Result<(), DbErr> {
    let own = of(db, claim.kind, &[subject]).and(Column::ClaimedBy.eq(claim.id));
    free(until).filter(own).exec(db).await?;
    Ok(())
}

fn moved_to(at: NaiveDateTime) -> UpdateMany<Entity> {
    free(at).col_expr(Column::DueAt, Expr::value(at)).col_expr(Column::Attempts, Expr::value(0))
}

fn free(next_try_at: NaiveDateTime) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::NextTryAt, Expr::value(next_try_at))
        .col_expr(Column::ClaimedBy, Expr::cust("NULL"))
}

fn of(db: &impl ConnectionTrait, kind: Kind, subjects: &[Uuid]) -> SimpleExpr {
    let among = dialect::among(db.get_database_backend(), Column::SubjectId.into_simple_expr(), subjects);
    Column::Kind.eq(kind.as_str()).and(among)
}

fn conflict() -> OnConflict {
    OnConflict::columns([Column::Kind, Column::SubjectId])
}

fn row(kind: Kind, subject: Uuid, due_at: NaiveDateTime) -> agenda::ActiveModel {
    agenda::ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        subject_id: Set(subject),
        due_at: Set(due_at),
        next_try_at: Set(due_at),
        claimed_by: Set(None),
        attempts: Set(0),
        position: Set(None),
    }
}

async fn insert(
    db: &impl ConnectionTrait,
    rows: Vec<agenda::ActiveModel>,
    conflict: OnConflict,
) -> Result<(), DbErr> {
    if !rows.is_empty() {
        Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(db).await?;
    }
    Ok(())
}
