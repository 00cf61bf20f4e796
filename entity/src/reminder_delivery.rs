use sea_orm::entity::prelude::*;

use crate::row::row;
use crate::word::text_enum;

row! {
    /// What became of one moment at which a reminder was due.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_reminder_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reminder_id: Uuid,
        pub due_at: DateTime,
        /// When a server decided what became of it, and how many seconds late that was.
        pub decided_at: DateTime,
        pub late_seconds: i32,
        pub outcome: String,
        pub reason: Option<String>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    Outcome {
        Sent = "sent",
        Skipped = "skipped",
        Failed = "failed",
    }
}

text_enum! {
    /// Why a reminder was not sent.
    Reason {
        TooLate = "too_late",
        AlreadySent = "already_sent",
        AlreadyRecorded = "already_recorded",
    }
}

impl Model {
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        Outcome::parse(&self.outcome)
    }

    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(Reason::parse)
    }
}
