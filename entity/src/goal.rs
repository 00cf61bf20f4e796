use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::word::text_enum;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "treatment_goals")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub therapist_id: Uuid,
        pub session_id: Option<Uuid>,
        #[sea_orm(column_type = "Text")]
        pub description: String,
        pub category: Option<String>,
        pub status: Option<String>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
        pub baseline_value: Option<Decimal>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
        pub target_value: Option<Decimal>,
        pub target_date: Option<Date>,
        pub created_at: Option<DateTime>,
        pub updated_at: Option<DateTime>,
        pub completed_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// The words Waymark writes. The column has no check, so any other may stand there.
    Status {
        Assigned = "assigned",
        InProgress = "in_progress",
        OnHold = "on_hold",
        Completed = "completed",
        Abandoned = "abandoned",
    }
}

impl Model {
    /// The status as stored; NULL means the column's default.
    #[must_use]
    pub fn status_text(&self) -> &str {
        self.status.as_deref().unwrap_or(Status::Assigned.as_str())
    }

    /// `None` when another program stored a word that is not ours.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::parse(self.status_text())
    }

    /// When the goal was made; an unknown moment in an adopted row counts as the epoch.
    #[must_use]
    pub fn created_at(&self) -> DateTime {
        self.created_at.unwrap_or_default()
    }

    /// When the goal was last changed: never before it was made.
    #[must_use]
    pub fn updated_at(&self) -> DateTime {
        self.updated_at.unwrap_or_else(|| self.created_at())
    }
}
