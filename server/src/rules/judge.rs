//! What becomes of each period: met, missed, or neither.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::day::between;
use super::period::{AsOf, Period};
use super::regime::Regime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Met,
    Missed,
    /// Neither met nor missed: paused, still open, or cut short by a new configuration.
    Neither,
}

/// A period, in those of its days that count for it.
pub(super) struct Judged {
    pub days: RangeInclusive<NaiveDate>,
    /// See [`super::streak::Met`].
    pub last: Option<NaiveDate>,
    pub regime: usize,
    /// `None` when not all of its days are known.
    pub outcome: Option<Outcome>,
}

/// Nothing before it is counted day by day: a foreign row of year 1 must not cost 700,000 steps.
pub(super) const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");

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
        let start = if index == 0 { NaiveDate::MIN } else { starts[index] };
        let from = start.max(first);
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
        let sessions_known = period == regime.period;
        let judge = Judge { from, to, start, end, as_of, index, sessions_known, pauses };
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
    /// The first day of the regime, and the last before the next one.
    start: NaiveDate,
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
        *whole.end() > self.end || *whole.start() < self.start
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
