//! Inputs about how goals are tracked.

use async_graphql::{ID, InputObject, Json};
use serde_json::Value;

use super::Input;
use super::reader::Reader;
use crate::rules::input::tracking::Draft;
use crate::service::KnownGoal;
use crate::wire::scalar::DateTime;
use crate::wire::word::{TargetDirection, TrackingFrequency, TrackingMethod};

/// How a goal is tracked.
#[derive(InputObject)]
pub struct TrackingInput {
    /// What is recorded.
    pub method: TrackingMethod,
    /// How often; at every session unless said.
    pub frequency: Option<TrackingFrequency>,
    /// Needed for CUSTOM: 1 to 366 days.
    pub custom_frequency_days: Option<i32>,
    /// The lowest value of a scale, 1 unless said.
    pub scale_min: Option<i32>,
    /// The highest value of a scale, 10 unless said.
    pub scale_max: Option<i32>,
    /// Names for values of the scale.
    pub scale_labels: Option<Json<Value>>,
    /// What is counted, for FREQUENCY; at most 20 characters.
    pub frequency_unit: Option<String>,
    /// The unit of time, for DURATION; at most 20 characters.
    pub duration_unit: Option<String>,
    /// Which way is good. Of a goal tracked by assessment it is its instrument's, and another is refused; of an
    /// instrument that the catalogue does not know it has to be said. When absent: by the way from baseline to
    /// target, where both are set; else INCREASE. What is worked out is stored, and follows baseline and target
    /// when they are changed.
    pub target_direction: Option<TargetDirection>,
    /// Whether the patient is reminded at all; yes unless said.
    pub reminder_enabled: Option<bool>,
}

impl TrackingInput {
    pub fn read(self) -> Draft {
        let usual = Draft::new(self.method.into());
        Draft {
            frequency: self.frequency.map_or(usual.frequency, Into::into),
            custom_frequency_days: self.custom_frequency_days,
            scale_min: self.scale_min.unwrap_or(usual.scale_min),
            scale_max: self.scale_max.unwrap_or(usual.scale_max),
            scale_labels: self.scale_labels.map(|labels| labels.0),
            frequency_unit: self.frequency_unit,
            duration_unit: self.duration_unit,
            direction: self.target_direction.map(Into::into),
            reminder_enabled: self.reminder_enabled.unwrap_or(usual.reminder_enabled),
            ..usual
        }
    }
}

/// A new configuration of a goal, which is then in force.
#[derive(InputObject)]
pub struct ConfigureTrackingInput {
    /// The goal.
    pub goal_id: ID,
    #[graphql(flatten)]
    pub tracking: TrackingInput,
    /// The goal's `updatedAt` as it was read: CONFLICT when the goal has changed since.
    pub expected_updated_at: Option<DateTime>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for ConfigureTrackingInput {
    type Draft = (KnownGoal, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let goal = reader.known_goal(&self.goal_id, self.expected_updated_at.as_ref());
        (goal, self.tracking.read())
    }
}
