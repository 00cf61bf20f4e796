use sea_orm::entity::prelude::*;

use crate::row::row;

row! {
    /// A goal that one therapist handed to another.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_transfers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub from_therapist: Uuid,
        pub to_therapist: Uuid,
        pub handed_by: Uuid,
        pub handed_at: DateTime,
    }
}

impl ActiveModelBehavior for ActiveModel {}
