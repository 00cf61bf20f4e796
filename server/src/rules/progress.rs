//! How far a goal has come, in percent of the way from baseline to target.

use entity::tracking::{Direction, Method};
use rust_decimal::Decimal;

use super::measure::Measure;

/// Where a goal wants to go.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    pub measure: Measure,
    pub baseline: Option<Decimal>,
    pub target: Option<Decimal>,
    /// As configured; see [`Aim::direction`] for what is used.
    pub direction: Option<Direction>,
    /// Maintain: the distance from the target that is still maintained; see [`Measure::tolerance`].
    pub tolerance: Option<Decimal>,
    /// Maintain: the distance from the target that is worth nothing; default four times the tolerance.
    pub limit: Option<Decimal>,
}

/// All that progress needs of a goal's history: two or three aggregates, not 10,000 entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The first day's value; needed only for a scale or assessment without a stored baseline.
    pub first: Option<Decimal>,
    /// - scale, assessment: the value of the last day with data;
    /// - frequency, duration: the sum over the running period ([`super::period::Period::around`] today),
    ///   or, when it is empty, over the period around the last day with data. When the goal is
    ///   [judged when a period is over](Aim::is_judged_when_over), the last period with data that has ended;
    /// - binary counting successes ([`Aim::counts_successes`]): the number of days with a 1;
    /// - other binary: 1 when the running period has a 1, else 0. When a 1 is a lapse
    ///   ([`Aim::counts_lapses`]): 1 when the last period that has ended has an entry and no 1, else 0.
    ///
    /// `None` only when there is no entry that can count.
    pub current: Option<Decimal>,
    /// Frequency and duration: whether `current` is of the running period.
    pub period_open: Option<bool>,
    /// Frequency and duration: the sum over the running period, whatever the direction.
    pub running: Option<Decimal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    NoData,
    NoTarget,
    InProgress,
    Achieved,
    Regressed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineSource {
    Explicit,
    FirstEntry,
    /// 0, of a count, a duration or a yes/no.
    Default,
}

/// Figures are exact; show them through [`super::shown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub status: Status,
    /// 0 to 100, for bars.
    pub percent: Option<Decimal>,
    /// Below 0 and above 100 too, for truth. `None` when there is no way to measure along.
    pub raw: Option<Decimal>,
    /// Baseline and target are equal or contradict the direction: all or nothing.
    pub degenerate: bool,
    pub current: Option<Decimal>,
    pub baseline: Option<Decimal>,
    pub baseline_source: Option<BaselineSource>,
    /// As used: 1 for a yes/no goal without a target.
    pub target: Option<Decimal>,
    /// As used; see [`Aim::direction`].
    pub direction: Option<Direction>,
    pub period_open: Option<bool>,
}

/// Far beyond anything NUMERIC(10,2) or a sum of it holds; keeps foreign rows from overflowing.
const WIDEST: i64 = 1_000_000_000_000_000;

impl Aim {
    #[must_use]
    pub const fn new(
        measure: Measure,
        baseline: Option<Decimal>,
        target: Option<Decimal>,
        direction: Option<Direction>,
    ) -> Self {
        Self { measure, baseline, target, direction, tolerance: None, limit: None }
    }

    /// A yes/no goal with a target above 1 counts its successes: 9 of 12 sessions attended.
    #[must_use]
    pub fn counts_successes(&self) -> bool {
        self.measure.method() == Method::Binary && self.target.is_some_and(|target| target > Decimal::ONE)
    }

    /// A yes/no goal that is to decrease: a 1 is a lapse, and a period is met without one.
    #[must_use]
    pub fn counts_lapses(&self) -> bool {
        self.measure.method() == Method::Binary
            && !self.counts_successes()
            && self.direction() == Direction::Decrease
    }

    /// Whether a period is met only when it is over, since what is still to come can take it back: a total that
    /// is to decrease or to be maintained, and lapses.
    #[must_use]
    pub fn is_judged_when_over(&self) -> bool {
        let restrains = self.direction() != Direction::Increase;
        self.counts_lapses() || (self.measure.is_total() && restrains)
    }

    /// The target as used: a yes/no goal without one wants 1, and so does one that counts lapses.
    #[must_use]
    pub fn target(&self) -> Option<Decimal> {
        if self.counts_lapses() {
            return Some(Decimal::ONE);
        }
        let done = (self.measure.method() == Method::Binary).then_some(Decimal::ONE);
        self.target.or(done).map(tame)
    }

    /// The baseline as used, and where it comes from.
    #[must_use]
    pub fn baseline(&self, first: Option<Decimal>) -> Option<(Decimal, BaselineSource)> {
        match (self.baseline, self.measure.method()) {
            (Some(stored), _) => Some((tame(stored), BaselineSource::Explicit)),
            (None, Method::Scale | Method::Assessment) => {
                first.map(|value| (tame(value), BaselineSource::FirstEntry))
            }
            (None, _) => Some((Decimal::ZERO, BaselineSource::Default)),
        }
    }

    /// The direction as used: that of the instrument, where it is known; else as configured; else by the way from
    /// baseline to target, where both were set by hand; else to increase. Never by what was recorded: a reading
    /// must not turn a goal around.
    ///
    /// A score that is to be maintained is not set up any more, but stands in databases that were adopted.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match (self.measure, self.direction) {
            (_, Some(Direction::Maintain)) => Direction::Maintain,
            (Measure::Assessment(Some(instrument)), _) => instrument.good_direction(),
            (_, said) => said.or_else(|| self.by_hand()).unwrap_or(Direction::Increase),
        }
    }

    /// The way from baseline to target, where both were set by hand.
    #[must_use]
    pub fn by_hand(&self) -> Option<Direction> {
        Some(match self.target?.cmp(&self.baseline?) {
            std::cmp::Ordering::Greater => Direction::Increase,
            std::cmp::Ordering::Less => Direction::Decrease,
            std::cmp::Ordering::Equal => Direction::Maintain,
        })
    }

    /// The direction to be stored with a configuration. `None` when only an instrument can tell it, and that is
    /// not known, and when nothing is aimed at.
    #[must_use]
    pub fn settled(&self) -> Option<Direction> {
        let by_hand = || self.by_hand().filter(|way| *way != Direction::Maintain);
        match self.measure {
            Measure::Assessment(None) => self.direction.or_else(by_hand),
            Measure::Assessment(Some(_)) => Some(self.direction()),
            _ if self.target.is_none() => self.direction,
            _ => Some(self.direction()),
        }
    }

    /// The distance from the target at which "maintained" still holds.
    #[must_use]
    pub fn tolerance(&self) -> Option<Decimal> {
        self.tolerance.or_else(|| self.target().map(|target| self.measure.tolerance(target)))
    }
}

/// Progress from aggregates. No target comes before no data: without one nothing could be said anyway.
#[must_use]
pub fn evaluate(aim: &Aim, figures: &Figures) -> Progress {
    let baseline = aim.baseline(figures.first);
    let bare = Progress {
        status: Status::NoTarget,
        percent: None,
        raw: None,
        degenerate: false,
        current: figures.current,
        baseline: baseline.map(|(value, _)| value),
        baseline_source: baseline.map(|(_, source)| source),
        target: aim.target(),
        direction: Some(aim.direction()),
        period_open: figures.period_open,
    };
    let Some(target) = bare.target else { return bare };
    let Some(current) = figures.current.map(tame) else { return Progress { status: Status::NoData, ..bare } };
    if aim.counts_lapses() {
        // 1 for a period without a lapse: all or nothing, and the baseline is no part of it.
        return travelled(current, Decimal::ONE, bare);
    }
    match (bare.direction, bare.baseline) {
        (Some(Direction::Maintain), _) => maintained(aim, current, target, bare),
        (Some(direction), Some(baseline)) => {
            travelled(sign(direction) * (current - baseline), sign(direction) * (target - baseline), bare)
        }
        // A scale's first day is there whenever its last is; foreign aggregates may still lack it.
        (None, _) | (_, None) => Progress { status: Status::NoData, ..bare },
    }
}

fn travelled(gone: Decimal, way: Decimal, bare: Progress) -> Progress {
    let hundred = Decimal::ONE_HUNDRED;
    let raw = (way > Decimal::ZERO).then(|| (hundred * gone).checked_div(way)).flatten();
    let Some(raw) = raw else { return all_or_nothing(gone >= way, bare) };
    let status = match raw {
        raw if raw >= hundred => Status::Achieved,
        raw if raw < Decimal::ZERO => Status::Regressed,
        _ => Status::InProgress,
    };
    Progress { status, percent: Some(raw.clamp(Decimal::ZERO, hundred)), raw: Some(raw), ..bare }
}

fn all_or_nothing(reached: bool, bare: Progress) -> Progress {
    let (status, percent) =
        if reached { (Status::Achieved, Decimal::ONE_HUNDRED) } else { (Status::InProgress, Decimal::ZERO) };
    Progress { status, percent: Some(percent), degenerate: true, ..bare }
}

fn maintained(aim: &Aim, current: Decimal, target: Decimal, bare: Progress) -> Progress {
    let tolerance = aim.tolerance().unwrap_or_default();
    let limit = aim.limit.unwrap_or(tolerance * Decimal::from(4));
    let beyond = (current - target).abs() - tolerance;
    let lost = (Decimal::ONE_HUNDRED * beyond).checked_div(limit - tolerance).unwrap_or(Decimal::ONE_HUNDRED);
    let (status, percent) = if beyond <= Decimal::ZERO {
        (Status::Achieved, Decimal::ONE_HUNDRED)
    } else {
        (Status::InProgress, (Decimal::ONE_HUNDRED - lost).clamp(Decimal::ZERO, Decimal::ONE_HUNDRED))
    };
    Progress { status, percent: Some(percent), raw: Some(percent), ..bare }
}

/// +1 where more is better, -1 where less is.
pub(super) fn sign(direction: Direction) -> Decimal {
    match direction {
        Direction::Decrease => Decimal::NEGATIVE_ONE,
        Direction::Increase | Direction::Maintain => Decimal::ONE,
    }
}

fn tame(value: Decimal) -> Decimal {
    value.clamp(Decimal::from(-WIDEST), Decimal::from(WIDEST))
}
