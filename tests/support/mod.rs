//! What tests are written with: a clinic of their own, on either database.

mod acts;
mod answer;
mod clinic;
mod database;
mod dump;
mod figures;
mod get;
mod hooks;
mod layout;
mod news;
pub mod node;
pub mod openssl;
mod pgbouncer;
mod postgres;
mod practice;
mod process;
mod proxy;
mod receiver;
mod socket;
mod timed;
mod workload;
mod written;

pub use acts::{id_at, problems, with};
pub use answer::Answer;
pub use clinic::{Clinic, Person, SECRET, day};
pub use database::{Database, Kind};
pub use figures::{Aim, SCALE};
pub use hooks::{Hooks, WEBHOOK_KEY, delivered, failed};
pub use layout::laid_out;
pub use news::{Listener, eventually};
pub use pgbouncer::PgBouncer;
pub use postgres::Cluster;
pub use practice::Practice;
pub use process::{DEADLINE, Ended, Server, Waymark};
pub use proxy::{Fault, Proxy, Stage};
pub use receiver::{Behaviour, Received, Receiver};
pub use socket::{Socket, serve, served};
pub use workload::{DASHBOARD, DEEP, ONE_GOAL, RECORD, Workload};
pub use written::{Document, documents_in};

/// Declares tests that run on both databases: `both! { async fn name(clinic) { ... } }` makes
/// `name::sqlite` and `name::postgres`, each with a migrated, empty database of its own. With
/// `both! { in parallel { ... } }` the server's tasks run on several threads, as they do in earnest.
#[macro_export]
macro_rules! both {
    (@on $runtime:tt $($(#[$meta:meta])* async fn $name:ident($clinic:ident) $body:block)+) => { $(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($clinic: $crate::support::Clinic) $body

            #[tokio::test $runtime]
            async fn sqlite() {
                Box::pin(run($crate::support::Clinic::open($crate::support::Kind::Sqlite).await)).await;
            }

            #[tokio::test $runtime]
            async fn postgres() {
                Box::pin(run($crate::support::Clinic::open($crate::support::Kind::Postgres).await)).await;
            }
        }
    )+ };
    (in parallel { $($tests:tt)+ }) => {
        $crate::both! { @on (flavor = "multi_thread", worker_threads = 4) $($tests)+ }
    };
    ($($tests:tt)+) => {
        $crate::both! { @on () $($tests)+ }
    };
}
