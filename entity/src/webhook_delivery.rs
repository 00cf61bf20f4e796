use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::event;
use crate::row::row;
use crate::word::text_enum;

row! {
    /// One event on its way to one webhook: a copy of its ids, and what became of it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_webhook_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub webhook_id: Uuid,
        pub event_id: i64,
        pub kind: String,
        pub patient_id: Uuid,
        pub therapist_id: Option<Uuid>,
        pub goal_id: Option<Uuid>,
        /// The row it is about: a goal, entry, milestone, assessment or reminder.
        pub subject_id: Uuid,
        pub entry_id: Option<Uuid>,
        /// When a reminder was to be sent.
        pub due_at: Option<DateTime>,
        pub happened_at: DateTime,
        pub state: String,
        /// How often it was begun since it was last put in line.
        pub attempts: i32,
        /// When a server takes it: the time of the next try, or the end of a claim. Empty when it is settled.
        pub next_attempt_at: Option<DateTime>,
        /// Set while a server is at it.
        pub claimed_by: Option<Uuid>,
        /// After this there is no further try.
        pub give_up_at: DateTime,
        pub last_attempt_at: Option<DateTime>,
        /// The HTTP status of the last answer.
        pub last_status: Option<i32>,
        pub last_problem: Option<String>,
        pub created_at: DateTime,
        pub settled_at: Option<DateTime>,
    }
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    State {
        Pending = "pending",
        Delivered = "delivered",
        Dead = "dead",
    }
}

text_enum! {
    /// Why a try failed.
    Problem {
        Answered = "answered",
        Redirected = "redirected",
        TimedOut = "timed_out",
        Unreachable = "unreachable",
        NameUnknown = "name_unknown",
        AddressRefused = "address_refused",
        SecretUnreadable = "secret_unreadable",
    }
}

impl Model {
    #[must_use]
    pub fn kind(&self) -> Option<event::Kind> {
        event::Kind::parse(&self.kind)
    }

    #[must_use]
    pub fn state(&self) -> Option<State> {
        State::parse(&self.state)
    }

    #[must_use]
    pub fn last_problem(&self) -> Option<Problem> {
        self.last_problem.as_deref().and_then(Problem::parse)
    }
}
