//! Streaks: the table of the definitions, and what the text adds.

use chrono::{NaiveDate, Weekday};
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::{date, day, decimal};
use crate::rules::day::Day;
use crate::rules::measure::Measure;
use crate::rules::period::Period;
use crate::rules::progress::Aim;
use crate::rules::streak::{Regime, Rule, Streak, evaluate};

fn done(dates: &str) -> Vec<Day> {
    dates.split_whitespace().map(|text| day(date(text), Decimal::ONE)).collect()
}

fn whole<'a>(period: Period<'a>, rule: Rule, days: &'a [Day]) -> Regime<'a> {
    Regime { from: NaiveDate::MIN, period, rule, days }
}

fn streak(period: Period, dates: &str, today: &str, grace: u32) -> (u32, u32) {
    let days = done(dates);
    let found = evaluate(&[whole(period, Rule::Success, &days)], date(today), grace, &[]);
    (found.current, found.longest)
}

#[test]
fn section_5_table() {
    let monday = Period::Week { starts: Weekday::Mon };
    let sunday = Period::Week { starts: Weekday::Sun };
    let five = "2026-03-01 2026-03-02 2026-03-03 2026-03-04 2026-03-05";
    let gap = "2026-03-01 2026-03-02 2026-03-03 2026-03-05 2026-03-06";
    let two_gaps = "2026-03-01 2026-03-02 2026-03-03 2026-03-06 2026-03-07";
    let threes = Period::Days { length: 3, anchor: date("2026-01-01") };
    let rows = [
        (Period::Day, five, "2026-03-05", 0, (5, 5)),
        (Period::Day, five, "2026-03-06", 0, (5, 5)),
        (Period::Day, five, "2026-03-07", 0, (0, 5)),
        (Period::Day, gap, "2026-03-06", 0, (2, 3)),
        (Period::Day, gap, "2026-03-06", 1, (5, 5)),
        (Period::Day, two_gaps, "2026-03-07", 1, (2, 3)),
        (Period::Day, "2026-03-07 2026-03-08 2026-03-09", "2026-03-09", 0, (3, 3)),
        (Period::Day, "2024-02-28 2024-02-29 2024-03-01", "2024-03-01", 0, (3, 3)),
        (monday, "2026-01-05 2026-01-18 2026-01-20", "2026-01-21", 0, (3, 3)),
        (monday, "2026-01-04 2026-01-05", "2026-01-05", 0, (2, 2)),
        (sunday, "2026-01-04 2026-01-05", "2026-01-05", 0, (1, 1)),
        (monday, "2026-01-05 2026-01-12", "2026-01-26", 0, (0, 2)),
        (threes, "2026-01-01 2026-01-05 2026-01-09", "2026-01-10", 0, (3, 3)),
    ];
    for (period, dates, today, grace, expected) in rows {
        assert_eq!(streak(period, dates, today, grace), expected, "{dates} on {today}");
    }
}

fn paused(dates: &str, today: &str, pauses: &[(&str, &str)], period: Period) -> (u32, u32) {
    let days = done(dates);
    let pauses: Vec<_> = pauses.iter().map(|(from, to)| date(from)..=date(to)).collect();
    let found = evaluate(&[whole(period, Rule::Success, &days)], date(today), 0, &pauses);
    (found.current, found.longest)
}

#[test]
fn pauses_neither_break_nor_count() {
    let dates = "2026-03-01 2026-03-02 2026-03-03 2026-03-06";
    assert_eq!(paused(dates, "2026-03-06", &[("2026-03-04", "2026-03-05")], Period::Day), (4, 4));
    assert_eq!(paused(dates, "2026-03-06", &[("2026-03-04", "2026-03-04")], Period::Day), (1, 3));
    // Done although on hold: not counted, except on the day on which the hold began.
    assert_eq!(paused(dates, "2026-03-06", &[("2026-03-02", "2026-03-05")], Period::Day), (3, 3));
    assert_eq!(paused(dates, "2026-03-06", &[("2026-03-04", "2026-03-06")], Period::Day), (3, 3));
    // A week that is paused in part is not missed; one that is paused as a whole, by whatever pauses, does not
    // count either.
    let week = Period::Week { starts: Weekday::Mon };
    let weeks = "2026-01-05 2026-01-19";
    let halves = [("2026-01-15", "2026-01-30"), ("2026-01-12", "2026-01-14")];
    assert_eq!(paused(weeks, "2026-01-19", &halves[..1], week), (1, 1));
    assert_eq!(paused(weeks, "2026-02-02", &[halves[1], ("2026-01-15", "2026-01-18")], week), (0, 2));
}

fn totals(rule: Rule, values: &[(&str, &str)], today: &str) -> Streak {
    let days: Vec<_> = values.iter().map(|(date_text, value)| day(date(date_text), decimal(value))).collect();
    evaluate(&[whole(Period::Week { starts: Weekday::Mon }, rule, &days)], date(today), 0, &[])
}

#[test]
fn totals_are_held_against_the_target() {
    let rule = |direction| {
        Rule::of(&Aim::new(Measure::Duration, Some(decimal("20")), Some(decimal("10")), direction))
    };
    let weeks = [("2026-01-05", "4"), ("2026-01-07", "6"), ("2026-01-12", "11"), ("2026-01-19", "10.5")];
    let counts = |direction| {
        let found = totals(rule(direction), &weeks, "2026-01-25");
        (found.current, found.longest, found.kind)
    };
    assert_eq!(counts(Some(Direction::Increase)), (3, 3, "target"));
    assert_eq!(counts(Some(Direction::Decrease)), (0, 1, "target"));
    // Missing: the target lies below the baseline, so it is to decrease. The last week is still open.
    assert_eq!(counts(None), (0, 1, "target"));
    // Tolerance 1. The last week is within it, but still open.
    assert_eq!(counts(Some(Direction::Maintain)), (2, 2, "target"));
    assert_eq!(totals(rule(Some(Direction::Maintain)), &weeks, "2026-01-26").current, 3);
    // To stay below takes an entry.
    assert_eq!(totals(rule(Some(Direction::Decrease)), &weeks[..2], "2026-01-19").current, 0);
}

#[test]
fn scales_count_check_ins() {
    let rule = |measure, target| Rule::of(&Aim::new(measure, None, target, None)).kind();
    let scale = Measure::Scale { min: 1, max: 10 };
    assert_eq!(rule(scale, Some(Decimal::ONE)), "check_in");
    assert_eq!(rule(Measure::Assessment(None), None), "check_in");
    assert_eq!(rule(Measure::Frequency, None), "check_in");
    assert_eq!(rule(Measure::Frequency, Some(Decimal::ONE)), "target");
    assert_eq!(rule(Measure::Binary, None), "success");
    let days = [day(date("2026-03-01"), Decimal::ZERO)];
    let found = |rule| evaluate(&[whole(Period::Day, rule, &days)], date("2026-03-01"), 0, &[]).current;
    assert_eq!((found(Rule::CheckIn), found(Rule::Success)), (1, 0));
}

#[test]
fn sessions_are_counted_when_they_are_known() {
    let sessions = [date("2026-01-05"), date("2026-01-12"), date("2026-01-19")];
    let days = done("2026-01-01 2026-01-05 2026-01-14");
    let found =
        evaluate(&[whole(Period::Sessions(&sessions), Rule::CheckIn, &days)], date("2026-01-20"), 0, &[]);
    // The entry before the first session belongs to none; the newest session is open.
    assert_eq!((found.current, found.longest, found.complete), (2, 2, true));
    let unseen = evaluate(&[whole(Period::Sessions(&[]), Rule::CheckIn, &days)], date("2026-01-20"), 0, &[]);
    assert_eq!((unseen.current, unseen.longest, unseen.complete), (3, 3, false));
}

#[test]
fn a_new_configuration_takes_over_the_whole_period_in_which_it_comes() {
    let week = Period::Week { starts: Weekday::Mon };
    let days = [day(date("2026-01-06"), decimal("2")), day(date("2026-01-10"), decimal("2"))];
    let regime = |from: &str, rule| Regime { from: date(from), period: week, rule, days: &days };
    let found = |regimes: &[Regime]| evaluate(regimes, date("2026-01-11"), 0, &[]).longest;
    let three =
        Rule::Total { target: decimal("3"), direction: Direction::Increase, tolerance: Decimal::ZERO };
    // One week, one check-in, however often it is configured anew.
    let often = ["2025-12-01", "2026-01-08", "2026-01-09"];
    assert_eq!(found(&often.map(|from| regime(from, Rule::CheckIn))), 1);
    // 2 before and 2 after the change are 4.
    assert_eq!(found(&[regime("2025-12-01", three), regime("2026-01-08", three)]), 1);
}

#[test]
fn a_new_configuration_before_the_first_session_takes_over_all_of_them() {
    let sessions = [date("2026-01-12"), date("2026-01-19"), date("2026-01-26")];
    let days = done("2026-01-12 2026-01-19");
    let regime =
        |from: &str| Regime { from: date(from), ..whole(Period::Sessions(&sessions), Rule::CheckIn, &days) };
    let found = evaluate(&[regime("2026-01-01"), regime("2026-01-05")], date("2026-01-30"), 0, &[]);
    assert_eq!((found.current, found.longest), (2, 2));
}

#[test]
fn each_period_is_judged_by_the_configuration_in_force() {
    let dates = "2026-01-01 2026-01-02 2026-01-05 2026-01-14 2026-01-19";
    let days = done(dates);
    let daily = whole(Period::Day, Rule::CheckIn, &days);
    let weekly = |from: &str| Regime {
        from: date(from),
        period: Period::Week { starts: Weekday::Mon },
        rule: Rule::CheckIn,
        days: &days,
    };
    let found = |regimes: &[Regime], today: &str| {
        let streak = evaluate(regimes, date(today), 0, &[]);
        (streak.current, streak.longest)
    };
    assert_eq!(found(&[daily], "2026-01-20"), (1, 2));
    // Daily until the 5th: two days, a gap, one day; then weeks. The 6th to the 11th are a week cut short
    // and so not missed.
    assert_eq!(found(&[daily, weekly("2026-01-06")], "2026-01-20"), (3, 3));
    // Asked about a day before the change.
    assert_eq!(found(&[daily, weekly("2026-01-06")], "2026-01-03"), (2, 2));
    assert_eq!(found(&[weekly("2026-01-06")], "2026-01-20"), (4, 4));
    assert_eq!(found(&[], "2026-01-20"), (0, 0));
}
