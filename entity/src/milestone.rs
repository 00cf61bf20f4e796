use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::word::text_enum;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "progress_milestones")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub milestone_type: Option<String>,
        pub title: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub description: Option<String>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
        pub target_value: Option<Decimal>,
        pub achieved_at: Option<DateTime>,
        pub created_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What makes a milestone achieved.
    Kind {
        Percentage = "percentage",
        Value = "value",
        Streak = "streak",
        Custom = "custom",
    }
}

impl Model {
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.milestone_type.as_deref().and_then(Kind::parse)
    }

    #[must_use]
    pub fn created_at(&self) -> DateTime {
        self.created_at.unwrap_or_default()
    }
}
