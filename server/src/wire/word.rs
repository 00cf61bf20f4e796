//! Words: the enums of the API, each over the words that are stored.

use async_graphql::Enum;
use entity::{
    event, goal, milestone, person, progress, reminder, reminder_delivery, tracking, webhook_delivery, week,
};

/// What is recorded for a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "tracking::Method")]
pub enum TrackingMethod {
    /// A rating between `scaleMin` and `scaleMax`.
    Scale,
    /// How often something happened; summed by period.
    Frequency,
    /// How long something took; summed by period.
    Duration,
    /// Yes (1) or no (0).
    Binary,
    /// The score of a standard instrument.
    Assessment,
}

/// How often a goal is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "tracking::Frequency")]
pub enum TrackingFrequency {
    /// Every day.
    Daily,
    /// Every week, from the day on which the patient's weeks begin.
    Weekly,
    /// At every therapy session.
    Session,
    /// Every `customFrequencyDays` days.
    Custom,
}

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "tracking::Direction")]
pub enum TargetDirection {
    /// Higher is better.
    Increase,
    /// Lower is better.
    Decrease,
    /// Staying close to the target is good.
    Maintain,
}

/// How a data point came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "progress::Context")]
pub enum EntryContext {
    /// In a therapy session.
    Session,
    /// By the patient.
    SelfReport,
    /// From the score of an assessment.
    Assessment,
}

/// What achieves a milestone. FREQUENCY and DURATION to decrease or to maintain, and BINARY to decrease, are
/// judged when a period is over; everything else as soon as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "milestone::Kind")]
pub enum MilestoneType {
    /// The goal's progress reaches a percentage on some day.
    Percentage,
    /// A value reaches the milestone's: of a day, or the total of a period for FREQUENCY and DURATION.
    Value,
    /// So many periods in a row are met.
    Streak,
    /// A person says so.
    Custom,
}

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "reminder::Kind")]
pub enum ReminderType {
    /// How are you?
    CheckIn,
    /// Record your progress.
    Progress,
    /// Encouragement.
    Motivation,
}

/// What became of a reminder that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "reminder_delivery::Outcome")]
pub enum DeliveryOutcome {
    /// It was sent.
    Sent,
    /// It was not to be sent: see the reason.
    Skipped,
    /// It was tried, and could not be sent until it was too late.
    Failed,
}

/// Why a reminder was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "reminder_delivery::Reason")]
pub enum SkipReason {
    /// No server ran in time: two hours late is the limit, unless it was set otherwise.
    TooLate,
    /// One was sent on this local day of the patient.
    AlreadySent,
    /// The patient had recorded already for the period that a reminder to check in or to record progress asks
    /// for: the days of the tracking's period so far; the day itself where a period takes several entries, as
    /// for frequencies and durations, and between sessions.
    AlreadyRecorded,
}

/// How a reminder is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum ReminderChannel {
    /// As an event, which whoever subscribes to `reminderDue` hears.
    Event,
}

/// What can happen, as a webhook is sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "event::Kind")]
pub enum EventKind {
    /// A goal was set.
    GoalCreated,
    /// A goal was changed.
    GoalUpdated,
    /// A goal took another status.
    GoalStatusChanged,
    /// A goal was deleted.
    GoalDeleted,
    /// A goal was handed to another therapist.
    GoalTransferred,
    /// A goal is tracked otherwise.
    TrackingConfigured,
    /// An entry was recorded.
    ProgressRecorded,
    /// An entry was corrected.
    ProgressUpdated,
    /// An entry was deleted.
    ProgressDeleted,
    /// A milestone was added.
    MilestoneAdded,
    /// A milestone was changed.
    MilestoneUpdated,
    /// A milestone was achieved.
    MilestoneAchieved,
    /// An achievement was taken back.
    MilestoneRevoked,
    /// A milestone was deleted.
    MilestoneDeleted,
    /// An assessment was recorded.
    AssessmentRecorded,
    /// An assessment was corrected.
    AssessmentUpdated,
    /// An assessment was deleted.
    AssessmentDeleted,
    /// A reminder was set up.
    ReminderScheduled,
    /// A reminder was changed.
    ReminderUpdated,
    /// A reminder was deleted.
    ReminderDeleted,
    /// A reminder was due and is to be shown to the patient.
    ReminderDue,
}

/// How far a delivery to a webhook has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "webhook_delivery::State")]
pub enum WebhookDeliveryState {
    /// It is to be tried, for the first time or again.
    Pending,
    /// The receiver answered with a status from 200 to 299.
    Delivered,
    /// It was tried for 24 hours and given up; `resendWebhookDelivery` tries it again.
    Dead,
}

/// Why a try to deliver failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "webhook_delivery::Problem")]
pub enum WebhookProblem {
    /// The receiver answered with a status other than 200 to 299.
    Answered,
    /// The receiver answered with a redirect, which is never followed.
    Redirected,
    /// There was no answer within 10 seconds.
    TimedOut,
    /// No connection came about, its certificate is not trusted, or it ended without an answer.
    Unreachable,
    /// The host has no address.
    NameUnknown,
    /// The host has an address that webhooks may not reach.
    AddressRefused,
    /// The secret can't be read with the key of this server.
    SecretUnreadable,
}

/// What a person is in the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "person::Role")]
pub enum Role {
    /// Sees their own goals.
    Patient,
    /// Sees the goals they own and those of their present patients.
    Therapist,
    /// Sees everything.
    Admin,
}

/// The day on which weeks begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
#[graphql(remote = "week::Start")]
pub enum WeekStart {
    /// Weeks go from Monday to Sunday.
    Monday,
    /// Weeks go from Sunday to Saturday.
    Sunday,
}

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum GoalStatus {
    /// Agreed on, not begun.
    Assigned,
    /// Being worked on.
    InProgress,
    /// Paused: days on hold break no streak.
    OnHold,
    /// Reached.
    Completed,
    /// Given up.
    Abandoned,
    /// A word that another program stored; see `statusText`. Never written by Waymark.
    Unknown,
}

/// How goals are sorted; ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum)]
pub enum GoalOrder {
    /// The newest goal first.
    #[default]
    CreatedAtDesc,
    /// The oldest goal first.
    CreatedAtAsc,
    /// The goal that was changed last first.
    UpdatedAtDesc,
    /// The nearest target date first; goals without one last.
    TargetDateAsc,
}

impl From<goal::Status> for GoalStatus {
    fn from(status: goal::Status) -> Self {
        match status {
            goal::Status::Assigned => Self::Assigned,
            goal::Status::InProgress => Self::InProgress,
            goal::Status::OnHold => Self::OnHold,
            goal::Status::Completed => Self::Completed,
            goal::Status::Abandoned => Self::Abandoned,
        }
    }
}

impl GoalStatus {
    /// `None` for UNKNOWN, which is no word of ours.
    pub fn stored(self) -> Option<goal::Status> {
        match self {
            Self::Assigned => Some(goal::Status::Assigned),
            Self::InProgress => Some(goal::Status::InProgress),
            Self::OnHold => Some(goal::Status::OnHold),
            Self::Completed => Some(goal::Status::Completed),
            Self::Abandoned => Some(goal::Status::Abandoned),
            Self::Unknown => None,
        }
    }
}
