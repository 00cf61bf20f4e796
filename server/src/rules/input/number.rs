//! Values of NUMERIC(10,2), and what each way of measuring makes of them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Code, Path, Problem};
use crate::rules::measure::Measure;

/// The largest value of NUMERIC(10,2): 99,999,999.99.
pub const LARGEST: Decimal = Decimal::from_parts(1_410_065_407, 2, 0, false, 2);

/// Reads a decimal as it came over the wire, plain or with an exponent.
///
/// # Errors
/// `INVALID` for what is no number or has more than two decimals, `OUT_OF_RANGE` for what is too large.
pub fn parse(path: &Path, name: &str, text: &str) -> Result<Decimal, Problem> {
    let plain = text.trim();
    let number = !plain.is_empty() && plain.chars().all(|letter| "0123456789+-.eE".contains(letter));
    let readable = plain.parse::<f64>().ok().filter(|_| number);
    let Some(size) = readable else {
        return Err(Problem::new(Code::Invalid, path, format!("{name} is not a number.")));
    };
    let exact = if plain.contains(['e', 'E']) {
        Decimal::from_scientific(plain).ok()
    } else {
        Decimal::from_str_exact(plain).ok()
    };
    match exact {
        Some(value) => storable(path, name, value).map_or(Ok(value), Err),
        None if size.abs() >= 1e8 => Err(too_large(path, name)),
        None => Err(too_fine(path, name)),
    }
}

/// At most two decimals and within NUMERIC(10,2).
#[must_use]
pub fn storable(path: &Path, name: &str, value: Decimal) -> Option<Problem> {
    if value.abs() > LARGEST {
        Some(too_large(path, name))
    } else if value.normalize().scale() > 2 {
        Some(too_fine(path, name))
    } else {
        None
    }
}

fn too_large(path: &Path, name: &str) -> Problem {
    let message = format!("{name} must lie between -99999999.99 and 99999999.99.");
    Problem::new(Code::OutOfRange, path, message)
}

fn too_fine(path: &Path, name: &str) -> Problem {
    Problem::new(Code::Invalid, path, format!("{name} can have at most two decimals."))
}

/// What a value stands for: some rules differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A data point.
    Entry,
    /// A baseline, a target or a value milestone: may count successes, or be a mean of periods.
    Goal,
}

/// A value against the way it is measured; `None` for a goal without a tracking configuration.
#[must_use]
pub fn measured(
    path: &Path,
    name: &str,
    value: Decimal,
    measure: Option<Measure>,
    purpose: Purpose,
) -> Option<Problem> {
    storable(path, name, value).or_else(|| match measure? {
        Measure::Binary if purpose == Purpose::Entry => yes_or_no(path, name, value),
        Measure::Frequency if purpose == Purpose::Entry => count(path, name, value),
        Measure::Binary => count(path, name, value),
        Measure::Frequency | Measure::Duration | Measure::Assessment(None) => not_negative(path, name, value),
        measure @ (Measure::Scale { .. } | Measure::Assessment(Some(_))) => {
            inside(path, name, value, measure).or_else(|| possible(path, name, value, measure, purpose))
        }
    })
}

fn yes_or_no(path: &Path, name: &str, value: Decimal) -> Option<Problem> {
    let message = || format!("{name} must be 1 (done) or 0 (not done).");
    let known = value == Decimal::ONE || value.is_zero();
    (!known).then(|| Problem::new(Code::OutOfRange, path, message()))
}

fn count(path: &Path, name: &str, value: Decimal) -> Option<Problem> {
    let message = || format!("{name} is a count and must be a whole number.");
    let whole = || (!value.fract().is_zero()).then(|| Problem::new(Code::Invalid, path, message()));
    not_negative(path, name, value).or_else(whole)
}

fn not_negative(path: &Path, name: &str, value: Decimal) -> Option<Problem> {
    let message = || format!("{name} can't be negative.");
    (value < Decimal::ZERO).then(|| Problem::new(Code::OutOfRange, path, message()))
}

fn inside(path: &Path, name: &str, value: Decimal, measure: Measure) -> Option<Problem> {
    let (lowest, highest) = measure.range()?;
    let message = || format!("{name} must lie between {lowest} and {highest}.");
    let outside = value < lowest || value > highest;
    outside.then(|| Problem::new(Code::OutOfRange, path, message()))
}

/// A score is a total that the answers can come to, but for instruments with decimals (ORS); targets may lie
/// between two scores.
fn possible(path: &Path, name: &str, value: Decimal, measure: Measure, purpose: Purpose) -> Option<Problem> {
    let Measure::Assessment(Some(instrument)) = measure else { return None };
    if purpose == Purpose::Goal || instrument.fractional {
        return None;
    }
    if !value.fract().is_zero() {
        let message = format!("{name} must be a whole number for the {}.", instrument.code);
        return Some(Problem::new(Code::Invalid, path, message));
    }
    let message = || format!("No answers come to {}: the {}.", value.normalize(), instrument.steps());
    let reached = value.to_i32().is_some_and(|total| instrument.reaches(total));
    (!reached).then(|| Problem::new(Code::OutOfRange, path, message()))
}
