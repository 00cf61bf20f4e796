//! What goals have behind them, read for any number of goals at once and in the form the rules take.

mod deliveries;
mod figures;
pub mod order;
mod question;
mod scheduled;
mod score;
mod situation;
mod subject;
mod tenure;
mod touched;
mod tracked;
mod versions;
mod webhooks;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use entity::{goal, milestone, pause, progress, tracking, value};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

pub use deliveries::Tally;
pub use figures::{Extent, charts, currents, extents, firsts, series};
pub use question::Question;
pub use scheduled::Scheduled;
pub use score::episodes;
pub use situation::Cause;
pub use subject::{Snapshot, Subject, sessions};
pub use tracked::{Aimed, Tracked};
pub use versions::{InForce, Version, Versions, changed_elsewhere, oldest_version, stored_versions};
pub use webhooks::WebhookTally;

use crate::access::Viewer;
use crate::rules::day::{self, Day, Entry};
use crate::rules::milestone::{Milestone, Sense, Standing, still_met};
use crate::rules::period::{AsOf, Period};
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
    /// What the goal aimed at before.
    pub versions: Versions,
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
        Ok(all.pop().unwrap_or_else(|| Self::empty(subject)))
    }

    /// Nothing was recorded.
    fn empty(subject: Arc<Subject>) -> Self {
        let (entries, sessions, pauses) = (Vec::new(), Vec::new(), Vec::new());
        Self { subject, entries, sessions, pauses, versions: Versions::default() }
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
        let versions = stored_versions(db, viewer, &goals).await?;
        let by_session = subjects.iter().filter(|subject| subject.ever_by_session());
        let mut sessions = subject::sessions(db, viewer, by_session.map(Arc::as_ref)).await?;
        let history = |subject: &Arc<Subject>| Self {
            subject: subject.clone(),
            entries: entries.next().unwrap_or_default(),
            sessions: sessions.remove(&subject.goal.id).unwrap_or_default(),
            pauses: subject.off_days(pauses.remove(&subject.goal.id).unwrap_or_default()),
            versions: Versions::of(versions.get(&subject.goal.id).map_or(&[], Vec::as_slice), subject),
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

    /// Each period is judged by the aim and the configuration that were in force at its end.
    pub fn streak(&self, as_of: AsOf) -> Streak {
        let judge = |regimes: &[Regime]| streak::evaluate(regimes, as_of, 0, &self.pauses);
        self.with_regimes(&self.entries, as_of, judge)
    }

    /// `entries`: those of the goal at hand, or what they were before a write.
    fn with_regimes<T>(&self, entries: &[Entry<Uuid>], as_of: AsOf, judge: impl FnOnce(&[Regime]) -> T) -> T {
        let in_force = self.subject.ever_in_force(&self.versions, as_of);
        let mut days: Vec<(tracking::Method, Vec<Day>)> = Vec::new();
        for (_, InForce { aim, .. }) in &in_force {
            let method = aim.measure.method();
            if !days.iter().any(|(known, _)| *known == method) {
                days.push((method, day::series(method, entries, as_of.day)));
            }
        }
        let days = |method| days.iter().find(|(known, _)| *known == method).map_or(&[][..], |(_, days)| days);
        let regime = |(from, InForce { configuration, aim }): &(NaiveDate, InForce)| Regime {
            from: *from,
            period: configuration.map_or(Period::Day, |row| self.subject.period_by(row, &self.sessions)),
            rule: configuration.map_or(Rule::CheckIn, |_| Rule::of(aim)),
            days: days(aim.measure.method()),
        };
        judge(&in_force.iter().map(regime).collect::<Vec<_>>())
    }

    /// How the goal stands for milestones that were achieved before.
    fn standing(&self, today: NaiveDate) -> Standing {
        let aim = self.subject.aim();
        let series = self.series(aim.measure.method(), today);
        let sense = Sense::of(&aim);
        Standing {
            progress: self.progress(&aim, &series, today),
            sense,
            values: self.points(&Cause::Everything, today).into_iter().map(|point| point.value).collect(),
            longest_streak: self.streak(AsOf::today(today)).longest,
        }
    }

    /// Whether an achieved milestone would be achieved today; see [`still_met`].
    pub fn still_met(&self, row: &milestone::Model, today: NaiveDate) -> Option<bool> {
        still_met(&as_rule_input(row), &self.standing(today))
    }
}

impl Snapshot {
    /// As [`History::still_met`], of a milestone that goes by a percentage: the progress is enough.
    pub fn still_reaches(&self, row: &milestone::Model, progress: &Progress) -> Option<bool> {
        let sense = Sense::of(&self.subject.aim());
        let standing = Standing { progress: *progress, sense, values: Vec::new(), longest_streak: 0 };
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
            entries.push(entry(&row, subject)?);
        }
    }
    Ok(found.into_iter().map(|(_, entries)| entries).collect())
}

/// The days within each span on which anything was recorded, in the order of the spans. One statement.
pub async fn recorded_days(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    spans: &[Span],
) -> Result<Vec<Vec<NaiveDate>>, DbErr> {
    let mut found = vec![Vec::new(); spans.len()];
    for row in db.query_all(&viewer.within(spans).entries()).await? {
        if let Some(days) = found.get_mut(number(&row)?) {
            days.push(value(&row, "entry_date")?);
        }
    }
    Ok(found)
}

/// The place of the span that a row belongs to.
fn number(row: &QueryResult) -> Result<usize, DbErr> {
    let number: i64 = row.try_get("", "number")?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn entry(row: &QueryResult, subject: &Subject) -> Result<Entry<Uuid>, DbErr> {
    let recorded_at: Option<NaiveDateTime> = value(row, "recorded_at")?;
    let recorded_at = recorded_at.unwrap_or_default();
    let context: Option<String> = value(row, "context")?;
    Ok(Entry {
        id: value(row, "id")?,
        date: value(row, "entry_date")?,
        time: value(row, "entry_time")?,
        recorded_at,
        recorded_local: subject.local(recorded_at),
        value: value(row, "value")?,
        context: context.as_deref().and_then(progress::Context::parse),
        method: subject.tracked.method_of(value(row, "tracking_config_id")?),
    })
}

/// Days on hold, completed or abandoned.
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

/// Days on which nothing was due; without end while that goes on.
pub fn hold(first: NaiveDate, last: Option<NaiveDate>) -> RangeInclusive<NaiveDate> {
    first..=last.unwrap_or(NaiveDate::MAX)
}
