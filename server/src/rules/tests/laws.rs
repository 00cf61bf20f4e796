//! Laws that hold for any data.

use std::cmp::Reverse;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use entity::tracking::{Direction, Method};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{date, day};
use crate::rules::day::{Day, Entry, figures, series};
use crate::rules::measure::Measure;
use crate::rules::period::Period;
use crate::rules::progress::{self, Aim, Figures};
use crate::rules::reminder::{Schedule, next_due};
use crate::rules::streak::{Regime, Rule, Streak};
use crate::rules::trend::{self, Class, Sense};
use crate::rules::{pace, projection, rolling, streak};

fn cents() -> impl Strategy<Value = Decimal> {
    (-9_999_999_999_i64..=9_999_999_999).prop_map(|cents| Decimal::new(cents, 2))
}

fn small() -> impl Strategy<Value = Decimal> {
    (0_i64..=1_000).prop_map(|cents| Decimal::new(cents, 2))
}

fn a_measure() -> impl Strategy<Value = Measure> {
    prop_oneof![
        Just(Measure::Scale { min: 1, max: 10 }),
        Just(Measure::Frequency),
        Just(Measure::Duration),
        Just(Measure::Binary),
        Just(Measure::Assessment(None)),
    ]
}

fn a_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Increase), Just(Direction::Decrease), Just(Direction::Maintain)]
}

fn a_method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::Scale), Just(Method::Frequency), Just(Method::Duration), Just(Method::Binary)]
}

fn a_period() -> impl Strategy<Value = Period<'static>> {
    prop_oneof![
        Just(Period::Day),
        Just(Period::Week { starts: chrono::Weekday::Mon }),
        Just(Period::Week { starts: chrono::Weekday::Sun }),
        (1_u32..20).prop_map(|length| Period::Days { length, anchor: date("2026-01-10") }),
        Just(Period::Sessions(&[])),
    ]
}

fn later(from: &str, days: u64) -> NaiveDate {
    date(from).checked_add_days(Days::new(days)).expect("a date")
}

/// Entries of about four months, several on some days.
fn entries() -> impl Strategy<Value = Vec<Entry<u32>>> {
    let entry = (0_u64..120, proptest::option::of(0_u32..24), 0_u64..5, small());
    proptest::collection::vec(entry, 0..60).prop_map(|entries| {
        let number =
            |(id, (distance, hour, recorded, value)): (u32, (u64, Option<u32>, u64, Decimal))| Entry {
                id,
                date: later("2026-01-01", distance),
                time: hour.and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0)),
                recorded_at: later("2026-01-01", recorded).into(),
                recorded_local: later("2026-01-01", recorded).into(),
                value,
                context: None,
                method: None,
            };
        (0..).zip(entries).map(number).collect()
    })
}

/// Days with data, a while apart.
fn days() -> impl Strategy<Value = Vec<Day>> {
    proptest::collection::btree_map(0_u64..500, small(), 0..40).prop_map(|days| {
        days.into_iter().map(|(distance, value)| day(later("2026-01-01", distance), value)).collect()
    })
}

fn at(aim: &Aim, first: Option<Decimal>, current: Decimal) -> progress::Progress {
    progress::evaluate(aim, &Figures { first, current: Some(current), ..Figures::default() })
}

fn streak_of(entries: &[Entry<u32>], period: Period, grace: u32) -> Streak {
    let today = date("2026-05-01");
    let days = series(Method::Scale, entries, today);
    let regime = Regime { from: NaiveDate::MIN, period, rule: Rule::CheckIn, days: &days };
    streak::evaluate(&[regime], today, grace, &[])
}

fn sense(direction: Direction) -> Sense {
    Sense { direction: Some(direction), target: Some(Decimal::from(5)), span: Some(Decimal::from(9)) }
}

proptest! {
    #[test]
    fn percent_stays_within_0_and_100(
        measure in a_measure(), direction in proptest::option::of(a_direction()),
        baseline in proptest::option::of(cents()), target in cents(), first in cents(), current in cents(),
    ) {
        let aim = Aim::new(measure, baseline, Some(target), direction);
        let found = at(&aim, Some(first), current);
        let percent = found.percent.expect("there are target and data");
        prop_assert!((Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent));
        prop_assert_eq!(percent == Decimal::ONE_HUNDRED, found.status == progress::Status::Achieved);
        prop_assert_eq!(found.raw.is_none(), found.degenerate);
    }

    #[test]
    fn progress_never_falls_while_the_value_improves(
        baseline in cents(), target in cents(), one in cents(), other in cents(), decrease: bool,
    ) {
        let direction = if decrease { Direction::Decrease } else { Direction::Increase };
        let aim = Aim::new(Measure::Frequency, Some(baseline), Some(target), Some(direction));
        let (worse, better) = if (one <= other) == decrease { (other, one) } else { (one, other) };
        prop_assert!(at(&aim, None, worse).percent <= at(&aim, None, better).percent);
        prop_assert!(at(&aim, None, worse).raw <= at(&aim, None, better).raw);
    }

    #[test]
    fn increase_mirrors_decrease(
        baseline in proptest::option::of(cents()), target in cents(), first in cents(), current in cents(),
    ) {
        let scale = Measure::Scale { min: 1, max: 10 };
        let up = Aim::new(scale, baseline, Some(target), Some(Direction::Increase));
        let down = Aim::new(scale, baseline.map(|value| -value), Some(-target), Some(Direction::Decrease));
        let (up, down) = (at(&up, Some(first), current), at(&down, Some(-first), -current));
        prop_assert_eq!((up.percent, up.raw, up.status, up.degenerate), (down.percent, down.raw, down.status, down.degenerate));
    }

    #[test]
    fn maintaining_gets_no_better_further_away(target in cents(), near in small(), further in small(), below: bool) {
        let aim = Aim::new(Measure::Scale { min: 1, max: 10 }, None, Some(target), Some(Direction::Maintain));
        let side = if below { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let percent = |distance: Decimal| at(&aim, None, target + side * distance).percent;
        prop_assert!(percent(near) >= percent(near + further));
        prop_assert_eq!(percent(near), at(&aim, None, target - side * near).percent);
    }

    #[test]
    fn a_streak_is_never_longer_than_its_days(entries in entries(), period in a_period(), grace in 0_u32..3) {
        let found = streak_of(&entries, period, grace);
        let days = series(Method::Scale, &entries, date("2026-05-01"));
        prop_assert!(found.current <= found.longest);
        prop_assert!(usize::try_from(found.longest).expect("small") <= days.len());
        prop_assert!(days.is_empty() == (found.longest == 0));
    }

    #[test]
    fn a_streak_does_not_mind_duplicates_or_order(entries in entries(), period in a_period(), grace in 0_u32..3) {
        let mut twice = entries.clone();
        twice.extend(&entries);
        twice.sort_by_key(|entry| Reverse((entry.value, entry.id)));
        prop_assert_eq!(streak_of(&entries, period, grace), streak_of(&twice, period, grace));
    }

    #[test]
    fn grace_never_shortens_a_streak(entries in entries(), period in a_period(), grace in 0_u32..3) {
        let (strict, lenient) = (streak_of(&entries, period, grace), streak_of(&entries, period, grace + 1));
        prop_assert!(strict.current <= lenient.current && strict.longest <= lenient.longest);
    }

    #[test]
    fn a_trend_does_not_mind_the_calendar(days in days(), shift in 0_u64..10_000, direction in a_direction()) {
        let shifted: Vec<_> = days.iter()
            .map(|old| day(old.date.checked_add_days(Days::new(shift)).expect("a date"), old.value))
            .collect();
        let (before, after) = (trend::evaluate(&days, &sense(direction)), trend::evaluate(&shifted, &sense(direction)));
        prop_assert_eq!((before.class, before.slope_per_day, before.intercept), (after.class, after.slope_per_day, after.intercept));
    }

    #[test]
    fn what_improves_one_way_worsens_the_other(days in days()) {
        let class = |direction| trend::evaluate(&days, &sense(direction)).class;
        let mirrored = match class(Direction::Increase) {
            Class::Improving => Class::Worsening,
            Class::Worsening => Class::Improving,
            other => other,
        };
        prop_assert_eq!(class(Direction::Decrease), mirrored);
    }

    #[test]
    fn forward_and_backdated_entries_give_the_same_figures(
        entries in entries(), shuffled in any::<u64>(), method in a_method(), period in a_period(),
        baseline in proptest::option::of(small()), target in small(),
    ) {
        let mut other = entries.clone();
        other.sort_by_key(|entry| u64::from(entry.id).wrapping_mul(shuffled | 1));
        let today = date("2026-04-15");
        let (forward, backward) = (series(method, &entries, today), series(method, &other, today));
        prop_assert_eq!(&forward, &backward);
        let aim = Aim::new(Measure::of(Some(method), (1, 10), None), baseline, Some(target), None);
        let all = |days: &[Day]| {
            let found = progress::evaluate(&aim, &figures(&aim, days, &period, today));
            let regime = Regime { from: NaiveDate::MIN, period, rule: Rule::of(&aim), days };
            (
                trend::evaluate(days, &Sense::of(&aim, &found)),
                streak::evaluate(&[regime], today, 0, &[]),
                projection::evaluate(days, found.target, found.direction, today),
                pace::evaluate(&found, date("2026-01-01"), Some(date("2026-06-01")), today),
                rolling::points(days, NaiveDate::MIN, today),
                found,
            )
        };
        prop_assert_eq!(all(&forward), all(&backward));
    }

    #[test]
    fn periods_hold_their_days_without_gaps(period in a_period(), distance in 0_u64..5_000) {
        if matches!(period, Period::Sessions(_)) {
            return Ok(());
        }
        let today = later("2020-01-01", distance);
        let days = period.around(today);
        prop_assert!(days.contains(&today));
        let number = period.number(today);
        prop_assert_eq!(period.number(*days.start()), number);
        prop_assert_eq!(period.number(*days.end()), number);
        prop_assert_eq!(period.number(days.end().succ_opt().expect("a day")), number + 1);
    }

    #[test]
    fn a_reminder_comes_later_on_an_allowed_local_day(
        zone in 0..chrono_tz::TZ_VARIANTS.len(), seconds in 1_300_000_000_i64..2_000_000_000,
        minute in 0_u32..1_440, days in proptest::collection::vec(0..=6, 0..4),
    ) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let after: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).expect("a moment");
        let schedule = Schedule {
            zone,
            time: NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0),
            days: &days,
            is_active: true,
            enabled: true,
            goal_status: None,
            done: &[],
        };
        let next = next_due(&schedule, after).expect("within two weeks");
        prop_assert!(next > after);
        let weekday = next.with_timezone(&zone).weekday().num_days_from_sunday();
        prop_assert!(days.is_empty() || days.iter().any(|day| u32::try_from(*day) == Ok(weekday)));
        // A second before it, it is still the next.
        prop_assert_eq!(next_due(&schedule, next - chrono::TimeDelta::seconds(1)), Some(next));
    }
}
