//! Goals with everything their figures rest on, except for what was recorded.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use entity::{goal, progress, session, tracking};
use sea_orm::{ConnectionTrait, DbErr, QueryTrait};
use uuid::Uuid;

use super::Tracked;
use super::tenure::{tenures, transfers};
use crate::access::Viewer;
use crate::rules::calendar::Calendar;
use crate::rules::day::Entry;
use crate::rules::period::{AsOf, Period};
use crate::rules::progress::Aim;
use crate::store::span::{BEGINNING, Span};
use crate::store::{dialect, rows};

/// A goal, how it is tracked, and how its patient counts days.
#[derive(Clone)]
pub struct Subject {
    pub goal: Arc<goal::Model>,
    pub tracked: Tracked,
    pub calendar: Calendar,
}

/// A goal as it stood at the end of a day.
///
/// Entries count by the day they are about, also those that were recorded later. Aim and configuration are
/// those that were in force then.
#[derive(Clone)]
pub struct Snapshot {
    pub subject: Arc<Subject>,
    pub day: NaiveDate,
    pub aim: Aim,
    pub configuration: Option<tracking::Model>,
    /// Whether the day is over for the patient.
    pub over: bool,
}

impl Subject {
    pub async fn of(db: &impl ConnectionTrait, viewer: &Viewer, goal: &goal::Model) -> Result<Self, DbErr> {
        let calendar = viewer.calendar_of(db, goal.patient_id).await?;
        let tracked = Tracked::of(db, viewer, goal.id).await?;
        Ok(Self { goal: Arc::new(goal.clone()), tracked, calendar })
    }

    pub async fn of_all(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        goals: impl Iterator<Item = Arc<goal::Model>> + Clone,
    ) -> Result<Vec<Arc<Self>>, DbErr> {
        let patients: Vec<_> = goals.clone().map(|goal| goal.patient_id).collect();
        let calendars = viewer.calendars_of(db, &patients).await?;
        let ids: Vec<_> = goals.clone().map(|goal| goal.id).collect();
        let mut tracked = Tracked::of_all(db, viewer, &ids).await?;
        let subject = |goal: Arc<goal::Model>| {
            let calendar = calendars.get(&goal.patient_id).copied().unwrap_or_default();
            let tracked = tracked.remove(&goal.id).unwrap_or_default();
            Arc::new(Self { goal, tracked, calendar })
        };
        Ok(goals.map(subject).collect())
    }

    pub fn aim(&self) -> Aim {
        self.tracked.aim(&self.goal)
    }

    /// The configuration in force.
    pub fn configuration(&self) -> Option<&tracking::Model> {
        self.tracked.configurations.first()
    }

    /// The periods of the configuration in force; days for a goal without one. `sessions` matter only
    /// when the goal goes by sessions.
    pub fn period<'s>(&self, sessions: &'s [NaiveDate]) -> Period<'s> {
        self.configuration().map_or(Period::Day, |row| self.period_by(row, sessions))
    }

    /// The periods of one of its configurations.
    pub fn period_by<'s>(&self, row: &tracking::Model, sessions: &'s [NaiveDate]) -> Period<'s> {
        let anchor = self.local_day(row.created_at());
        let cut = (anchor, self.calendar.week_starts);
        Period::of(row.frequency(), row.custom_frequency_days, cut, sessions)
    }

    /// The local day on which the goal was set.
    pub fn start(&self) -> NaiveDate {
        self.local_day(self.goal.created_at())
    }

    /// The days on which nothing was due, given those that are stored: a goal that another program completed has
    /// been so from that day on.
    pub fn off_days(&self, stored: Vec<RangeInclusive<NaiveDate>>) -> Vec<RangeInclusive<NaiveDate>> {
        let is_noted = stored.iter().any(|days| *days.end() == NaiveDate::MAX);
        let is_completed = self.goal.status() == Some(goal::Status::Completed) && !is_noted;
        let completed = self.goal.completed_at.filter(|_| is_completed);
        stored.into_iter().chain(completed.map(|at| self.local_day(at)..=NaiveDate::MAX)).collect()
    }

    /// A moment on the patient's own clock.
    pub fn local(&self, moment: NaiveDateTime) -> NaiveDateTime {
        moment.and_utc().with_timezone(&self.calendar.zone).naive_local()
    }

    /// A row as the rules take it.
    pub fn entry(&self, row: &progress::Model) -> Entry<Uuid> {
        let recorded_at = row.recorded_at();
        Entry {
            id: row.id,
            date: row.entry_date,
            time: row.entry_time,
            recorded_at,
            recorded_local: self.local(recorded_at),
            value: row.value,
            context: row.context(),
            method: self.tracked.method_of(row.tracking_config_id),
        }
    }

    pub fn local_day(&self, moment: NaiveDateTime) -> NaiveDate {
        self.calendar.local_day(moment)
    }

    /// Whether any of its configurations goes by sessions.
    pub fn ever_by_session(&self) -> bool {
        let session = tracking::Frequency::Session;
        self.tracked.configurations.iter().any(|row| row.frequency() == session)
    }

    /// The patient's own day.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        self.calendar.local_day(now.naive_utc())
    }
}

impl Snapshot {
    pub fn as_of(&self) -> AsOf {
        AsOf { day: self.day, over: self.over }
    }

    /// As it stands today.
    pub fn present(subject: Arc<Subject>, today: NaiveDate) -> Self {
        let (aim, configuration) = (subject.aim(), subject.configuration().cloned());
        Self { subject, day: today, aim, configuration, over: false }
    }

    /// How often it is to be recorded: every day for a goal without a configuration.
    pub fn frequency(&self) -> tracking::Frequency {
        self.configuration.as_ref().map_or(tracking::Frequency::Daily, tracking::Model::frequency)
    }

    /// The periods in force; days for a goal without a configuration.
    pub fn period<'s>(&self, sessions: &'s [NaiveDate]) -> Period<'s> {
        self.configuration.as_ref().map_or(Period::Day, |row| self.subject.period_by(row, sessions))
    }

    /// What counts for the goal from a day on: what was recorded under the method in force; scores only,
    /// when it is tracked by assessment.
    pub fn span(&self, from: NaiveDate) -> Span {
        self.between(from, self.day)
    }

    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> Span {
        let method = self.aim.measure.method();
        let scores = method == tracking::Method::Assessment;
        Span {
            context: scores.then_some(progress::Context::Assessment),
            method: self.subject.tracked.is_mixed().then_some(method),
            ..Span::new(self.subject.goal.id, from, to.min(self.day))
        }
    }

    pub fn whole(&self) -> Span {
        self.span(BEGINNING)
    }
}

/// The local days of each goal's sessions - its patient's with the therapist who owned it then - in order, each
/// once.
pub async fn sessions(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    subjects: impl Iterator<Item = &Subject> + Clone,
) -> Result<HashMap<Uuid, Vec<NaiveDate>>, DbErr> {
    let patients: Vec<_> = subjects.clone().map(|subject| subject.goal.patient_id).collect();
    if patients.is_empty() {
        return Ok(HashMap::new());
    }
    let patient = sea_orm::IntoSimpleExpr::into_simple_expr(session::Column::PatientId);
    let among = dialect::among(db.get_database_backend(), patient, &patients);
    let mut moments: HashMap<_, Vec<_>> = HashMap::new();
    let held = viewer.few::<session::Entity>(among).into_query();
    for row in rows::<session::Entity>(db, &held).await? {
        moments.entry((row.patient_id, row.therapist_id)).or_default().push(row.session_date);
    }
    // Only where a patient has sessions with others, it matters whether one of them owned the goal before.
    let with_others = |subject: &&Subject| {
        let goal = &subject.goal;
        moments.keys().any(|(patient, held_by)| *patient == goal.patient_id && *held_by != goal.therapist_id)
    };
    let goals: Vec<_> = subjects.clone().filter(with_others).map(|subject| subject.goal.id).collect();
    let transfers = if goals.is_empty() { HashMap::new() } else { transfers(db, viewer, &goals).await? };
    let days = |subject: &Subject| {
        let transfers = transfers.get(&subject.goal.id).map_or(&[][..], Vec::as_slice);
        let own = tenures(&subject.goal, transfers).into_iter().flat_map(|tenure| {
            let held = moments.get(&(subject.goal.patient_id, tenure.therapist));
            held.into_iter().flatten().filter(move |moment| tenure.holds(**moment))
        });
        let mut days: Vec<_> = own.map(|moment| subject.local_day(*moment)).collect();
        days.sort_unstable();
        days.dedup();
        (subject.goal.id, days)
    };
    Ok(subjects.map(days).collect())
}

// Within one request a snapshot is itself by its goal and day.
impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        (&self.subject, self.day) == (&other.subject, other.day)
    }
}

impl Eq for Snapshot {}

impl Hash for Snapshot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.subject, self.day).hash(state);
    }
}

// Within one request a goal is itself by its id; and nothing of it may get into a log.
impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.goal.id == other.goal.id
    }
}

impl Eq for Subject {}

impl Hash for Subject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.goal.id.hash(state);
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.goal.id.fmt(formatter)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {}", self.subject, self.day)
    }
}
