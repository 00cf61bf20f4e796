//! What tests are written with: a clinic of their own, on either database.

mod answer;
mod clinic;
mod database;
mod figures;
mod postgres;

pub use answer::Answer;
pub use clinic::{Clinic, Person, SECRET, day};
pub use database::{Database, Kind};
pub use figures::{Aim, SCALE};

/// Declares tests that run on both databases: `both! { async fn name(clinic) { ... } }` makes
/// `name::sqlite` and `name::postgres`, each with a migrated, empty database of its own.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($clinic:ident) $body:block)+) => { $(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing of its file")]
            use super::*;

            async fn run($clinic: $crate::support::Clinic) $body

            #[tokio::test]
            async fn sqlite() {
                run($crate::support::Clinic::open($crate::support::Kind::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                run($crate::support::Clinic::open($crate::support::Kind::Postgres).await).await;
            }
        }
    )+ };
}
