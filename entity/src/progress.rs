use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::word::text_enum;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "progress_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub tracking_config_id: Option<Uuid>,
        pub entry_date: Date,
        pub entry_time: Option<Time>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub value: Decimal,
        pub value_label: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub notes: Option<String>,
        pub context: Option<String>,
        pub session_id: Option<Uuid>,
        pub recorded_by: Option<Uuid>,
        pub recorded_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// Where a data point comes from.
    Context {
        Session = "session",
        SelfReport = "self_report",
        Assessment = "assessment",
    }
}

impl Model {
    #[must_use]
    pub fn context(&self) -> Option<Context> {
        self.context.as_deref().and_then(Context::parse)
    }

    #[must_use]
    pub fn recorded_at(&self) -> DateTime {
        self.recorded_at.unwrap_or_default()
    }
}
