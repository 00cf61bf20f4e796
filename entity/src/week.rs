use sea_orm::entity::prelude::*;

use crate::word::text_enum;

/// On which day a person's weeks begin; a person without a row begins on Monday.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waymark_weeks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub week_start: String,
    pub updated_at: DateTime,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// The day on which weeks begin.
    Start {
        Monday = "monday",
        Sunday = "sunday",
    }
}
