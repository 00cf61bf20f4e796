use sea_orm::entity::prelude::*;

use crate::word::text_enum;

/// Something that the server has to do at a given time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "waymark_agenda")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// What it is about, by its kind; the nil UUID where there is only one of its kind.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    /// The moment it is for.
    pub due_at: DateTime,
    /// When a server takes it: the moment it is for, the end of a claim, or the next try after a failure.
    pub next_try_at: DateTime,
    /// Set while a server is at it; a new one for each batch.
    pub claimed_by: Option<Uuid>,
    /// How often it was begun.
    pub attempts: i32,
    /// How far a work that is done in pieces has come.
    pub position: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// What there is to do. A newer version of Waymark may have stored other words.
    Kind {
        Reckoning = "reckoning",
        Reminder = "reminder",
        Closing = "closing",
        Sweep = "sweep",
        Pruning = "pruning",
    }
}
