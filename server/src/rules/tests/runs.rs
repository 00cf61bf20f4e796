//! Streaks after a write, told from the days around it, against the whole history.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate, Weekday};
use entity::tracking::Direction;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{date, day};
use crate::rules::day::Day;
use crate::rules::period::{AsOf, Period};
use crate::rules::run::{Course, Search};
use crate::rules::streak::{Met, Regime, Rule, evaluate, runs};

/// Days of the year 2026, and what was recorded on them.
type Recorded = BTreeMap<u64, i64>;

/// How a goal was tracked from a day on. Each regime sees the days on which it takes what was recorded.
#[derive(Clone, Debug)]
struct Way {
    from: u64,
    period: Cut,
    rule: Rule,
    takes: fn(u64) -> bool,
}

#[derive(Clone, Debug)]
enum Cut {
    Known(Period<'static>),
    Sessions(Vec<NaiveDate>),
}

#[derive(Clone, Debug)]
struct Goal {
    ways: Vec<Way>,
    holds: Vec<RangeInclusive<NaiveDate>>,
}

impl Way {
    fn period(&self) -> Period<'_> {
        match &self.period {
            Cut::Known(period) => *period,
            Cut::Sessions(days) => Period::Sessions(days),
        }
    }

    fn regime<'a>(&'a self, days: &'a [Day]) -> Regime<'a> {
        Regime { from: at(self.from), period: self.period(), rule: self.rule, days }
    }
}

const TODAY: u64 = 300;

fn at(distance: u64) -> NaiveDate {
    date("2026-01-01").checked_add_days(Days::new(distance)).expect("a day")
}

fn a_rule() -> impl Strategy<Value = Rule> {
    let total = |direction| Rule::Total { target: 3.into(), direction, tolerance: Decimal::ONE };
    prop_oneof![
        Just(Rule::CheckIn),
        Just(Rule::Success),
        Just(Rule::NoLapse),
        Just(total(Direction::Increase)),
        Just(total(Direction::Decrease)),
        Just(total(Direction::Maintain)),
    ]
}

fn a_cut() -> impl Strategy<Value = Cut> {
    let sessions = proptest::collection::btree_set(0..=TODAY, 1..40);
    prop_oneof![
        4 => Just(Cut::Known(Period::Day)),
        2 => Just(Cut::Known(Period::Week { starts: Weekday::Mon })),
        1 => (1_u32..12).prop_map(|length| Cut::Known(Period::Days { length, anchor: date("2026-02-10") })),
        1 => Just(Cut::Known(Period::Sessions(&[]))),
        1 => sessions.prop_map(|days| Cut::Sessions(days.into_iter().map(at).collect())),
    ]
}

fn a_way() -> impl Strategy<Value = Way> {
    let takes = prop_oneof![
        4 => Just((|_| true) as fn(u64) -> bool),
        1 => Just((|day| day % 3 != 0) as fn(u64) -> bool)
    ];
    (0..TODAY, a_cut(), a_rule(), takes).prop_map(|(from, period, rule, takes)| Way {
        from,
        period,
        rule,
        takes,
    })
}

fn a_goal() -> impl Strategy<Value = Goal> {
    let hold = (0..=TODAY, 0_u64..40).prop_map(|(from, days)| at(from)..=at(from + days));
    let ways = proptest::collection::vec(a_way(), 1..4);
    (ways, proptest::collection::vec(hold, 0..3)).prop_map(|(mut ways, holds)| {
        ways.sort_by_key(|way| way.from);
        Goal { ways, holds }
    })
}

/// Stretches of days in a row, with single days between.
fn recorded() -> impl Strategy<Value = Recorded> {
    let stretch = (0..=TODAY, 1_u64..70, 0_i64..5);
    proptest::collection::vec(stretch, 0..8).prop_map(|stretches| {
        let days = |(from, length, value): (u64, u64, i64)| {
            (from..(from + length).min(TODAY + 5)).map(move |day| (day, value))
        };
        stretches.into_iter().flat_map(days).collect()
    })
}

fn with_regimes<T>(goal: &Goal, recorded: &Recorded, ask: impl FnOnce(&[Regime]) -> T) -> T {
    let days = |way: &Way| -> Vec<Day> {
        let own = recorded.iter().filter(|(distance, _)| **distance <= TODAY && (way.takes)(**distance));
        own.map(|(distance, value)| day(at(*distance), (*value).into())).collect()
    };
    let days: Vec<_> = goal.ways.iter().map(days).collect();
    let regimes: Vec<_> = goal.ways.iter().zip(&days).map(|(way, days)| way.regime(days)).collect();
    ask(&regimes)
}

fn longest(goal: &Goal, recorded: &Recorded) -> u32 {
    with_regimes(goal, recorded, |regimes| evaluate(regimes, at(TODAY), 0, &goal.holds).longest)
}

/// The runs that a write about some days finds, and how many days it read.
fn found(
    goal: &Goal,
    before: &Recorded,
    recorded: &Recorded,
    written: &[u64],
    wanted: u32,
) -> (Vec<Vec<Met>>, usize) {
    let period = goal.ways[goal.ways.len() - 1].period();
    let days: Vec<_> = written.iter().map(|day| at(*day)).collect();
    let mut search = Search::new(&days, wanted, &period, at(TODAY));
    let first = recorded.first_key_value().filter(|(day, _)| **day <= TODAY);
    let mut read: Recorded = first.map(|(day, value)| (*day, *value)).into_iter().collect();
    let first = first.map_or(at(TODAY), |(day, _)| at(*day));
    loop {
        for days in search.days() {
            read.extend(recorded.iter().filter(|(day, _)| days.contains(&at(**day))));
        }
        let mut old = read.clone();
        for day in written {
            match before.get(day) {
                Some(value) => old.insert(*day, *value),
                None => old.remove(day),
            };
        }
        let mut step = |regimes: &[Regime], before: &[Regime]| {
            let as_of = AsOf::today(at(TODAY));
            let course = Course { regimes, before: Some(before), pauses: &goal.holds, first, as_of };
            search.step(&course, &period)
        };
        if !with_regimes(goal, &read, |now| with_regimes(goal, &old, |before| step(now, before))) {
            return (search.runs(), read.len());
        }
    }
}

/// The ends of the periods of a run. Where the first one begins is another thing before the first day with data,
/// which not every window has.
fn ends(run: &[Met]) -> Vec<(NaiveDate, Option<NaiveDate>, usize)> {
    run.iter().map(|met| (*met.days.end(), met.last, met.regime)).collect()
}

fn length(runs: &[Vec<Met>]) -> u32 {
    runs.iter().map(|run| u32::try_from(run.len()).expect("a few")).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_write_finds_the_streak_that_it_makes(
        goal in a_goal(), before in recorded(), wanted in 1_u32..60,
        writes in proptest::collection::btree_map(0..=TODAY, proptest::option::of(0_i64..5), 1..4),
    ) {
        let mut after = before.clone();
        for (day, value) in &writes {
            match value {
                Some(value) => after.insert(*day, *value),
                None => after.remove(day),
            };
        }
        let written: Vec<_> = writes.into_keys().collect();
        let whole_runs = with_regimes(&goal, &after, |regimes| {
            runs(regimes, AsOf::today(at(TODAY)), &goal.holds)
        });
        let (shorter, whole) = (longest(&goal, &before), longest(&goal, &after));
        for wanted in [wanted, shorter + 1, whole + 1] {
            let runs = found(&goal, &before, &after, &written, wanted).0;
            let found = length(&runs);
            prop_assert!(found <= whole, "{} of {}", found, whole);
            if shorter < wanted {
                prop_assert_eq!(found >= wanted, whole >= wanted, "{} of {}, wanted {}", found, whole, wanted);
            }
            // Each is the beginning of a run of the whole history: so it is known when it reached a length.
            for run in &runs {
                prop_assert!(run.is_empty() || whole_runs.iter().any(|whole| ends(whole).starts_with(&ends(run))));
            }
        }
    }
}

#[test]
fn a_short_streak_costs_no_more_in_a_long_history() {
    let way = Way { from: 0, period: Cut::Known(Period::Day), rule: Rule::CheckIn, takes: |_| true };
    let goal = Goal { ways: vec![way], holds: Vec::new() };
    let gaps: Recorded = (0..=TODAY).filter(|day| day % 10 != 0).map(|day| (day, 1)).collect();
    let dense: Recorded = (0..=TODAY).map(|day| (day, 1)).collect();
    for (recorded, wanted, expected, read) in [(&gaps, 20, 9, 42), (&gaps, 5, 9, 42), (&dense, 20, 301, 301)]
    {
        let mut before = recorded.clone();
        before.remove(&155);
        let (runs, days) = found(&goal, &before, recorded, &[155], wanted);
        assert!(days <= read, "{days} read for {wanted}");
        assert_eq!(length(&runs), expected, "{wanted}");
        // What was met before is no new run, and nothing more is read for it.
        let (runs, days) = found(&goal, recorded, recorded, &[155], wanted);
        assert_eq!((length(&runs), days <= 42), (0, true));
    }
}
