//! Takes over a database that another tool built: looks whether it can be served, remembers that its
//! tables are there and not ours, and adds our own beside them.

use std::collections::BTreeSet;

use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::change::{Change, Owner};
use crate::report::Difference;
use crate::run::Ground;
use crate::schema::ask;
use crate::{CHANGES, Error, Migrator, neighbours, notes, run, schema, verify};

/// What taking a database over has done and seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The steps that are now recorded as applied, without having been run.
    pub recorded: Vec<String>,
    /// The tables that were created, all of them ours.
    pub created: Vec<String>,
    /// What differs from the specification or cannot be served as it stands, in plain words.
    pub notes: Vec<String>,
}

/// Takes over a database that another tool built. Changes nothing in its tables, and nothing at all
/// when it is run again; all of it is one transaction.
///
/// # Errors
/// Refuses a database that differs from the specification in a way that cannot be served, with the
/// whole list.
pub async fn adopt<'a>(db: impl Into<Ground<'a>>) -> Result<Adoption, Error> {
    let ground = db.into();
    let work = run::begin(ground).await?;
    let applied = run::known_steps(&work).await?;
    let before = schema::tables(&work).await?;
    let tolerated = tolerated_differences(&work, &schema::readable(&work).await?).await?;

    Migrator::install(&work).await?;
    let recorded = record(&work, &applied).await?;
    Migrator::up(&work, None).await?;

    let created = schema::tables(&work).await?.difference(&before).cloned().collect();
    let differences = tolerated.iter().map(ToString::to_string);
    let notes = differences.chain(notes::notes(&work).await?).collect();
    run::end(ground, work).await?;
    Ok(Adoption { recorded, created, notes })
}

/// All differences, if there is none among them that keeps us from serving the database.
async fn tolerated_differences(
    work: &impl ConnectionTrait,
    present: &BTreeSet<String>,
) -> Result<Vec<Difference>, Error> {
    let mut differences = neighbours::missing(present);
    differences.extend(neighbours::lacks(work, present).await?);
    differences.extend(verify::compare(work).await?.differences);
    let (tolerated, grave): (Vec<_>, Vec<_>) = differences.into_iter().partition(|one| one.servable);
    if grave.is_empty() { Ok(tolerated) } else { Err(Error::Unservable(grave)) }
}

/// Records the steps whose tables are there already.
async fn record(work: &impl ConnectionTrait, applied: &BTreeSet<String>) -> Result<Vec<String>, Error> {
    let foreign = |change: &&Change| change.creates.iter().all(|table| table.owner != Owner::Waymark);
    let mut recorded = Vec::new();
    for change in CHANGES.iter().filter(foreign).filter(|change| !applied.contains(change.name)) {
        let name = change.name;
        let insert = |now: &str| {
            format!("INSERT INTO waymark_migrations (version, applied_at) VALUES ('{name}', {now})")
        };
        ask(work, &insert("extract(epoch FROM now())::bigint"), &insert("unixepoch()")).await?;
        recorded.push(name.to_owned());
    }
    Ok(recorded)
}
