//! Recording progress.

use std::collections::BTreeSet;
use std::slice;

use entity::person::Role;
use entity::{goal, milestone, progress};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached};
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::entry::{self as input, Changes, Draft, Entry};
use crate::rules::input::{Code, Ground, Patch, Path, Problem};

#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded {
    pub entry: progress::Model,
    pub goal: goal::Model,
    pub achieved: Vec<milestone::Model>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Imported {
    pub entries: Vec<progress::Model>,
    pub goal: goal::Model,
    pub achieved: Vec<milestone::Model>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub goal: goal::Model,
    pub achieved: Vec<milestone::Model>,
}

/// Without a day it is an entry of the patient's today.
pub async fn record(act: &Act, goal: Id, draft: Draft) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Record, goal).await?;
        let goal = found.as_ref().map(|(goal, _)| goal);
        let (tracked, ground) = ground(work, goal).await?;
        work.check_session(draft.session, goal.map(|goal| goal.patient_id)).await?;
        let path = Path::input();
        let draft = Draft { date: draft.date.or(Some(ground.today.latest())), ..draft };
        let entry = work.check.keep(&path, input::check(&path, draft, &ground));
        let ((goal, permit), entry) = work.check.done(found.zip(entry))?;

        let row = row(work, &goal, &tracked, entry);

        let entry = row.insert(&work.db).await?;

        let achieved = recorded(work, &permit, &goal, slice::from_ref(&entry)).await?;
        Ok(Recorded { entry, goal, achieved })
    })
    .await
}

/// How the goal is tracked, and what is known to record by. Of a goal that a patient can't record on, no
/// value can be wrong.
async fn ground(work: &mut Work<'_>, goal: Option<&goal::Model>) -> Outcome<(Tracked, Ground)> {
    let tracked = work.tracked(goal).await?;
    let today = work.today(goal.map(|goal| goal.patient_id)).await?;
    let by_patient = work.viewer().role == Role::Patient;
    let ground = Ground { today, measure: tracked.measure(), by_patient, ..Ground::default() };
    if !by_patient || !ground.by_assessment() {
        return Ok((tracked, ground));
    }
    let message =
        "Patients can't record on a goal tracked by assessment: their therapist records the assessments.";
    work.check.note([Problem::new(Code::NotAllowed, &Path::input().at("goalId"), message)]);
    Ok((tracked, Ground { measure: None, ..ground }))
}

fn row(work: &Work<'_>, goal: &goal::Model, tracked: &Tracked, entry: Entry) -> progress::ActiveModel {
    progress::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.id),
        tracking_config_id: Set(tracked.configurations.first().map(|row| row.id)),
        entry_date: Set(entry.date),
        entry_time: Set(entry.time),
        value: Set(entry.value),
        value_label: Set(entry.value_label),
        notes: Set(entry.notes),
        context: Set(entry.context.map(|context| context.word().to_owned())),
        session_id: Set(entry.session),
        recorded_by: Set(Some(work.viewer().id())),
        recorded_at: Set(Some(work.now)),
    }
}

/// Emits what was recorded, and achieves what it reaches: milestones are looked at once.
async fn recorded(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    entries: &[progress::Model],
) -> Outcome<Vec<milestone::Model>> {
    for entry in entries {
        let event = Event::of_goal(Kind::ProgressRecorded, goal, entry.id);
        work.emit(permit, event.because_of(Some(entry.id), entry.entry_date));
    }
    let days: Vec<_> = entries.iter().map(|entry| entry.entry_date).collect();
    let Some(effective) = days.iter().copied().max() else { return Ok(Vec::new()) };
    achieve_reached(work, permit, goal, &Touched::Days { days, effective }, entries).await
}

/// All rows or none.
pub async fn import(act: &Act, goal: Id, rows: Vec<Draft>) -> Outcome<Imported> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Record, goal).await?;
        let goal = found.as_ref().map(|(goal, _)| goal);
        let (tracked, ground) = ground(work, goal).await?;
        let stored = stored_keys(work, goal).await?;
        work.check.tell_unread(|_| true);
        let path = Path::input().at("entries");
        let entries = work.check.keep(&path, input::import(&path, rows, &stored, &ground));
        let ((goal, permit), entries) = work.check.done(found.zip(entries))?;

        let rows: Vec<_> = entries.into_iter().map(|entry| row(work, &goal, &tracked, entry)).collect();

        let mut entries = progress::Entity::insert_many(rows).exec_with_returning(&work.db).await?;
        // No database promises to give rows back in their order; the ids grow in it.
        entries.sort_unstable_by_key(|entry| entry.id);

        let achieved = recorded(work, &permit, &goal, &entries).await?;
        Ok(Imported { entries, goal, achieved })
    })
    .await
}

async fn stored_keys(work: &Work<'_>, goal: Option<&goal::Model>) -> Outcome<BTreeSet<input::Key>> {
    let Some(goal) = goal else { return Ok(BTreeSet::new()) };
    let own = progress::Column::GoalId.eq(goal.id);
    let stored = work.viewer().all::<progress::Entity>().filter(own).all(&work.db).await?;
    let key = |row: &progress::Model| input::key(row.entry_date, row.entry_time, row.value);
    Ok(stored.iter().map(key).collect())
}

pub async fn update(act: &Act, entry: Id, changes: Changes) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = find(work, entry).await?;
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

/// What is known to correct an entry by: it was measured by the configuration it was recorded under.
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
        row.context = Set(context.map(|context| context.word().to_owned()));
    }
    row
}

/// A note changes no figure: what was revoked must not return by it.
async fn reached_by_change(
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
    let days = vec![before.entry_date, after.entry_date];
    let touched = Touched::Days { days, effective: after.entry_date };
    achieve_reached(work, permit, goal, &touched, slice::from_ref(after)).await
}

/// Whatever it achieved stays achieved. What it hid may be achieved: it may have been a slip of the pen.
pub async fn delete(act: &Act, entry: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, entry).await?;
        let (goal, stored, permit) = work.check.done(found)?;

        progress::Entity::delete_by_id(stored.id).exec(&work.db).await?;

        let event = Event::of_goal(Kind::ProgressDeleted, &goal, stored.id);
        work.emit(&permit, event.because_of(None, stored.entry_date));
        let touched = Touched::day(stored.entry_date);
        let achieved = achieve_reached(work, &permit, &goal, &touched, &[]).await?;
        Ok(Deleted { deleted_id: stored.id, goal, achieved })
    })
    .await
}

async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<(goal::Model, progress::Model, Permit)>> {
    let action = |row: &progress::Model| (row.goal_id, Action::Correct(row.recorded_by));
    work.below_goal::<progress::Entity>(("entryId", "entry"), id, action).await
}
