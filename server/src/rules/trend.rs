//! Which way the values go, by a line through the days.
//!
//! Theil 1950, Sen 1968 (J Am Stat Assoc 63:1379): the median of all pairwise slopes, which one wild
//! entry does not move.

use chrono::{Days, NaiveDate};
use entity::tracking::Direction;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::day::{Day, thin};
use super::measure::Measure;
use super::progress::{Aim, Progress};

/// The pairs grow with the square of the points: 400 are 79,800 pairs.
pub const MOST_POINTS: usize = 400;
pub const METHOD: &str = "theil-sen";

/// Named by meaning: falling is good for a goal that is to decrease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Improving,
    Stable,
    Worsening,
    InsufficientData,
}

/// y = intercept + slope * x, x in days since the first day of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub intercept: f64,
}

/// What is good, and against which length a gain is weighed.
#[derive(Clone, Copy, Debug)]
pub struct Sense {
    /// `None`: it is not known what would be better, so no class is given.
    pub direction: Option<Direction>,
    pub target: Option<Decimal>,
    /// Length of the whole way, in units of the value.
    pub span: Option<Decimal>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    pub class: Class,
    /// Units of the value per day.
    pub slope_per_day: Option<f64>,
    pub intercept: Option<f64>,
    pub method: &'static str,
    /// Days with data in the window.
    pub n: usize,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Fewer than five days.
    pub low_confidence: bool,
}

impl Sense {
    /// Direction and target of the goal; without them the good direction of its instrument, or none: of a line
    /// that nobody wants anywhere nothing is called better or worse. A screen (MDQ) measures no change.
    #[must_use]
    pub fn of(aim: &Aim, progress: &Progress) -> Self {
        let (screen, good) = match aim.measure {
            Measure::Assessment(Some(instrument)) => (instrument.screen, Some(instrument.good_direction())),
            _ => (false, None),
        };
        let wanted = progress.direction.filter(|_| progress.target.is_some());
        let way = progress.target.zip(progress.baseline).map(|(target, baseline)| (target - baseline).abs());
        Self {
            direction: aim.direction.or(wanted).or(good).filter(|_| !screen),
            target: progress.target,
            span: way.filter(|way| !way.is_zero()).or(aim.measure.span()),
        }
    }
}

/// The first day of a window.
#[must_use]
pub fn start(today: NaiveDate, days: Option<u32>) -> NaiveDate {
    let start = days.and_then(|days| today.checked_sub_days(Days::new(days.saturating_sub(1).into())));
    start.unwrap_or(NaiveDate::MIN)
}

/// The trend of the days given, all of its window.
#[must_use]
pub fn evaluate(days: &[Day], sense: &Sense) -> Trend {
    let line = (days.len() >= 3).then(|| theil_sen(days)).flatten();
    Trend {
        class: line.and_then(|line| class(line, days, sense)).unwrap_or(Class::InsufficientData),
        slope_per_day: line.map(|line| line.slope),
        intercept: line.map(|line| line.intercept),
        method: METHOD,
        n: days.len(),
        from: days.first().map(|day| day.date),
        to: days.last().map(|day| day.date),
        low_confidence: days.len() < 5,
    }
}

/// Improving from a gain of 5 percent of the span on, over the length of the window. Ours.
fn class(line: Line, days: &[Day], sense: &Sense) -> Option<Class> {
    let length = points(days).last()?.0;
    let gain = match sense.direction? {
        Direction::Increase => line.slope * length,
        Direction::Decrease => -line.slope * length,
        Direction::Maintain => {
            let target = sense.target?.to_f64()?;
            (line.intercept - target).abs() - (line.intercept + line.slope * length - target).abs()
        }
    };
    let threshold = 0.05 * sense.span.and_then(|span| span.to_f64()).unwrap_or_else(|| spread(days));
    // The line is floating point: exactly 5 percent must not fail by the last bit.
    let noise = 1e-9 * threshold.max(1.0);
    Some(match gain {
        gain if gain.abs() <= noise => Class::Stable,
        gain if gain >= threshold - noise => Class::Improving,
        gain if gain <= noise - threshold => Class::Worsening,
        _ => Class::Stable,
    })
}

fn spread(days: &[Day]) -> f64 {
    let highest = days.iter().map(|day| day.value).max().unwrap_or_default();
    let lowest = days.iter().map(|day| day.value).min().unwrap_or_default();
    highest.saturating_sub(lowest).to_f64().unwrap_or_default()
}

/// x in days since the first day, y the value; at most [`MOST_POINTS`], thinned evenly.
fn points(days: &[Day]) -> Vec<(f64, f64)> {
    let Some(first) = days.first() else { return Vec::new() };
    let point = |day: &Day| {
        let x = i32::try_from((day.date - first.date).num_days()).unwrap_or(i32::MAX);
        (f64::from(x), day.value.to_f64().unwrap_or_default())
    };
    thin(days, MOST_POINTS).iter().map(point).collect()
}

/// The median line; `None` for fewer than two days.
#[must_use]
pub fn theil_sen(days: &[Day]) -> Option<Line> {
    let points = points(days);
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (index, (x, y)) in points.iter().enumerate() {
        slopes.extend(points.iter().skip(index + 1).map(|(later, other)| (other - y) / (later - x)));
    }
    let slope = median(&mut slopes)?;
    let intercept = median(&mut points.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>())?;
    Some(Line { slope, intercept })
}

fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().max_by(f64::total_cmp) } else { None };
    Some(lower.map_or(*upper, |lower| f64::midpoint(lower, *upper)))
}
