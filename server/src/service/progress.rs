//! Recording progress.

use std::slice;

use entity::person::Role;
use entity::{goal, milestone, progress};
use sea_orm::{ColumnTrait, EntityTrait, QueryTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Change, achieve_reached};
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::entry::{Draft, Entry, check};
use crate::rules::input::{Code, Ground, Path, Problem, import};
use crate::store::{Inserted, Saved, rows};

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

/// Records one entry. When the draft has no day, it is the patient's today.
pub async fn record(act: &Act, goal: Id, draft: Draft) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Record, goal).await?;
        let goal = found.as_ref().map(|(goal, _)| goal);
        let (tracked, ground) = ground(work, goal).await?;
        work.check_session(draft.session, goal.map(|goal| goal.patient_id)).await?;
        let path = Path::input();
        let draft = Draft { date: draft.date.or(Some(ground.today.latest())), ..draft };
        let entry = work.check.keep(&path, check(&path, draft, &ground));
        let ((goal, permit), entry) = work.check.done(found.zip(entry))?;

        let row = row(work, &goal, &tracked, entry);

        let entry = row.insert(&work.db).await?;

        let achieved = recorded(work, &permit, &goal, slice::from_ref(&entry)).await?;
        Ok(Recorded { entry, goal, achieved })
    })
    .await
}

/// How the goal is tracked, and what an entry is checked against. When the patient can't record on this goal
/// at all, the value of the entry is not checked.
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
        context: Set(entry.context.map(|context| context.as_str().to_owned())),
        session_id: Set(entry.session),
        recorded_by: Set(Some(work.viewer().id())),
        recorded_at: Set(Some(work.now)),
    }
}

/// Emits the entries that were recorded and achieves the milestones that they have reached. Milestones are
/// evaluated once, however many entries there are.
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
    achieve_reached(work, permit, goal, Change::Entries { new: entries, old: &[] }).await
}

/// Imports all entries or none.
pub async fn import(act: &Act, goal: Id, rows: Vec<Draft>) -> Outcome<Imported> {
    carry_out(act, async |work| {
        let found = work.goal_for(Action::Record, goal).await?;
        let goal = found.as_ref().map(|(goal, _)| goal);
        let (tracked, ground) = ground(work, goal).await?;
        let stored = stored(work, goal).await?;
        work.check.note_unread(|_| true);
        let path = Path::input().at("entries");
        let entries = work.check.keep(&path, import::check(&path, rows, &stored, &ground));
        let ((goal, permit), entries) = work.check.done(found.zip(entries))?;

        let rows: Vec<_> = entries.into_iter().map(|entry| row(work, &goal, &tracked, entry)).collect();

        let mut entries = progress::Entity::insert_many(rows).inserted(&work.db).await?;
        // No database promises to return rows in the order of the insert; their ids are in that order.
        entries.sort_unstable_by_key(|entry| entry.id);

        let achieved = recorded(work, &permit, &goal, &entries).await?;
        Ok(Imported { entries, goal, achieved })
    })
    .await
}

async fn stored(work: &Work<'_>, goal: Option<&goal::Model>) -> Outcome<import::Stored> {
    let mut alike = import::Stored::new();
    let Some(goal) = goal else { return Ok(alike) };
    let own = progress::Column::GoalId.eq(goal.id);
    let stored = work.viewer().few::<progress::Entity>(own).into_query();
    let stored = rows::<progress::Entity>(&work.db, &stored).await?;
    for row in stored {
        *alike.entry(import::key(row.entry_date, row.entry_time, row.value)).or_default() += 1;
    }
    Ok(alike)
}
