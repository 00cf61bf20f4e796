//! Corrections of recorded progress: entries changed and deleted.

use std::slice;

use entity::person::Role;
use entity::{goal, milestone, progress};
use sea_orm::{EntityTrait, IntoActiveModel, Set};

use super::achievement::{Change, achieve_reached};
use super::link::check_not_made;
use super::progress::{Deleted, Recorded};
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::entry::{self as input, Changes};
use crate::rules::input::{Ground, Patch, Path};
use crate::store::Saved;

pub async fn update(act: &Act, entry: Id, changes: Changes) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = find(work, entry).await?;
        check_not_made(work, found.as_ref().map(|(_, entry, _)| entry)).await?;
        let ground = ground_of(work, found.as_ref().map(|(goal, entry, _)| (goal, entry))).await?;
        let patient = found.as_ref().map(|(goal, ..)| goal.patient_id);
        work.check_session(changes.session.new_value().copied(), patient).await?;
        work.check.add(&Path::input(), input::check_changes(&changes, &ground));
        let (goal, stored, permit) = work.check.done(found)?;

        let before = stored.clone();
        let row = changed(stored, changes, &ground);

        let entry = row.update(&work.db).await?;

        let event = Event::of_goal(Kind::ProgressUpdated, &goal, entry.id);
        work.emit(&permit, event.because_of(Some(entry.id), entry.entry_date));
        let achieved = reached_by_change(work, &permit, &goal, &before, &entry).await?;
        Ok(Recorded { entry, goal, achieved })
    })
    .await
}

/// What a correction is checked against: the configuration under which the entry was recorded.
async fn ground_of(work: &Work<'_>, found: Option<(&goal::Model, &progress::Model)>) -> Outcome<Ground> {
    let tracked = work.tracked(found.map(|(goal, _)| goal)).await?;
    let today = work.today(found.map(|(goal, _)| goal.patient_id)).await?;
    let measure = found.and_then(|(_, entry)| tracked.measure_of(entry.tracking_config_id));
    let by_patient = work.viewer().role == Role::Patient;
    Ok(Ground { today, measure, by_patient, ..Ground::default() })
}

fn changed(stored: progress::Model, changes: Changes, ground: &Ground) -> progress::ActiveModel {
    let before = stored.clone();
    let mut row = stored.into_active_model();
    row.value = Set(changes.value.unwrap_or(before.value));
    row.entry_date = Set(changes.date.unwrap_or(before.entry_date));
    row.entry_time = Set(changes.time.over(before.entry_time));
    row.value_label = Set(changes.value_label.over(before.value_label));
    row.notes = Set(changes.notes.over(before.notes));
    row.session_id = Set(changes.session.over(before.session_id));
    if changes.context != Patch::Keep {
        let context = input::context(changes.context.over(None), ground);
        row.context = Set(context.map(|context| context.as_str().to_owned()));
    }
    row
}

/// The milestones that a change has reached. A change of a note, for example, changes no figure, and a
/// milestone that was revoked must not be achieved again by it.
pub(super) async fn reached_by_change(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    before: &progress::Model,
    after: &progress::Model,
) -> Outcome<Vec<milestone::Model>> {
    let figures = |row: &progress::Model| (row.value, row.entry_date, row.entry_time, row.context());
    if figures(before) == figures(after) {
        return Ok(Vec::new());
    }
    let change = Change::Entries { new: slice::from_ref(after), old: slice::from_ref(before) };
    achieve_reached(work, permit, goal, change).await
}

/// Deletes an entry. Milestones that it achieved stay achieved. Others may be achieved without it, for example
/// when it was a mistake on the wrong side of the target.
pub async fn delete(act: &Act, entry: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, entry).await?;
        check_not_made(work, found.as_ref().map(|(_, entry, _)| entry)).await?;
        let (goal, stored, permit) = work.check.done(found)?;

        progress::Entity::delete_by_id(stored.id).exec(&work.db).await?;

        let event = Event::of_goal(Kind::ProgressDeleted, &goal, stored.id);
        work.emit(&permit, event.because_of(None, stored.entry_date));
        let change = Change::Entries { new: &[], old: slice::from_ref(&stored) };
        let achieved = achieve_reached(work, &permit, &goal, change).await?;
        Ok(Deleted { deleted_id: stored.id, goal, achieved })
    })
    .await
}

async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<(goal::Model, progress::Model, Permit)>> {
    let action = |row: &progress::Model| (row.goal_id, Action::Correct(row.recorded_by));
    work.below_goal::<progress::Entity>(("entryId", "entry"), id, action).await
}
