//! The run of met periods through a day, told from the days around it: what a write can change of a streak.
//!
//! A run ends at the nearest missed period on either side, so most runs are known from a few periods. One that
//! is still going on at the edge of the known days asks for more of them.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, Weekday};

use super::judge::{EARLIEST, Judged, Outcome, earliest, judge};
use super::period::{AsOf, Period};
use super::regime::Regime;
use super::streak::{Met, met};

/// The days around a touched day of which every entry is at hand.
#[derive(Clone, Debug)]
struct Window {
    /// The day that was written about.
    day: NaiveDate,
    known: RangeInclusive<NaiveDate>,
    /// How many periods it reaches to either side.
    periods: i64,
    /// Whether it may grow to either side.
    earlier: bool,
    later: bool,
}

/// A run through a day, as far as it is known.
#[derive(Clone, Debug, Default)]
struct Run {
    met: Vec<Met>,
    /// Whether more of it may lie before the known days, or after them.
    earlier: bool,
    later: bool,
}

/// The search for the runs through some days, reading no more than it needs.
#[derive(Clone, Debug)]
pub struct Search {
    windows: Vec<Window>,
    /// A run need not be known behind so many met periods. Its beginning always is: it decides with which period
    /// the run reached a length.
    wanted: u32,
    found: Vec<Vec<Met>>,
}

/// What is the same for all runs of a goal.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub regimes: &'a [Regime<'a>],
    /// The same with the days as they were before the write; `None` when the days are those of periods that have
    /// just ended.
    pub before: Option<&'a [Regime<'a>]>,
    pub pauses: &'a [RangeInclusive<NaiveDate>],
    /// Nothing was recorded before this day.
    pub first: NaiveDate,
    pub as_of: AsOf,
}

/// So many periods to either side of a day are read at first: days, or longer ones.
const FIRST_DAYS: u32 = 30;
const FIRST_PERIODS: u32 = 8;
/// A window that was too small is made so many times wider.
const GROWTH: i64 = 4;

impl Search {
    /// `days`: those written about, up to today. `period`: that of the configuration in force.
    #[must_use]
    pub fn new(days: &[NaiveDate], wanted: u32, period: &Period, today: NaiveDate) -> Self {
        let most = if *period == Period::Day { FIRST_DAYS } else { FIRST_PERIODS };
        let window = |day: &NaiveDate| Window::new(*day, wanted.clamp(1, most), period, today);
        Self { windows: days.iter().map(window).collect(), wanted, found: Vec::new() }
    }

    /// Asks for no longer runs than these.
    pub fn want(&mut self, length: u32) {
        self.wanted = length;
    }

    /// The days to be read before the next step.
    pub fn days(&self) -> impl Iterator<Item = RangeInclusive<NaiveDate>> {
        self.windows.iter().map(|window| window.known.clone())
    }

    /// Looks at the days that were asked for. Whether there is more to read.
    pub fn step(&mut self, course: &Course, period: &Period) -> bool {
        let mut going_on = Vec::new();
        for window in &self.windows {
            let run = course.run(window);
            if run.earlier
                || (run.later && run.met.len() < usize::try_from(self.wanted).unwrap_or(usize::MAX))
            {
                going_on.push(window.wider(&run, period, course.as_of.day));
            } else {
                self.found.push(run.met);
            }
        }
        self.windows = going_on;
        !self.windows.is_empty()
    }

    /// The runs that hold a period which the write has changed.
    #[must_use]
    pub fn runs(self) -> Vec<Vec<Met>> {
        self.found
    }
}

impl Window {
    /// So many periods to either side of a day.
    fn new(day: NaiveDate, periods: u32, period: &Period, today: NaiveDate) -> Self {
        let window = Self { day, known: day..=day, periods: periods.into(), earlier: true, later: true };
        window.reach(period, today)
    }

    /// Wider, on the sides where the run goes on.
    fn wider(&self, run: &Run, period: &Period, today: NaiveDate) -> Self {
        let (periods, earlier, later) = (self.periods.saturating_mul(GROWTH), run.earlier, run.later);
        Self { periods, earlier, later, ..self.clone() }.reach(period, today)
    }

    fn reach(self, period: &Period, today: NaiveDate) -> Self {
        let (from, to) = around(period, self.day, self.periods);
        let (start, end) = (*self.known.start(), *self.known.end());
        let start = if self.earlier { start.min(from).max(EARLIEST.min(start)) } else { start };
        let end = if self.later { end.max(to.min(today)) } else { end };
        Self { known: start..=end, ..self }
    }
}

/// The first and the last day of so many periods to either side of a day.
fn around(period: &Period, day: NaiveDate, periods: i64) -> (NaiveDate, NaiveDate) {
    // Sessions that are not known are taken for weekly, and so is what lies before the first.
    let weeks = Period::Week { starts: Weekday::Mon };
    let period = if *period == Period::Sessions(&[]) { &weeks } else { period };
    let number = period.number(day);
    let first = number.saturating_sub(periods);
    let from = match period {
        Period::Sessions([session, ..]) if first < 0 => {
            *weeks.days(weeks.number(day.min(*session)).saturating_add(first)).start()
        }
        _ => *period.days(first).start(),
    };
    (from, *period.days(number.saturating_add(periods)).end())
}

impl Course<'_> {
    /// The run through the day of a window, if the write has made it. It is what [`super::streak::evaluate`] counts,
    /// with no missed period forgiven; its `regimes` have at least the days of the window.
    fn run(&self, window: &Window) -> Run {
        let (whole_past, whole_future) = self.reaches(&window.known);
        let periods = self.periods(self.regimes, &window.known);
        let Some(own) = periods.iter().position(|period| period.days.contains(&window.day)) else {
            // Before all data and sessions, or between sessions that are not known.
            return Run::default();
        };
        let Some(joins) = self.change(window, periods[own].outcome) else { return Run::default() };
        let start = periods[..own].iter().rposition(ends).map_or(0, |missed| missed + 1);
        let end = periods[own..].iter().position(ends).map_or(periods.len(), |length| own + length);
        let missed = |period: Option<&Judged>| period.is_some_and(|period| period.outcome.is_some());
        let earlier = !whole_past && !missed(start.checked_sub(1).and_then(|before| periods.get(before)));
        let later = !whole_future && !missed(periods.get(end));
        let is_empty = |periods: &[Judged]| met(periods).is_empty();
        let alone = (!earlier && is_empty(&periods[start..own])) || (!later && is_empty(&periods[own..end]));
        if joins && alone {
            return Run::default();
        }
        Run { met: met(&periods[start..end]), earlier, later }
    }

    /// Whether the window has everything before its days, and everything after them.
    fn reaches(&self, known: &RangeInclusive<NaiveDate>) -> (bool, bool) {
        (*known.start() <= self.first.max(EARLIEST), *known.end() >= self.as_of.day)
    }

    /// Whether the write has changed a period so that a run through it is a new one, and then whether it only
    /// joins the runs on both sides of it: it is no longer missed, though it is not met.
    fn change(&self, window: &Window, now: Option<Outcome>) -> Option<bool> {
        match (self.before(window), now) {
            (Some(Outcome::Missed), Some(Outcome::Neither)) => Some(true),
            (Some(Outcome::Met), Some(Outcome::Met)) | (_, Some(Outcome::Missed | Outcome::Neither)) => None,
            (_, Some(Outcome::Met) | None) => Some(false),
        }
    }

    /// What had become of the period of a window's day before the write.
    fn before(&self, window: &Window) -> Option<Outcome> {
        let periods = self.periods(self.before?, &window.known);
        let own = periods.into_iter().find(|period| period.days.contains(&window.day));
        own.map_or(Some(Outcome::Missed), |own| own.outcome)
    }

    fn periods(&self, regimes: &[Regime], known: &RangeInclusive<NaiveDate>) -> Vec<Judged> {
        let (whole_past, _) = self.reaches(known);
        let first = if whole_past { earliest(regimes).unwrap_or(NaiveDate::MAX) } else { EARLIEST };
        judge(regimes, first, known, self.as_of, self.pauses)
    }
}

/// Whether a run does not go on through this period: it was missed, or not all of its days are at hand.
fn ends(period: &Judged) -> bool {
    period.outcome.is_none_or(|outcome| outcome == Outcome::Missed)
}
