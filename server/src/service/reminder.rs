//! Reminders.

use async_graphql::{ID, MaybeUndefined};
use chrono::NaiveDateTime;
use entity::{Weekdays, goal, reminder};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::{Check, patched};
use super::work::Work;
use super::{Act, Outcome};
use crate::access::{Deed, Permit};
use crate::clock::Clock;
use crate::event::{Event, Kind};
use crate::rules::input::reminder as input;
use crate::rules::input::{MOST_REMINDERS, Path, count};
use crate::store::Store;
use crate::wire::input::{DeleteReminderInput, ReminderInput, ScheduleReminderInput, UpdateReminderInput};

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub reminder: reminder::Model,
    pub goal: goal::Model,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub goal: goal::Model,
}

pub async fn schedule(act: &Act, input: ScheduleReminderInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Remind, &input.goal_id).await)?;
    if let Some((goal, _)) = &found {
        let stored = work.viewer().all::<reminder::Entity>().filter(reminder::Column::GoalId.eq(goal.id));
        let stored = usize::try_from(stored.count(&work.db).await?).unwrap_or(usize::MAX);
        check.add(count(&Path::input().at("goalId"), "reminders", stored, 1, MOST_REMINDERS));
    }
    let plain = ReminderInput {
        reminder_type: input.reminder_type,
        scheduled_time: input.scheduled_time,
        scheduled_days: input.scheduled_days,
        message: input.message,
        is_active: input.is_active,
    };
    let row = build(&mut check, &Path::input(), &plain, found.as_ref().map(|(goal, _)| goal), &work);
    let (goal, permit) = check.done(found)?;

    let reminder = row.insert(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::ReminderScheduled, &goal, reminder.id));
    work.finish(Changed { reminder, goal }).await
}

/// Checks a reminder and gives the row to insert; without its goal it is only to be checked.
pub fn build(
    check: &mut Check,
    path: &Path,
    input: &ReminderInput,
    goal: Option<&goal::Model>,
    work: &Work<'_>,
) -> reminder::ActiveModel {
    let time = input.scheduled_time.as_ref();
    let time = time.and_then(|sent| check.time(&path.at("scheduledTime"), "The time", sent));
    check.add(input::check(path, input.scheduled_days.as_deref(), input.message.as_deref()));
    let days = input.scheduled_days.as_deref().map(|days| Weekdays::new(input::stored_weekdays(days)));
    reminder::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.map(|goal| goal.id).unwrap_or_default()),
        patient_id: Set(goal.map(|goal| goal.patient_id).unwrap_or_default()),
        reminder_type: Set(input.reminder_type.map(|kind| reminder::Kind::from(kind).word().to_owned())),
        scheduled_time: Set(time),
        scheduled_days: Set(days),
        message: Set(input.message.clone()),
        is_active: Set(Some(input.is_active.unwrap_or(true))),
        last_sent_at: Set(None),
        created_at: Set(Some(work.now)),
    }
}

pub async fn update(act: &Act, input: UpdateReminderInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(find(&work, &input.reminder_id).await)?;
    let stored = found.as_ref().map(|(_, reminder, _)| reminder);
    let path = Path::input();
    check.required(&path.at("isActive"), "Whether it is active", &input.is_active);
    check.add(input::check(
        &path,
        input.scheduled_days.value().map(Vec::as_slice),
        input.message.value().map(String::as_str),
    ));
    let kind =
        patched(&input.reminder_type, stored.and_then(reminder::Model::kind), |kind| Some((*kind).into()));
    let time = patched(&input.scheduled_time, stored.and_then(|row| row.scheduled_time), |sent| {
        check.time(&path.at("scheduledTime"), "The time", sent)
    });
    let (_, stored, permit) = check.done(found)?;

    let id = stored.id;
    let message = patched(&input.message, stored.message.clone(), |text| Some(text.clone()));
    let active = input.is_active.value().copied().unwrap_or_else(|| stored.is_active());
    let mut row = stored.into_active_model();
    row.reminder_type = Set(kind.map(|kind: reminder::Kind| kind.word().to_owned()));
    row.scheduled_time = Set(time);
    row.message = Set(message);
    row.is_active = Set(Some(active));
    if let MaybeUndefined::Value(days) = &input.scheduled_days {
        row.scheduled_days = Set(Some(Weekdays::new(input::stored_weekdays(days))));
    }
    row.update(&work.db).await?;
    if matches!(input.scheduled_days, MaybeUndefined::Null) {
        every_day(&work, id).await?;
    }
    let (goal, reminder, _) = find(&work, &input.reminder_id).await?;
    work.tell(&permit, Event::of_goal(Kind::ReminderUpdated, &goal, id));
    work.finish(Changed { reminder, goal }).await
}

/// A NULL of no type: one in a parameter would have to be of the database's own.
async fn every_day(work: &Work<'_>, id: Uuid) -> Outcome<()> {
    let update = reminder::Entity::update_many()
        .col_expr(reminder::Column::ScheduledDays, Expr::cust("NULL"))
        .filter(reminder::Column::Id.eq(id));
    update.exec(&work.db).await?;
    Ok(())
}

pub async fn delete(act: &Act, input: DeleteReminderInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored, permit) = find(&work, &input.reminder_id).await?;

    reminder::Entity::delete_by_id(stored.id).exec(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::ReminderDeleted, &goal, stored.id));
    work.finish(Deleted { deleted_id: stored.id, goal }).await
}

/// Says that a reminder is due, once: of several schedulers the first to mark it as sent says so. False
/// when that was another. It is the clock's doing, so there is nobody to ask for leave.
pub async fn remind(
    store: &Store,
    clock: &Clock,
    reminder: &reminder::Model,
    goal: &goal::Model,
    due_at: NaiveDateTime,
) -> Result<bool, DbErr> {
    let db = store.begin().await?;
    let sent_at = reminder::Column::LastSentAt;
    let mark = reminder::Entity::update_many()
        .col_expr(sent_at, Expr::value(std::cmp::max(clock.stamp(), due_at)))
        .filter(reminder::Column::Id.eq(reminder.id))
        .filter(sent_at.is_null().or(sent_at.lt(due_at)));
    if mark.exec(&db).await?.rows_affected == 0 {
        return Ok(false);
    }
    let event = Event::of_goal(Kind::ReminderDue, goal, reminder.id).due(due_at);
    event.row(clock.stamp()).insert(&db).await?;
    db.commit_with_events().await?;
    Ok(true)
}

async fn find(work: &Work<'_>, id: &ID) -> Outcome<(goal::Model, reminder::Model, Permit)> {
    let found = work.below_goal::<reminder::Entity>("reminderId", id, "reminder", |row| row.goal_id).await;
    let (goal, reminder) = found?;
    let permit = work.permit(Deed::Remind, goal.patient_id).await?;
    Ok((goal, reminder, permit))
}
