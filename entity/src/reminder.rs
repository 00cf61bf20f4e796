use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, ConnectionTrait};
use serde::{Deserialize, Serialize};

use crate::Weekdays;
use crate::row::row;
use crate::word::text_enum;

row! {
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "goal_reminders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub goal_id: Uuid,
        pub patient_id: Uuid,
        pub reminder_type: Option<String>,
        pub scheduled_time: Option<Time>,
        pub scheduled_days: Option<Weekdays>,
        #[sea_orm(column_type = "Text", nullable)]
        pub message: Option<String>,
        pub is_active: Option<bool>,
        pub last_sent_at: Option<DateTime>,
        pub created_at: Option<DateTime>,
    }
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    /// Weekdays have another form on each database, and only here is the database known. An absent
    /// list is left out of an insert: a NULL, too, would have to be of the database's own type.
    async fn before_save<C: ConnectionTrait>(mut self, db: &C, insert: bool) -> Result<Self, DbErr> {
        self.scheduled_days = match self.scheduled_days {
            ActiveValue::Set(Some(days)) => {
                ActiveValue::Set(Some(days.for_backend(db.get_database_backend())))
            }
            ActiveValue::Set(None) if insert => ActiveValue::NotSet,
            other => other,
        };
        Ok(self)
    }
}

text_enum! {
    /// What a reminder is about.
    Kind {
        CheckIn = "check_in",
        Progress = "progress",
        Motivation = "motivation",
    }
}

impl Model {
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.reminder_type.as_deref().and_then(Kind::parse)
    }

    #[must_use]
    pub fn is_active(&self) -> bool {
        self.is_active.unwrap_or(true)
    }

    #[must_use]
    pub fn created_at(&self) -> DateTime {
        self.created_at.unwrap_or_default()
    }
}
