//! The knowing: what the figures mean, which moves are allowed and which inputs are refused.
//!
//! Pure functions over plain data. No database, no clock: today, now and ids are arguments. Values are
//! `Decimal`; only fitted lines are floating point. Every definition that is clinical names its source.
//!
//! A figure is exact until it is shown: [`shown`] rounds at the edge.

use rust_decimal::{Decimal, RoundingStrategy};

pub mod address;
pub mod calendar;
pub mod change;
pub mod day;
pub mod episode;
pub mod input;
pub mod instrument;
pub mod interpretation;
mod judge;
pub mod measure;
pub mod milestone;
pub mod pace;
pub mod period;
pub mod point;
pub mod progress;
pub mod projection;
mod regime;
pub mod reminder;
pub mod retry;
pub mod rolling;
pub mod run;
pub mod safety;
pub mod scoring;
pub mod status;
pub mod streak;
pub mod subscales;
pub mod subscores;
pub mod totals;
pub mod trend;

#[cfg(test)]
mod tests;

/// Which edition of the rules and of the catalogue a figure was worked out with.
pub const VERSION: &str = "rules-2/instruments-2026-11-25";

/// A figure as it is shown: two decimals, half away from zero.
#[must_use]
pub fn shown(figure: Decimal) -> Decimal {
    figure.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
