//! The worked examples that stand in the text of the definitions, section by section.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::goal::Status as GoalStatus;
use entity::tracking::Direction::{self, Decrease, Increase, Maintain};
use rust_decimal::Decimal;

use super::{assert_near, date, days_at, decimal, decimals};
use crate::rules::change::ClinicalChange::{
    Deteriorated, NoReliableChange, RecoveryNotReliable, ReliableImprovement, ReliableRecovery,
};
use crate::rules::change::{Criteria, improvement_possible};
use crate::rules::measure::Measure;
use crate::rules::progress::BaselineSource::{Explicit, FirstEntry};
use crate::rules::progress::Status::{Achieved, InProgress, Regressed};
use crate::rules::progress::{Aim, Figures, evaluate};
use crate::rules::reminder::{Delivery, Schedule, delivery, next_due};
use crate::rules::trend::Class::{self, Improving, InsufficientData, Stable, Worsening};
use crate::rules::trend::Sense;
use crate::rules::{instrument, projection, shown, trend};

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };

#[test]
fn section_2_progress() {
    let rows = [
        (Some("2"), "5", "8", Increase, "50.00", Some("50.00"), InProgress),
        (Some("2"), "9.5", "8", Increase, "100.00", Some("125.00"), Achieved),
        (Some("2"), "1", "8", Increase, "0.00", Some("-16.67"), Regressed),
        (Some("18"), "10", "5", Decrease, "61.54", Some("61.54"), InProgress),
        (Some("18"), "4", "5", Decrease, "100.00", Some("107.69"), Achieved),
        (Some("18"), "22", "5", Decrease, "0.00", Some("-30.77"), Regressed),
        (Some("0"), "3", "7", Increase, "42.86", Some("42.86"), InProgress),
        (Some("5"), "5", "5", Increase, "100", None, Achieved),
        (Some("5"), "4", "5", Increase, "0", None, InProgress),
        (Some("8"), "5", "5", Increase, "100", None, Achieved),
        (None, "6", "8", Increase, "60.00", Some("60.00"), InProgress),
        (None, "14", "8", Decrease, "50.00", Some("50.00"), InProgress),
    ];
    for (baseline, current, target, direction, percent, raw, status) in rows {
        let aim = Aim::new(SCALE, baseline.map(decimal), Some(decimal(target)), Some(direction));
        let first = if direction == Increase { "3" } else { "20" };
        let figures =
            Figures { first: Some(decimal(first)), current: Some(decimal(current)), ..Figures::default() };
        let found = evaluate(&aim, &figures);
        let source = if baseline.is_some() { Explicit } else { FirstEntry };
        assert_eq!(found.percent.map(shown), Some(decimal(percent)));
        assert_eq!(found.raw.map(shown), raw.map(decimal));
        assert_eq!(found.degenerate, raw.is_none());
        assert_eq!((found.status, found.baseline_source), (status, Some(source)));
    }
}

#[test]
fn section_2_maintain() {
    for (current, percent, status) in [("9", "66.67", InProgress), ("8", "100", Achieved)] {
        let aim = Aim {
            tolerance: Some(Decimal::ONE),
            limit: Some(decimal("4")),
            ..Aim::new(SCALE, None, Some(decimal("7")), Some(Maintain))
        };
        let found = evaluate(&aim, &Figures { current: Some(decimal(current)), ..Figures::default() });
        assert_eq!(found.percent.map(shown), Some(decimal(percent)));
        assert_eq!((found.raw, found.status, found.degenerate), (found.percent, status, false));
    }
}

fn class(distances: &[u32], values: &str, direction: Direction, span: &str) -> Class {
    let days = days_at("2026-01-01", distances, &decimals(values));
    trend::evaluate(&days, &Sense { direction: Some(direction), target: None, span: Some(decimal(span)) })
        .class
}

#[test]
fn section_3_trend() {
    let weeks = [0, 7, 14, 21, 28];
    assert_eq!(class(&weeks, "18 16 15 12 10", Decrease, "13"), Improving);
    assert_eq!(class(&weeks, "18 16 15 12 10", Increase, "13"), Worsening);
    assert_eq!(class(&[0, 1, 2, 3, 4], "2 4 6 8 50", Increase, "8"), Improving);
    assert_eq!(class(&[0, 1, 2, 3], "5 5 5 5", Increase, "9"), Stable);
    assert_eq!(class(&[0, 1, 2, 3, 4, 5], "5 6 5 6 5 6", Increase, "9"), Stable);
    assert_eq!(class(&[0, 10, 20], "6 6.2 6.5", Increase, "9"), Improving);
    assert_eq!(class(&[0, 10, 20], "6 6.3 6.44", Increase, "9"), Stable);
    for direction in [Increase, Decrease, Maintain] {
        assert_eq!(class(&[0, 7], "5 8", direction, "9"), InsufficientData);
    }
}

#[test]
fn section_6_projection() {
    use projection::Status::{
        AlreadyReached, InsufficientData, NotApplicable, NotApproaching, Overdue, Projected,
    };
    let weeks = [0, 7, 14, 21, 28];
    let project = |distances: &[u32], values: &str, target: &str, direction| {
        let days = days_at("2026-01-01", distances, &decimals(values));
        let as_of = days[days.len() - 1].date;
        let found = projection::evaluate(&days, Some(decimal(target)), Some(direction), as_of);
        (found.status, found.date)
    };
    assert_eq!(project(&weeks, "18 16 15 12 10", "5", Decrease), (Projected, Some(date("2026-02-16"))));
    assert_eq!(project(&[0, 7, 14, 21], "1 2 3 4", "9", Increase), (InsufficientData, None));
    assert_eq!(project(&[0, 3, 6, 9, 13], "1 2 3 4 5", "9", Increase), (InsufficientData, None));
    assert_eq!(project(&weeks, "1 2 3 4 9", "9", Increase), (AlreadyReached, None));
    assert_eq!(project(&weeks, "5 4 3 2 1", "9", Increase), (NotApproaching, None));
    assert_eq!(project(&weeks, "5 5 5 5 5", "9", Increase), (NotApproaching, None));
    assert_eq!(project(&weeks, "1 2 3 4 5", "5", Maintain), (NotApplicable, None));
    // A seventh a day: 35 days exactly, but the definitions round the slope first and say the 8th.
    let leap = days_at("2024-02-01", &weeks, &decimals("1 2 3 4 5"));
    let found = projection::evaluate(&leap, Some(decimal("6")), Some(Increase), date("2024-03-07"));
    assert_eq!((found.status, found.date), (Projected, Some(date("2024-03-08"))));
    assert_near(found.x.expect("a meeting"), 35.000_035, 6);
    let late = projection::evaluate(&leap, Some(decimal("6")), Some(Increase), date("2024-03-08"));
    assert_eq!((late.status, late.date), (Overdue, None));
    // The line meets the target before the last point, whose value lies below the line.
    assert_eq!(project(&weeks, "2 4 6 8 7", "8", Increase), (Overdue, None));
}

#[test]
fn section_8_classes() {
    let rows = [
        ("PHQ-9", "18", "9", ReliableRecovery),
        ("PHQ-9", "18", "11", ReliableImprovement),
        ("PHQ-9", "12", "9", RecoveryNotReliable),
        ("PHQ-9", "12", "10", NoReliableChange),
        ("PHQ-9", "8", "14", Deteriorated),
        ("PHQ-9", "16", "10", ReliableImprovement),
        ("ORS", "18.2", "25.4", ReliableRecovery),
        ("ORS", "28", "22.9", Deteriorated),
    ];
    for (code, earlier, later, expected) in rows {
        let criteria = Criteria::of(instrument::find(code).expect("in the catalogue"));
        assert_eq!(criteria.classify(decimal(earlier), decimal(later)), expected, "{code} {earlier} {later}");
    }
    let phq9 = instrument::find("PHQ-9").expect("in the catalogue");
    assert_eq!(improvement_possible(phq9, decimal("4")), Some(false));
    assert_eq!(improvement_possible(phq9, decimal("6")), Some(true));
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn schedule<'a>(zone: &str, time: &str, days: &'a [i32]) -> Schedule<'a> {
    Schedule {
        zone: zone.parse().expect("a zone"),
        time: Some(NaiveTime::parse_from_str(time, "%H:%M").expect("a time")),
        days,
        is_active: true,
        enabled: true,
        goal_status: Some(GoalStatus::InProgress),
        done: &[],
    }
}

#[test]
fn section_10_next_reminder() {
    let rows: [(&str, &str, &str, &[i32], &str); 11] = [
        ("2026-03-06T15:00:00Z", "America/New_York", "09:00", &[1, 3, 5], "2026-03-09T13:00:00Z"),
        ("2026-03-06T14:00:00Z", "America/New_York", "09:00", &[5], "2026-03-13T13:00:00Z"),
        ("2026-03-07T20:00:00Z", "America/New_York", "02:30", &[0], "2026-03-08T07:30:00Z"),
        ("2026-11-01T04:00:00Z", "America/New_York", "01:30", &[0], "2026-11-01T05:30:00Z"),
        ("2026-11-01T05:30:00Z", "America/New_York", "01:30", &[0], "2026-11-08T06:30:00Z"),
        ("2026-03-28T12:00:00Z", "Europe/London", "01:30", &[0], "2026-03-29T01:30:00Z"),
        ("2026-10-24T12:00:00Z", "Europe/London", "01:30", &[0], "2026-10-25T00:30:00Z"),
        ("2026-10-03T00:00:00Z", "Australia/Lord_Howe", "02:15", &[0], "2026-10-03T15:45:00Z"),
        ("2018-11-03T12:00:00Z", "America/Sao_Paulo", "00:00", &[0], "2018-11-04T03:00:00Z"),
        ("2011-12-29T20:00:00Z", "Pacific/Apia", "09:00", &[], "2011-12-30T19:00:00Z"),
        ("2026-01-01T22:30:00Z", "Pacific/Auckland", "12:00", &[5], "2026-01-01T23:00:00Z"),
    ];
    for (after, zone, time, days, expected) in rows {
        assert_eq!(next_due(&schedule(zone, time, days), moment(after)), Some(moment(expected)), "{after}");
    }
}

#[test]
fn a_day_that_a_zone_skipped_has_no_reminder() {
    // Friday 30 December 2011 did not exist in Samoa: the next Friday is a week later.
    let fridays = schedule("Pacific/Apia", "09:00", &[5]);
    let next = next_due(&fridays, moment("2011-12-29T20:00:00Z"));
    assert_eq!(next, Some(moment("2012-01-05T19:00:00Z")));
}

#[test]
fn section_10_when_nothing_is_due() {
    let after = moment("2026-03-06T15:00:00Z");
    let usual = schedule("UTC", "09:00", &[]);
    assert!(next_due(&usual, after).is_some());
    for silent in [
        Schedule { time: None, ..usual },
        Schedule { is_active: false, ..usual },
        Schedule { enabled: false, ..usual },
        Schedule { goal_status: Some(GoalStatus::OnHold), ..usual },
        Schedule { goal_status: Some(GoalStatus::Completed), ..usual },
        Schedule { goal_status: Some(GoalStatus::Abandoned), ..usual },
        Schedule { days: &[7, -1], ..usual },
    ] {
        assert_eq!(next_due(&silent, after), None, "{silent:?}");
    }
    assert!(next_due(&Schedule { goal_status: None, ..usual }, after).is_some());
}

#[test]
fn a_day_that_is_done_needs_no_reminder() {
    let (friday, saturday) = (date("2026-03-06"), date("2026-03-07"));
    let after = |now: &str, days: &[i32], done: &[NaiveDate]| {
        let usual = schedule("America/New_York", "20:00", days);
        next_due(&Schedule { done, ..usual }, moment(now)).map(|due| due.to_rfc3339())
    };
    let noon = "2026-03-06T17:00:00Z";
    assert_eq!(after(noon, &[], &[]).as_deref(), Some("2026-03-07T01:00:00+00:00"));
    assert_eq!(after(noon, &[], &[friday]).as_deref(), Some("2026-03-08T01:00:00+00:00"));
    assert_eq!(after(noon, &[], &[friday, saturday]).as_deref(), Some("2026-03-09T00:00:00+00:00"));
    assert_eq!(after(noon, &[], &[saturday]).as_deref(), Some("2026-03-07T01:00:00+00:00"));
    assert_eq!(after(noon, &[5], &[friday]).as_deref(), Some("2026-03-14T00:00:00+00:00"));
    // One in the morning of Saturday in UTC is still Friday in New York.
    assert_eq!(after("2026-03-07T00:30:00Z", &[], &[friday]).as_deref(), Some("2026-03-08T01:00:00+00:00"));
}

#[test]
fn section_10_sending() {
    let zone = "America/New_York".parse().expect("a zone");
    let slot = moment("2026-03-09T13:00:00Z");
    let latest = TimeDelta::hours(2);
    let sent = |now: &str, last: Option<&str>| delivery(zone, slot, moment(now), last.map(moment), latest);
    assert_eq!(sent("2026-03-09T14:59:59Z", None), Delivery::Send);
    assert_eq!(sent("2026-03-09T15:00:00Z", None), Delivery::TooLate);
    // 03:30 UTC is still the evening before in New York; 04:30 is the same local day.
    assert_eq!(sent("2026-03-09T13:00:00Z", Some("2026-03-09T03:30:00Z")), Delivery::Send);
    assert_eq!(sent("2026-03-09T13:00:00Z", Some("2026-03-09T04:30:00Z")), Delivery::AlreadySent);
}
