use sea_orm::entity::prelude::*;

/// What the product's tables have no place for; a person without a row has the defaults.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waymark_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub time_zone: String,
    pub updated_at: DateTime,
}

impl ActiveModelBehavior for ActiveModel {}
