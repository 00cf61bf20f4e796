//! Met periods in a row, always worked out from scratch: a counter would be wrong after the first edit.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::tracking::{Direction, Method};
use rust_decimal::Decimal;

use super::day::{Day, between, is_clean, successes, total};
use super::period::{AsOf, Period};
use super::progress::Aim;

/// When a period is met.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Any entry: scale, assessment, and totals without a target.
    CheckIn,
    /// Any 1.
    Success,
    /// At least one entry and no 1, which is a lapse.
    NoLapse,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Met,
    Missed,
    /// Neither met nor missed: paused, still open, or cut short by a new configuration.
    Neither,
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

/// A period, in those of its days that count for it.
pub(super) struct Judged {
    pub days: RangeInclusive<NaiveDate>,
    /// See [`Met`].
    pub last: Option<NaiveDate>,
    pub regime: usize,
    /// `None` when not all of its days are known.
    pub outcome: Option<Outcome>,
}

/// Nothing before it is counted day by day: a foreign row of year 1 must not cost 700,000 steps.
pub(super) const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");

impl Rule {
    #[must_use]
    pub fn of(aim: &Aim) -> Self {
        let baseline = aim.baseline.unwrap_or_default();
        match (aim.measure.method(), aim.target) {
            (Method::Binary, _) if aim.counts_lapses() => Self::NoLapse,
            (Method::Binary, _) => Self::Success,
            (Method::Frequency | Method::Duration, Some(target)) => Self::Total {
                target,
                direction: aim.direction(Some(baseline)).unwrap_or(Direction::Increase),
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
            Self::NoLapse => "no_lapse",
            Self::Total { .. } => "target",
        }
    }

    #[must_use]
    pub fn met(self, days: &[Day]) -> bool {
        let sum = total(days.iter().map(|day| day.value));
        match self {
            Self::CheckIn => !days.is_empty(),
            Self::Success => successes(days) > 0,
            Self::NoLapse => is_clean(days),
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

    /// Whether what is still to come in a period can take back that it is met: then it is met only when it is
    /// over.
    #[must_use]
    pub const fn is_judged_when_over(self) -> bool {
        match self {
            Self::CheckIn | Self::Success => false,
            Self::NoLapse => true,
            Self::Total { direction, .. } => !matches!(direction, Direction::Increase),
        }
    }

    /// Whether a period can't be met any more, whatever is still to come in it.
    fn is_lost(self, days: &[Day]) -> bool {
        let sum = total(days.iter().map(|day| day.value));
        match self {
            Self::NoLapse => successes(days) > 0,
            Self::Total { target, direction: Direction::Decrease, .. } => sum > target,
            Self::Total { target, direction: Direction::Maintain, tolerance } => {
                sum.saturating_sub(target) > tolerance
            }
            Self::CheckIn | Self::Success | Self::Total { direction: Direction::Increase, .. } => false,
        }
    }
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
    for outcome in
        judge(regimes, first, &(first..=as_of.day), as_of, pauses).iter().filter_map(|it| it.outcome)
    {
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
    as_of: AsOf,
    pauses: &[RangeInclusive<NaiveDate>],
) -> Vec<Judged> {
    let starts: Vec<_> = (0..regimes.len()).map(|index| start(regimes, index)).collect();
    let mut all = Vec::new();
    for (index, regime) in regimes.iter().enumerate() {
        let from = if index == 0 { first } else { starts[index].max(first) };
        // The next one may have taken over all days, when it came before the first session.
        let last = |next: &NaiveDate| next.pred_opt().unwrap_or(NaiveDate::MIN);
        let end = starts.get(index + 1).map_or(NaiveDate::MAX, last);
        let sessions: Vec<_>;
        let period = match regime.period {
            // Unknown sessions: each day with data stands for one.
            Period::Sessions([]) => {
                sessions = regime.days.iter().map(|day| day.date).collect();
                Period::Sessions(&sessions)
            }
            known => known,
        };
        let to = end.min(as_of.day);
        let judge = Judge { from, to, end, as_of, index, sessions_known: period == regime.period, pauses };
        all.extend(judge.judge(&Regime { period, ..*regime }, known));
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

/// How the periods of one regime are judged.
struct Judge<'a> {
    /// The days in which it judges, up to today.
    from: NaiveDate,
    to: NaiveDate,
    /// The last day before the next regime.
    end: NaiveDate,
    as_of: AsOf,
    /// The place of the regime among all.
    index: usize,
    sessions_known: bool,
    pauses: &'a [RangeInclusive<NaiveDate>],
}

impl Judge<'_> {
    fn judge(&self, regime: &Regime, known: &RangeInclusive<NaiveDate>) -> Vec<Judged> {
        let (from, to) = (self.from.max(*known.start()), self.to.min(*known.end()));
        if from > to {
            return Vec::new();
        }
        let first = regime.period.number(from);
        // Before the first session there is no session to miss or to meet.
        let first = if matches!(regime.period, Period::Sessions(_)) { first.max(0) } else { first };
        let judged = |number| {
            let whole = self.whole(regime.period.days(number));
            let days = (*whole.start()).max(self.from)..=(*whole.end()).min(self.to);
            let is_known = known.contains(days.start()) && known.contains(days.end());
            let outcome = is_known.then(|| self.outcome(regime, &whole, &days));
            let last = Some((*whole.end()).min(self.end)).filter(|last| *last < NaiveDate::MAX);
            Judged { last, regime: self.index, days, outcome }
        };
        (first..=regime.period.number(to)).map(judged).collect()
    }

    /// A session that is not known ends with its own day.
    fn whole(&self, days: RangeInclusive<NaiveDate>) -> RangeInclusive<NaiveDate> {
        if self.sessions_known { days } else { *days.start()..=*days.start() }
    }

    /// Of a period, of which these days count.
    fn outcome(
        &self,
        regime: &Regime,
        whole: &RangeInclusive<NaiveDate>,
        days: &RangeInclusive<NaiveDate>,
    ) -> Outcome {
        let recorded = between(regime.days, *days.start(), *days.end());
        let unfinished = self.is_cut(whole) || !self.as_of.is_closed(*whole.end());
        let excused = self.pauses.iter().any(|pause| touches(pause, whole));
        if unfinished && regime.rule.is_judged_when_over() {
            let missed = regime.rule.is_lost(recorded) && !excused;
            return if missed { Outcome::Missed } else { Outcome::Neither };
        }
        // What was done on the day on which a hold began was done before it.
        let begun = || self.pauses.iter().any(|pause| whole.contains(pause.start()));
        if regime.rule.met(recorded) && (!is_paused(whole, self.pauses) || begun()) {
            Outcome::Met
        } else if excused || unfinished {
            Outcome::Neither
        } else {
            Outcome::Missed
        }
    }

    /// Whether a change of configuration left the period too little time.
    fn is_cut(&self, whole: &RangeInclusive<NaiveDate>) -> bool {
        *whole.end() > self.end || (self.index > 0 && *whole.start() < self.from)
    }
}

fn touches(pause: &RangeInclusive<NaiveDate>, days: &RangeInclusive<NaiveDate>) -> bool {
    !pause.is_empty() && pause.start() <= days.end() && days.start() <= pause.end()
}

/// Whether every day of the range lies in some pause.
fn is_paused(days: &RangeInclusive<NaiveDate>, pauses: &[RangeInclusive<NaiveDate>]) -> bool {
    let mut day = *days.start();
    while day <= *days.end() {
        let Some(pause) = pauses.iter().find(|pause| pause.contains(&day)) else { return false };
        let Some(after) = pause.end().succ_opt() else { return true };
        day = after;
    }
    true
}
