use sea_orm::entity::prelude::*;

/// Up to which day the periods of its goal have been judged for an open milestone.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waymark_closings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub milestone_id: Uuid,
    /// The patient's local day.
    pub through: Date,
}

impl ActiveModelBehavior for ActiveModel {}
