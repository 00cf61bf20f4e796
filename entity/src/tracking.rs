use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::word::text_enum;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "goal_tracking_config")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub tracking_method: String,
        pub tracking_frequency: Option<String>,
        pub custom_frequency_days: Option<i32>,
        pub scale_min: Option<i32>,
        pub scale_max: Option<i32>,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub scale_labels: Option<Json>,
        pub frequency_unit: Option<String>,
        pub duration_unit: Option<String>,
        pub target_direction: Option<String>,
        pub reminder_enabled: Option<bool>,
        pub created_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// How a goal is measured.
    Method {
        Scale = "scale",
        Frequency = "frequency",
        Duration = "duration",
        Binary = "binary",
        Assessment = "assessment",
    }
}

text_enum! {
    /// How often it is to be recorded.
    Frequency {
        Daily = "daily",
        Weekly = "weekly",
        Session = "session",
        Custom = "custom",
    }
}

text_enum! {
    /// Which way is good.
    Direction {
        Increase = "increase",
        Decrease = "decrease",
        Maintain = "maintain",
    }
}

impl Model {
    /// `None` for a word the specification's check would refuse.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        Method::parse(&self.tracking_method)
    }

    /// The column's default, `session`, stands in for NULL and for an unknown word.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.tracking_frequency.as_deref().and_then(Frequency::parse).unwrap_or(Frequency::Session)
    }

    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        self.target_direction.as_deref().and_then(Direction::parse)
    }

    #[must_use]
    pub fn scale_min(&self) -> i32 {
        self.scale_min.unwrap_or(1)
    }

    #[must_use]
    pub fn scale_max(&self) -> i32 {
        self.scale_max.unwrap_or(10)
    }

    #[must_use]
    pub fn reminder_enabled(&self) -> bool {
        self.reminder_enabled.unwrap_or(true)
    }

    #[must_use]
    pub fn created_at(&self) -> DateTime {
        self.created_at.unwrap_or_default()
    }
}
