//! What tests are written with: a clinic of their own, on either database.

mod answer;
mod clinic;
mod database;
mod dump;
mod figures;
mod get;
pub mod node;
pub mod openssl;
mod postgres;
mod process;

pub use answer::Answer;
pub use clinic::{Clinic, Person, SECRET, day};
pub use database::{Database, Kind};
pub use figures::{Aim, SCALE};
pub use process::{Ended, Server, Waymark};

/// Declares tests that run on both databases: `both! { async fn name(clinic) { ... } }` makes
/// `name::sqlite` and `name::postgres`, each with a migrated, empty database of its own.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($clinic:ident) $body:block)+) => { $(
        $(#[$meta])*
        mod $name {
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
