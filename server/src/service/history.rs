//! What a goal has behind it, in the form the rules take.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use entity::{assessment, goal, pause, progress, session, tracking};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::Viewer;
use crate::rules::day::{self, Day, Entry};
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::rules::period::Period;
use crate::rules::progress::{Aim, Progress, evaluate};
use crate::rules::streak::{self, Regime, Rule, Streak};

/// How a goal is and was tracked.
#[derive(Clone, Debug, Default)]
pub struct Tracked {
    /// Newest first: the first is in force.
    pub configurations: Vec<tracking::Model>,
    /// That of the goal's newest assessment: no column names it.
    pub instrument: Option<&'static Instrument>,
}

impl Tracked {
    pub async fn of(db: &impl ConnectionTrait, viewer: &Viewer, goal: Uuid) -> Result<Self, DbErr> {
        let configurations = viewer
            .all::<tracking::Entity>()
            .filter(tracking::Column::GoalId.eq(goal))
            .order_by_desc(tracking::Column::CreatedAt)
            .order_by_desc(tracking::Column::Id)
            .all(db)
            .await?;
        let by_assessment =
            configurations.iter().any(|row| row.method() == Some(tracking::Method::Assessment));
        let instrument = if by_assessment { instrument_of(db, viewer, goal).await? } else { None };
        Ok(Self { configurations, instrument })
    }

    /// `None` for a goal without a configuration.
    pub fn measure(&self) -> Option<Measure> {
        self.configurations.first().map(|row| measure(row, self.instrument))
    }

    /// How an entry was measured: by the configuration it was recorded under, when that is known.
    pub fn measure_of(&self, configuration: Option<Uuid>) -> Option<Measure> {
        let own = self.configurations.iter().find(|row| Some(row.id) == configuration);
        own.or(self.configurations.first()).map(|row| measure(row, self.instrument))
    }

    pub fn direction(&self) -> Option<tracking::Direction> {
        self.configurations.first().and_then(tracking::Model::direction)
    }

    /// Where the goal wants to go; one without a configuration is read as a scale.
    pub fn aim(&self, goal: &goal::Model) -> Aim {
        let measure = self.measure().unwrap_or(Measure::Scale { min: 1, max: 10 });
        Aim::new(measure, goal.baseline_value, goal.target_value, self.direction())
    }
}

fn measure(row: &tracking::Model, instrument: Option<&'static Instrument>) -> Measure {
    Measure::of(row.method(), (row.scale_min(), row.scale_max()), instrument)
}

async fn instrument_of(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    goal: Uuid,
) -> Result<Option<&'static Instrument>, DbErr> {
    let newest = viewer
        .all::<assessment::Entity>()
        .filter(assessment::Column::GoalId.eq(goal))
        .order_by_desc(assessment::Column::AdministeredDate)
        .order_by_desc(assessment::Column::CreatedAt)
        .limit(1);
    Ok(newest.one(db).await?.and_then(|row| instrument::find(&row.assessment_type)))
}

/// Everything that was ever recorded for a goal.
#[derive(Clone, Debug)]
pub struct History {
    pub goal: goal::Model,
    pub tracked: Tracked,
    pub entries: Vec<Entry<Uuid>>,
    /// Local days of the patient's sessions with the goal's therapist, in order, each once.
    pub sessions: Vec<NaiveDate>,
    pub pauses: Vec<RangeInclusive<NaiveDate>>,
    pub zone: Tz,
}

impl History {
    pub async fn of(db: &impl ConnectionTrait, viewer: &Viewer, goal: &goal::Model) -> Result<Self, DbErr> {
        let zone = viewer.zone_of(db, goal.patient_id).await?;
        let entries = viewer.all::<progress::Entity>().filter(progress::Column::GoalId.eq(goal.id));
        let pauses = viewer.all::<pause::Entity>().filter(pause::Column::GoalId.eq(goal.id));
        let sessions = viewer
            .all::<session::Entity>()
            .filter(session::Column::PatientId.eq(goal.patient_id))
            .filter(session::Column::TherapistId.eq(goal.therapist_id))
            .order_by_asc(session::Column::SessionDate);
        Ok(Self {
            goal: goal.clone(),
            tracked: Tracked::of(db, viewer, goal.id).await?,
            entries: entries.all(db).await?.iter().map(entry).collect(),
            sessions: local_days(zone, sessions.all(db).await?.iter().map(|row| row.session_date)),
            pauses: pauses.all(db).await?.iter().map(days_of).collect(),
            zone,
        })
    }

    pub fn series(&self, method: tracking::Method, today: NaiveDate) -> Vec<Day> {
        day::series(method, &self.entries, today)
    }

    /// The periods of the configuration in force; days for a goal without one.
    pub fn period(&self) -> Period<'_> {
        self.tracked.configurations.first().map_or(Period::Day, |row| self.period_of(row))
    }

    fn period_of(&self, row: &tracking::Model) -> Period<'_> {
        let anchor = local_day(self.zone, row.created_at());
        Period::of(row.frequency(), row.custom_frequency_days, anchor, &self.sessions)
    }

    pub fn progress(&self, aim: &Aim, series: &[Day], today: NaiveDate) -> Progress {
        evaluate(aim, &day::figures(aim, series, &self.period(), today))
    }

    /// Each period is judged by the configuration that was in force in it.
    pub fn streak(&self, today: NaiveDate) -> Streak {
        let aims = self.tracked.configurations.iter().rev().map(|row| {
            let measure = measure(row, self.tracked.instrument);
            let aim = Aim::new(measure, self.goal.baseline_value, self.goal.target_value, row.direction());
            (row, aim, self.series(measure.method(), today))
        });
        let aims: Vec<_> = aims.collect();
        let regimes = aims.iter().map(|(row, aim, days)| Regime {
            from: local_day(self.zone, row.created_at()),
            period: self.period_of(row),
            rule: Rule::of(aim),
            days,
        });
        let mut regimes: Vec<_> = regimes.collect();
        let plain = self.series(tracking::Method::Scale, today);
        if regimes.is_empty() {
            regimes.push(Regime { from: today, period: Period::Day, rule: Rule::CheckIn, days: &plain });
        }
        streak::evaluate(&regimes, today, 0, &self.pauses)
    }
}

/// An entry as the rules take it.
pub fn entry(row: &progress::Model) -> Entry<Uuid> {
    Entry {
        id: row.id,
        date: row.entry_date,
        time: row.entry_time,
        recorded_at: row.recorded_at(),
        value: row.value,
        context: row.context(),
    }
}

/// Days on hold; still on hold is without end.
pub fn days_of(row: &pause::Model) -> RangeInclusive<NaiveDate> {
    row.first_day..=row.last_day.unwrap_or(NaiveDate::MAX)
}

pub fn local_day(zone: Tz, moment: NaiveDateTime) -> NaiveDate {
    moment.and_utc().with_timezone(&zone).date_naive()
}

pub fn local_days(zone: Tz, moments: impl Iterator<Item = NaiveDateTime>) -> Vec<NaiveDate> {
    let mut days: Vec<_> = moments.map(|moment| local_day(zone, moment)).collect();
    days.sort_unstable();
    days.dedup();
    days
}
