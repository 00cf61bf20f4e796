//! The entry that a score becomes, for a goal that is tracked by assessment.

use entity::{assessment, goal, milestone, progress};
use rust_decimal::Decimal;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::Outcome;
use super::achievement::{Change, achieve_reached};
use super::aim::Before;
use super::work::Work;
use crate::access::Permit;
use crate::event::{Event, Kind};
use crate::rules::measure::Measure;

/// Makes an entry of the score when the goal is tracked by assessment.
pub async fn make_entry(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    assessment: &assessment::Model,
) -> Outcome<(Option<progress::Model>, Vec<milestone::Model>)> {
    let tracked = work.tracked(Some(goal)).await?;
    if !matches!(tracked.measure(), Some(Measure::Assessment(_))) {
        return Ok((None, Vec::new()));
    }
    if tracked.configurations.first().is_some_and(|row| row.direction() != tracked.aim(goal).settled()) {
        Before::of(work, goal).await?.follow(work, goal).await?;
    }
    let row = progress::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.id),
        tracking_config_id: Set(tracked.configurations.first().map(|row| row.id)),
        entry_date: Set(assessment.administered_date),
        value: Set(assessment.score.into()),
        value_label: Set(assessment.severity.clone()),
        context: Set(Some(progress::Context::Assessment.as_str().to_owned())),
        recorded_by: Set(Some(work.viewer().id())),
        recorded_at: Set(Some(work.now)),
        ..Default::default()
    };
    let entry = row.insert(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressRecorded, goal, entry.id);
    work.emit(permit, event.because_of(Some(entry.id), entry.entry_date));
    let touched = Change::day(entry.entry_date);
    let achieved = achieve_reached(work, permit, goal, &touched, std::slice::from_ref(&entry)).await?;
    Ok((Some(entry), achieved))
}

/// Deletes the entry that was recorded with an assessment, in the same transaction and so at the same
/// moment: no column says which it is.
pub async fn delete_entry(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    assessment: &assessment::Model,
) -> Outcome<(Option<Uuid>, Vec<milestone::Model>)> {
    let made = work
        .viewer()
        .all::<progress::Entity>()
        .filter(progress::Column::GoalId.eq(goal.id))
        .filter(progress::Column::Context.eq(progress::Context::Assessment.as_str()))
        .filter(progress::Column::RecordedAt.eq(assessment.created_at))
        .filter(progress::Column::EntryDate.eq(assessment.administered_date))
        .filter(progress::Column::Value.eq(Decimal::from(assessment.score)));
    let Some(entry) = made.one(&work.db).await? else { return Ok((None, Vec::new())) };
    progress::Entity::delete_by_id(entry.id).exec(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressDeleted, goal, entry.id);
    work.emit(permit, event.because_of(None, entry.entry_date));
    let achieved = achieve_reached(work, permit, goal, &Change::day(entry.entry_date), &[]).await?;
    Ok((Some(entry.id), achieved))
}
