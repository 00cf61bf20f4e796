//! Goal Attainment Scaling: one score for several goals, each rated from -2 to +2.
//!
//! Kiresuk and Sherman 1968 (Community Ment Health J 4:443). The formulas printed in Turner-Stokes 2009
//! (Clin Rehabil 23:362) are wrong; an erratum corrects them.

use rust_decimal::{Decimal, MathematicalOps};

/// Assumed correlation between goals: 0.3.
const CORRELATION: Decimal = Decimal::from_parts(3, 0, 0, false, 1);

/// A goal's level of attainment and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Rated {
    pub weight: Decimal,
    /// -2 much less than expected, 0 as expected, +2 much more.
    pub level: i8,
}

/// The T-score: 50 when all goals came out as expected. `None` without a goal of any weight.
#[must_use]
pub fn t_score(goals: &[Rated]) -> Option<Decimal> {
    let weights: Decimal = goals.iter().map(|goal| goal.weight).sum();
    let squares: Decimal = goals.iter().map(|goal| goal.weight * goal.weight).sum();
    let attained: Decimal = goals.iter().map(|goal| goal.weight * Decimal::from(goal.level)).sum();
    let variance = (Decimal::ONE - CORRELATION) * squares + CORRELATION * weights * weights;
    Some(Decimal::from(50) + (Decimal::TEN * attained).checked_div(variance.sqrt()?)?)
}
