//! Days, current values, trend windows, pace and status moves: what the tables leave to the text.

use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};
use entity::goal::Status;
use entity::progress::Context;
use entity::tracking::{Direction, Frequency, Method};
use rust_decimal::Decimal;

use super::{date, day, days_at, decimal, decimals};
use crate::rules::day::{Day, Entry, figures, series, thin};
use crate::rules::input::Code;
use crate::rules::input::status;
use crate::rules::measure::Measure;
use crate::rules::period::Period;
use crate::rules::progress::Status::{Achieved, InProgress, NoData, NoTarget};
use crate::rules::progress::{Aim, BaselineSource, Progress, evaluate};
use crate::rules::trend::{self, Class, Sense};
use crate::rules::{instrument, pace, projection, rolling, shown};

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };
const WEEK: Period = Period::Week { starts: Weekday::Mon };

fn entry(id: u32, day: &str, time: Option<&str>, value: &str) -> Entry<u32> {
    Entry {
        id,
        date: date(day),
        time: time.map(|time| NaiveTime::parse_from_str(time, "%H:%M").expect("a time")),
        recorded_at: date("2026-01-01").into(),
        recorded_local: date("2026-01-01").into(),
        value: decimal(value),
        context: None,
        method: None,
    }
}

#[test]
fn a_day_is_read_in_order_of_time_then_recording_then_id() {
    let mut entries = vec![
        entry(3, "2026-03-01", Some("08:00"), "3"),
        entry(2, "2026-03-01", Some("08:00"), "2"),
        entry(9, "2026-03-01", None, "9"),
    ];
    let last = |entries: &[Entry<u32>]| series(Method::Scale, entries, date("2026-03-01"))[0].value;
    assert_eq!(last(&entries), decimal("3"));
    entries[1].recorded_at += TimeDelta::microseconds(1);
    assert_eq!(last(&entries), decimal("2"));
}

#[test]
fn entries_after_today_wait() {
    let entries = [entry(1, "2026-03-01", None, "1"), entry(2, "2026-03-02", None, "2")];
    assert_eq!(series(Method::Scale, &entries, date("2026-03-01")).len(), 1);
    assert_eq!(series(Method::Scale, &entries, date("2026-03-02")).len(), 2);
}

#[test]
fn an_assessment_goal_takes_scores_only() {
    let mut entries = [entry(1, "2026-03-01", None, "14"), entry(2, "2026-03-02", None, "12")];
    entries[0].context = Some(Context::Assessment);
    entries[1].context = Some(Context::SelfReport);
    let days = series(Method::Assessment, &entries, date("2026-03-09"));
    assert_eq!(days, [day(date("2026-03-01"), decimal("14"))]);
}

fn progress(aim: &Aim, days: &[Day], period: &Period, today: &str) -> Progress {
    evaluate(aim, &figures(aim, days, period, date(today)))
}

#[test]
fn a_frequency_counts_the_running_week_or_the_last_one_with_data() {
    let aim = Aim::new(Measure::Frequency, None, Some(decimal("7")), Some(Direction::Increase));
    // Monday 5 January is the start of a week.
    let days = days_at("2026-01-05", &[0, 2, 7], &decimals("1 2 4"));
    let running = progress(&aim, &days, &WEEK, "2026-01-13");
    assert_eq!((running.current, running.period_open), (Some(decimal("4")), Some(true)));
    assert_eq!(running.percent.map(shown), Some(decimal("57.14")));
    assert_eq!(running.baseline_source, Some(BaselineSource::Default));
    let later = progress(&aim, &days, &WEEK, "2026-01-19");
    assert_eq!((later.current, later.period_open), (Some(decimal("4")), Some(false)));
    let earlier = progress(&aim, &days[..2], &WEEK, "2026-01-11");
    assert_eq!((earlier.current, earlier.period_open), (Some(decimal("3")), Some(true)));
}

#[test]
fn periods_follow_the_frequency() {
    let anchor = date("2026-01-01");
    let sessions = [date("2026-01-02"), date("2026-01-09")];
    let around = |frequency, custom, day: &str| {
        let days = Period::of(frequency, custom, (anchor, Weekday::Mon), &sessions).around(date(day));
        (days.start().to_string(), days.end().to_string())
    };
    let named = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(around(Frequency::Daily, None, "2026-01-04"), named("2026-01-04", "2026-01-04"));
    assert_eq!(around(Frequency::Weekly, None, "2026-01-04"), named("2025-12-29", "2026-01-04"));
    assert_eq!(around(Frequency::Custom, Some(3), "2026-01-05"), named("2026-01-04", "2026-01-06"));
    assert_eq!(around(Frequency::Custom, Some(3), "2025-12-31"), named("2025-12-29", "2025-12-31"));
    assert_eq!(around(Frequency::Custom, None, "2026-01-05"), named("2026-01-05", "2026-01-05"));
    assert_eq!(around(Frequency::Session, None, "2026-01-08"), named("2026-01-02", "2026-01-08"));
    let newest =
        Period::of(Frequency::Session, None, (anchor, Weekday::Mon), &sessions).around(date("2026-02-01"));
    assert_eq!(*newest.start(), date("2026-01-09"));
    assert_eq!(Period::Sessions(&[]).around(anchor), anchor..=anchor);
}

#[test]
fn yes_or_no_is_of_this_period_and_a_larger_target_counts_successes() {
    let days = days_at("2026-01-05", &[0, 1, 2], &decimals("1 0 1"));
    let once = Aim::new(Measure::Binary, None, None, None);
    let this_week = progress(&once, &days, &WEEK, "2026-01-11");
    assert_eq!((this_week.percent, this_week.status), (Some(decimal("100")), Achieved));
    let next_week = progress(&once, &days, &WEEK, "2026-01-12");
    assert_eq!((next_week.percent, next_week.status), (Some(decimal("0")), InProgress));

    let twelve = Aim::new(Measure::Binary, None, Some(decimal("12")), Some(Direction::Increase));
    let nine: Vec<_> = (0..12).map(|week| week * 7).collect();
    let days = days_at("2026-01-05", &nine, &decimals("1 1 1 0 1 1 1 0 1 1 0 1"));
    assert_eq!(progress(&twelve, &days, &WEEK, "2026-06-01").percent, Some(decimal("75")));
}

#[test]
fn nothing_recorded_is_not_zero_percent() {
    let aim = |target| Aim::new(SCALE, Some(decimal("2")), target, Some(Direction::Increase));
    let found = progress(&aim(Some(decimal("8"))), &[], &Period::Day, "2026-01-01");
    assert_eq!((found.status, found.percent, found.raw), (NoData, None, None));
    assert_eq!(progress(&aim(None), &[], &Period::Day, "2026-01-01").status, NoTarget);
    let unknown = Aim::new(SCALE, None, Some(decimal("8")), None);
    assert_eq!(progress(&unknown, &[], &Period::Day, "2026-01-01").direction, Some(Direction::Increase));
}

#[test]
fn a_direction_that_nobody_chose_is_worked_out_and_never_from_what_was_recorded() {
    let by_hand = |measure, baseline: &str, target: &str| {
        Aim::new(measure, Some(decimal(baseline)), Some(decimal(target)), None)
    };
    let (phq9, who5) = (instrument::find("PHQ-9"), instrument::find("WHO-5"));
    let decreasing = Direction::Decrease;
    for measure in [SCALE, Measure::Duration, Measure::Assessment(None)] {
        let open = Aim::new(measure, None, Some(decimal("5")), None);
        assert_eq!(open.direction(), Direction::Increase, "{measure:?}");
        assert_eq!(by_hand(measure, "2", "8").direction(), Direction::Increase);
        assert_eq!(by_hand(measure, "8", "2").direction(), decreasing);
        assert_eq!(by_hand(measure, "5", "5").direction(), Direction::Maintain);
        let first = days_at("2026-01-01", &[0], &[decimal("20")]);
        assert_eq!(progress(&open, &first, &WEEK, "2026-01-01").direction, Some(Direction::Increase));
    }
    for said in [None, Some(Direction::Increase), Some(Direction::Decrease)] {
        let aim = |instrument| Aim { direction: said, ..by_hand(Measure::Assessment(instrument), "2", "8") };
        assert_eq!(aim(phq9).direction(), decreasing, "{said:?}");
        assert_eq!(aim(who5).direction(), Direction::Increase, "{said:?}");
    }
}

#[test]
fn the_direction_to_store_waits_for_the_instrument() {
    let open = |measure| Aim::new(measure, None, Some(decimal("5")), None);
    assert_eq!(open(Measure::Assessment(None)).settled(), None);
    assert_eq!(open(Measure::Assessment(instrument::find("PHQ-9"))).settled(), Some(Direction::Decrease));
    assert_eq!(open(SCALE).settled(), Some(Direction::Increase));
    let way = |baseline: &str| Aim { baseline: Some(decimal(baseline)), ..open(Measure::Assessment(None)) };
    assert_eq!(way("9").settled(), Some(Direction::Decrease));
    assert_eq!(way("5").settled(), None, "scores are not to be maintained unless somebody says so");
    assert_eq!(open(SCALE).by_hand(), None);
    let nothing = |measure| Aim::new(measure, None, None, None).settled();
    assert_eq!((nothing(SCALE), nothing(Measure::Binary)), (None, None));
}

#[test]
fn maintaining_has_a_tolerance_by_measure() {
    let tolerance = |measure: Measure, target: &str| measure.tolerance(decimal(target));
    assert_eq!(tolerance(SCALE, "7"), decimal("0.9"));
    assert_eq!(tolerance(Measure::Assessment(instrument::find("PHQ-9")), "5"), decimal("6"));
    assert_eq!(tolerance(Measure::Assessment(None), "3"), decimal("0.5"));
    assert_eq!(tolerance(Measure::Duration, "-90"), decimal("9"));
    let aim = Aim::new(Measure::Duration, None, Some(decimal("30")), Some(Direction::Maintain));
    let days = [day(date("2026-01-05"), decimal("37.5"))];
    // Tolerance 3, limit 12: halfway between them.
    assert_eq!(progress(&aim, &days, &WEEK, "2026-01-12").percent, Some(decimal("50")));
}

#[test]
fn foreign_figures_of_any_size_are_survived() {
    let aim = Aim::new(SCALE, Some(Decimal::MIN), Some(Decimal::MAX), Some(Direction::Increase));
    let days = days_at("2026-01-01", &[0, 7, 14, 21, 28], &[Decimal::MAX; 5]);
    for measure in [SCALE, Measure::Duration, Measure::Binary] {
        let aim = Aim { measure, ..aim };
        let found = progress(&aim, &days, &WEEK, "2026-01-29");
        let _ = trend::evaluate(&days, &Sense::of(&aim, &found));
        let _ = pace::evaluate(&found, date("2026-01-01"), Some(date("2026-03-01")), date("2026-01-29"));
    }
    let _ = rolling::points(&days, NaiveDate::MIN, NaiveDate::MAX);
    let _ = projection::evaluate(&days, Some(Decimal::MIN), Some(Direction::Decrease), date("2026-01-29"));
}

#[test]
fn the_window_of_a_trend_ends_today() {
    let today = date("2026-04-01");
    assert_eq!(trend::start(today, Some(90)), date("2026-01-02"));
    assert_eq!(trend::start(today, Some(1)), today);
    assert_eq!(trend::start(today, None), NaiveDate::MIN);
}

#[test]
fn a_trend_says_how_sure_it_is() {
    let sense = Sense { direction: Some(Direction::Increase), target: None, span: Some(decimal("9")) };
    let trend = |count: u32| {
        let distances: Vec<_> = (0..count).collect();
        trend::evaluate(&days_at("2026-01-01", &distances, &vec![Decimal::TWO; distances.len()]), &sense)
    };
    assert_eq!((trend(0).class, trend(0).from), (Class::InsufficientData, None));
    assert_eq!((trend(2).class, trend(2).slope_per_day), (Class::InsufficientData, None));
    assert_eq!((trend(4).class, trend(4).low_confidence), (Class::Stable, true));
    assert_eq!((trend(5).low_confidence, trend(5).n, trend(5).method), (false, 5, "theil-sen"));
    assert_eq!(trend(1_000).n, 1_000);
}

#[test]
fn a_trend_is_not_judged_without_knowing_what_is_good() {
    let days = days_at("2026-01-01", &[0, 7, 14], &decimals("9 6 3"));
    let class = |measure| {
        let aim = Aim::new(measure, None, None, None);
        let found = progress(&aim, &days, &Period::Day, "2026-02-01");
        trend::evaluate(&days, &Sense::of(&aim, &found)).class
    };
    assert_eq!(class(SCALE), Class::InsufficientData);
    assert_eq!(class(Measure::Assessment(instrument::find("PHQ-9"))), Class::Improving);
    assert_eq!(class(Measure::Assessment(instrument::find("WHO-5"))), Class::Worsening);
    assert_eq!(class(Measure::Assessment(instrument::find("MDQ"))), Class::InsufficientData);
}

#[test]
fn thinning_keeps_both_ends() {
    let all: Vec<_> = (0..10_000).collect();
    let thinned = thin(&all, 400);
    assert_eq!((thinned.len(), thinned[0], thinned[399]), (400, 0, 9_999));
    assert!(thinned.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(thin(&all[..400], 400), &all[..400]);
}

#[test]
fn a_chart_reaches_back_for_its_means() {
    let days = days_at("2026-01-01", &[0, 1, 3, 7], &decimals("4 6 8 2"));
    let points = rolling::points(&days, date("2026-01-04"), date("2026-01-31"));
    let means: Vec<_> = points.iter().map(|point| point.rolling_mean_7.map(shown)).collect();
    assert_eq!(means, [Some(decimal("6")), Some(decimal("5.33"))]);
}

#[test]
fn only_daily_lines_are_projected() {
    assert!(projection::applies(SCALE, Frequency::Session));
    assert!(projection::applies(Measure::Duration, Frequency::Daily));
    assert!(!projection::applies(Measure::Frequency, Frequency::Weekly));
    assert!(!projection::applies(Measure::Binary, Frequency::Daily));
    assert!(!projection::applies(Measure::Assessment(instrument::find("MDQ")), Frequency::Session));
}

#[test]
fn pace_compares_with_an_even_way() {
    let aim = Aim::new(SCALE, Some(decimal("0")), Some(decimal("10")), Some(Direction::Increase));
    let on = |value: &str, today: &str| {
        let found = progress(&aim, &[day(date("2026-01-01"), decimal(value))], &Period::Day, today);
        pace::evaluate(&found, date("2026-01-01"), Some(date("2026-04-11")), date(today))
    };
    // 100 days long, 50 gone.
    let even = on("5", "2026-02-20");
    assert_eq!((even.class, even.days_ahead), (pace::Class::OnTrack, Some(decimal("0"))));
    assert_eq!(on("3.6", "2026-02-20").class, pace::Class::AtRisk);
    assert_eq!(on("3.59", "2026-02-20").class, pace::Class::OffTrack);
    // Long past the target date a reached goal is still on track.
    assert_eq!(on("10", "2026-12-31").class, pace::Class::OnTrack);
    // After the target date the way goes on, and the goal falls behind.
    assert_eq!(on("9", "2026-04-11").class, pace::Class::AtRisk);
    assert_eq!(on("9", "2026-12-31").class, pace::Class::OffTrack);
    let found = progress(&aim, &[], &Period::Day, "2026-02-20");
    for target in [None, Some(date("2026-01-01")), Some(date("2026-04-11"))] {
        let pace = pace::evaluate(&found, date("2026-01-01"), target, date("2026-02-20"));
        assert_eq!(pace.class, pace::Class::NotAvailable);
    }
}

#[test]
fn a_goal_moves_by_the_table_and_keeps_its_completion_in_step() {
    let (before, now) = (date("2026-01-01").into(), date("2026-01-02").into());
    let mut table = String::new();
    for from in Status::ALL {
        for to in Status::ALL {
            let old = (*from == Status::Completed).then_some(before);
            let mark = match status::change(Some(*from), *to, old, now) {
                Ok(completed) if from == to => {
                    assert_eq!(completed, old);
                    '='
                }
                Ok(completed) => {
                    assert_eq!(completed, (*to == Status::Completed).then_some(now));
                    'x'
                }
                Err(problem) => {
                    assert_eq!(
                        (problem.code, problem.field),
                        (Code::NotAllowed, vec!["input".into(), "status".into()])
                    );
                    '-'
                }
            };
            table.push(mark);
        }
        table.push(' ');
    }
    assert_eq!(table, "=xxxx -=xxx -x=xx -x-=- -x--= ");
    for to in Status::ALL {
        let completed = status::change(None, *to, Some(before), now);
        assert_eq!(completed, Ok((*to == Status::Completed).then_some(now)));
    }
    // Another program may have completed a goal without a moment; staying invents none.
    assert_eq!(status::change(Some(Status::Completed), Status::Completed, None, now), Ok(None));
}
