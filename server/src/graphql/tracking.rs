use std::sync::Arc;

use async_graphql::{ID, Json, Object};
use entity::tracking;
use uuid::Uuid;

use super::page::{ChildList, List};
use super::row::row_object;
use crate::access::Viewer;
use crate::history::order::newest_configuration;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::DateTime;
use crate::wire::word::{TargetDirection, TrackingFrequency, TrackingMethod};

/// How a goal is tracked. A goal's newest configuration is in force, older ones are its history.
#[derive(Clone)]
pub struct TrackingConfig(pub Arc<tracking::Model>);

row_object!(TrackingConfig, tracking);

/// How a goal is tracked. A goal's newest configuration is in force, older ones are its history.
#[Object]
impl TrackingConfig {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What is recorded. A word that another program stored and that is none of these reads as SCALE.
    async fn method(&self) -> TrackingMethod {
        self.0.method().unwrap_or(tracking::Method::Scale).into()
    }

    /// How often it is to be recorded; also the period of totals and streaks.
    async fn frequency(&self) -> TrackingFrequency {
        self.0.frequency().into()
    }

    /// The length of a period in days when `frequency` is CUSTOM.
    async fn custom_frequency_days(&self) -> Option<i32> {
        self.0.custom_frequency_days
    }

    /// The lowest value of a scale. Without meaning for the other methods.
    async fn scale_min(&self) -> i32 {
        self.0.scale_min()
    }

    /// The highest value of a scale. Without meaning for the other methods.
    async fn scale_max(&self) -> i32 {
        self.0.scale_max()
    }

    /// Names for values of the scale, by value, as they were stored.
    async fn scale_labels(&self) -> Option<Json<sea_orm::JsonValue>> {
        self.0.scale_labels.clone().map(Json)
    }

    /// What is counted, for FREQUENCY.
    async fn frequency_unit(&self) -> Option<&str> {
        self.0.frequency_unit.as_deref()
    }

    /// The unit of time, for DURATION.
    async fn duration_unit(&self) -> Option<&str> {
        self.0.duration_unit.as_deref()
    }

    /// Which way is good; null when it follows from baseline and target.
    async fn target_direction(&self) -> Option<TargetDirection> {
        self.0.direction().map(TargetDirection::from)
    }

    /// Whether the patient is to be reminded at all.
    async fn reminder_enabled(&self) -> bool {
        self.0.reminder_enabled()
    }

    /// Since when the configuration has been there.
    async fn created_at(&self) -> DateTime {
        self.0.created_at().into()
    }
}

/// A goal's configurations, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConfigurationsOfGoal;

impl List for ConfigurationsOfGoal {
    type Row = tracking::Entity;
    const NAME: &'static str = "goal.tracking";

    fn ordering(&self) -> Ordering<tracking::Entity> {
        newest_configuration()
    }
}

impl ChildList for ConfigurationsOfGoal {
    fn family(&self, viewer: &Viewer, goals: &[Uuid]) -> Family<tracking::Entity> {
        viewer.under_goals(goals)
    }

    fn link(&self) -> tracking::Column {
        tracking::Column::GoalId
    }
}
