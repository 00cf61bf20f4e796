//! When the target will be reached if the trend goes on.

use chrono::{Days, NaiveDate};
use entity::tracking::{Direction, Frequency};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::day::Day;
use super::measure::Measure;
use super::progress::sign;
use super::trend::{Line, theil_sen};

/// A target further than this many days past the last point is not dated.
pub const HORIZON: f64 = 365.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Projected,
    AlreadyReached,
    NotApproaching,
    BeyondHorizon,
    InsufficientData,
    /// By the line the target should have been reached by now, and it has not been.
    Overdue,
    NotApplicable,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    pub status: Status,
    pub date: Option<NaiveDate>,
    /// Where the line meets the target, in days since the first day.
    pub x: Option<f64>,
}

/// Whether a line through day values can meet the target at all: not through yes or no, and not when
/// days are compared with the total of a longer period.
#[must_use]
pub fn applies(measure: Measure, frequency: Frequency) -> bool {
    match measure {
        Measure::Scale { .. } => true,
        Measure::Assessment(instrument) => !instrument.is_some_and(|instrument| instrument.screen),
        Measure::Frequency | Measure::Duration => frequency == Frequency::Daily,
        Measure::Binary => false,
    }
}

/// Not applicable without a target, without a direction and for a goal that is to maintain. `as_of`: the day
/// at which the figures stand; a date that is given lies after it.
#[must_use]
pub fn evaluate(
    days: &[Day],
    target: Option<Decimal>,
    direction: Option<Direction>,
    as_of: NaiveDate,
) -> Projection {
    match (target, direction) {
        (Some(target), Some(direction @ (Direction::Increase | Direction::Decrease))) => {
            towards(days, target, direction, as_of)
        }
        _ => without_date(Status::NotApplicable),
    }
}

fn towards(days: &[Day], target: Decimal, direction: Direction, as_of: NaiveDate) -> Projection {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return without_date(Status::InsufficientData);
    };
    let length = (last.date - first.date).num_days();
    if days.len() < 5 || length < 14 {
        return without_date(Status::InsufficientData);
    }
    if sign(direction) * last.value >= sign(direction) * target {
        return without_date(Status::AlreadyReached);
    }
    let approach = theil_sen(days).map(as_defined).zip(sign(direction).to_f64()).zip(target.to_f64());
    match approach {
        Some(((line, sign), target)) if sign * line.slope > 0.0 => {
            // Floating point may put a whole day a hair above itself.
            let x = six_places((target - line.intercept) / line.slope);
            dated(first.date, last.date, x, as_of)
        }
        _ => without_date(Status::NotApproaching),
    }
}

/// The line rounded to six decimals, which the vectors and the dated example of the definitions rest on,
/// although their formula does not say so: a seventh a day reaches 5 more in 35.000035 days and not in 35,
/// and so a day later.
fn as_defined(line: Line) -> Line {
    Line { slope: six_places(line.slope), intercept: six_places(line.intercept) }
}

fn six_places(figure: f64) -> f64 {
    (figure * 1e6).round() / 1e6
}

fn dated(first: NaiveDate, last: NaiveDate, x: f64, as_of: NaiveDate) -> Projection {
    let since_first = |day: NaiveDate| f64::from(i32::try_from((day - first).num_days()).unwrap_or(i32::MAX));
    let status = if x - since_first(last) > HORIZON {
        Status::BeyondHorizon
    } else if x <= since_first(as_of) {
        Status::Overdue
    } else {
        Status::Projected
    };
    let date = x.ceil().to_u64().and_then(|day| first.checked_add_days(Days::new(day)));
    Projection { status, date: date.filter(|_| status == Status::Projected), x: Some(x) }
}

const fn without_date(status: Status) -> Projection {
    Projection { status, date: None, x: None }
}
