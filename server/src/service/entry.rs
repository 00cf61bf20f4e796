//! Entries as they are sent: read, and made into rows.

use chrono::NaiveDate;
use entity::person::Role;
use entity::{goal, progress};
use sea_orm::Set;
use uuid::Uuid;

use super::Outcome;
use super::check::Check;
use super::work::Work;
use crate::access::Viewer;
use crate::history::Tracked;
use crate::rules::input::entry as input;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::measure::Measure;
use crate::wire::scalar;
use crate::wire::word::EntryContext;

/// How the goal is tracked, to record by it. Of a goal that can't be recorded on, no more is said than that.
pub async fn recordable(check: &mut Check, work: &Work<'_>, goal: Option<&goal::Model>) -> Outcome<Tracked> {
    let tracked = work.tracked(goal).await?;
    if work.viewer().role != Role::Patient || !by_assessment(tracked.measure()) {
        return Ok(tracked);
    }
    let message =
        "Patients can't record on a goal tracked by assessment: their therapist records the assessments.";
    check.add([Problem::new(Code::NotAllowed, &Path::input().at("goalId"), message)]);
    Ok(Tracked::default())
}

fn by_assessment(measure: Option<Measure>) -> bool {
    matches!(measure, Some(Measure::Assessment(_)))
}

pub fn plain(row: &progress::Model) -> input::Entry<'_> {
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
pub struct Row {
    pub value: scalar::Decimal,
    pub entry_date: Option<scalar::Date>,
    pub entry_time: Option<scalar::LocalTime>,
    pub value_label: Option<String>,
    pub notes: Option<String>,
    pub context: Option<EntryContext>,
}

/// The same, read.
pub struct ReadRow {
    /// False when value or day is only a stand-in for what could not be read, and was noted.
    pub readable: bool,
    pub value: rust_decimal::Decimal,
    pub date: NaiveDate,
    pub time: Option<chrono::NaiveTime>,
    pub value_label: Option<String>,
    pub notes: Option<String>,
    pub context: Option<progress::Context>,
}

impl Row {
    pub fn read(
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
        let context = check.keep(context(path, viewer, tracked.measure(), self.context)).flatten();
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
pub fn context(
    path: &Path,
    viewer: &Viewer,
    measure: Option<Measure>,
    sent: Option<EntryContext>,
) -> Result<Option<progress::Context>, Problem> {
    let sent = sent.map(progress::Context::from);
    if viewer.role == Role::Patient {
        let report = progress::Context::SelfReport;
        let message = "Patients record self-reports only.";
        let refusal = || Problem::new(Code::NotAllowed, &path.at("context"), message);
        return if sent.is_none_or(|sent| sent == report) { Ok(Some(report)) } else { Err(refusal()) };
    }
    Ok(sent.or_else(|| by_assessment(measure).then_some(progress::Context::Assessment)))
}

impl ReadRow {
    pub fn plain(&self) -> input::Entry<'_> {
        input::Entry {
            date: self.date,
            time: self.time,
            value: self.value,
            value_label: self.value_label.as_deref(),
            notes: self.notes.as_deref(),
            context: self.context,
        }
    }

    pub fn model(
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
