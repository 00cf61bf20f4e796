use sea_orm::entity::prelude::*;

use crate::row::row;

row! {
    /// A therapy session, in the columns Waymark reads; through the store's derived table.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "therapy_sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub patient_id: Uuid,
        pub therapist_id: Uuid,
        pub session_date: DateTime,
    }
}

impl ActiveModelBehavior for ActiveModel {}
