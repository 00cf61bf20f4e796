//! Progress, the value of a day, milestones.

use chrono::NaiveTime;
use entity::progress::Context;
use entity::tracking::{Direction, Method};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{direction, vectors, word};
use crate::rules::day::{Entry, series};
use crate::rules::measure::Measure;
use crate::rules::milestone::{Milestone, Sense, Situation, evaluate};
use crate::rules::point::Point;
use crate::rules::progress::{self, Aim, Figures};
use crate::rules::shown;
use crate::rules::tests::date;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgressVector {
    baseline: Option<Decimal>,
    first_entry: Option<Decimal>,
    current: Decimal,
    target: Option<Decimal>,
    direction: Option<String>,
    expect: ProgressExpected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProgressExpected {
    percent: Option<Decimal>,
    raw: Option<Decimal>,
    status: String,
    direction: Option<String>,
    baseline_source: Option<String>,
    #[serde(default)]
    degenerate: bool,
}

fn assert_progress(found: &progress::Progress, expect: &ProgressExpected) {
    assert_eq!(found.percent.map(shown), expect.percent);
    assert_eq!(found.raw.map(shown), expect.raw);
    assert_eq!(word(found.status), expect.status);
    assert_eq!(found.degenerate, expect.degenerate);
    if expect.direction.is_some() {
        assert_eq!(found.direction, direction(expect.direction.as_deref()));
    }
    if let Some(source) = &expect.baseline_source {
        assert_eq!(found.baseline_source.map(word).as_ref(), Some(source));
    }
}

#[test]
fn progress_vectors() {
    let vectors = vectors().progress;
    assert_eq!(vectors.len(), 13);
    for vector in vectors {
        let measure = Measure::Scale { min: 1, max: 10 };
        let aim = Aim::new(measure, vector.baseline, vector.target, direction(vector.direction.as_deref()));
        let figures =
            Figures { first: vector.first_entry, current: Some(vector.current), ..Figures::default() };
        assert_progress(&progress::evaluate(&aim, &figures), &vector.expect);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaintainVector {
    target: Decimal,
    tolerance: Decimal,
    limit: Decimal,
    current: Decimal,
    expect: ProgressExpected,
}

#[test]
fn maintain_vectors() {
    let vectors = vectors().progress_maintain;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let measure = Measure::Scale { min: 1, max: 10 };
        let aim = Aim {
            tolerance: Some(vector.tolerance),
            limit: Some(vector.limit),
            ..Aim::new(measure, None, Some(vector.target), Some(Direction::Maintain))
        };
        let figures = Figures { current: Some(vector.current), ..Figures::default() };
        assert_progress(&progress::evaluate(&aim, &figures), &vector.expect);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DailyVector {
    method: String,
    entries: Vec<(Option<String>, Decimal)>,
    expect: Decimal,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[test]
fn daily_value_vectors() {
    let vectors = vectors().daily_value;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let entry = |(id, (time, value)): (usize, &(Option<String>, Decimal))| Entry {
            id,
            date: date("2026-03-01"),
            time: time.as_ref().map(|time| NaiveTime::parse_from_str(time, "%H:%M").expect("a time")),
            recorded_at: date("2026-03-01").into(),
            recorded_local: date("2026-03-01").into(),
            value: *value,
            context: Some(Context::Assessment),
            method: None,
        };
        let entries: Vec<_> = vector.entries.iter().enumerate().map(entry).collect();
        let method = Method::parse(&vector.method).expect("a method");
        let days = series(method, &entries, date("2026-03-01"));
        assert_eq!(days.iter().map(|day| day.value).collect::<Vec<_>>(), [vector.expect]);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MilestoneVector {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    target: Option<Decimal>,
    baseline: Option<Decimal>,
    goal_target: Option<Decimal>,
    direction: Option<String>,
    values: Vec<Decimal>,
    expect_fired_at_index: Option<usize>,
}

#[test]
fn milestone_vectors() {
    let vectors = vectors().milestone;
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let aim = Aim::new(
            Measure::Scale { min: 1, max: 10 },
            vector.baseline,
            vector.goal_target,
            direction(vector.direction.as_deref()),
        );
        let milestone = Milestone {
            id: 1,
            kind: entity::milestone::Kind::parse(&vector.kind),
            target: vector.target,
            created_at: date("2026-01-01").into(),
            achieved: false,
        };
        let today = date("2026-01-02");
        let fires = |value: &Decimal| {
            let figures = Figures { current: Some(*value), ..Figures::default() };
            let progress = progress::evaluate(&aim, &figures);
            let percent = progress.raw.or(progress.percent);
            let points = vec![Point { date: today, entry: None, value: *value, percent }];
            let situation = Situation { sense: Sense::of(&aim), points, runs: Vec::new(), today };
            !evaluate(&[milestone], &situation).is_empty()
        };
        assert_eq!(vector.values.iter().position(fires), vector.expect_fired_at_index, "{}", vector.name);
    }
}
