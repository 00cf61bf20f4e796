//! Milestones: which fire, in which order, and what remains true of them.

use chrono::{NaiveDate, Weekday};
use entity::milestone::Kind;
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::{date, days_at, decimal, decimals};
use crate::rules::measure::Measure;
use crate::rules::milestone::{Achievement, Milestone, Situation, evaluate, still_met, values};
use crate::rules::period::Period;
use crate::rules::progress::{self, Aim, Figures, Progress};

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };

fn milestone(id: u32, kind: Kind, target: &str) -> Milestone<u32> {
    let created_at = date("2026-01-01").into();
    Milestone { id, kind: Some(kind), target: Some(decimal(target)), created_at, achieved: false }
}

fn at(direction: Direction, baseline: &str, target: &str, current: &str) -> Progress {
    let aim = Aim::new(SCALE, Some(decimal(baseline)), Some(decimal(target)), Some(direction));
    progress::evaluate(&aim, &Figures { current: Some(decimal(current)), ..Figures::default() })
}

fn standing(progress: &Progress, values: &[(NaiveDate, Decimal)]) -> Situation {
    Situation {
        progress: *progress,
        tolerance: Decimal::ONE,
        longest_streak: 0,
        values: values.to_vec(),
        effective: date("2026-01-03"),
        today: date("2026-01-03"),
    }
}

#[test]
fn percentages_go_by_the_raw_percent() {
    let fires = |target: &str, current: &str| {
        let progress = at(Direction::Increase, "2", "8", current);
        !evaluate(&[milestone(1, Kind::Percentage, target)], &standing(&progress, &[])).is_empty()
    };
    assert!(fires("50", "5"));
    assert!(!fires("50", "4.99"));
    assert!(fires("110", "8.6"));
    assert!(!fires("110", "8.5"));
}

/// Days on which a value milestone fires, written one after another.
fn firing(direction: Direction, target: &str, written: &str) -> Vec<usize> {
    let mut milestone = milestone(1, Kind::Value, target);
    let mut fired = Vec::new();
    for (index, value) in decimals(written).into_iter().enumerate() {
        let progress = at(direction, "14", "9", "14");
        if !evaluate(&[milestone], &standing(&progress, &[(date("2026-01-03"), value)])).is_empty() {
            milestone.achieved = true;
            fired.push(index);
        }
    }
    fired
}

#[test]
fn a_value_fires_once_at_the_first_that_reaches_it() {
    assert_eq!(firing(Direction::Decrease, "9", "14 10 9 7"), [2]);
    assert_eq!(firing(Direction::Decrease, "9", "9 12 8"), [0]);
    assert_eq!(firing(Direction::Increase, "30", "10 29.99 30"), [2]);
    assert_eq!(firing(Direction::Maintain, "7", "4 5.99 8.01 8"), [3]);
}

#[test]
fn several_fire_by_target_then_age_then_id() {
    let progress = at(Direction::Increase, "2", "8", "8");
    let written = [(date("2026-01-03"), decimal("8"))];
    let younger = Milestone { created_at: date("2026-01-02").into(), ..milestone(1, Kind::Value, "5") };
    let achieved = Milestone { achieved: true, ..milestone(6, Kind::Value, "5") };
    let nameless = Milestone { kind: None, ..milestone(7, Kind::Value, "5") };
    let targetless = Milestone { target: None, ..milestone(8, Kind::Percentage, "5") };
    let milestones = [
        milestone(4, Kind::Percentage, "100"),
        younger,
        milestone(3, Kind::Value, "5"),
        milestone(2, Kind::Value, "5"),
        milestone(5, Kind::Custom, "1"),
        milestone(9, Kind::Streak, "1"),
        achieved,
        nameless,
        targetless,
    ];
    let fired = evaluate(&milestones, &standing(&progress, &written));
    assert_eq!(fired.iter().map(|fired| fired.id).collect::<Vec<_>>(), [2, 3, 1, 4]);
    let streak = Situation { longest_streak: 1, ..standing(&progress, &written) };
    assert_eq!(evaluate(&milestones, &streak).first().map(|fired| fired.id), Some(9));
}

#[test]
fn the_effective_date_is_that_of_the_data() {
    let progress = at(Direction::Increase, "2", "8", "3");
    let written = [(date("2026-01-01"), decimal("4")), (date("2026-01-02"), decimal("6"))];
    let value = evaluate(&[milestone(1, Kind::Value, "5")], &standing(&progress, &written));
    assert_eq!(value, [Achievement { id: 1, effective_date: date("2026-01-02"), backdated: true }]);
    let percentage = evaluate(&[milestone(2, Kind::Percentage, "10")], &standing(&progress, &written));
    assert_eq!(percentage, [Achievement { id: 2, effective_date: date("2026-01-03"), backdated: false }]);
}

#[test]
fn all_or_nothing_progress_still_fires() {
    let progress = at(Direction::Increase, "5", "5", "5");
    assert!(progress.degenerate);
    let fired = evaluate(&[milestone(1, Kind::Percentage, "100")], &standing(&progress, &[]));
    assert_eq!(fired.len(), 1);
    let over = evaluate(&[milestone(1, Kind::Percentage, "101")], &standing(&progress, &[]));
    assert_eq!(over, []);
}

#[test]
fn values_of_a_write_are_the_days_or_periods_it_touched() {
    let days = days_at("2026-01-05", &[0, 2, 7], &decimals("1 2 4"));
    let touched = [date("2026-01-07")];
    let week = Period::Week { starts: Weekday::Mon };
    let aim = |measure| Aim::new(measure, None, Some(decimal("12")), None);
    assert_eq!(values(&aim(SCALE), &days, &week, &touched), [(touched[0], decimal("2"))]);
    assert_eq!(values(&aim(Measure::Frequency), &days, &week, &touched), [(touched[0], decimal("3"))]);
    assert_eq!(values(&aim(SCALE), &days, &week, &[date("2026-01-06")]), []);
    // A success counts on every day after it.
    let counted = [(date("2026-01-07"), decimal("2")), (date("2026-01-12"), decimal("3"))];
    assert_eq!(values(&aim(Measure::Binary), &days, &week, &[date("2026-01-06")]), counted);
}

#[test]
fn still_met_tells_what_sticking_hides() {
    let back = at(Direction::Increase, "2", "8", "4");
    let standing = standing(&back, &[]);
    let half = milestone(1, Kind::Percentage, "50");
    assert_eq!(still_met(&half, &standing), None);
    assert_eq!(still_met(&Milestone { achieved: true, ..half }, &standing), Some(false));
    let third = Milestone { achieved: true, ..milestone(1, Kind::Percentage, "33") };
    assert_eq!(still_met(&third, &standing), Some(true));
    assert_eq!(still_met(&Milestone { kind: Some(Kind::Custom), ..third }, &standing), None);
    assert_eq!(still_met(&Milestone { kind: None, ..third }, &standing), None);
}
