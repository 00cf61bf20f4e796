use sea_orm::entity::prelude::*;

/// Who treats whom at present; through the store's derived table, which leaves ended pairs out.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "therapist_patients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub therapist_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub patient_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
