//! How Waymark's tables came to be, one idea a step, and how a database is compared with them.
//!
//! [`up`], [`down`], [`status`] and [`is_current`] move a database along the steps; [`verify`] lists
//! how it differs from the specification; [`adopt`] takes over one that another tool built.
//!
//! A new step is a new file `mNN_idea.rs` and its name at the end of the list below. A step that has
//! been released is history and stays as it is.

mod adopt;
mod change;
mod error;
mod expression;
mod found;
mod kind;
mod meaning;
mod neighbours;
mod notes;
mod report;
mod row_security;
mod rows;
mod run;
mod schema;
mod spec;
mod token;
mod verify;

pub use adopt::{Adoption, adopt};
pub use error::Error;
pub use report::{Difference, Report};
pub use run::{Ground, Step, down, is_current, status, up};
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, sea_query::IntoIden};
pub use verify::verify;

use change::Change;

/// Declares each step's file and registers it under that very name. The same name twice is a module
/// declared twice, the same number twice breaks the count: neither compiles.
macro_rules! steps {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        const CHANGES: &[Change] = &[$(Change { name: stringify!($name), creates: $name::TABLES }),+];
        const _: () = assert!(change::counted(CHANGES), "steps are numbered m01, m02, ... without gap");
    };
}

steps! {
    m01_created,
    m02_neighbours,
    m03_treatment_goals,
    m04_goal_tracking_config,
    m05_progress_entries,
    m06_assessment_scores,
    m07_progress_milestones,
    m08_goal_reminders,
    m09_settings,
    m10_events,
    m11_requests,
    m12_pauses,
    m13_closings,
    m14_aims,
    m15_weeks,
    m16_transfers,
    m17_agenda,
    m18_reminder_deliveries,
    m19_webhooks,
}

/// Where the applied steps are remembered.
const BOOKKEEPING: &str = "waymark_migrations";

/// The steps in order, as the library wants them. Prefer [`up`] and [`down`]: they lock, and refuse what would harm.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        CHANGES.iter().map(|change| Box::new(*change) as Box<dyn MigrationTrait>).collect()
    }

    fn migration_table_name() -> sea_orm_migration::sea_orm::DynIden {
        BOOKKEEPING.into_iden()
    }
}
