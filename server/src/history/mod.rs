//! What goals have behind them, read for any number of goals at once and in the form the rules take.

mod deliveries;
mod figures;
pub mod order;
mod scheduled;
mod score;
mod subject;
mod touched;
mod tracked;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use entity::{goal, milestone, pause, progress, tracking};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

pub use deliveries::Tally;
pub use figures::{Extent, charts, currents, extents, firsts, series};
pub use scheduled::Scheduled;
pub use score::earlier_scores;
pub use subject::{Snapshot, Subject};
pub use touched::Question;
pub use tracked::Tracked;

use crate::access::Viewer;
use crate::rules::day::{self, Day, Entry};
use crate::rules::milestone::{Milestone, Situation, still_met, values};
use crate::rules::period::Period;
use crate::rules::progress::{Aim, Progress, evaluate};
use crate::rules::streak::{self, Regime, Rule, Streak};
use crate::store::page::{Key, Ordering};
use crate::store::rows;
use crate::store::span::{BEGINNING, END, Span};

/// Everything that was ever recorded for a goal.
#[derive(Clone, Debug)]
pub struct History {
    pub subject: Arc<Subject>,
    pub entries: Vec<Entry<Uuid>>,
    /// Local days of the patient's sessions with the goal's therapist, in order, each once.
    pub sessions: Vec<NaiveDate>,
    pub pauses: Vec<RangeInclusive<NaiveDate>>,
}

impl History {
    pub async fn of(db: &impl ConnectionTrait, viewer: &Viewer, goal: &goal::Model) -> Result<Self, DbErr> {
        Self::of_subject(db, viewer, Arc::new(Subject::of(db, viewer, goal).await?)).await
    }

    async fn of_subject(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        subject: Arc<Subject>,
    ) -> Result<Self, DbErr> {
        let mut all = Self::of_all(db, viewer, std::slice::from_ref(&subject)).await?;
        let none = || Self { subject, entries: Vec::new(), sessions: Vec::new(), pauses: Vec::new() };
        Ok(all.pop().unwrap_or_else(none))
    }

    /// The histories of several goals, in their order.
    pub async fn of_all(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        subjects: &[Arc<Subject>],
    ) -> Result<Vec<Self>, DbErr> {
        let goals: Vec<_> = subjects.iter().map(|subject| subject.goal.id).collect();
        let spans: Vec<_> = goals.iter().map(|goal| Span::new(*goal, BEGINNING, END)).collect();
        let of = subjects.iter().map(Arc::as_ref);
        let mut entries = entries(db, viewer, &spans, of).await?.into_iter();
        let mut pauses = pauses(db, viewer, &goals).await?;
        let by_session = subjects.iter().filter(|subject| subject.ever_by_session());
        let mut sessions = subject::sessions(db, viewer, by_session.map(Arc::as_ref)).await?;
        let history = |subject: &Arc<Subject>| Self {
            subject: subject.clone(),
            entries: entries.next().unwrap_or_default(),
            sessions: sessions.remove(&subject.goal.id).unwrap_or_default(),
            pauses: pauses.remove(&subject.goal.id).unwrap_or_default(),
        };
        Ok(subjects.iter().map(history).collect())
    }

    pub fn series(&self, method: tracking::Method, today: NaiveDate) -> Vec<Day> {
        day::series(method, &self.entries, today)
    }

    /// The periods of the configuration in force.
    pub fn period(&self) -> Period<'_> {
        self.subject.period(&self.sessions)
    }

    pub fn progress(&self, aim: &Aim, series: &[Day], today: NaiveDate) -> Progress {
        evaluate(aim, &day::figures(aim, series, &self.period(), today))
    }

    /// Each period is judged by the configuration that was in force in it.
    pub fn streak(&self, today: NaiveDate) -> Streak {
        self.with_regimes(today, |regimes| streak::evaluate(regimes, today, 0, &self.pauses))
    }

    fn with_regimes<T>(&self, today: NaiveDate, judge: impl FnOnce(&[Regime]) -> T) -> T {
        let Subject { goal, tracked, .. } = &*self.subject;
        let aims = tracked.configurations.iter().rev().map(|row| {
            let aim = tracked.aim_by(row, goal);
            (row, aim, self.series(aim.measure.method(), today))
        });
        let aims: Vec<_> = aims.collect();
        let regimes = aims.iter().map(|(row, aim, days)| Regime {
            from: self.subject.local_day(row.created_at()),
            period: self.subject.period_by(row, &self.sessions),
            rule: Rule::of(aim),
            days,
        });
        let mut regimes: Vec<_> = regimes.collect();
        let plain = self.series(tracking::Method::Scale, today);
        if regimes.is_empty() {
            regimes.push(Regime { from: today, period: Period::Day, rule: Rule::CheckIn, days: &plain });
        }
        judge(&regimes)
    }

    /// How the goal stands for its milestones after a write about some days, the last of them that it
    /// counts for; after one about the goal itself, of all days.
    pub fn standing(
        &self,
        written: Option<(&[NaiveDate], NaiveDate)>,
        longest_streak: u32,
        today: NaiveDate,
    ) -> Situation {
        let aim = self.subject.aim();
        let series = self.series(aim.measure.method(), today);
        let all: Vec<_> = series.iter().map(|day| day.date).collect();
        let (days, effective) = written.unwrap_or((&all, all.last().copied().unwrap_or(today)));
        Situation {
            progress: self.progress(&aim, &series, today),
            tolerance: aim.tolerance().unwrap_or_default(),
            longest_streak,
            values: values(&aim, &series, &self.period(), days),
            effective,
            today,
        }
    }

    /// Whether anything counts for the goal so far.
    pub fn has_data(&self, today: NaiveDate) -> bool {
        !self.series(self.subject.aim().measure.method(), today).is_empty()
    }

    /// Whether an achieved milestone would be achieved today; see [`still_met`].
    pub fn still_met(&self, row: &milestone::Model, today: NaiveDate) -> Option<bool> {
        still_met(&as_rule_input(row), &self.standing(None, self.streak(today).longest, today))
    }
}

impl Snapshot {
    /// As [`History::still_met`], of a milestone that goes by a percentage: the progress is enough.
    pub fn still_reaches(&self, row: &milestone::Model, progress: &Progress) -> Option<bool> {
        let (effective, today) = (self.day, self.day);
        let tolerance = rust_decimal::Decimal::ZERO;
        let (progress, values) = (*progress, Vec::new());
        let standing = Situation { progress, tolerance, longest_streak: 0, values, effective, today };
        still_met(&as_rule_input(row), &standing)
    }
}

/// A milestone as the rules take it.
pub fn as_rule_input(row: &milestone::Model) -> Milestone<Uuid> {
    Milestone {
        id: row.id,
        kind: row.kind(),
        target: row.target_value,
        created_at: row.created_at(),
        achieved: row.achieved_at.is_some(),
    }
}

/// The entries within each span, in the order of the spans and of what each is about.
async fn entries(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    spans: &[Span],
    subjects: impl Iterator<Item = &Subject>,
) -> Result<Vec<Vec<Entry<Uuid>>>, DbErr> {
    let mut found: Vec<_> = subjects.map(|subject| (subject, Vec::new())).collect();
    for row in db.query_all(&viewer.within(spans).entries()).await? {
        if let Some((subject, entries)) = found.get_mut(number(&row)?) {
            entries.push(entry(&row, &subject.tracked)?);
        }
    }
    Ok(found.into_iter().map(|(_, entries)| entries).collect())
}

/// The place of the span that a row belongs to.
fn number(row: &QueryResult) -> Result<usize, DbErr> {
    let number: i64 = row.try_get("", "number")?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn entry(row: &QueryResult, tracked: &Tracked) -> Result<Entry<Uuid>, DbErr> {
    let recorded_at: Option<_> = row.try_get("", "recorded_at")?;
    let context: Option<String> = row.try_get("", "context")?;
    Ok(Entry {
        id: row.try_get("", "id")?,
        date: row.try_get("", "entry_date")?,
        time: row.try_get("", "entry_time")?,
        recorded_at: recorded_at.unwrap_or_default(),
        value: row.try_get("", "value")?,
        context: context.as_deref().and_then(progress::Context::parse),
        method: tracked.method_of(row.try_get("", "tracking_config_id")?),
    })
}

/// Days on hold.
async fn pauses(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    goals: &[Uuid],
) -> Result<HashMap<Uuid, Vec<RangeInclusive<NaiveDate>>>, DbErr> {
    let by_day = Key::ascending(pause::Column::FirstDay);
    let ordering = Ordering::<pause::Entity> { name: "first", keys: vec![by_day] };
    let mut pauses: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows::<pause::Entity>(db, &viewer.under_goals(goals).all(&ordering)).await? {
        pauses.entry(row.goal_id).or_default().push(hold(row.first_day, row.last_day));
    }
    Ok(pauses)
}

/// Days on hold; still on hold is without end.
pub fn hold(first: NaiveDate, last: Option<NaiveDate>) -> RangeInclusive<NaiveDate> {
    first..=last.unwrap_or(NaiveDate::MAX)
}
