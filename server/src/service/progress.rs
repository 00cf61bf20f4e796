//! Recording progress.

use std::collections::BTreeSet;
use std::slice;

use chrono::NaiveDate;
use entity::{goal, milestone, progress};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::{Check, patched};
use super::milestone::{Touched, achieve_reached};
use super::work::Work;
use super::{Act, Outcome};
use crate::access::{Deed, Viewer};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::entry as input;
use crate::rules::input::{Code, MOST_ROWS, Path, Problem};
use crate::wire::input::{
    DeleteProgressInput, ImportProgressInput, ProgressRowInput, RecordProgressInput, UpdateProgressInput,
};
use crate::wire::word::EntryContext;
use entity::person::Role;

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
    let goal = work.goal("goalId", &input.goal_id).await?;
    let permit = work.permit(Deed::Record, goal.patient_id).await?;
    let tracked = Tracked::of(&work.db, work.viewer(), goal.id).await?;
    let today = work.today(goal.patient_id).await?;

    let mut check = Check::default();
    let path = Path::input();
    let session = match &input.session_id {
        Some(id) => check.found(work.session(&path.at("sessionId"), id, goal.patient_id).await)?,
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
    check.done()?;

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
    let goal = work.goal("goalId", &input.goal_id).await?;
    let permit = work.permit(Deed::Record, goal.patient_id).await?;
    let tracked = Tracked::of(&work.db, work.viewer(), goal.id).await?;
    let today = work.today(goal.patient_id).await?;

    let mut check = Check::default();
    let path = Path::input().at("entries");
    let rows = read_rows(&mut check, &path, work.viewer(), &tracked, today, input.entries);
    check.add(refused_rows(&work, &goal, &path, &rows, &tracked, today).await?);
    check.done()?;

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
    goal: &goal::Model,
    path: &Path,
    rows: &[ReadRow],
    tracked: &Tracked,
    today: NaiveDate,
) -> Outcome<Vec<Problem>> {
    let stored = work.viewer().all::<progress::Entity>().filter(progress::Column::GoalId.eq(goal.id));
    let stored: BTreeSet<_> = stored.all(&work.db).await?.iter().map(|row| input::key(&plain(row))).collect();
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
    let (goal, stored) = find(&work, &input.entry_id).await?;
    let permit = work.permit(Deed::Correct(stored.recorded_by), goal.patient_id).await?;
    let tracked = Tracked::of(&work.db, work.viewer(), goal.id).await?;
    let today = work.today(goal.patient_id).await?;

    let mut check = Check::default();
    let path = Path::input();
    check.required(&path.at("value"), "The value", &input.value);
    check.required(&path.at("entryDate"), "The date", &input.entry_date);
    let changed = progress::Model {
        value: patched(&input.value, Some(stored.value), |sent| {
            check.number(&path.at("value"), "The value", sent)
        })
        .unwrap_or(stored.value),
        entry_date: patched(&input.entry_date, Some(stored.entry_date), |sent| {
            check.day(&path.at("entryDate"), "The date", sent)
        })
        .unwrap_or(stored.entry_date),
        entry_time: patched(&input.entry_time, stored.entry_time, |sent| {
            check.time(&path.at("entryTime"), "The time", sent)
        }),
        value_label: patched(&input.value_label, stored.value_label.clone(), |text| Some(text.clone())),
        notes: patched(&input.notes, stored.notes.clone(), |text| Some(text.clone())),
        ..stored.clone()
    };
    let measure = tracked.measure_of(stored.tracking_config_id);
    let mut problems = input::check(&path, &plain(&changed), measure, today);
    // What stands already is not held against a change of something else.
    problems.retain(|problem| problem.field.last().is_some_and(|field| is_sent(&input, field)));
    check.add(problems);
    check.done()?;

    let figures = |row: &progress::Model| (row.value, row.entry_date, row.entry_time);
    let moved = figures(&stored) != figures(&changed);
    let days = vec![stored.entry_date, changed.entry_date];
    let touched = Touched::Days { days, effective: changed.entry_date };
    let mut row = stored.into_active_model();
    row.value = Set(changed.value);
    row.entry_date = Set(changed.entry_date);
    row.entry_time = Set(changed.entry_time);
    row.value_label = Set(changed.value_label);
    row.notes = Set(changed.notes);
    let entry = row.update(&work.db).await?;
    work.tell(
        &permit,
        Event::of_goal(Kind::ProgressUpdated, &goal, entry.id).because_of(Some(entry.id), entry.entry_date),
    );
    // A note changes no figure: what was revoked must not return by it.
    let achieved = if moved {
        achieve_reached(&mut work, &permit, &goal, &touched, slice::from_ref(&entry)).await?
    } else {
        Vec::new()
    };
    work.finish(Recorded { entry, goal, achieved }).await
}

fn is_sent(input: &UpdateProgressInput, field: &str) -> bool {
    match field {
        "value" => input.value.is_value(),
        "entryDate" => input.entry_date.is_value(),
        "valueLabel" => input.value_label.is_value(),
        "notes" => input.notes.is_value(),
        _ => false,
    }
}

/// Whatever it achieved stays achieved. What it hid may be achieved: it may have been a slip of the pen.
pub async fn delete(act: &Act, input: DeleteProgressInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let (goal, stored) = find(&work, &input.entry_id).await?;
    let permit = work.permit(Deed::Correct(stored.recorded_by), goal.patient_id).await?;

    progress::Entity::delete_by_id(stored.id).exec(&work.db).await?;
    work.tell(
        &permit,
        Event::of_goal(Kind::ProgressDeleted, &goal, stored.id).because_of(None, stored.entry_date),
    );
    let touched = Touched::day(stored.entry_date);
    let achieved = achieve_reached(&mut work, &permit, &goal, &touched, &[]).await?;
    work.finish(Deleted { deleted_id: stored.id, goal, achieved }).await
}

async fn find(work: &Work<'_>, id: &async_graphql::ID) -> Outcome<(goal::Model, progress::Model)> {
    work.below_goal::<progress::Entity>("entryId", id, "entry", |row| row.goal_id).await
}

fn plain(row: &progress::Model) -> input::Entry<'_> {
    input::Entry {
        date: row.entry_date,
        time: row.entry_time,
        value: row.value,
        value_label: row.value_label.as_deref(),
        notes: row.notes.as_deref(),
        context: row.context(),
    }
}

/// What one entry and a row of an import have in common, as it was sent.
struct Row {
    value: crate::wire::scalar::Decimal,
    entry_date: Option<crate::wire::scalar::Date>,
    entry_time: Option<crate::wire::scalar::LocalTime>,
    value_label: Option<String>,
    notes: Option<String>,
    context: Option<EntryContext>,
}

/// The same, read.
struct ReadRow {
    /// False when value or day is only a stand-in for what could not be read, and was noted.
    readable: bool,
    value: rust_decimal::Decimal,
    date: NaiveDate,
    time: Option<chrono::NaiveTime>,
    value_label: Option<String>,
    notes: Option<String>,
    context: Option<progress::Context>,
}

impl Row {
    fn read(
        self,
        check: &mut Check,
        path: &Path,
        viewer: &Viewer,
        tracked: &Tracked,
        today: NaiveDate,
    ) -> ReadRow {
        let value = check.number(&path.at("value"), "The value", &self.value);
        let date = match &self.entry_date {
            Some(sent) => check.day(&path.at("entryDate"), "The date", sent),
            None => Some(today),
        };
        let time = self.entry_time.as_ref();
        let time = time.and_then(|sent| check.time(&path.at("entryTime"), "The time", sent));
        let context = check.keep(context(path, viewer, tracked, self.context)).flatten();
        ReadRow {
            readable: value.is_some() && date.is_some(),
            value: value.unwrap_or_default(),
            date: date.unwrap_or(today),
            time,
            value_label: self.value_label,
            notes: self.notes,
            context,
        }
    }
}

/// Patients report on themselves and on nothing else; an assessment's score is an assessment.
fn context(
    path: &Path,
    viewer: &Viewer,
    tracked: &Tracked,
    sent: Option<EntryContext>,
) -> Result<Option<progress::Context>, Problem> {
    let sent = sent.map(progress::Context::from);
    if viewer.role == Role::Patient {
        let report = progress::Context::SelfReport;
        let message = "Patients record self-reports only.";
        let refusal = || Problem::new(Code::NotAllowed, &path.at("context"), message);
        return if sent.is_none_or(|sent| sent == report) { Ok(Some(report)) } else { Err(refusal()) };
    }
    let by_assessment = matches!(tracked.measure(), Some(crate::rules::measure::Measure::Assessment(_)));
    Ok(sent.or_else(|| by_assessment.then_some(progress::Context::Assessment)))
}

impl ReadRow {
    fn plain(&self) -> input::Entry<'_> {
        input::Entry {
            date: self.date,
            time: self.time,
            value: self.value,
            value_label: self.value_label.as_deref(),
            notes: self.notes.as_deref(),
            context: self.context,
        }
    }

    fn model(
        &self,
        work: &Work<'_>,
        goal: &goal::Model,
        tracked: &Tracked,
        session: Option<Uuid>,
    ) -> progress::ActiveModel {
        progress::ActiveModel {
            id: Set(Uuid::now_v7()),
            goal_id: Set(goal.id),
            tracking_config_id: Set(tracked.configurations.first().map(|row| row.id)),
            entry_date: Set(self.date),
            entry_time: Set(self.time),
            value: Set(self.value),
            value_label: Set(self.value_label.clone()),
            notes: Set(self.notes.clone()),
            context: Set(self.context.map(|context| context.word().to_owned())),
            session_id: Set(session),
            recorded_by: Set(Some(work.viewer().id())),
            recorded_at: Set(Some(work.now)),
        }
    }
}
