//! A goal as it stands after a write about a few days, read without the rest of its history.
//!
//! What is read is told by what open milestones ask: the first and the last day with data, the periods
//! around the days written about, and as much of a streak through them as there is.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use entity::milestone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::sea_query::UnionType;
use sea_orm::{ConnectionTrait, DbErr, Order};
use uuid::Uuid;

use super::{History, Snapshot, Subject, Until, Versions, entry, subject};
use crate::access::Viewer;
use crate::rules::day::{self, Entry, Source};
use crate::rules::run::{Course, Search};
use crate::store::span::Span;

/// What is asked after a write.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The days written about, each once, in order, none to come.
    pub days: Vec<NaiveDate>,
    pub percentage: bool,
    pub value: bool,
    /// The longest streak asked for, in periods, and the days on hold, which streaks pass over.
    pub streak: Option<u32>,
    pub holds: Vec<RangeInclusive<NaiveDate>>,
    /// What the goal aimed at before.
    pub versions: Versions,
}

impl Question {
    /// What open milestones ask about these days.
    #[must_use]
    pub fn of(
        open: &[milestone::Model],
        holds: Vec<RangeInclusive<NaiveDate>>,
        days: &[NaiveDate],
        today: NaiveDate,
    ) -> Self {
        let mut days: Vec<_> = days.iter().copied().filter(|day| *day <= today).collect();
        days.sort_unstable();
        days.dedup();
        let asks = |kind| open.iter().any(|milestone| milestone.kind() == Some(kind));
        let streaks = open.iter().filter(|milestone| milestone.kind() == Some(milestone::Kind::Streak));
        let length = |target: Decimal| target.ceil().max(Decimal::ZERO).to_u32().unwrap_or(u32::MAX);
        Self {
            days,
            percentage: asks(milestone::Kind::Percentage),
            value: asks(milestone::Kind::Value),
            streak: streaks.filter_map(|milestone| milestone.target_value).map(length).max(),
            holds,
            versions: Versions::default(),
        }
    }
}

/// As much of a history as a question needs.
struct Reading<'a, C> {
    db: &'a C,
    viewer: &'a Viewer,
    question: &'a Question,
    today: NaiveDate,
    history: History,
    /// Each entry once, however many spans it is in.
    entries: BTreeMap<Uuid, Entry<Uuid>>,
}

impl History {
    /// The days on which the question depends, and the longest streak through one of the days written
    /// about. Everything that the rules say of the question is the same as of the whole history.
    pub async fn touched(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        subject: Subject,
        question: &Question,
        today: NaiveDate,
    ) -> Result<(Self, u32), DbErr> {
        let subject = Arc::new(subject);
        // A count of successes is one of all days.
        if subject.aim().counts_successes() && (question.percentage || question.value) {
            return Self::whole(db, viewer, subject, today).await;
        }
        let by_session = Some(&*subject).filter(|subject| subject.ever_by_session());
        let mut sessions = subject::sessions(db, viewer, by_session.into_iter()).await?;
        let goal = subject.goal.id;
        let history = Self {
            subject,
            entries: Vec::new(),
            sessions: sessions.remove(&goal).unwrap_or_default(),
            pauses: question.holds.clone(),
            versions: question.versions.clone(),
        };
        Reading { db, viewer, question, today, history, entries: BTreeMap::new() }.answer().await
    }

    async fn whole(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        subject: Arc<Subject>,
        today: NaiveDate,
    ) -> Result<(Self, u32), DbErr> {
        let history = Self::of_subject(db, viewer, subject).await?;
        let longest = history.streak(today).longest;
        Ok((history, longest))
    }
}

impl<C: ConnectionTrait> Reading<'_, C> {
    async fn answer(mut self) -> Result<(History, u32), DbErr> {
        let mut days = self.periods();
        let search = self.search();
        days.extend(search.iter().flat_map(Search::days));
        self.read(&days, true).await?;
        if let Some(days) = self.last_period() {
            self.read(&[days], false).await?;
        }
        let Some(mut search) = search else { return Ok((self.history, 0)) };
        let first = self.question.days.first();
        if first.is_some_and(|day| self.with_course(|course| course.reaches_far(*day))) {
            return History::whole(self.db, self.viewer, self.history.subject, self.today).await;
        }
        while self.with_course(|course| search.step(course, &self.history.period())) {
            self.read(&search.days().collect::<Vec<_>>(), false).await?;
        }
        Ok((self.history, search.longest()))
    }

    fn search(&self) -> Option<Search> {
        let wanted = self.question.streak?;
        Some(Search::new(&self.question.days, wanted, &self.history.period(), self.today))
    }

    /// The days whose values are asked for: those written about with their periods, and the running period.
    fn periods(&self) -> Vec<RangeInclusive<NaiveDate>> {
        let (aim, period) = (self.history.subject.aim(), self.history.period());
        let mut days = Vec::new();
        if self.question.value {
            let is_total = aim.measure.is_total();
            let of = |day: &NaiveDate| if is_total { period.around(*day) } else { *day..=*day };
            days.extend(self.question.days.iter().map(of));
        }
        // Which day is the last one with data is not known yet: the running period counts if it is in it.
        let source = day::source(&aim, &period, self.today, self.today);
        if let (true, Source::Sum { days: running, .. } | Source::Successes { days: running, .. }) =
            (self.question.percentage, source)
        {
            days.push(running);
        }
        days
    }

    /// The period of the last day with data, when the running one is empty and so does not count.
    fn last_period(&self) -> Option<RangeInclusive<NaiveDate>> {
        let (aim, period) = (self.history.subject.aim(), self.history.period());
        let series = self.history.series(aim.measure.method(), self.today);
        let last = series.last().filter(|_| self.question.percentage)?;
        match day::source(&aim, &period, last.date, self.today) {
            Source::Sum { days, open: false } => Some(days),
            _ => None,
        }
    }

    fn with_course<T>(&self, ask: impl FnOnce(&Course) -> T) -> T {
        // The first day of all was read, so it is the first of those at hand.
        let first = self.history.entries.iter().map(|entry| entry.date).min().unwrap_or(self.today);
        self.history.with_regimes(Until::Today(self.today), |regimes| {
            ask(&Course { regimes, pauses: &self.history.pauses, first, today: self.today })
        })
    }

    /// Reads the entries of some days, and with `edges` those of the first and the last day with data.
    async fn read(&mut self, days: &[RangeInclusive<NaiveDate>], edges: bool) -> Result<(), DbErr> {
        let subject = &self.history.subject;
        let goal = subject.goal.id;
        let spans =
            merged(days).into_iter().map(|days| Span::new(goal, *days.start(), *days.end().min(&self.today)));
        let mut select = self.viewer.within(&spans.collect::<Vec<_>>()).entries();
        if edges {
            let whole = Snapshot::present(subject.clone(), self.today).whole();
            let last = self.viewer.within(&[whole]).edge_entries(Order::Desc);
            select.union(UnionType::All, last);
            for first in self.firsts(whole) {
                select.union(UnionType::All, self.viewer.within(&[first]).edge_entries(Order::Asc));
            }
        }
        for row in self.db.query_all(&select).await? {
            let entry = entry(&row, &subject.tracked)?;
            self.entries.insert(entry.id, entry);
        }
        self.history.entries = self.entries.values().copied().collect();
        Ok(())
    }

    /// Of what the first day is needed: of what counts, for a baseline that is not stored; of everything
    /// that was ever recorded, for streaks.
    fn firsts(&self, whole: Span) -> Vec<Span> {
        let without_baseline = self.history.subject.aim().baseline(None).is_none();
        let counts = without_baseline && (self.question.percentage || self.question.value);
        let all = Span { context: None, method: None, ..whole };
        let mut firsts = Vec::new();
        firsts.extend(counts.then_some(whole));
        firsts.extend((self.question.streak.is_some() && !(counts && all == whole)).then_some(all));
        firsts
    }
}

/// The same days in as few ranges as can be.
fn merged(days: &[RangeInclusive<NaiveDate>]) -> Vec<RangeInclusive<NaiveDate>> {
    let mut sorted: Vec<_> = days.iter().map(|days| (*days.start(), *days.end())).collect();
    sorted.sort_unstable();
    let mut merged: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in sorted {
        match merged.last_mut().filter(|last| last.1.succ_opt().is_none_or(|next| from <= next)) {
            Some(last) => last.1 = last.1.max(to),
            None => merged.push((from, to)),
        }
    }
    merged.into_iter().map(|(from, to)| from..=to).collect()
}
