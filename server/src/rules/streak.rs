//! Met periods in a row, always worked out from scratch: a counter would be wrong after the first edit.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::tracking::{Direction, Method};
use rust_decimal::Decimal;

use super::day::{Day, between, total};
use super::period::Period;
use super::progress::Aim;

/// When a period is met.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Any entry: scale, assessment, and totals without a target.
    CheckIn,
    /// Any 1.
    Success,
    /// The period's total against the target; to decrease or maintain takes at least one entry.
    Total { target: Decimal, direction: Direction, tolerance: Decimal },
}

/// A configuration while it was in force, with the days as its method values them.
#[derive(Clone, Copy, Debug)]
pub struct Regime<'a> {
    /// First day in force. The first regime covers the days before it as well.
    pub from: NaiveDate,
    pub period: Period<'a>,
    pub rule: Rule,
    /// [`super::day::series`] of the regime's method, over the whole history.
    pub days: &'a [Day],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// Periods.
    pub current: u32,
    pub longest: u32,
    pub kind: &'static str,
    /// False when periods were not to be seen, so that a missed one may be hidden.
    pub complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Met,
    Missed,
    /// Neither met nor missed: paused, still open, or cut short by a new configuration.
    Neither,
}

/// A period, in those of its days that count for it.
pub(super) struct Judged {
    pub days: RangeInclusive<NaiveDate>,
    /// `None` when not all of its days are known.
    pub outcome: Option<Outcome>,
}

/// Nothing before it is counted day by day: a foreign row of year 1 must not cost 700,000 steps.
pub(super) const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");

impl Rule {
    #[must_use]
    pub fn of(aim: &Aim) -> Self {
        match (aim.measure.method(), aim.target) {
            (Method::Binary, _) => Self::Success,
            (Method::Frequency | Method::Duration, Some(target)) => Self::Total {
                target,
                direction: aim.direction(),
                tolerance: aim.tolerance().unwrap_or_default(),
            },
            (Method::Frequency | Method::Duration, None) | (Method::Scale | Method::Assessment, _) => {
                Self::CheckIn
            }
        }
    }

    /// What a streak of this rule counts, for the API.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::CheckIn => "check_in",
            Self::Success => "success",
            Self::Total { .. } => "target",
        }
    }

    fn met(self, days: &[Day]) -> bool {
        let sum = total(days.iter().map(|day| day.value));
        match self {
            Self::CheckIn => !days.is_empty(),
            Self::Success => super::day::successes(days) > 0,
            Self::Total { target, direction, tolerance } => {
                !days.is_empty()
                    && match direction {
                        Direction::Increase => sum >= target,
                        Direction::Decrease => sum <= target,
                        Direction::Maintain => sum.saturating_sub(target).abs() <= tolerance,
                    }
            }
        }
    }
}

/// Current and longest streak. Needs every day of the history; no aggregate will do.
///
/// `regimes`: oldest first, at least one; each period is judged by the one in force in it. `grace`: up to
/// so many missed periods in a row neither break nor count. `pauses`: ranges of days on hold; a period
/// wholly inside them is neither met nor missed, unless it was met when the hold began in it. The running period can add to a streak, not break it.
#[must_use]
pub fn evaluate(
    regimes: &[Regime],
    today: NaiveDate,
    grace: u32,
    pauses: &[RangeInclusive<NaiveDate>],
) -> Streak {
    let (mut current, mut longest, mut missed) = (0, 0, 0);
    let first = earliest(regimes).unwrap_or(NaiveDate::MAX);
    for outcome in judge(regimes, first, &(first..=today), today, pauses).iter().filter_map(|it| it.outcome) {
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

/// The first day with data of any regime, among the days at hand.
pub(super) fn earliest(regimes: &[Regime]) -> Option<NaiveDate> {
    let first = regimes.iter().filter_map(|regime| regime.days.first()).map(|day| day.date).min();
    first.map(|date| date.max(EARLIEST))
}

/// The periods with one of the days `known`, oldest first. `first`: nothing was recorded before it.
pub(super) fn judge(
    regimes: &[Regime],
    first: NaiveDate,
    known: &RangeInclusive<NaiveDate>,
    today: NaiveDate,
    pauses: &[RangeInclusive<NaiveDate>],
) -> Vec<Judged> {
    let starts: Vec<_> = (0..regimes.len()).map(|index| start(regimes, index)).collect();
    let mut all = Vec::new();
    for (index, regime) in regimes.iter().enumerate() {
        let from = if index == 0 { first } else { starts[index].max(first) };
        // The next one may have taken over all days, when it came before the first session.
        let last = |next: &NaiveDate| next.pred_opt().unwrap_or(NaiveDate::MIN);
        let to = starts.get(index + 1).map_or(today, last).min(today);
        let sessions: Vec<_>;
        let period = match regime.period {
            // Unknown sessions: each day with data stands for one.
            Period::Sessions([]) => {
                sessions = regime.days.iter().map(|day| day.date).collect();
                Period::Sessions(&sessions)
            }
            known => known,
        };
        let span = Span { from, to, today, first: index == 0 };
        all.extend(span.judge(&Regime { period, ..*regime }, known, pauses));
    }
    all
}

/// The first day that a regime judges. One that cuts the days as the one before it takes over the whole
/// period in which it came: a period is judged once.
fn start(regimes: &[Regime], index: usize) -> NaiveDate {
    let regime = &regimes[index];
    let before = index.checked_sub(1).map(|before| &regimes[before]);
    if before.is_some_and(|before| before.period == regime.period) {
        *regime.period.around(regime.from).start()
    } else {
        regime.from
    }
}

/// The days in which a regime judges.
struct Span {
    from: NaiveDate,
    to: NaiveDate,
    today: NaiveDate,
    first: bool,
}

impl Span {
    fn judge(
        &self,
        regime: &Regime,
        known: &RangeInclusive<NaiveDate>,
        pauses: &[RangeInclusive<NaiveDate>],
    ) -> Vec<Judged> {
        let (from, to) = (self.from.max(*known.start()), self.to.min(*known.end()));
        if from > to {
            return Vec::new();
        }
        let first = regime.period.number(from);
        // Before the first session there is no session to miss or to meet.
        let first = if matches!(regime.period, Period::Sessions(_)) { first.max(0) } else { first };
        let judged = |number| {
            let whole = regime.period.days(number);
            let days = (*whole.start()).max(self.from)..=(*whole.end()).min(self.to);
            let is_known = known.contains(days.start()) && known.contains(days.end());
            let outcome = is_known.then(|| self.outcome(regime, &whole, &days, pauses));
            Judged { days, outcome }
        };
        (first..=regime.period.number(to)).map(judged).collect()
    }

    /// Of a period, of which these days count.
    fn outcome(
        &self,
        regime: &Regime,
        whole: &RangeInclusive<NaiveDate>,
        days: &RangeInclusive<NaiveDate>,
        pauses: &[RangeInclusive<NaiveDate>],
    ) -> Outcome {
        let (from, to) = (*days.start(), *days.end());
        // Today's period is still open; one that a change of configuration cut short left too little time.
        let cut = *whole.end() > self.to || (!self.first && *whole.start() < self.from);
        let unfinished = cut || *whole.end() >= self.today;
        // What was done on the day of a hold was done before it.
        let begun = pauses.iter().any(|pause| days.contains(pause.start()));
        let paused = paused(from, to, pauses);
        if regime.rule.met(between(regime.days, from, to)) && (begun || !paused) {
            Outcome::Met
        } else if paused || unfinished {
            Outcome::Neither
        } else {
            Outcome::Missed
        }
    }
}

/// Whether every day of the range lies in some pause.
fn paused(from: NaiveDate, to: NaiveDate, pauses: &[RangeInclusive<NaiveDate>]) -> bool {
    let mut day = from;
    while day <= to {
        let Some(pause) = pauses.iter().find(|pause| pause.contains(&day)) else { return false };
        let Some(after) = pause.end().succ_opt() else { return true };
        day = after;
    }
    true
}
