use sea_orm::entity::prelude::*;

use crate::row::row;

row! {
    /// Days on which a goal was on hold; without a last day it still is.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_pauses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub first_day: Date,
        pub last_day: Option<Date>,
    }
}

impl ActiveModelBehavior for ActiveModel {}
