//! `waymark migrate`.

use clap::Subcommand;

use super::Failure;
use crate::store::{ground, open_existing, open_writer};

#[derive(Subcommand, Debug)]
pub enum Migrate {
    /// Apply every step that is missing.
    Up,
    /// Take back the newest steps.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the steps and whether they are applied.
    Status,
    /// Compare the database with the specification; exit code 1 when anything differs.
    Verify,
    /// Take over a database that another tool built, without changing its tables.
    Adopt,
}

pub async fn migrate(url: &str, step: Migrate) -> Result<(), Failure> {
    let db = match step {
        Migrate::Up => open_writer(url).await?,
        _ => open_existing(url).await?,
    };
    let db = ground(url, &db);
    match step {
        Migrate::Up => list("applied", "Nothing to apply.", &migration::up(db).await?),
        Migrate::Down { steps } => {
            list("taken back", "Nothing to take back.", &migration::down(db, steps).await?);
        }
        Migrate::Status => {
            for step in migration::status(db).await? {
                println!("{}  {}", if step.applied { "applied" } else { "missing" }, step.name);
            }
        }
        Migrate::Verify => return verify(&migration::verify(db).await?),
        Migrate::Adopt => {
            let adoption = migration::adopt(db).await?;
            list("recorded", "Nothing new to record.", &adoption.recorded);
            list("created", "Nothing to create.", &adoption.created);
            adoption.notes.iter().for_each(|note| println!("note: {note}"));
        }
    }
    Ok(())
}

fn list(done: &str, nothing: &str, names: &[String]) {
    if names.is_empty() {
        println!("{nothing}");
    }
    for name in names {
        println!("{done}  {name}");
    }
}

fn verify(report: &migration::Report) -> Result<(), Failure> {
    println!("{report}");
    if report.holds() { Ok(()) } else { Err(Failure::Said) }
}
