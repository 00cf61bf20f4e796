use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::event;
use crate::row::row;

row! {
    /// Where events are sent to. An answer that is kept for a retry holds no secret, not even a sealed one.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "waymark_webhooks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub url: String,
        /// The kinds of events that it wants, with spaces between them.
        #[sea_orm(column_type = "Text")]
        pub kinds: String,
        /// Whether the text of a due reminder is sent along.
        pub include_message: bool,
        pub is_active: bool,
        /// Sealed with the key of the setting.
        #[serde(skip)]
        #[sea_orm(column_type = "Text")]
        pub secret: String,
        pub secret_set_at: DateTime,
        /// Signs too, until then.
        #[serde(skip)]
        #[sea_orm(column_type = "Text", nullable)]
        pub former_secret: Option<String>,
        pub former_until: Option<DateTime>,
        /// Up to this event it has its deliveries.
        pub position_transaction: i64,
        pub position_id: i64,
        /// When it was found that events had been forgotten before it got them.
        pub missed_events_at: Option<DateTime>,
        pub created_at: DateTime,
        pub updated_at: DateTime,
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The kinds of events that it wants. A word of a newer version is left out.
    #[must_use]
    pub fn kinds(&self) -> Vec<event::Kind> {
        self.kinds.split(' ').filter_map(event::Kind::parse).collect()
    }
}
