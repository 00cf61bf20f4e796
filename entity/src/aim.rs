use sea_orm::entity::prelude::*;

use crate::row::row;
use crate::tracking::Direction;

row! {
    /// What a goal aimed at from a moment on: what its row, and the configuration in force, said then.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_aims")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        /// From this moment on.
        pub since: DateTime,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
        pub baseline_value: Option<Decimal>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))", nullable)]
        pub target_value: Option<Decimal>,
        /// As it stood in the configuration.
        pub target_direction: Option<String>,
        /// Whether a person chose the direction; otherwise it was worked out.
        pub direction_said: bool,
        /// Who set it; `None` when it was there before, or another program wrote it.
        pub set_by: Option<Uuid>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        self.target_direction.as_deref().and_then(Direction::parse)
    }
}
