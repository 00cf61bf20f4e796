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
