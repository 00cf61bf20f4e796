//! Milestones: added, changed, deleted.

use chrono::NaiveDateTime;
use entity::{goal, milestone};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Change, achieve_reached};
use super::tracking::ground;
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::milestone::{self as input, Changes, Draft, Mark};
use crate::rules::input::{MOST_MILESTONES, Path};
use crate::store::Saved;

/// What a milestone's own mutations give back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub milestone: milestone::Model,
    pub goal: goal::Model,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub goal: goal::Model,
}

/// Adds a milestone. It is achieved at once when the recorded values have reached it already.
pub async fn add(act: &Act, goal: Id, draft: Draft) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Manage, goal).await?;
        check(work, found.as_ref().map(|(goal, _)| goal), &draft).await?;
        let (goal, permit) = work.check.done(found)?;

        let row = row(goal.id, draft, work.now);

        let row = row.insert(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::MilestoneAdded, &goal, row.id));
        achieve_reached(work, &permit, &goal, Change::Milestone(row.id)).await?;
        as_it_stands(work, row, goal).await
    })
    .await
}

async fn check(work: &mut Work<'_>, goal: Option<&goal::Model>, draft: &Draft) -> Outcome<()> {
    let ground = ground(&work.tracked(goal).await?);
    if let Some(goal) = goal {
        let of_goal = milestone::Column::GoalId.eq(goal.id);
        work.check_room::<milestone::Entity>(of_goal, "milestones", MOST_MILESTONES).await?;
    }
    let path = Path::input();
    work.check.add(&path, input::check(&path, draft, &ground));
    Ok(())
}

pub fn row(goal: Uuid, draft: Draft, now: NaiveDateTime) -> milestone::ActiveModel {
    milestone::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal),
        milestone_type: Set(draft.kind.map(|kind| kind.as_str().to_owned())),
        title: Set(draft.title.trim().to_owned()),
        description: Set(draft.description),
        target_value: Set(draft.target),
        achieved_at: Set(None),
        created_at: Set(Some(now)),
    }
}

/// The milestone as it is now: it may have been achieved after it was written.
async fn as_it_stands(work: &Work<'_>, row: milestone::Model, goal: goal::Model) -> Outcome<Changed> {
    let milestone = work.find::<milestone::Entity>(row.id).await?.unwrap_or(row);
    Ok(Changed { milestone, goal })
}

pub async fn update(act: &Act, milestone: Id, changes: Changes) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = find(work, milestone).await?;
        let ground = ground(&work.tracked(found.as_ref().map(|(goal, ..)| goal)).await?);
        let stored = found.as_ref().map(|(_, milestone, _)| mark(milestone));
        work.check.add(&Path::input(), input::check_changes(stored, &changes, &ground));
        let (goal, stored, permit) = work.check.done(found)?;

        let moved = changes.mark(mark(&stored)) != mark(&stored);
        let row = changed(stored, changes);

        let row = row.update(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::MilestoneUpdated, &goal, row.id));
        if moved {
            achieve_reached(work, &permit, &goal, Change::Milestone(row.id)).await?;
        }
        as_it_stands(work, row, goal).await
    })
    .await
}

fn mark(row: &milestone::Model) -> Mark {
    Mark { kind: row.kind(), target: row.target_value }
}

fn changed(stored: milestone::Model, changes: Changes) -> milestone::ActiveModel {
    let mark = changes.mark(mark(&stored));
    let description = changes.description.over(stored.description.clone());
    let title = changes.title.as_ref().unwrap_or(&stored.title).trim().to_owned();
    let mut row = stored.into_active_model();
    row.milestone_type = Set(mark.kind.map(|kind| kind.as_str().to_owned()));
    row.title = Set(title);
    row.description = Set(description);
    row.target_value = Set(mark.target);
    row
}

pub async fn delete(act: &Act, milestone: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, milestone).await?;
        let (goal, stored, permit) = work.check.done(found)?;

        milestone::Entity::delete_by_id(stored.id).exec(&work.db).await?;

        work.emit(&permit, Event::of_goal(Kind::MilestoneDeleted, &goal, stored.id));
        Ok(Deleted { deleted_id: stored.id, goal })
    })
    .await
}

pub async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<(goal::Model, milestone::Model, Permit)>> {
    let named = ("milestoneId", "milestone");
    work.below_goal::<milestone::Entity>(named, id, |row| (row.goal_id, Action::Manage)).await
}
