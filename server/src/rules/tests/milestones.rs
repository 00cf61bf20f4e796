//! Milestones: which fire, in which order, and what remains true of them.

use chrono::{Days, NaiveDate, Weekday};
use entity::milestone::Kind;
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::{date, decimal, decimals};
use crate::rules::day::Entry;
use crate::rules::measure::Measure;
use crate::rules::milestone::{
    Achievement, Counted, Milestone, Sense, Situation, Standing, evaluate, still_met,
};
use crate::rules::period::{AsOf, Period};
use crate::rules::point::{Point, Tally, Unit, points, unit_of};
use crate::rules::progress::{self, Aim, Figures};

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };
const WEEK: Period = Period::Week { starts: Weekday::Mon };

fn milestone(id: u32, kind: Kind, target: &str) -> Milestone<u32> {
    let created_at = date("2026-01-01").into();
    Milestone { id, kind: Some(kind), target: Some(decimal(target)), created_at, achieved: false }
}

fn aim(measure: Measure, baseline: &str, target: &str, direction: Direction) -> Aim {
    Aim::new(measure, Some(decimal(baseline)), Some(decimal(target)), Some(direction))
}

/// The third of January, a day that is not over.
fn today() -> NaiveDate {
    date("2026-01-03")
}

fn situation(aim: &Aim, points: Vec<Point<u32>>) -> Situation<u32> {
    Situation {
        sense: Sense { tolerance: Decimal::ONE, ..Sense::of(aim) },
        points,
        runs: vec![],
        today: today(),
    }
}

/// A value of a day.
fn point(aim: &Aim, date: NaiveDate, value: &str) -> Point<u32> {
    let progress = progress::evaluate(aim, &Figures { current: Some(decimal(value)), ..Figures::default() });
    Point { date, entry: Some(7), value: decimal(value), percent: progress.raw.or(progress.percent) }
}

#[test]
fn percentages_go_by_the_raw_percent() {
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    let fires = |target: &str, current: &str| {
        let situation = situation(&aim, vec![point(&aim, today(), current)]);
        !evaluate(&[milestone(1, Kind::Percentage, target)], &situation).is_empty()
    };
    assert!(fires("50", "5"));
    assert!(!fires("50", "4.99"));
    assert!(fires("110", "8.6"));
    assert!(!fires("110", "8.5"));
}

/// Values of a day, one after another, at which a milestone of a value fires.
fn firing(direction: Direction, target: &str, written: &str) -> Vec<usize> {
    let aim = aim(SCALE, "14", "9", direction);
    let mut milestone = milestone(1, Kind::Value, target);
    let mut fired = Vec::new();
    for (index, value) in written.split_whitespace().enumerate() {
        let situation = situation(&aim, vec![point(&aim, today(), value)]);
        if !evaluate(&[milestone], &situation).is_empty() {
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
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    let written = situation(&aim, vec![point(&aim, today(), "8")]);
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
    let fired = evaluate(&milestones, &written);
    assert_eq!(fired.iter().map(|fired| fired.id).collect::<Vec<_>>(), [2, 3, 1, 4]);
    let met = Counted { last: today(), entry: Some(7) };
    let streak = Situation { runs: vec![vec![met]], ..written };
    assert_eq!(evaluate(&milestones, &streak).first().map(|fired| fired.id), Some(9));
}

#[test]
fn the_effective_date_is_the_first_day_that_reached_it() {
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    let days = [("2026-01-01", "4"), ("2026-01-02", "6"), ("2026-01-03", "7")];
    let written = situation(&aim, days.map(|(day, value)| point(&aim, date(day), value)).to_vec());
    for fired in [milestone(1, Kind::Value, "5"), milestone(1, Kind::Percentage, "60")] {
        let expected =
            Achievement { id: 1, effective_date: date("2026-01-02"), entry: Some(7), backdated: true };
        assert_eq!(evaluate(&[fired], &written), [expected]);
    }
    let today = evaluate(&[milestone(1, Kind::Value, "7")], &written);
    assert_eq!(today.first().map(|fired| fired.backdated), Some(false));
}

#[test]
fn a_streak_is_reached_with_the_period_that_made_it_long_enough() {
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    let run = |days: &[&str]| -> Vec<_> {
        days.iter().map(|day| Counted { last: date(day), entry: Some(7) }).collect()
    };
    let later = run(&["2026-01-11", "2026-01-18"]);
    let runs = vec![later, run(&["2025-12-14", "2025-12-21", "2025-12-28"])];
    let written = Situation { runs, ..situation(&aim, vec![]) };
    let fired = |length: &str| {
        evaluate(&[milestone(1, Kind::Streak, length)], &written).first().map(|fired| fired.effective_date)
    };
    assert_eq!(fired("2"), Some(date("2025-12-21")));
    assert_eq!(fired("3"), Some(date("2025-12-28")));
    assert_eq!(fired("4"), None);
}

#[test]
fn all_or_nothing_progress_still_fires() {
    let aim = aim(SCALE, "5", "5", Direction::Increase);
    let written = situation(&aim, vec![point(&aim, today(), "5")]);
    assert_eq!(evaluate(&[milestone(1, Kind::Percentage, "100")], &written).len(), 1);
    assert_eq!(evaluate(&[milestone(1, Kind::Percentage, "101")], &written), []);
}

/// Entries of these distances from Monday, 5 January, in the order of their ids.
fn entries(days: &[u64], values: &str) -> Vec<Entry<u32>> {
    assert_eq!(days.len(), values.split_whitespace().count());
    let entry = |((id, day), value): ((u32, &u64), Decimal)| {
        let date = date("2026-01-05") + Days::new(*day);
        let recorded = date.into();
        Entry {
            id,
            date,
            time: None,
            recorded_at: recorded,
            recorded_local: recorded,
            value,
            context: None,
            method: None,
        }
    };
    (0..).zip(days).zip(decimals(values)).map(entry).collect()
}

/// What is new of the unit around the last entry when the entries from one on were written: each entry (or the
/// end of the period) with its value. The goal has this period and it is this day.
fn fresh(aim: &Aim, period: &Period, all: &[Entry<u32>], written: usize, today: &str) -> Vec<String> {
    let days = unit_of(aim, period, all[all.len() - 1].date);
    let own = |entries: &[Entry<u32>]| -> Vec<_> {
        entries.iter().filter(|entry| days.contains(&entry.date)).copied().collect()
    };
    let unit = Unit {
        days: days.clone(),
        base: Tally::default(),
        before: Some(own(&all[..written])),
        after: own(all),
    };
    let shown = |point: &Point<u32>| {
        let entry = point.entry.map_or("end".to_owned(), |id| id.to_string());
        format!("{entry} {} {}", point.date.format("%d"), point.value)
    };
    points(aim, &unit, None, AsOf::today(date(today))).iter().map(shown).collect()
}

#[test]
fn a_total_that_grows_has_a_value_after_each_entry() {
    let aim = aim(Measure::Frequency, "0", "12", Direction::Increase);
    let all = entries(&[0, 2, 2], "1 2 4");
    assert_eq!(fresh(&aim, &WEEK, &all, 1, "2026-01-07"), ["1 07 3", "2 07 7"]);
    // Nothing is more by it.
    assert_eq!(fresh(&aim, &WEEK, &entries(&[0, 2], "1 0"), 1, "2026-01-07"), [""; 0]);
    let days = aim;
    assert_eq!(fresh(&days, &Period::Day, &all, 1, "2026-01-07"), ["1 07 2", "2 07 6"]);
}

#[test]
fn an_entry_of_a_past_day_moves_all_of_its_period() {
    let aim = aim(Measure::Frequency, "0", "12", Direction::Increase);
    let mut all = entries(&[0, 2, 0], "1 2 4");
    all[2].recorded_at += chrono::TimeDelta::days(3);
    all.sort_by_key(Entry::place);
    let days = unit_of(&aim, &WEEK, all[0].date);
    let before: Vec<_> = all.iter().filter(|entry| entry.id != 2).copied().collect();
    let unit = Unit { days, base: Tally::default(), before: Some(before), after: all };
    let found = points(&aim, &unit, None, AsOf::today(date("2026-01-08")));
    let values: Vec<_> = found.iter().map(|point| (point.entry, point.value)).collect();
    assert_eq!(values, [(Some(2), decimal("5")), (Some(1), decimal("7"))]);
}

#[test]
fn what_can_be_taken_back_has_one_value_when_its_period_is_over() {
    let less = aim(Measure::Frequency, "20", "4", Direction::Decrease);
    let all = entries(&[0, 2], "1 2");
    assert_eq!(fresh(&less, &WEEK, &all, 1, "2026-01-11"), [""; 0]);
    assert_eq!(fresh(&less, &WEEK, &all, 1, "2026-01-12"), ["end 11 3"]);
    assert_eq!(fresh(&less, &WEEK, &entries(&[0, 2], "3 0"), 1, "2026-01-12"), [""; 0]);
    let level = aim(Measure::Duration, "0", "3", Direction::Maintain);
    assert_eq!(fresh(&level, &Period::Day, &all, 1, "2026-01-07"), [""; 0]);
    assert_eq!(fresh(&level, &Period::Day, &all, 1, "2026-01-08"), ["end 07 2"]);
    let none = Aim::new(Measure::Binary, None, None, Some(Direction::Decrease));
    assert_eq!(fresh(&none, &WEEK, &entries(&[0, 2], "0 1"), 1, "2026-01-11"), [""; 0]);
    assert_eq!(fresh(&none, &WEEK, &entries(&[0, 2], "0 1"), 1, "2026-01-12"), ["end 11 1"]);
}

#[test]
fn the_last_value_of_a_day_counts_and_each_as_it_came() {
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    assert_eq!(fresh(&aim, &WEEK, &entries(&[0, 2, 2], "5 9 3"), 1, "2026-01-07"), ["1 07 9", "2 07 3"]);
    // The same value once more is a new value.
    assert_eq!(fresh(&aim, &WEEK, &entries(&[2, 2], "9 9"), 1, "2026-01-07"), ["1 07 9"]);
    assert_eq!(fresh(&aim, &WEEK, &entries(&[2, 2], "9 9"), 2, "2026-01-07"), [""; 0]);
}

#[test]
fn a_success_counts_on_every_day_after_it() {
    let aim = Aim::new(Measure::Binary, None, Some(decimal("12")), Some(Direction::Increase));
    let all = entries(&[0, 2, 7], "1 2 4");
    assert_eq!(fresh(&aim, &WEEK, &all, 1, "2026-01-12"), ["1 07 2", "2 12 3"]);
    // Once a day.
    assert_eq!(fresh(&aim, &WEEK, &entries(&[0, 0], "1 1"), 1, "2026-01-12"), [""; 0]);
}

#[test]
fn still_met_tells_what_sticking_hides() {
    let aim = aim(SCALE, "2", "8", Direction::Increase);
    let progress = progress::evaluate(&aim, &Figures { current: Some(decimal("4")), ..Figures::default() });
    let sense = Sense::of(&aim);
    let standing = Standing { progress, sense, values: decimals("3 6 4"), longest_streak: 2 };
    let half = milestone(1, Kind::Percentage, "50");
    assert_eq!(still_met(&half, &standing), None);
    let still =
        |kind, target| still_met(&Milestone { achieved: true, ..milestone(1, kind, target) }, &standing);
    assert_eq!((still(Kind::Percentage, "50"), still(Kind::Percentage, "33")), (Some(false), Some(true)));
    assert_eq!((still(Kind::Value, "6"), still(Kind::Value, "7")), (Some(true), Some(false)));
    assert_eq!((still(Kind::Streak, "2"), still(Kind::Streak, "3")), (Some(true), Some(false)));
    assert_eq!(still(Kind::Custom, "1"), None);
    assert_eq!(still_met(&Milestone { kind: None, achieved: true, ..half }, &standing), None);
}
