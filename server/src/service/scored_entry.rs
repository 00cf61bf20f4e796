//! The entry that a score becomes, for a goal that is tracked by assessment.

use std::slice;

use entity::{assessment, goal, milestone, progress};
use sea_orm::{EntityTrait, IntoActiveModel, Set};
use uuid::Uuid;

use super::Outcome;
use super::achievement::{Change, achieve_reached};
use super::aim::Before;
use super::correction::reached_by_change;
use super::link::{entry_id, made_of};
use super::work::Work;
use crate::access::Permit;
use crate::event::{Event, Kind};
use crate::rules::measure::Measure;
use crate::store::Saved;

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
        id: Set(entry_id(assessment.id)),
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
    let change = Change::Entries { new: slice::from_ref(&entry), old: &[] };
    let achieved = achieve_reached(work, permit, goal, change).await?;
    Ok((Some(entry), achieved))
}

/// Corrects the entry that was made of a score after the score was corrected. `before` is the score as it was.
pub async fn correct_entry(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    (before, after): (&assessment::Model, &assessment::Model),
) -> Outcome<(Option<progress::Model>, Vec<milestone::Model>)> {
    let Some(stored) = made_of(work, goal, before).await? else { return Ok((None, Vec::new())) };
    let figures = |row: &assessment::Model| (row.score, row.administered_date, row.severity.clone());
    if figures(before) == figures(after) {
        return Ok((Some(stored), Vec::new()));
    }
    let mut row = stored.clone().into_active_model();
    row.entry_date = Set(after.administered_date);
    row.value = Set(after.score.into());
    row.value_label = Set(after.severity.clone());
    let entry = row.update(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressUpdated, goal, entry.id);
    work.emit(permit, event.because_of(Some(entry.id), entry.entry_date));
    let achieved = reached_by_change(work, permit, goal, &stored, &entry).await?;
    Ok((Some(entry), achieved))
}

/// Deletes the entry that was made of a score.
pub async fn delete_entry(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    score: &assessment::Model,
) -> Outcome<(Option<Uuid>, Vec<milestone::Model>)> {
    let Some(entry) = made_of(work, goal, score).await? else { return Ok((None, Vec::new())) };
    progress::Entity::delete_by_id(entry.id).exec(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressDeleted, goal, entry.id);
    work.emit(permit, event.because_of(None, entry.entry_date));
    let change = Change::Entries { new: &[], old: slice::from_ref(&entry) };
    let achieved = achieve_reached(work, permit, goal, change).await?;
    Ok((Some(entry.id), achieved))
}
