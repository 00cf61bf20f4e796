//! Every vector, every worked example of the definitions, and the laws.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::day::Day;
use super::input::Problem;

mod bad_assessments;
mod bad_entries;
mod bad_input;
mod bad_values;
mod corrected_scores;
mod episodes;
mod examples;
mod figures;
mod instruments;
mod interpretations;
mod laws;
mod milestones;
mod reminders;
mod runs;
mod streaks;
mod totals;
mod vectors;
mod webhooks;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn day(date: NaiveDate, value: Decimal) -> Day {
    Day { date, value, entries: 1 }
}

/// Days at these distances from a first one.
fn days_at(first: &str, distances: &[u32], values: &[Decimal]) -> Vec<Day> {
    let at = |(distance, value): (&u32, &Decimal)| {
        day(date(first).checked_add_days(Days::new((*distance).into())).expect("a date"), *value)
    };
    assert_eq!(distances.len(), values.len());
    distances.iter().zip(values).map(at).collect()
}

fn decimals(texts: &str) -> Vec<Decimal> {
    texts.split_whitespace().map(decimal).collect()
}

/// Equal to so many decimals.
#[track_caller]
fn assert_near(found: impl TryInto<f64, Error: std::fmt::Debug>, expected: f64, places: i32) {
    let found = found.try_into().expect("a number");
    let tolerance = 0.5 * 10_f64.powi(-places) + 1e-12;
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected} to {places} places");
}

/// Codes and places, as `INVALID input.scaleMax`.
fn told(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
    let line = |problem: Problem| {
        assert!(problem.message.ends_with('.') && problem.message.len() > 10, "{}", problem.message);
        format!("{:?} {}", problem.code, problem.field.join("."))
    };
    problems.into_iter().map(line).collect()
}
