//! Recording progress.

use std::collections::BTreeSet;
use std::slice;

use async_graphql::{ID, MaybeUndefined};
use chrono::NaiveDate;
use entity::{goal, milestone, progress};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached};
use super::check::{Check, patched};
use super::entry::{ReadRow, Row, context, plain, recordable};
use super::work::Work;
use super::{Act, Outcome};
use crate::access::{Deed, Permit, Viewer};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::entry as input;
use crate::rules::input::{Code, MOST_ROWS, Path, Problem};
use crate::wire::input::{
    DeleteProgressInput, ImportProgressInput, ProgressRowInput, RecordProgressInput, UpdateProgressInput,
};

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

pub async fn record(act: &Act, input: RecordProgressInput) -> Outcome<Recorded> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Record, &input.goal_id).await)?;
    let goal = found.as_ref().map(|(goal, _)| goal);
    let tracked = recordable(&mut check, &work, goal).await?;
    let today = work.today(goal.map(|goal| goal.patient_id)).await?;

    let path = Path::input();
    let session = match &input.session_id {
        Some(id) => check.found(work.session(id, goal.map(|goal| goal.patient_id)).await)?.flatten(),
        None => None,
    };
    let row = Row {
        value: input.value,
        entry_date: input.entry_date,
        entry_time: input.entry_time,
        value_label: input.value_label,
        notes: input.notes,
        context: input.context,
    };
    let row = row.read(&mut check, &path, work.viewer(), &tracked, today);
    check.add(input::check(&path, &row.plain(), tracked.measure(), today));
    let (goal, permit) = check.done(found)?;

    let entry = row.model(&work, &goal, &tracked, session).insert(&work.db).await?;
    work.tell(
        &permit,
        Event::of_goal(Kind::ProgressRecorded, &goal, entry.id).because_of(Some(entry.id), entry.entry_date),
    );
    let touched = Touched::day(entry.entry_date);
    let achieved = achieve_reached(&mut work, &permit, &goal, &touched, slice::from_ref(&entry)).await?;
    work.finish(Recorded { entry, goal, achieved }).await
}

/// All rows or none; milestones are looked at once, at the end.
pub async fn import(act: &Act, input: ImportProgressInput) -> Outcome<Imported> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Record, &input.goal_id).await)?;
    let goal = found.as_ref().map(|(goal, _)| goal);
    let tracked = recordable(&mut check, &work, goal).await?;
    let today = work.today(goal.map(|goal| goal.patient_id)).await?;

    let path = Path::input().at("entries");
    let rows = read_rows(&mut check, &path, work.viewer(), &tracked, today, input.entries);
    check.add(refused_rows(&work, goal, &path, &rows, &tracked, today).await?);
    let (goal, permit) = check.done(found)?;

    let models = rows.iter().map(|row| row.model(&work, &goal, &tracked, None));
    let mut entries = progress::Entity::insert_many(models).exec_with_returning(&work.db).await?;
    // No database promises to give rows back in their order; the ids grow in it.
    entries.sort_unstable_by_key(|entry| entry.id);
    for entry in &entries {
        let event = Event::of_goal(Kind::ProgressRecorded, &goal, entry.id);
        work.tell(&permit, event.because_of(Some(entry.id), entry.entry_date));
    }
    let days: Vec<_> = entries.iter().map(|entry| entry.entry_date).collect();
    let effective = days.iter().copied().max().unwrap_or(today);
    let touched = Touched::Days { days, effective };
    let achieved = achieve_reached(&mut work, &permit, &goal, &touched, &entries).await?;
    work.finish(Imported { entries, goal, achieved }).await
}

/// The rows of an import. A list that is too long is not read at all.
fn read_rows(
    check: &mut Check,
    path: &Path,
    viewer: &Viewer,
    tracked: &Tracked,
    today: NaiveDate,
    rows: Vec<ProgressRowInput>,
) -> Vec<ReadRow> {
    if rows.len() > MOST_ROWS {
        let message =
            format!("At most {MOST_ROWS} entries can be imported at once; these are {}.", rows.len());
        check.add([Problem::new(Code::TooLong, path, message)]);
        return Vec::new();
    }
    let read = |(index, row): (usize, ProgressRowInput)| {
        let row = Row {
            value: row.value,
            entry_date: Some(row.entry_date),
            entry_time: row.entry_time,
            value_label: row.value_label,
            notes: row.notes,
            context: row.context,
        };
        row.read(check, &path.at(index), viewer, tracked, today)
    };
    rows.into_iter().enumerate().map(read).collect()
}

async fn refused_rows(
    work: &Work<'_>,
    goal: Option<&goal::Model>,
    path: &Path,
    rows: &[ReadRow],
    tracked: &Tracked,
    today: NaiveDate,
) -> Outcome<Vec<Problem>> {
    let stored = match goal.map(|goal| progress::Column::GoalId.eq(goal.id)) {
        Some(own) => work.viewer().all::<progress::Entity>().filter(own).all(&work.db).await?,
        None => Vec::new(),
    };
    let stored: BTreeSet<_> = stored.iter().map(|row| input::key(&plain(row))).collect();
    let entries: Vec<_> = rows.iter().map(ReadRow::plain).collect();
    let mut problems = input::import(path, &entries, &stored, tracked.measure(), today);
    // A row that could not be read is like no other.
    problems.retain(|problem| problem.code != Code::Duplicate || is_readable(rows, problem));
    Ok(problems)
}

fn is_readable(rows: &[ReadRow], problem: &Problem) -> bool {
    let index = problem.field.get(2).and_then(|index| index.parse::<usize>().ok());
    index.and_then(|index| rows.get(index)).is_some_and(|row| row.readable)
}

pub async fn update(act: &Act, input: UpdateProgressInput) -> Outcome<Recorded> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(find(&work, &input.entry_id).await)?;
    let (goal, stored) = (found.as_ref().map(|(goal, ..)| goal), found.as_ref().map(|(_, entry, _)| entry));
    let patient = goal.map(|goal| goal.patient_id);
    let tracked = work.tracked(goal).await?;
    let measure = stored.and_then(|row| tracked.measure_of(row.tracking_config_id));
    let today = work.today(patient).await?;

    let path = Path::input();
    check.required(&path.at("value"), "The value", &input.value);
    check.required(&path.at("entryDate"), "The date", &input.entry_date);
    let value = patched(&input.value, stored.map(|row| row.value), |sent| {
        check.number(&path.at("value"), "The value", sent)
    });
    let date = patched(&input.entry_date, stored.map(|row| row.entry_date), |sent| {
        check.day(&path.at("entryDate"), "The date", sent)
    });
    let time = patched(&input.entry_time, stored.and_then(|row| row.entry_time), |sent| {
        check.time(&path.at("entryTime"), "The time", sent)
    });
    let value_label = patched(&input.value_label, stored.and_then(|row| row.value_label.clone()), |text| {
        Some(text.clone())
    });
    let notes = patched(&input.notes, stored.and_then(|row| row.notes.clone()), |text| Some(text.clone()));
    let context = match input.context.as_opt_ref() {
        Some(sent) => check.keep(context(&path, work.viewer(), measure, sent.copied())).flatten(),
        None => stored.and_then(progress::Model::context),
    };
    let session_id = match &input.session_id {
        MaybeUndefined::Value(id) => check.found(work.session(id, patient).await)?.flatten(),
        MaybeUndefined::Null => None,
        MaybeUndefined::Undefined => stored.and_then(|row| row.session_id),
    };
    let row = ReadRow {
        readable: value.is_some() && date.is_some(),
        value: value.unwrap_or_default(),
        date: date.unwrap_or(today),
        time,
        value_label,
        notes,
        context,
    };
    let mut problems = input::check(&path, &row.plain(), measure, today);
    // What stands already is not held against a change of something else.
    problems.retain(|problem| problem.field.last().is_some_and(|field| is_sent(&input, field)));
    check.add(problems);
    let (goal, stored, permit) = check.done(found)?;

    let touched = Touched::Days { days: vec![stored.entry_date, row.date], effective: row.date };
    let before = stored.clone();
    let mut changed = stored.into_active_model();
    changed.value = Set(row.value);
    changed.entry_date = Set(row.date);
    changed.entry_time = Set(row.time);
    changed.value_label = Set(row.value_label);
    changed.notes = Set(row.notes);
    if !input.context.is_undefined() {
        changed.context = Set(row.context.map(|context| context.word().to_owned()));
    }
    changed.session_id = Set(session_id);
    let entry = changed.update(&work.db).await?;
    work.tell(
        &permit,
        Event::of_goal(Kind::ProgressUpdated, &goal, entry.id).because_of(Some(entry.id), entry.entry_date),
    );
    // A note changes no figure: what was revoked must not return by it.
    let achieved = if figures(&before) == figures(&entry) {
        Vec::new()
    } else {
        achieve_reached(&mut work, &permit, &goal, &touched, slice::from_ref(&entry)).await?
    };
    work.finish(Recorded { entry, goal, achieved }).await
}

/// What of an entry counts.
fn figures(row: &progress::Model) -> impl PartialEq + use<> {
    (row.value, row.entry_date, row.entry_time, row.context())
}

fn is_sent(input: &UpdateProgressInput, field: &str) -> bool {
    match field {
        "value" => input.value.is_value(),
        "entryDate" => input.entry_date.is_value(),
        "valueLabel" => input.value_label.is_value(),
        "notes" => input.notes.is_value(),
        "context" => !input.context.is_undefined(),
        _ => false,
    }
}

/// Whatever it achieved stays achieved. What it hid may be achieved: it may have been a slip of the pen.
pub async fn delete(act: &Act, input: DeleteProgressInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored, permit) = find(&work, &input.entry_id).await?;

    progress::Entity::delete_by_id(stored.id).exec(&work.db).await?;
    work.tell(
        &permit,
        Event::of_goal(Kind::ProgressDeleted, &goal, stored.id).because_of(None, stored.entry_date),
    );
    let touched = Touched::day(stored.entry_date);
    let achieved = achieve_reached(&mut work, &permit, &goal, &touched, &[]).await?;
    work.finish(Deleted { deleted_id: stored.id, goal, achieved }).await
}

async fn find(work: &Work<'_>, id: &ID) -> Outcome<(goal::Model, progress::Model, Permit)> {
    let found = work.below_goal::<progress::Entity>("entryId", id, "entry", |row| row.goal_id).await;
    let (goal, entry) = found?;
    let permit = work.permit(Deed::Correct(entry.recorded_by), goal.patient_id).await?;
    Ok((goal, entry, permit))
}
