//! Figures of many goals, each in a fixed number of statements that read no more than the figure needs:
//! a row of the last day, a row of the first, sums made by the database, the days of a window.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::progress;
use entity::tracking::{Frequency, Method};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbErr, Order};
use uuid::Uuid;

use super::order::{newest_entry, oldest_day};
use super::{Snapshot, entries, number, subject};
use crate::access::Viewer;
use crate::rules::day::{self, Day, Source};
use crate::rules::progress::Figures;
use crate::rules::rolling::{self, Point};
use crate::store::page::Ordering;
use crate::store::span::{self, BEGINNING, Span, Total};
use crate::store::{dialect, rows};

/// The first day's value, of goals that need it as their baseline. One statement.
pub async fn firsts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: &[Snapshot],
) -> Result<HashMap<Snapshot, Decimal>, DbErr> {
    let asked = snapshots.iter().filter(|snapshot| snapshot.aim.baseline(None).is_none());
    let found = edges(db, viewer, asked, Order::Asc, &oldest_day()).await?;
    Ok(found.into_iter().map(|(snapshot, row)| (snapshot, row.value)).collect())
}

/// Current value and whether its period is still open, as [`Figures`] has them; goals without an entry
/// are left out. At most three statements.
pub async fn currents(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: &[Snapshot],
) -> Result<HashMap<Snapshot, Figures>, DbErr> {
    let last = edges(db, viewer, snapshots.iter(), Order::Desc, &newest_entry()).await?;
    let by_session = last.keys().filter(|snapshot| snapshot.goes_by_session());
    let sessions = subject::sessions(db, viewer, by_session.map(|snapshot| &*snapshot.subject)).await?;
    let sources = last.iter().map(|(snapshot, row)| {
        let sessions = sessions.get(&snapshot.subject.goal.id).map(Vec::as_slice).unwrap_or_default();
        let source = day::source(&snapshot.aim, &snapshot.period(sessions), row.entry_date, snapshot.day);
        (snapshot, source, row.value)
    });
    let sources: Vec<_> = sources.collect();
    let sums = sources.iter().filter_map(|(snapshot, source, _)| match source {
        Source::LastDay => None,
        Source::Sum { days, .. } | Source::Successes { days, .. } => {
            Some((*snapshot, snapshot.between(*days.start(), *days.end())))
        }
    });
    let (summed, spans): (Vec<_>, Vec<_>) = sums.unzip();
    let totals = totals(db, viewer, &spans).await?;
    let totals: HashMap<_, _> = summed.into_iter().zip(totals).collect();
    let current = |(snapshot, source, last): &(&Snapshot, Source, Decimal)| {
        let total = totals.get(snapshot).copied().flatten();
        ((*snapshot).clone(), current(source, *last, total))
    };
    Ok(sources.iter().map(current).collect())
}

fn current(source: &Source, last: Decimal, total: Option<Total>) -> Figures {
    let successes = total.map_or(0, |total| total.successes);
    let (current, period_open) = match source {
        Source::LastDay => (last, None),
        Source::Sum { open, .. } => (total.map(|total| total.sum).unwrap_or_default(), Some(*open)),
        Source::Successes { each, .. } => (if *each { successes } else { successes.min(1) }.into(), None),
    };
    Figures { first: None, current: Some(current), period_open }
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
        if let (Some(start), Some(day)) = (starts.get_mut(number(&row)?), row.try_get("", "day")?) {
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

/// The first entry of each snapshot in an order by days, of which `days` is the direction.
///
/// A row tells its goal and not its span. Of several snapshots of one goal each finds its own: the rows
/// come in order, and those after its day are not for it.
async fn edges(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    snapshots: impl Iterator<Item = &Snapshot> + Clone,
    days: Order,
    ordering: &Ordering<progress::Entity>,
) -> Result<HashMap<Snapshot, progress::Model>, DbErr> {
    let spans: Vec<_> = snapshots.clone().map(Snapshot::whole).collect();
    if spans.is_empty() {
        return Ok(HashMap::new());
    }
    let cut = viewer.within(&spans).edge_day(days).slices(ordering, &span::ONE);
    let cut = dialect::slices(db.get_database_backend(), cut);
    let mut of_goal: HashMap<Uuid, Vec<_>> = HashMap::new();
    for row in rows::<progress::Entity>(db, &cut).await? {
        of_goal.entry(row.goal_id).or_default().push(row);
    }
    let edge = |snapshot: &Snapshot| {
        let mut rows = of_goal.get(&snapshot.subject.goal.id)?.iter();
        Some((snapshot.clone(), rows.find(|row| row.entry_date <= snapshot.day)?.clone()))
    };
    Ok(snapshots.filter_map(edge).collect())
}

async fn totals(
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
