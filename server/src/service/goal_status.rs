//! The status of a goal, and the days on which nothing is due that go with it: on hold, completed, abandoned.

use chrono::{NaiveDate, NaiveDateTime};
use entity::goal::{self, Status};
use entity::pause;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use uuid::Uuid;

use super::goal::Changed;
use super::work::{Work, carry_out};
use super::{Act, KnownGoal, Outcome};
use crate::event::{Event, Kind};
use crate::rules::input::status;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::status::is_active;
use crate::store::Saved;

/// Moves a goal to another status. `wanted` is `None` when what was sent is no status that can be set.
pub async fn change(act: &Act, goal: KnownGoal, wanted: Option<Status>) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = work.known_goal(goal).await?;
        let moved = check(work, found.as_ref().map(|(goal, _)| goal), wanted);
        let ((stored, permit), (wanted, completed_at)) = work.check.done(found.zip(moved))?;
        if stored.status() == Some(wanted) {
            return Ok(Changed { goal: stored });
        }

        let row = moved_to(&stored, wanted, completed_at, work.now);

        let today = work.day_of(stored.patient_id).await?;
        resume(work, &stored, today).await?;
        if !is_active(Some(wanted)) {
            pause(work, stored.id, today).await?;
        }
        let goal = row.update(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::GoalStatusChanged, &goal, goal.id));
        Ok(Changed { goal })
    })
    .await
}

/// The new status, with the moment of completion that goes with it.
fn check(
    work: &mut Work<'_>,
    goal: Option<&goal::Model>,
    wanted: Option<Status>,
) -> Option<(Status, Option<NaiveDateTime>)> {
    let path = Path::input();
    let Some(wanted) = wanted else {
        let message = "Say which status the goal is to have.";
        work.check.add(&path, [Problem::new(Code::Required, &path.at("status"), message)]);
        return None;
    };
    let goal = goal?;
    let completed = status::change(goal.status(), wanted, goal.completed_at, work.now);
    let completed = work.check.keep(&path, completed.map_err(|problem| vec![problem]))?;
    Some((wanted, completed))
}

fn moved_to(
    stored: &goal::Model,
    wanted: Status,
    completed_at: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> goal::ActiveModel {
    let mut row = stored.clone().into_active_model();
    row.status = Set(Some(wanted.as_str().to_owned()));
    row.completed_at = Set(completed_at);
    row.updated_at = Set(Some(now));
    row
}

/// From this day on nothing is due.
pub async fn pause(work: &Work<'_>, goal: Uuid, today: NaiveDate) -> Outcome<()> {
    let row = pause::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal),
        first_day: Set(today),
        last_day: Set(None),
    };
    row.insert(&work.db).await?;
    Ok(())
}

/// The goal is taken up again: the last day on which nothing was due is the one before `today`.
async fn resume(work: &Work<'_>, stored: &goal::Model, today: NaiveDate) -> Outcome<()> {
    let last = today.pred_opt().unwrap_or(today);
    let open = pause::Entity::update_many()
        .col_expr(pause::Column::LastDay, Expr::value(last))
        .filter(pause::Column::GoalId.eq(stored.id))
        .filter(pause::Column::LastDay.is_null());
    let ended = open.exec(&work.db).await?.rows_affected > 0;
    match stored.completed_at.filter(|_| stored.status() == Some(Status::Completed) && !ended) {
        Some(completed) => completed_elsewhere(work, stored, completed, last).await,
        None => Ok(()),
    }
}

/// Nothing was due since the goal was completed, by another program or before such days were kept.
async fn completed_elsewhere(
    work: &Work<'_>,
    stored: &goal::Model,
    completed: NaiveDateTime,
    last: NaiveDate,
) -> Outcome<()> {
    let first = work.local_day(stored.patient_id, completed).await?;
    if first > last {
        return Ok(());
    }
    let row = pause::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(stored.id),
        first_day: Set(first),
        last_day: Set(Some(last)),
    };
    row.insert(&work.db).await?;
    Ok(())
}
