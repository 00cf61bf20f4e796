//! Rolling averages of the days.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::day::{Day, between, total};

/// A mean and the number of days with data behind it; no days, no mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    pub mean: Option<Decimal>,
    pub n: usize,
}

/// A day of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub date: NaiveDate,
    pub value: Decimal,
    /// Mean of the days with data among the seven days that end here.
    pub rolling_mean_7: Option<Decimal>,
    pub entries: u32,
}

/// Mean of the days with data in the `days` calendar days that end on `date`.
#[must_use]
pub fn calendar(series: &[Day], days: u32, date: NaiveDate) -> Mean {
    let back = Days::new(days.saturating_sub(1).into());
    let from = date.checked_sub_days(back).unwrap_or(NaiveDate::MIN);
    mean(between(series, from, date))
}

/// For each day with data, the mean of it and of up to `count - 1` days with data before it.
#[must_use]
pub fn last_points(series: &[Day], count: usize) -> Vec<Mean> {
    let window = |end: usize| series.get((end + 1).saturating_sub(count)..=end).unwrap_or_default();
    (0..series.len()).map(|end| mean(window(end))).collect()
}

/// Exponential average: each day moves it by the share `weight` (0 to 1) of the difference.
#[must_use]
pub fn exponential(series: &[Day], weight: Decimal) -> Vec<Decimal> {
    let step = |average: &mut Option<Decimal>, day: &Day| {
        let next = average.map_or(day.value, |before| weight * day.value + (Decimal::ONE - weight) * before);
        *average = Some(next);
        *average
    };
    series.iter().scan(None, step).collect()
}

/// The chart of the days from `from` to `to`; the means reach back before `from`, so hand in the whole
/// series or at least the six days before.
#[must_use]
pub fn points(series: &[Day], from: NaiveDate, to: NaiveDate) -> Vec<Point> {
    let point = |day: &Day| Point {
        date: day.date,
        value: day.value,
        rolling_mean_7: calendar(series, 7, day.date).mean,
        entries: day.entries,
    };
    between(series, from, to).iter().map(point).collect()
}

fn mean(days: &[Day]) -> Mean {
    let sum = total(days.iter().map(|day| day.value));
    Mean { mean: sum.checked_div(Decimal::from(days.len())), n: days.len() }
}
