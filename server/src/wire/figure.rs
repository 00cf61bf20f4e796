//! Words of the figures: what is said about a goal's way and about a score.

use async_graphql::Enum;

use crate::rules::{change, instrument, pace, progress, projection, safety, trend};

/// How far a goal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "progress::Status")]
pub enum ProgressStatus {
    /// Nothing was recorded yet that counts.
    NoData,
    /// The goal has no target, so there is no way to measure along.
    NoTarget,
    /// On the way.
    InProgress,
    /// At the target or beyond it; a goal to maintain: close enough to it.
    Achieved,
    /// On the wrong side of the baseline.
    Regressed,
}

/// Where the baseline of a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "progress::BaselineSource")]
pub enum BaselineSource {
    /// Stored with the goal.
    Explicit,
    /// The value of the first day with data.
    FirstEntry,
    /// 0, of a count, a duration or a yes or no.
    Default,
}

/// Which way the values go. Named by meaning: falling is good for a goal that is to decrease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "trend::Class")]
pub enum TrendClass {
    /// Better by at least 5 percent of the way from baseline to target, over the whole window.
    Improving,
    /// Less than that, either way.
    Stable,
    /// Worse by at least 5 percent.
    Worsening,
    /// Fewer than three days with data, or it is not known what would be better.
    InsufficientData,
}

/// Whether the trend leads to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "projection::Status")]
pub enum ProjectionStatus {
    /// It does, on `date`.
    Projected,
    /// The last value is at the target or beyond it.
    AlreadyReached,
    /// The values stand still or lead away from it.
    NotApproaching,
    /// It does, but more than 365 days after the last value.
    BeyondHorizon,
    /// By the trend the target should have been reached by `asOf` already, and it has not been.
    Overdue,
    /// Fewer than five days with data, or less than 14 days between the first and the last.
    InsufficientData,
    /// No line of days can meet this target: no target, a target to maintain, yes or no, a total of more
    /// than a day, a screening instrument.
    NotApplicable,
}

/// Whether the goal is where an even way from its first day to its target date would have it by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "pace::Class")]
pub enum Pace {
    /// On the even way or ahead of it.
    OnTrack,
    /// Behind it by at most 14 percent of its length. The limit is Waymark's own.
    AtRisk,
    /// Further behind.
    OffTrack,
    /// No target date after the goal's first day, no figure in `raw`, or a goal that is to maintain.
    NotAvailable,
}

/// What the answers to safety items say: self-harm, suicide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "safety::SafetyState")]
pub enum SafetyState {
    /// An answer may tell of danger, or the total can't be reached without one: look at it today.
    Flagged,
    /// Every safety item was answered, in keeping with the score, and none raises a flag.
    Clear,
    /// An answer is missing, can't be read, contradicts the score, or lies between harmless and a flag. It is
    /// never taken for harmless.
    Unknown,
    /// The instrument has no such item.
    NotApplicable,
}

/// What became of a person between two scores: Jacobson and Truax 1991 (J Consult Clin Psychol 59:12),
/// with the instrument's published threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "change::ClinicalChange")]
pub enum ClinicalChange {
    /// Better by at least the threshold, and from a case to no case by the cut-off of the same source.
    ReliableRecovery,
    /// Better by at least the threshold.
    ReliableImprovement,
    /// From a case to no case, by a change that may be chance.
    RecoveryNotReliable,
    /// Too little to be told from chance.
    NoReliableChange,
    /// Worse by at least the threshold.
    Deteriorated,
    /// No earlier score, no published threshold, or an instrument that only screens.
    NotAvailable,
}

/// Which values a cut-off means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "instrument::Comparison")]
pub enum Comparison {
    /// The value and those above it.
    AtLeast,
    /// The value and those below it.
    AtMost,
    /// Those below the value.
    Below,
}

/// What is held against a cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "instrument::Scale")]
pub enum CutoffScale {
    /// The total, in points.
    Raw,
    /// The total in percent of the highest one.
    Percent,
}
