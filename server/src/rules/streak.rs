//! Met periods in a row, always worked out from scratch: a counter would be wrong after the first edit.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::judge::{Judged, Outcome, earliest, judge};
use super::period::{AsOf, Period};
pub use super::regime::{Regime, Rule};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// Periods.
    pub current: u32,
    pub longest: u32,
    pub kind: &'static str,
    /// False when periods were not to be seen, so that a missed one may be hidden.
    pub complete: bool,
}

/// A met period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Those of its days that count for it, up to today.
    pub days: RangeInclusive<NaiveDate>,
    /// Its last day, which may be to come. `None` when it is not known: that of the newest session.
    pub last: Option<NaiveDate>,
    /// The place of its configuration among all.
    pub regime: usize,
}

/// Current and longest streak. Needs every day of the history; no aggregate will do.
///
/// `regimes`: oldest first, at least one; each period is judged by the one in force in it. `grace`: up to
/// so many missed periods in a row neither break nor count. `pauses`: ranges of days on which nothing was due.
/// A period with such a day is never missed; one wholly inside them does not count either, unless it was met
/// when they began in it. The running period breaks a streak only when it can't be met any more.
#[must_use]
pub fn evaluate(
    regimes: &[Regime],
    as_of: impl Into<AsOf>,
    grace: u32,
    pauses: &[RangeInclusive<NaiveDate>],
) -> Streak {
    let as_of = as_of.into();
    let (mut current, mut longest, mut missed) = (0, 0, 0);
    let first = earliest(regimes).unwrap_or(NaiveDate::MAX);
    let periods = judge(regimes, first, &(first..=as_of.day), as_of, pauses);
    for outcome in periods.iter().filter_map(|period| period.outcome) {
        match outcome {
            Outcome::Met => {
                current += 1;
                missed = 0;
                longest = longest.max(current);
            }
            Outcome::Missed if missed >= grace => current = 0,
            Outcome::Missed => missed += 1,
            Outcome::Neither => {}
        }
    }
    Streak {
        current,
        longest,
        kind: regimes.last().map_or(Rule::CheckIn.kind(), |regime| regime.rule.kind()),
        complete: !regimes.iter().any(|regime| matches!(regime.period, Period::Sessions([]))),
    }
}

/// The met periods of each streak there ever was, oldest first.
#[must_use]
pub fn runs(regimes: &[Regime], as_of: AsOf, pauses: &[RangeInclusive<NaiveDate>]) -> Vec<Vec<Met>> {
    let first = earliest(regimes).unwrap_or(NaiveDate::MAX);
    let periods = judge(regimes, first, &(first..=as_of.day), as_of, pauses);
    let runs = periods.split(|period| period.outcome == Some(Outcome::Missed));
    runs.map(met).filter(|run| !run.is_empty()).collect()
}

/// The met ones among these periods.
pub(super) fn met(periods: &[Judged]) -> Vec<Met> {
    let met = periods.iter().filter(|period| period.outcome == Some(Outcome::Met));
    met.map(|it| Met { days: it.days.clone(), last: it.last, regime: it.regime }).collect()
}
