//! Goals: changed and deleted.

use entity::{assessment, goal, milestone, progress, reminder, tracking};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Change, achieve_reached};
use super::aim::Before;
use super::tracking::ground;
use super::work::{Work, carry_out};
use super::{Act, KnownGoal, Outcome};
use crate::event::{Event, Kind};
use crate::rules::input::goal::{self as input, Changes, Way};
use crate::rules::input::{Ground, Path};
use crate::store::Saved;

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub goal: goal::Model,
}

/// What was deleted with a goal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub entries: u64,
    pub milestones: u64,
    pub reminders: u64,
    pub configurations: u64,
    /// Assessments are kept, without their goal.
    pub assessments_kept: u64,
}

pub async fn update(act: &Act, goal: KnownGoal, changes: Changes) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = work.known_goal(goal).await?;
        let stored = found.as_ref().map(|(goal, _)| goal);
        let moved = stored.is_some_and(|stored| changes.way(way(stored)) != way(stored));
        let before = match stored.filter(|_| moved) {
            Some(stored) => Some(Before::of(work, stored).await?),
            None => None,
        };
        check(work, stored, &changes, before.as_ref()).await?;
        let (stored, permit) = work.check.done(found)?;

        let changed = goal::Model { updated_at: Some(work.now), ..changed(stored, changes) };

        let goal = Saved::update(changed.into_active_model().reset_all(), &work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::GoalUpdated, &goal, goal.id));
        if let Some(before) = before {
            before.follow(work, &goal).await?;
            achieve_reached(work, &permit, &goal, Change::All).await?;
        }
        Ok(Changed { goal })
    })
    .await
}

/// A direction that nobody chose follows the new values, so it is not held against them.
async fn check(
    work: &mut Work<'_>,
    stored: Option<&goal::Model>,
    changes: &Changes,
    before: Option<&Before>,
) -> Outcome<()> {
    let ground = ground(&work.tracked(stored).await?);
    let direction = before.map_or(ground.direction, Before::said);
    let ground = Ground { direction, ..ground };
    let session = changes.session.new_value().copied();
    work.check_session(session, stored.map(|goal| goal.patient_id)).await?;
    work.check.add(&Path::input(), input::check_changes(stored.map(way), changes, &ground));
    Ok(())
}

fn way(goal: &goal::Model) -> Way {
    Way { baseline: goal.baseline_value, target: goal.target_value }
}

fn changed(stored: goal::Model, changes: Changes) -> goal::Model {
    let Way { baseline, target } = changes.way(way(&stored));
    goal::Model {
        session_id: changes.session.over(stored.session_id),
        description: changes.description.map_or(stored.description, |text| text.trim().to_owned()),
        category: changes.category.over(stored.category),
        baseline_value: baseline,
        target_value: target,
        target_date: changes.target_date.over(stored.target_date),
        ..stored
    }
}

/// Deletes a goal. The database deletes its entries, milestones, reminders and configurations with it; they
/// are counted before.
pub async fn delete(act: &Act, goal: KnownGoal) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = work.known_goal(goal).await?;
        let (goal, permit) = work.check.done(found)?;

        let deleted = counts_below(work, goal.id).await?;

        goal::Entity::delete_by_id(goal.id).exec(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::GoalDeleted, &goal, goal.id));
        Ok(deleted)
    })
    .await
}

async fn counts_below(work: &Work<'_>, goal: Uuid) -> Outcome<Deleted> {
    Ok(Deleted {
        deleted_id: goal,
        entries: work.count::<progress::Entity>(progress::Column::GoalId.eq(goal)).await?,
        milestones: work.count::<milestone::Entity>(milestone::Column::GoalId.eq(goal)).await?,
        reminders: work.count::<reminder::Entity>(reminder::Column::GoalId.eq(goal)).await?,
        configurations: work.count::<tracking::Entity>(tracking::Column::GoalId.eq(goal)).await?,
        assessments_kept: work.count::<assessment::Entity>(assessment::Column::GoalId.eq(goal)).await?,
    })
}
