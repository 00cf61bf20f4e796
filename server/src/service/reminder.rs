//! Reminders.

use chrono::NaiveDateTime;
use entity::{Weekdays, goal, reminder};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::work::{Work, carry_out};
use super::{Act, Id, Outcome};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::reminder::{self as input, Changes, Draft};
use crate::rules::input::{MOST_REMINDERS, Patch, Path};
use crate::store::Saved;

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

pub async fn schedule(act: &Act, goal: Id, draft: Draft) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Remind, goal).await?;
        if let Some((goal, _)) = &found {
            let of_goal = reminder::Column::GoalId.eq(goal.id);
            work.check_room::<reminder::Entity>(of_goal, "reminders", MOST_REMINDERS).await?;
        }
        let path = Path::input();
        work.check.add(&path, input::check(&path, &draft));
        let (goal, permit) = work.check.done(found)?;

        let row = row(&goal, draft, work.now);

        let reminder = row.insert(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::ReminderScheduled, &goal, reminder.id));
        Ok(Changed { reminder, goal })
    })
    .await
}

pub fn row(goal: &goal::Model, draft: Draft, now: NaiveDateTime) -> reminder::ActiveModel {
    reminder::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.id),
        patient_id: Set(goal.patient_id),
        reminder_type: Set(draft.kind.map(|kind| kind.as_str().to_owned())),
        scheduled_time: Set(draft.time),
        scheduled_days: Set(draft.days.as_deref().map(weekdays)),
        message: Set(draft.message),
        is_active: Set(Some(draft.is_active)),
        last_sent_at: Set(None),
        created_at: Set(Some(now)),
    }
}

fn weekdays(days: &[i32]) -> Weekdays {
    Weekdays::new(input::stored_weekdays(days))
}

pub async fn update(act: &Act, reminder: Id, changes: Changes) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = find(work, reminder).await?;
        work.check.add(&Path::input(), input::check_changes(&changes));
        let (goal, stored, permit) = work.check.done(found)?;

        let (id, every_day) = (stored.id, changes.days == Patch::Clear);
        let row = changed(stored, changes);

        let mut reminder = row.update(&work.db).await?;
        if every_day {
            clear_days(work, id).await?;
            reminder.scheduled_days = None;
        }

        work.emit(&permit, Event::of_goal(Kind::ReminderUpdated, &goal, id));
        Ok(Changed { reminder, goal })
    })
    .await
}

/// The row after a change. Here its days are set; [`clear_days`] clears them.
fn changed(stored: reminder::Model, changes: Changes) -> reminder::ActiveModel {
    let kind = changes.kind.over(stored.kind()).map(|kind| kind.as_str().to_owned());
    let time = changes.time.over(stored.scheduled_time);
    let message = changes.message.over(stored.message.clone());
    let is_active = changes.is_active.unwrap_or_else(|| stored.is_active());
    let mut row = stored.into_active_model();
    row.reminder_type = Set(kind);
    row.scheduled_time = Set(time);
    row.message = Set(message);
    row.is_active = Set(Some(is_active));
    if let Patch::Set(days) = &changes.days {
        row.scheduled_days = Set(Some(weekdays(days)));
    }
    row
}

/// Clears the weekdays by a NULL in the statement: as a parameter it would need the type that the column has
/// in this database.
async fn clear_days(work: &Work<'_>, reminder: Uuid) -> Outcome<()> {
    let update = reminder::Entity::update_many()
        .col_expr(reminder::Column::ScheduledDays, Expr::cust("NULL"))
        .filter(reminder::Column::Id.eq(reminder));
    update.exec(&work.db).await?;
    Ok(())
}

pub async fn delete(act: &Act, reminder: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, reminder).await?;
        let (goal, stored, permit) = work.check.done(found)?;

        reminder::Entity::delete_by_id(stored.id).exec(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::ReminderDeleted, &goal, stored.id));
        Ok(Deleted { deleted_id: stored.id, goal })
    })
    .await
}

async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<(goal::Model, reminder::Model, Permit)>> {
    let named = ("reminderId", "reminder");
    work.below_goal::<reminder::Entity>(named, id, |row| (row.goal_id, Action::Remind)).await
}
