//! What is new of a goal after a write about a few days, or after the end of a period, read without the rest
//! of its history.
//!
//! What is read is told by what open milestones ask: the days written about, what the other days of their
//! periods come to, and as much of a streak through them as there is.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::sea_query::UnionType;
use sea_orm::{ConnectionTrait, DbErr, Order};
use uuid::Uuid;

use super::figures::totals;
use super::situation::Part;
use super::{Cause, History, Question, Snapshot, Subject, entry, subject};
use crate::access::Viewer;
use crate::rules::day::Entry;
use crate::rules::milestone::{self as rule, Situation};
use crate::rules::period::{AsOf, Period};
use crate::rules::point::{Point, Tally};
use crate::rules::run::Search;
use crate::rules::streak::Met;
use crate::store::span::{Span, Total};

/// As much of a history as a question needs.
struct Reading<'a, C> {
    db: &'a C,
    viewer: &'a Viewer,
    question: &'a Question,
    history: History,
    /// Each entry once, however many spans it is in.
    entries: BTreeMap<Uuid, Entry<Uuid>>,
}

impl History {
    /// The same as of the whole history.
    pub async fn touched(
        db: &impl ConnectionTrait,
        viewer: &Viewer,
        subject: Subject,
        question: &Question,
    ) -> Result<Situation<Uuid>, DbErr> {
        let subject = Arc::new(subject);
        let by_session = Some(&*subject).filter(|subject| subject.ever_by_session());
        let mut sessions = subject::sessions(db, viewer, by_session.into_iter()).await?;
        let goal = subject.goal.id;
        let pauses = subject.off_days(question.holds.clone());
        let history = Self {
            subject,
            entries: Vec::new(),
            sessions: sessions.remove(&goal).unwrap_or_default(),
            pauses,
            versions: question.versions.clone(),
        };
        Reading { db, viewer, question, history, entries: BTreeMap::new() }.answer().await
    }
}

impl<C: ConnectionTrait> Reading<'_, C> {
    async fn answer(mut self) -> Result<Situation<Uuid>, DbErr> {
        let today = self.question.today;
        let mut parts = self.parts();
        let search = self.search();
        let days = parts.iter().map(|part| part.at_hand.clone());
        let days: Vec<_> = days.chain(search.iter().flat_map(Search::days)).collect();
        if days.is_empty() {
            return Ok(self.history.situation_of(Vec::new(), &[], today));
        }
        self.read(&days, true).await?;
        if self.is_out_of_reach() {
            parts.clear();
        }
        self.add_rest(&mut parts).await?;
        let runs = self.runs(search).await?;
        let points = self.history.points_of(&self.question.cause, &parts, today);
        Ok(self.history.situation_of(points, &runs, today))
    }

    /// The units whose figures are asked for, with those days of each that were written about. Units that are
    /// judged when they are over are left out until then.
    fn parts(&self) -> Vec<Part> {
        let Question { cause, today, .. } = self.question;
        if !self.question.asks_for_points() {
            return Vec::new();
        }
        let whole = self.closed().unwrap_or_else(|| self.history.units(cause, *today));
        let waits = self.history.subject.aim().is_judged_when_over();
        let days = cause.days(*today);
        let part = |unit: RangeInclusive<NaiveDate>| {
            let mut own = days.iter().filter(|day| unit.contains(day));
            let first = *own.next().unwrap_or(unit.start());
            let last = own.next_back().copied().unwrap_or(if days.is_empty() { *unit.end() } else { first });
            Part { at_hand: first..=last, unit, base: Tally::default() }
        };
        whole.into_iter().filter(|unit| !waits || unit.end() < today).map(part).collect()
    }

    /// The periods that have ended, when that is the cause.
    fn closed(&self) -> Option<Vec<RangeInclusive<NaiveDate>>> {
        let Cause::Closing(ends) = &self.question.cause else { return None };
        let period = self.history.period();
        let mut closed = Vec::new();
        let mut day = *ends.start();
        while day <= *ends.end() {
            let days = period.around(day);
            let Some(next) = days.end().succ_opt() else { break };
            closed.extend(Some(days).filter(|days| ends.contains(days.end())));
            day = next;
        }
        Some(closed)
    }

    /// Adds what lies before the days at hand in each unit. What lies after them matters to what is judged when
    /// it is over, and to totals that grow: its entries are read only when a milestone is reached with them.
    async fn add_rest(&mut self, parts: &mut [Part]) -> Result<(), DbErr> {
        let snapshot = self.snapshot();
        let waits = self.history.subject.aim().is_judged_when_over();
        let mut rest = Vec::new();
        let outside = self.outside(parts).await?;
        for (part, [before, after]) in parts.iter_mut().zip(outside) {
            part.base = before;
            if waits {
                part.base = before.plus(after);
            } else if after.entries > 0 && self.reaches_with(part, after) {
                let last = (*part.unit.end()).min(snapshot.day);
                rest.push(*part.at_hand.end()..=last);
                part.at_hand = *part.at_hand.start()..=last;
            }
        }
        if rest.is_empty() { Ok(()) } else { self.read(&rest, false).await }
    }

    /// Whether no milestone of a count of successes would be reached, had every day since the first been one: then
    /// they are not counted.
    fn is_out_of_reach(&self) -> bool {
        let aim = self.history.subject.aim();
        let first = self.history.entries.iter().map(|entry| entry.date).min();
        let days = first.map_or(0, |first| (self.question.today - first).num_days() + 1);
        aim.counts_successes() && !self.is_reached_with(&Tally::of(days, days.into(), days))
    }

    /// What the entries of each unit before and after its days at hand come to. One statement, if there are any.
    async fn outside(&self, parts: &[Part]) -> Result<Vec<[Tally; 2]>, DbErr> {
        let snapshot = self.snapshot();
        let sides = parts.iter().map(|part| {
            let before = part.at_hand.start().pred_opt().map(|last| *part.unit.start()..=last);
            let after =
                part.at_hand.end().succ_opt().map(|first| first..=(*part.unit.end()).min(snapshot.day));
            let span = |days: RangeInclusive<NaiveDate>| snapshot.between(*days.start(), *days.end());
            [before, after].map(|days| days.filter(|days| !days.is_empty()).map(span))
        });
        let sides: Vec<_> = sides.collect();
        let spans: Vec<_> = sides.iter().flatten().flatten().copied().collect();
        let mut totals = totals(self.db, self.viewer, &spans).await?.into_iter();
        let mut tally = |side: Option<Span>| {
            let total = side.and_then(|_| totals.next().flatten());
            total.map_or_else(Tally::default, |it: Total| Tally::of(it.entries, it.sum, it.successes))
        };
        Ok(sides.into_iter().map(|sides| sides.map(&mut tally)).collect())
    }

    /// Whether a milestone is reached when the days after those at hand are added.
    fn reaches_with(&self, part: &Part, after: Tally) -> bool {
        let at_hand = self.history.tally(part, self.question.today);
        self.is_reached_with(&part.base.plus(at_hand).plus(after))
    }

    fn is_reached_with(&self, tally: &Tally) -> bool {
        let aim = self.history.subject.aim();
        let (value, percent) = (tally.value(&aim), tally.percent(&aim, None));
        let point = Point { date: self.question.today, entry: None, value, percent };
        let situation = self.history.situation_of(vec![point], &[], self.question.today);
        !rule::evaluate(&self.question.open, &situation).is_empty()
    }

    fn search(&self) -> Option<Search> {
        let Question { cause, today, .. } = self.question;
        let wanted = self.possible(self.sessions())?;
        let ends = || Some(self.closed()?.iter().map(|days| *days.end()).collect::<Vec<_>>());
        let days = ends().unwrap_or_else(|| cause.days(*today));
        Some(Search::new(&days, wanted, &self.history.period(), *today))
    }

    /// Streaks that no history this long can hold are not looked for.
    async fn runs(&mut self, search: Option<Search>) -> Result<Vec<Vec<Met>>, DbErr> {
        let wanted = self.possible(self.most_periods());
        let Some((mut search, wanted)) = search.zip(wanted) else { return Ok(Vec::new()) };
        search.want(wanted);
        let as_of = AsOf::today(self.question.today);
        let cause = &self.question.cause;
        let more = |history: &Self, search: &mut Search| {
            let period = history.history.period();
            history.history.with_course(cause, as_of, |course| search.step(course, &period))
        };
        while more(self, &mut search) {
            self.read(&search.days().collect::<Vec<_>>(), false).await?;
        }
        Ok(search.runs())
    }

    /// The longest streak asked for that so many periods can hold.
    fn possible(&self, most: i64) -> Option<u32> {
        self.question.lengths().filter(|length| i64::from(*length) <= most).max()
    }

    /// A goal that has always gone by sessions has no more periods than these.
    fn sessions(&self) -> i64 {
        match self.only_period() {
            Some(Period::Sessions(sessions)) => i64::try_from(sessions.len()).unwrap_or(i64::MAX),
            _ => i64::MAX,
        }
    }

    /// No more periods than these lie between the first entry and today.
    fn most_periods(&self) -> i64 {
        let today = self.question.today;
        let Some(first) = self.history.entries.iter().map(|entry| entry.date).min() else { return 0 };
        let span = self.only_period().map(|period| period.number(today) - period.number(first));
        span.unwrap_or((today - first).num_days()) + 1
    }

    /// The periods of a goal that was never tracked otherwise, when they are known.
    fn only_period(&self) -> Option<Period<'_>> {
        let only = self.history.subject.tracked.configurations.len() <= 1;
        Some(self.history.period()).filter(|period| only && *period != Period::Sessions(&[]))
    }

    /// Reads the entries of some days, and with `edges` those of the first day.
    async fn read(&mut self, days: &[RangeInclusive<NaiveDate>], edges: bool) -> Result<(), DbErr> {
        let subject = self.history.subject.clone();
        let (goal, today) = (subject.goal.id, self.question.today);
        let spans =
            merged(days).into_iter().map(|days| Span::new(goal, *days.start(), *days.end().min(&today)));
        let mut select = self.viewer.within(&spans.collect::<Vec<_>>()).entries();
        for first in if edges { self.firsts() } else { Vec::new() } {
            select.union(UnionType::All, self.viewer.within(&[first]).edge_entries(Order::Asc));
        }
        for row in self.db.query_all(&select).await? {
            let entry = entry(&row, &subject)?;
            self.entries.insert(entry.id, entry);
        }
        self.history.entries = self.entries.values().copied().collect();
        Ok(())
    }

    /// Of what the first day is needed: of what counts, for a baseline that is not stored and for a count of
    /// successes; of everything that was ever recorded, for streaks.
    fn firsts(&self) -> Vec<Span> {
        let whole = self.snapshot().whole();
        let aim = self.history.subject.aim();
        let asked = aim.baseline(None).is_none() || aim.counts_successes();
        let counts = asked && self.question.asks_for_points();
        let all = Span { context: None, method: None, ..whole };
        let asks_for_streaks = self.question.lengths().next().is_some();
        let mut firsts = Vec::new();
        firsts.extend(counts.then_some(whole));
        firsts.extend((asks_for_streaks && !(counts && all == whole)).then_some(all));
        firsts
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::present(self.history.subject.clone(), self.question.today)
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
