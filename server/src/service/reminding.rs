//! Sends the reminders whose moment has come, many in one transaction.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use entity::reminder_delivery::{self as delivery, Outcome, Reason};
use entity::{event, reminder};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter, Set};
use uuid::Uuid;

use crate::access::spans_worked_on;
use crate::agenda::{self, Claim, Item};
use crate::clock::Clock;
use crate::event::{Event, Kind};
use crate::history::{Scheduled, Tally};
use crate::rules::reminder::{Delivery, due_since, next_due};
use crate::store::{Store, Transaction, dialect};
use crate::store::{Updated, span::Span};

/// When a reminder that is due is not sent.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// So late it is not welcome any more.
    pub latest: TimeDelta,
    /// Not either when the patient has already recorded what it asks for.
    pub skip_recorded: bool,
}

/// A moment at which a reminder was due, and what becomes of it.
struct Decision<'a> {
    scheduled: &'a Scheduled,
    slot: NaiveDateTime,
    /// `None`: it is sent.
    not_sent: Option<(Outcome, Reason)>,
}

/// Sends what is due of the reminders in this claim, and plans each for the next time. What another server
/// has sent in the meantime is not sent again: the reminder's own row decides.
pub async fn send_due(store: &Store, clock: &Clock, policy: Policy, claim: &Claim) -> Result<Tally, DbErr> {
    let db = store.begin().await?;
    let now = clock.stamp();
    let scheduled = Scheduled::by_ids(store, &db, &claim.subjects()).await?;
    let items: HashMap<Uuid, &Item> = claim.items.iter().map(|item| (item.subject, item)).collect();
    let of_one = |scheduled| decide(scheduled, items[&scheduled.reminder.id], policy, now);
    let mut decisions: Vec<_> = scheduled.iter().flat_map(of_one).collect();
    skip_done(store, &db, &mut decisions).await?;
    if policy.skip_recorded {
        skip_recorded(store, &db, &mut decisions).await?;
    }
    mark_sent(&db, &mut decisions, now).await?;
    let tally = tally(&decisions, now);
    note(&db, &decisions, now).await?;
    agenda::finish(&db, claim, next(claim, &scheduled, now)).await?;
    if tally.sent > 0 {
        db.commit_with_events().await?;
    } else {
        db.commit().await?;
    }
    Ok(tally)
}

/// What becomes of each moment since the reminder was due; nothing when it is not due any more.
fn decide<'a>(
    scheduled: &'a Scheduled,
    item: &Item,
    policy: Policy,
    now: NaiveDateTime,
) -> Vec<Decision<'a>> {
    use crate::rules::reminder::delivery;
    let last = scheduled.reminder.last_sent_at.map(|last| last.and_utc());
    let schedule = scheduled.schedule();
    let decision = |slot: chrono::DateTime<chrono::Utc>| {
        let tried = item.attempts > 0 && item.due_at == slot.naive_utc();
        let not_sent = match delivery(scheduled.calendar.zone, slot, now.and_utc(), last, policy.latest) {
            Delivery::Send => None,
            Delivery::TooLate if tried => Some((Outcome::Failed, Reason::TooLate)),
            Delivery::TooLate => Some((Outcome::Skipped, Reason::TooLate)),
            Delivery::AlreadySent => Some((Outcome::Skipped, Reason::AlreadySent)),
        };
        Decision { scheduled, slot: slot.naive_utc(), not_sent }
    };
    due_since(&schedule, item.due_at.and_utc(), now.and_utc()).map(decision).collect()
}

/// Leaves out the reminders to record progress on a day that has an entry already: they are not due then, whoever
/// made it.
async fn skip_done(store: &Store, db: &Transaction, decisions: &mut [Decision<'_>]) -> Result<(), DbErr> {
    let asking = asking(decisions, &[reminder::Kind::Progress]);
    let days =
        asking.iter().map(|decision| Span::new(decision.scheduled.goal.id, decision.day(), decision.day()));
    let spans = spans_worked_on(store, &days.collect::<Vec<_>>());
    skip(db, asking, &spans.recorded()).await
}

/// Leaves out the reminders that ask for an entry which the patient has made.
async fn skip_recorded(store: &Store, db: &Transaction, decisions: &mut [Decision<'_>]) -> Result<(), DbErr> {
    let asking = asking(decisions, &[reminder::Kind::CheckIn, reminder::Kind::Progress]);
    let span = |decision: &&mut Decision| {
        let days = decision.scheduled.asked_days(decision.day());
        Span::new(decision.scheduled.goal.id, *days.start(), *days.end())
    };
    let spans = spans_worked_on(store, &asking.iter().map(span).collect::<Vec<_>>());
    skip(db, asking, &spans.recorded_by_patient()).await
}

/// Those of these kinds that are to be sent so far.
fn asking<'d, 'a>(decisions: &'d mut [Decision<'a>], kinds: &[reminder::Kind]) -> Vec<&'d mut Decision<'a>> {
    let open = decisions.iter_mut().filter(|decision| decision.not_sent.is_none());
    open.filter(|decision| decision.scheduled.reminder.kind().is_some_and(|kind| kinds.contains(&kind)))
        .collect()
}

/// Leaves out those whose numbers a select gives.
async fn skip(
    db: &Transaction,
    mut asking: Vec<&mut Decision<'_>>,
    recorded: &SelectStatement,
) -> Result<(), DbErr> {
    if asking.is_empty() {
        return Ok(());
    }
    for row in db.query_all(recorded).await? {
        let number: i64 = row.try_get("", "number")?;
        if let Some(decision) = usize::try_from(number).ok().and_then(|place| asking.get_mut(place)) {
            decision.not_sent = Some((Outcome::Skipped, Reason::AlreadyRecorded));
        }
    }
    Ok(())
}

/// Marks as sent what is to be sent. Of several servers, and of other programs, the first to mark it sends it.
async fn mark_sent(
    db: &Transaction,
    decisions: &mut [Decision<'_>],
    now: NaiveDateTime,
) -> Result<(), DbErr> {
    let mut by_slot: HashMap<NaiveDateTime, Vec<Uuid>> = HashMap::new();
    for decision in decisions.iter().filter(|decision| decision.not_sent.is_none()) {
        by_slot.entry(decision.slot).or_default().push(decision.scheduled.reminder.id);
    }
    let sent_at = reminder::Column::LastSentAt;
    let mut marked = HashSet::new();
    for (slot, ids) in by_slot {
        let id = reminder::Column::Id.into_simple_expr();
        let mark = reminder::Entity::update_many()
            .col_expr(sent_at, Expr::value(now))
            .filter(dialect::among(db.get_database_backend(), id, &ids))
            .filter(sent_at.is_null().or(sent_at.lt(slot)));
        marked.extend(mark.updated(db).await?.into_iter().map(|row| row.id));
    }
    let open = decisions.iter_mut().filter(|decision| decision.not_sent.is_none());
    for decision in open.filter(|decision| !marked.contains(&decision.scheduled.reminder.id)) {
        decision.not_sent = Some((Outcome::Skipped, Reason::AlreadySent));
    }
    Ok(())
}

/// Writes the events of what was sent, and what became of each moment.
async fn note(db: &Transaction, decisions: &[Decision<'_>], now: NaiveDateTime) -> Result<(), DbErr> {
    let sent = decisions.iter().filter(|decision| decision.not_sent.is_none());
    let events: Vec<_> = sent.map(|decision| decision.event(now)).collect();
    if !events.is_empty() {
        event::Entity::insert_many(events).exec_without_returning(db).await?;
    }
    let rows: Vec<_> = decisions.iter().map(|decision| decision.row(now)).collect();
    if !rows.is_empty() {
        let once = OnConflict::columns([delivery::Column::ReminderId, delivery::Column::DueAt])
            .do_nothing()
            .to_owned();
        delivery::Entity::insert_many(rows).on_conflict(once).exec_without_returning(db).await?;
    }
    Ok(())
}

/// When each is due next. A reminder that is gone, or not sent any more, leaves the agenda.
fn next(claim: &Claim, scheduled: &[Scheduled], now: NaiveDateTime) -> Vec<(Uuid, Option<NaiveDateTime>)> {
    let due = |scheduled: &Scheduled| {
        let next = next_due(&scheduled.schedule(), now.and_utc())?;
        Some((scheduled.reminder.id, next.naive_utc()))
    };
    let due: HashMap<_, _> = scheduled.iter().filter_map(due).collect();
    claim.items.iter().map(|item| (item.subject, due.get(&item.subject).copied())).collect()
}

impl Decision<'_> {
    /// The patient's day in which the moment lies.
    fn day(&self) -> NaiveDate {
        self.scheduled.calendar.local_day(self.slot)
    }

    fn event(&self, now: NaiveDateTime) -> event::ActiveModel {
        Event::of_goal(Kind::ReminderDue, &self.scheduled.goal, self.scheduled.reminder.id)
            .due(self.slot)
            .row(now)
    }

    fn late_seconds(&self, now: NaiveDateTime) -> i32 {
        i32::try_from((now - self.slot).num_seconds()).unwrap_or(i32::MAX)
    }

    fn row(&self, now: NaiveDateTime) -> delivery::ActiveModel {
        let outcome = self.not_sent.map_or(Outcome::Sent, |(outcome, _)| outcome);
        delivery::ActiveModel {
            id: Set(Uuid::now_v7()),
            reminder_id: Set(self.scheduled.reminder.id),
            due_at: Set(self.slot),
            decided_at: Set(now),
            late_seconds: Set(self.late_seconds(now)),
            outcome: Set(outcome.as_str().to_owned()),
            reason: Set(self.not_sent.map(|(_, reason)| reason.as_str().to_owned())),
        }
    }
}

/// What became of them, in numbers.
fn tally(decisions: &[Decision<'_>], now: NaiveDateTime) -> Tally {
    let mut tally = Tally::default();
    for decision in decisions {
        let outcome = decision.not_sent.map_or(Outcome::Sent, |(outcome, _)| outcome);
        tally.count(outcome, decision.late_seconds(now));
    }
    tally
}

/// Forgets what became of reminders before this moment.
pub async fn forget_deliveries(store: &Store, before: NaiveDateTime) -> Result<u64, DbErr> {
    let old = delivery::Column::DecidedAt.lt(before);
    Ok(delivery::Entity::delete_many().filter(old).exec(store).await?.rows_affected)
}
