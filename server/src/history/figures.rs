//! Figures of many goals, each in a fixed number of statements that read no more than the figure needs:
//! a row of the last day, a row of the first, sums made by the database, the days of a window.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate};
use entity::tracking::{Frequency, Method};
use entity::value;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbErr, Order};
use uuid::Uuid;

use super::{Snapshot, entries, entry, number, subject};
use crate::access::Viewer;
use crate::rules::day::{self, Day, Entry, Source};
use crate::rules::progress::Figures;
use crate::rules::rolling::{self, Point};
use crate::store::span::{BEGINNING, Span, Total};

/// The first day's value, of goals that need it as their baseline. One statement.
pub async fn firsts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: &[Snapshot],
) -> Result<HashMap<Snapshot, Decimal>, DbErr> {
    let asked = snapshots.iter().filter(|snapshot| snapshot.aim.baseline(None).is_none());
    let asked: Vec<_> = asked.map(|snapshot| (snapshot, snapshot.whole())).collect();
    let days = edges(db, viewer, &asked, Order::Asc).await?;
    let firsts = asked.iter().zip(days).filter_map(|((of, _), day)| Some(((*of).clone(), day?.value)));
    Ok(firsts.collect())
}

/// What is held against the target, and the total of the running period, as [`Figures`] has them. At most
/// three statements.
pub async fn currents(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: &[Snapshot],
) -> Result<HashMap<Snapshot, Figures>, DbErr> {
    let by_session = snapshots.iter().filter(|snapshot| snapshot.goes_by_session());
    let sessions = subject::sessions(db, viewer, by_session.map(|snapshot| &*snapshot.subject)).await?;
    let asked = snapshots.iter().map(|snapshot| {
        let sessions = sessions.get(&snapshot.subject.goal.id).map(Vec::as_slice).unwrap_or_default();
        (snapshot, snapshot.between(BEGINNING, snapshot.until(sessions)))
    });
    let lasts = edges(db, viewer, &asked.collect::<Vec<_>>(), Order::Desc).await?;
    let parts = snapshots.iter().zip(lasts).map(|(snapshot, last)| {
        let sessions = sessions.get(&snapshot.subject.goal.id).map(Vec::as_slice).unwrap_or_default();
        Parts::of(snapshot, last, sessions)
    });
    let parts: Vec<_> = parts.collect();
    let spans: Vec<_> = parts.iter().flat_map(|parts| parts.spans.iter().flatten().copied()).collect();
    let mut totals = totals(db, viewer, &spans).await?.into_iter();
    let figures = parts.iter().map(|parts| {
        let [current, running] = parts.spans.map(|span| span.and_then(|_| totals.next().flatten()));
        parts.figures(current, running)
    });
    Ok(snapshots.iter().cloned().zip(figures).collect())
}

/// What the figures of a goal are made of.
struct Parts {
    last: Option<Day>,
    source: Option<Source>,
    /// What is to be added up: for the current value, and for the running period.
    spans: [Option<Span>; 2],
}

impl Parts {
    fn of(snapshot: &Snapshot, last: Option<Day>, sessions: &[NaiveDate]) -> Self {
        let (aim, period) = (&snapshot.aim, snapshot.period(sessions));
        let source = last.map(|last| day::source(aim, &period, last.date, snapshot.as_of()));
        let current = source.as_ref().and_then(|source| match source {
            Source::LastDay => None,
            Source::Sum { days, .. } | Source::Successes { days, .. } | Source::NoLapse { days } => {
                Some(days)
            }
        });
        let running = aim.measure.is_total().then(|| period.around(snapshot.day));
        let span = |days: &RangeInclusive<NaiveDate>| snapshot.between(*days.start(), *days.end());
        Self { last, spans: [current.map(span), running.as_ref().map(span)], source }
    }

    fn figures(&self, total: Option<Total>, running: Option<Total>) -> Figures {
        let successes = total.map_or(0, |total| total.successes);
        let sum = |total: Option<Total>| total.map(|total| total.sum).unwrap_or_default();
        let open = match self.source {
            Some(Source::Sum { open, .. }) => Some(open),
            _ => None,
        };
        let current = self.source.as_ref().zip(self.last).map(|(source, last)| match source {
            Source::LastDay => last.value,
            Source::Sum { .. } => sum(total),
            Source::Successes { each: true, .. } => successes.into(),
            Source::Successes { each: false, .. } => successes.min(1).into(),
            Source::NoLapse { .. } => u8::from(total.is_some() && successes == 0).into(),
        });
        let running = self.spans[1].map(|_| sum(running));
        Figures { first: None, current, period_open: open, running }
    }
}

/// How much was recorded, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub entries: i64,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// The extent of everything that counts; goals without an entry are left out. One statement.
pub async fn extents(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: &[Snapshot],
) -> Result<HashMap<Snapshot, Extent>, DbErr> {
    let spans: Vec<_> = snapshots.iter().map(Snapshot::whole).collect();
    let totals = totals(db, viewer, &spans).await?.into_iter();
    let extent = |total: Total| Extent { entries: total.entries, first: total.first, last: total.last };
    Ok(snapshots.iter().zip(totals).filter_map(|(of, total)| Some((of.clone(), extent(total?)))).collect())
}

/// The days with data of each snapshot from a day on. One statement.
pub async fn series(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    asked: &[(Snapshot, NaiveDate)],
) -> Result<Vec<Vec<Day>>, DbErr> {
    let spans: Vec<_> = asked.iter().map(|(snapshot, from)| snapshot.span(*from)).collect();
    let entries = entries(db, viewer, &spans, asked.iter().map(|(of, _)| &*of.subject)).await?;
    let method = |snapshot: &Snapshot| snapshot.aim.measure.method();
    let days = asked.iter().zip(entries);
    Ok(days.map(|((of, _), entries)| day::series(method(of), &entries, of.day)).collect())
}

/// A chart has at most so many points, the newest.
const MOST_POINTS: u64 = 400;
/// A rolling mean looks back on the week that ends with its day.
const DAYS_BEFORE: Days = Days::new(6);

/// The points of each snapshot between two days, at most 400, and the means over the week before each.
/// Two statements: where the 400 begin, and their entries.
pub async fn charts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    asked: &[(Snapshot, NaiveDate, NaiveDate)],
) -> Result<Vec<Vec<Point>>, DbErr> {
    let spans: Vec<_> = asked.iter().map(|(of, from, to)| of.between(*from, *to)).collect();
    let mut starts: Vec<_> = spans.iter().map(|span| span.from).collect();
    for row in db.query_all(&viewer.within(&spans).day_before_newest(MOST_POINTS - 1)).await? {
        if let (Some(start), Some(day)) = (starts.get_mut(number(&row)?), value(&row, "day")?) {
            *start = day;
        }
    }
    let reaching = |(span, start): (&Span, &NaiveDate)| {
        let from = start.checked_sub_days(DAYS_BEFORE).unwrap_or(BEGINNING);
        Span { from: from.max(BEGINNING), ..*span }
    };
    let reaching: Vec<_> = spans.iter().zip(&starts).map(reaching).collect();
    let entries = entries(db, viewer, &reaching, asked.iter().map(|(of, ..)| &*of.subject)).await?;
    let points =
        asked.iter().zip(spans).zip(starts).zip(entries).map(|((((of, ..), span), start), entries)| {
            let days = day::series(of.aim.measure.method(), &entries, of.day);
            rolling::points(&days, start, span.to)
        });
    Ok(points.collect())
}

/// The first or the last day with data of each span, with the day's value. One statement.
async fn edges(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    asked: &[(&Snapshot, Span)],
    days: Order,
) -> Result<Vec<Option<Day>>, DbErr> {
    let mut entries: Vec<Vec<Entry<Uuid>>> = vec![Vec::new(); asked.len()];
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let spans: Vec<_> = asked.iter().map(|(_, span)| *span).collect();
    for row in db.query_all(&viewer.within(&spans).edge_entries(days)).await? {
        let number = number(&row)?;
        if let Some(((of, _), entries)) = asked.get(number).zip(entries.get_mut(number)) {
            entries.push(entry(&row, &of.subject)?);
        }
    }
    let day = |((of, _), entries): (&(&Snapshot, Span), Vec<_>)| {
        day::series(of.aim.measure.method(), &entries, of.day).first().copied()
    };
    Ok(asked.iter().zip(entries).map(day).collect())
}

pub(super) async fn totals(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    spans: &[Span],
) -> Result<Vec<Option<Total>>, DbErr> {
    let mut totals = vec![None; spans.len()];
    if spans.is_empty() {
        return Ok(totals);
    }
    for row in db.query_all(&viewer.within(spans).totals()).await? {
        if let Some(total) = totals.get_mut(number(&row)?) {
            *total = Some(Total::read(&row)?);
        }
    }
    Ok(totals)
}

impl Snapshot {
    /// The last day that the current value may be taken from.
    fn until(&self, sessions: &[NaiveDate]) -> NaiveDate {
        day::until(&self.aim, &self.period(sessions), self.as_of())
    }

    /// Whether the current value is one of a period from session to session.
    fn goes_by_session(&self) -> bool {
        let aim = &self.aim;
        let by_period = match aim.measure.method() {
            Method::Frequency | Method::Duration => true,
            Method::Binary => !aim.counts_successes(),
            Method::Scale | Method::Assessment => false,
        };
        by_period && self.frequency() == Frequency::Session
    }
}
