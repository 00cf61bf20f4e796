use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::row::row;
use crate::week;
use crate::word::text_enum;

row! {
    /// A user of the product, in the columns Waymark reads; time zone and start of the week are our own settings.
    ///
    /// Read through the store's derived table, never straight from `users`, whose columns vary.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub full_name: String,
        pub role: String,
        pub time_zone: String,
        pub week_start: String,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What a person is in the product.
    Role {
        Patient = "patient",
        Therapist = "therapist",
        Admin = "admin",
    }
}

impl Model {
    /// `None` for a role of the product that Waymark does not know: such a person can't sign in.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    #[must_use]
    pub fn week_start(&self) -> week::Start {
        week::Start::parse(&self.week_start).unwrap_or(week::Start::Monday)
    }
}
