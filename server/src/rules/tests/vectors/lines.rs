//! Trends, projections, rolling means.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{NotServed, direction, vectors, word};
use crate::rules::tests::{assert_near, day, days_at};
use crate::rules::trend::{self, Sense};
use crate::rules::{projection, rolling, shown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrendVector {
    x_days: Vec<u32>,
    y: Vec<Decimal>,
    direction: String,
    reference_span: Decimal,
    target: Option<Decimal>,
    #[serde(rename = "ols")]
    _ols: NotServed,
    theil_sen: LineExpected,
    classification: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineExpected {
    slope: f64,
    intercept: f64,
}

#[test]
fn trend_vectors() {
    let vectors = vectors().trend;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let days = days_at("2026-01-01", &vector.x_days, &vector.y);
        let sense = Sense {
            direction: direction(Some(&vector.direction)),
            target: vector.target,
            span: Some(vector.reference_span),
        };
        let found = trend::evaluate(&days, &sense);
        assert_eq!(word(found.class), vector.classification);
        assert_near(found.slope_per_day.expect("a slope"), vector.theil_sen.slope, 6);
        assert_near(found.intercept.expect("an intercept"), vector.theil_sen.intercept, 6);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectionVector {
    start: String,
    x_days: Vec<u32>,
    y: Vec<Decimal>,
    target: Decimal,
    direction: String,
    expect: ProjectionExpected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectionExpected {
    status: String,
    x: Option<f64>,
    date: Option<NaiveDate>,
}

#[test]
fn projection_vectors() {
    let vectors = vectors().projection;
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let days = days_at(&vector.start, &vector.x_days, &vector.y);
        // The figures stand on the last day with data: no vector says otherwise.
        let as_of = days[days.len() - 1].date;
        let direction = direction(Some(&vector.direction));
        let found = projection::evaluate(&days, Some(vector.target), direction, as_of);
        assert_eq!(word(found.status), vector.expect.status);
        assert_eq!(found.date, vector.expect.date);
        assert_eq!(found.x.is_some(), vector.expect.x.is_some());
        if let (Some(found), Some(expected)) = (found.x, vector.expect.x) {
            assert_near(found, expected, 4);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RollingVector {
    series: BTreeMap<NaiveDate, Decimal>,
    calendar_7_day: BTreeMap<NaiveDate, MeanExpected>,
    #[serde(rename = "last_3_points")]
    _last_3_points: NotServed,
    #[serde(rename = "ewma_alpha_0_3")]
    _ewma: NotServed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeanExpected {
    mean: Option<Decimal>,
    n: usize,
}

#[test]
fn rolling_vectors() {
    let vector = vectors().rolling;
    let days: Vec<_> = vector.series.iter().map(|(date, value)| day(*date, *value)).collect();
    assert_eq!(vector.calendar_7_day.len(), 6);
    for (date, expected) in vector.calendar_7_day {
        let found = rolling::calendar(&days, 7, date);
        assert_eq!((found.mean.map(shown), found.n), (expected.mean, expected.n), "{date}");
    }
}
