//! The run of met periods through a day, told from the days around it: what a write can change of a streak.
//!
//! A run ends at the nearest missed period on either side, so most runs are known from a few periods. One that
//! is still going on at the edge of the known days asks for more of them.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, Weekday};

use super::period::Period;
use super::streak::{EARLIEST, Judged, Outcome, Regime, earliest, judge};

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
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Met periods.
    length: u32,
    /// Whether more of it may lie before the known days, or after them.
    earlier: bool,
    later: bool,
}

/// The search for the longest run through one of some days, reading no more than it needs.
#[derive(Clone, Debug)]
pub struct Search {
    windows: Vec<Window>,
    /// A run that is longer need not be known to its end.
    wanted: u32,
    longest: u32,
}

/// What is the same for all runs of a goal.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub regimes: &'a [Regime<'a>],
    pub pauses: &'a [RangeInclusive<NaiveDate>],
    /// Nothing was recorded before this day.
    pub first: NaiveDate,
    pub today: NaiveDate,
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
        Self { windows: days.iter().map(window).collect(), wanted, longest: 0 }
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
            self.longest = self.longest.max(run.length);
            if run.earlier || run.later {
                going_on.push(window.wider(run, period, course.today));
            }
        }
        self.windows = going_on;
        self.longest < self.wanted && !self.windows.is_empty()
    }

    /// The longest run found, or one that is as long as was wanted.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.longest
    }
}

impl Window {
    /// So many periods to either side of a day.
    fn new(day: NaiveDate, periods: u32, period: &Period, today: NaiveDate) -> Self {
        let window = Self { day, known: day..=day, periods: periods.into(), earlier: true, later: true };
        window.reach(period, today)
    }

    /// Wider, on the sides where the run goes on.
    fn wider(&self, run: Run, period: &Period, today: NaiveDate) -> Self {
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
    /// The run through the day of a window. It is what [`super::streak::evaluate`] counts, with no missed period
    /// forgiven; its `regimes` have at least the days of the window.
    fn run(&self, window: &Window) -> Run {
        let (whole_past, whole_future) =
            (*window.known.start() <= self.first.max(EARLIEST), *window.known.end() >= self.today);
        let first = if whole_past { earliest(self.regimes).unwrap_or(NaiveDate::MAX) } else { EARLIEST };
        let periods = judge(self.regimes, first, &window.known, self.today, self.pauses);
        let Some(own) = periods.iter().position(|period| period.days.contains(&window.day)) else {
            // Before all data and sessions, or before the days at hand.
            return Run { length: 0, earlier: !whole_past, later: false };
        };
        if periods[own].outcome == Some(Outcome::Missed) {
            return Run { length: 0, earlier: false, later: false };
        }
        let (before, after) = periods.split_at(own);
        let (earlier, later) = (stretch(before.iter().rev()), stretch(after.iter()));
        Run {
            length: earlier.length + later.length,
            earlier: !whole_past && !earlier.end.is_some_and(|missed| self.is_certain(missed)),
            later: !whole_future && later.end.is_none(),
        }
    }

    /// Whether a missed period ends a run that comes after it. The first period of all begins with the first
    /// day with data, which makes a difference to whether it was on hold; so something has to lie before.
    fn is_certain(&self, missed: &Judged) -> bool {
        self.pauses.is_empty() || earliest(self.regimes).is_some_and(|first| first < *missed.days.start())
    }

    /// Whether a write about this day may change what becomes of periods far from it. It may when nothing
    /// that counts lies before it: the first period of all begins with the first day with data, and that
    /// decides whether it was on hold.
    #[must_use]
    pub fn reaches_far(&self, day: NaiveDate) -> bool {
        !self.pauses.is_empty() && earliest(self.regimes).is_none_or(|first| first >= day)
    }
}

/// Met periods in a row, and the missed one that ends them.
struct Stretch<'a> {
    length: u32,
    end: Option<&'a Judged>,
}

fn stretch<'a>(periods: impl Iterator<Item = &'a Judged>) -> Stretch<'a> {
    let mut length = 0;
    for period in periods {
        match period.outcome {
            Some(Outcome::Met) => length += 1,
            Some(Outcome::Neither) => {}
            Some(Outcome::Missed) => return Stretch { length, end: Some(period) },
            None => break,
        }
    }
    Stretch { length, end: None }
}
