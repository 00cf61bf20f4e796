use async_graphql::Json;
use entity::{goal, tracking};

use super::list::{ChildList, List};
use super::object::{Id, object};
use super::row::row_object;
use crate::access::{SeenId, Viewer};
use crate::history::order::newest_configuration;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::DateTime;
use crate::wire::word::{TargetDirection, TrackingFrequency, TrackingMethod};

row_object!(TrackingConfig, tracking);

object! {
    /// How a goal is tracked. A goal's newest configuration is in force, older ones are its history.
    TrackingConfig |configuration in configurations, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(configuration.id);
        /// What is recorded. A word that another program stored and that is none of these reads as SCALE.
        leaf method: TrackingMethod = configuration.method().unwrap_or(tracking::Method::Scale).into();
        /// How often it is to be recorded; also the period of totals and streaks.
        leaf frequency: TrackingFrequency = configuration.frequency().into();
        /// The length of a period in days when `frequency` is CUSTOM.
        leaf custom_frequency_days: Option<i32> = configuration.custom_frequency_days;
        /// The lowest value of a scale. Without meaning for the other methods.
        leaf scale_min: i32 = configuration.scale_min();
        /// The highest value of a scale. Without meaning for the other methods.
        leaf scale_max: i32 = configuration.scale_max();
        /// Names for values of the scale, by value, as they were stored.
        leaf scale_labels: Option<Json<sea_orm::JsonValue>> = configuration.scale_labels.clone().map(Json);
        /// What is counted, for FREQUENCY.
        leaf frequency_unit: Option<&str> = configuration.frequency_unit.as_deref();
        /// The unit of time, for DURATION.
        leaf duration_unit: Option<&str> = configuration.duration_unit.as_deref();
        /// Which way is good, as chosen or worked out when it was written. Null where nothing is aimed at; where
        /// only an instrument can tell, which is not known before the first assessment; and in rows of another
        /// program: then it is the instrument's, or follows from baseline and target where both are set, else
        /// INCREASE.
        leaf target_direction: Option<TargetDirection> = configuration.direction().map(TargetDirection::from);
        /// Whether the patient is to be reminded at all.
        leaf reminder_enabled: bool = configuration.reminder_enabled();
        /// Since when the configuration has been there.
        leaf created_at: DateTime = configuration.created_at().into();
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
    type Parent = SeenId<goal::Entity>;

    fn family(&self, viewer: &Viewer, goals: &[SeenId<goal::Entity>]) -> Family<tracking::Entity> {
        viewer.under_seen_goals(goals)
    }

    fn link(&self) -> tracking::Column {
        tracking::Column::GoalId
    }
}
