use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_scores")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub goal_id: Option<Uuid>,
        pub assessment_type: String,
        pub score: i32,
        pub severity: Option<String>,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub subscores: Option<Json>,
        pub administered_date: Date,
        pub administered_by: Option<Uuid>,
        #[sea_orm(column_type = "Text", nullable)]
        pub notes: Option<String>,
        pub created_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    #[must_use]
    pub fn created_at(&self) -> DateTime {
        self.created_at.unwrap_or_default()
    }
}
