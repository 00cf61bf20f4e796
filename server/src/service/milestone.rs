//! Milestones: set, achieved once, taken back.

use async_graphql::ID;
use entity::{goal, milestone};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached, mark_achieved};
use super::check::{Check, patched};
use super::work::Work;
use super::{Act, Outcome};
use crate::access::{Deed, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::milestone as input;
use crate::rules::input::{MOST_MILESTONES, Path, count};
use crate::rules::measure::Measure;
use crate::rules::milestone::Fired;
use crate::wire::input::{
    AchieveMilestoneInput, AddMilestoneInput, DeleteMilestoneInput, MilestoneInput, RevokeMilestoneInput,
    UpdateMilestoneInput,
};

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

/// A milestone made after the fact may be reached at once.
pub async fn add(act: &Act, input: AddMilestoneInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Manage, &input.goal_id).await)?;
    let goal = found.as_ref().map(|(goal, _)| goal);
    let measure = work.tracked(goal).await?.measure();
    if let Some(goal) = goal {
        let stored = work.viewer().all::<milestone::Entity>().filter(milestone::Column::GoalId.eq(goal.id));
        let stored = usize::try_from(stored.count(&work.db).await?).unwrap_or(usize::MAX);
        check.add(count(&Path::input().at("goalId"), "milestones", stored, 1, MOST_MILESTONES));
    }
    let plain = MilestoneInput {
        milestone_type: input.milestone_type,
        title: input.title,
        description: input.description,
        target_value: input.target_value,
    };
    let row = build(&mut check, &Path::input(), &plain, measure, goal, &work);
    let (goal, permit) = check.done(found)?;

    let row = row.insert(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::MilestoneAdded, &goal, row.id));
    achieve_reached(&mut work, &permit, &goal, &Touched::Milestone(row.id), &[]).await?;
    let milestone = work.find::<milestone::Entity>(row.id).await?.unwrap_or(row);
    work.finish(Changed { milestone, goal }).await
}

/// Checks a milestone and gives the row to insert; without its goal it is only to be checked.
pub fn build(
    check: &mut Check,
    path: &Path,
    input: &MilestoneInput,
    measure: Option<Measure>,
    goal: Option<&goal::Model>,
    work: &Work<'_>,
) -> milestone::ActiveModel {
    let kind = input.milestone_type.map(milestone::Kind::from);
    let sent = input.target_value.as_ref();
    let target = sent.and_then(|sent| check.number(&path.at("targetValue"), "The milestone's target", sent));
    let (title, description) = (input.title.as_str(), input.description.as_deref());
    check.add(input::check(path, &input::Milestone { kind, title, description, target }, measure));
    milestone::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.map(|goal| goal.id).unwrap_or_default()),
        milestone_type: Set(kind.map(|kind| kind.word().to_owned())),
        title: Set(input.title.trim().to_owned()),
        description: Set(input.description.clone()),
        target_value: Set(target),
        achieved_at: Set(None),
        created_at: Set(Some(work.now)),
    }
}

pub async fn update(act: &Act, input: UpdateMilestoneInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(find(&work, &input.milestone_id).await)?;
    let stored = found.as_ref().map(|(_, milestone, _)| milestone);
    let measure = work.tracked(found.as_ref().map(|(goal, ..)| goal)).await?.measure();

    let path = Path::input();
    check.required(&path.at("title"), "The title", &input.title);
    let kind =
        patched(&input.milestone_type, stored.and_then(milestone::Model::kind), |kind| Some((*kind).into()));
    let title = input.title.value().or(stored.map(|row| &row.title)).cloned().unwrap_or_default();
    let description = patched(&input.description, stored.and_then(|row| row.description.clone()), |text| {
        Some(text.clone())
    });
    let target = patched(&input.target_value, stored.and_then(|row| row.target_value), |sent| {
        check.number(&path.at("targetValue"), "The milestone's target", sent)
    });
    let plain = input::Milestone { kind, title: &title, description: description.as_deref(), target };
    let moved = stored.is_none_or(|row| (kind, target) != (row.kind(), row.target_value));
    let mut problems = input::check(&path, &plain, measure);
    // What stands already is not held against a change of something else.
    problems.retain(|problem| match problem.field.last().map(String::as_str) {
        Some("title") => input.title.is_value(),
        Some("targetValue") => moved && (stored.is_some() || input.target_value.is_value()),
        _ => true,
    });
    check.add(problems);
    let (goal, stored, permit) = check.done(found)?;

    let id = stored.id;
    let mut row = stored.into_active_model();
    row.milestone_type = Set(kind.map(|kind: milestone::Kind| kind.word().to_owned()));
    row.title = Set(title.trim().to_owned());
    row.description = Set(description);
    row.target_value = Set(target);
    let row = row.update(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::MilestoneUpdated, &goal, id));
    if moved {
        achieve_reached(&mut work, &permit, &goal, &Touched::Milestone(id), &[]).await?;
    }
    let milestone = work.find::<milestone::Entity>(id).await?.unwrap_or(row);
    work.finish(Changed { milestone, goal }).await
}

/// By hand. One that is achieved already stays as it is, and nothing is told again.
pub async fn achieve(act: &Act, input: AchieveMilestoneInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored, permit) = find(&work, &input.milestone_id).await?;

    let today = work.today(Some(goal.patient_id)).await?;
    let fired = Fired { id: stored.id, effective_date: today, backdated: false };
    let achieved = mark_achieved(&mut work, &permit, &goal, &fired, None).await?;
    let milestone = achieved.unwrap_or(stored);
    work.finish(Changed { milestone, goal }).await
}

/// Takes an achievement back, so that it may be earned again.
pub async fn revoke(act: &Act, input: RevokeMilestoneInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored, permit) = find(&work, &input.milestone_id).await?;
    if stored.achieved_at.is_none() {
        return work.finish(Changed { milestone: stored, goal }).await;
    }

    let id = stored.id;
    let mut row = stored.into_active_model();
    row.achieved_at = Set(None);
    let milestone = row.update(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::MilestoneRevoked, &goal, id));
    work.finish(Changed { milestone, goal }).await
}

pub async fn delete(act: &Act, input: DeleteMilestoneInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored, permit) = find(&work, &input.milestone_id).await?;

    milestone::Entity::delete_by_id(stored.id).exec(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::MilestoneDeleted, &goal, stored.id));
    work.finish(Deleted { deleted_id: stored.id, goal }).await
}

async fn find(work: &Work<'_>, id: &ID) -> Outcome<(goal::Model, milestone::Model, Permit)> {
    let found = work.below_goal::<milestone::Entity>("milestoneId", id, "milestone", |row| row.goal_id).await;
    let (goal, milestone) = found?;
    let permit = work.permit(Deed::Manage, goal.patient_id).await?;
    Ok((goal, milestone, permit))
}
