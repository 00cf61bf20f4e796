//! Streaks and reminders.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use entity::tracking::Method;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::vectors;
use crate::rules::day::{Entry, series};
use crate::rules::period::Period;
use crate::rules::streak::{Regime, Rule};
use crate::rules::{reminder, streak};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreakVector {
    name: String,
    dates: Vec<NaiveDate>,
    today: NaiveDate,
    kind: Option<String>,
    every_days: Option<u32>,
    anchor: Option<NaiveDate>,
    #[serde(default)]
    grace: u32,
    #[serde(default)]
    skip: Vec<NaiveDate>,
    expect: StreakExpected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreakExpected {
    current: u32,
    longest: u32,
}

#[test]
fn streak_vectors() {
    let vectors = vectors().streak;
    assert_eq!(vectors.len(), 10);
    for vector in vectors {
        let entry = |(id, date): (usize, &NaiveDate)| Entry {
            id,
            date: *date,
            time: None,
            recorded_at: (*date).into(),
            recorded_local: (*date).into(),
            value: Decimal::ONE,
            context: None,
            method: None,
        };
        let entries: Vec<_> = vector.dates.iter().enumerate().map(entry).collect();
        let days = series(Method::Binary, &entries, vector.today);
        let period = match vector.kind.as_deref() {
            None => Period::Day,
            Some("weekly") => Period::Week { starts: Weekday::Mon },
            Some("custom") => Period::Days {
                length: vector.every_days.expect("a length"),
                anchor: vector.anchor.expect("an anchor"),
            },
            Some(other) => panic!("unknown kind {other}"),
        };
        let regime = Regime { from: NaiveDate::MIN, period, rule: Rule::Success, days: &days };
        let pauses: Vec<_> = vector.skip.iter().map(|date| *date..=*date).collect();
        let found = streak::evaluate(&[regime], vector.today, vector.grace, &pauses);
        let expected = (vector.expect.current, vector.expect.longest);
        assert_eq!((found.current, found.longest), expected, "{}", vector.name);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReminderVector {
    after: DateTime<Utc>,
    tz: String,
    time: String,
    days: Option<Vec<i32>>,
    expect: DateTime<Utc>,
}

#[test]
fn reminder_vectors() {
    let vectors = vectors().reminder_next;
    assert_eq!(vectors.len(), 10);
    for vector in vectors {
        let days = vector.days.unwrap_or_default();
        let schedule = reminder::Schedule {
            zone: vector.tz.parse::<Tz>().expect("a zone"),
            time: Some(NaiveTime::parse_from_str(&vector.time, "%H:%M").expect("a time")),
            days: &days,
            is_active: true,
            enabled: true,
            goal_status: None,
            done: &[],
        };
        assert_eq!(reminder::next_due(&schedule, vector.after), Some(vector.expect));
    }
}
