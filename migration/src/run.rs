//! Along the steps and back. Each way is one transaction under one lock: all of it or nothing, and two
//! servers that start at the same moment take turns.

use std::collections::BTreeSet;

use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use crate::change::{Change, Owner, Table};
use crate::{CHANGES, Error, Migrator, neighbours, schema};

/// Held to the end of the transaction by whoever changes tables: "waymark" in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(x'7761796d61726b'::bigint)";

/// A database, and whether it keeps to a session.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    db: &'a DatabaseConnection,
    pooled: bool,
}

impl<'a> Ground<'a> {
    /// Behind a pooler that may give each transaction another session. The driver must cache no statement.
    #[must_use]
    pub const fn pooled(db: &'a DatabaseConnection) -> Self {
        Self { db, pooled: true }
    }
}

impl<'a> From<&'a DatabaseConnection> for Ground<'a> {
    fn from(db: &'a DatabaseConnection) -> Self {
        Self { db, pooled: false }
    }
}

/// A step and whether it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name, such as `m03_treatment_goals`.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Applies all steps that are missing and returns their names.
///
/// # Errors
/// Refuses a database that another tool built, or that a newer program migrated.
pub async fn up<'a>(db: impl Into<Ground<'a>>) -> Result<Vec<String>, Error> {
    let ground = db.into();
    // Where there is nothing to do, leave to read is enough.
    if pending(&present_steps(ground).await?).is_empty() {
        return Ok(Vec::new());
    }
    let work = begin(ground).await?;
    let applied = known_steps(&work).await?;
    refuse_foreign_tables(&work, &applied).await?;
    let names = pending(&applied);
    Migrator::up(&work, None).await?;
    end(ground, work).await?;
    Ok(names)
}

/// Takes back the newest `steps` steps that were applied, newest first, and returns their names.
///
/// # Errors
/// Refuses to drop a table of the specification that was adopted and not created by us.
pub async fn down<'a>(db: impl Into<Ground<'a>>, steps: u32) -> Result<Vec<String>, Error> {
    let ground = db.into();
    let work = begin(ground).await?;
    let applied = known_steps(&work).await?;
    let newest_first = CHANGES.iter().rev().filter(|change| applied.contains(change.name));
    let undone: Vec<Change> = newest_first.take(steps as usize).copied().collect();
    refuse_adopted_tables(&work, &undone).await?;
    Migrator::down(&work, Some(steps)).await?;
    end(ground, work).await?;
    Ok(undone.iter().map(|change| change.name.to_owned()).collect())
}

/// All steps in order, each with whether it was applied. Changes nothing.
///
/// # Errors
/// When the database cannot be read, or a newer program migrated it.
pub async fn status<'a>(db: impl Into<Ground<'a>>) -> Result<Vec<Step>, Error> {
    let applied = present_steps(db.into()).await?;
    let step =
        |change: &Change| Step { name: change.name.to_owned(), applied: applied.contains(change.name) };
    Ok(CHANGES.iter().map(step).collect())
}

/// Whether every step of this program was applied. Two small reads.
///
/// A database that is ahead of this program is current too: while a new version is rolled out, the
/// old one goes on serving.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_current(db: &impl ConnectionTrait) -> Result<bool, Error> {
    Ok(pending(&schema::applied(db).await?).is_empty())
}

/// Opens the one transaction in which tables are changed, and waits for its turn.
pub(crate) async fn begin(ground: Ground<'_>) -> Result<DatabaseTransaction, Error> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let work = ground.db.begin_with_options(options).await?;
    forget_prepared(ground, &work).await?;
    if work.get_database_backend() == DbBackend::Postgres {
        work.execute_unprepared(LOCK).await?;
    }
    Ok(work)
}

/// Opens a transaction in which tables are only looked at. A pooler may give each transaction another session,
/// and the driver prepares a statement before it runs it.
pub(crate) async fn look(ground: Ground<'_>) -> Result<DatabaseTransaction, Error> {
    let looking = ground.db.begin().await?;
    forget_prepared(ground, &looking).await?;
    Ok(looking)
}

/// Commits, and leaves no prepared statement to whom a pooler gives the session next.
pub(crate) async fn end(ground: Ground<'_>, work: DatabaseTransaction) -> Result<(), Error> {
    forget_prepared(ground, &work).await?;
    Ok(work.commit().await?)
}

/// The driver names the statements of each connection alike, so those of the one before would be in the way.
async fn forget_prepared(ground: Ground<'_>, work: &DatabaseTransaction) -> Result<(), Error> {
    if ground.pooled {
        work.execute_unprepared("DEALLOCATE ALL").await?;
    }
    Ok(())
}

async fn present_steps(ground: Ground<'_>) -> Result<BTreeSet<String>, Error> {
    let looking = look(ground).await?;
    let applied = known_steps(&looking).await?;
    end(ground, looking).await?;
    Ok(applied)
}

/// The names of the steps that were applied, all of which must be known to this program.
pub(crate) async fn known_steps(connection: &impl ConnectionTrait) -> Result<BTreeSet<String>, Error> {
    let applied = schema::applied(connection).await?;
    let known = |name: &String| CHANGES.iter().any(|change| change.name == name);
    let unknown: Vec<String> = applied.iter().filter(|name| !known(name)).cloned().collect();
    if unknown.is_empty() { Ok(applied) } else { Err(Error::Newer(unknown)) }
}

fn pending(applied: &BTreeSet<String>) -> Vec<String> {
    let missing = CHANGES.iter().filter(|change| !applied.contains(change.name));
    missing.map(|change| change.name.to_owned()).collect()
}

async fn refuse_foreign_tables(work: &DatabaseTransaction, applied: &BTreeSet<String>) -> Result<(), Error> {
    let present = schema::tables(work).await?;
    let missing = CHANGES.iter().filter(|change| !applied.contains(change.name));
    let foreign = of_the_specification(missing, |table| present.contains(table.name));
    if !foreign.is_empty() {
        return Err(Error::Unadopted(foreign));
    }
    let lacks = neighbours::lacks(work, &schema::readable(work).await?).await?;
    let grave: Vec<_> = lacks.into_iter().filter(|lack| !lack.servable).collect();
    if grave.is_empty() { Ok(()) } else { Err(Error::Unservable(grave)) }
}

async fn refuse_adopted_tables(work: &DatabaseTransaction, undone: &[Change]) -> Result<(), Error> {
    let ours = schema::created(work).await?;
    let adopted = of_the_specification(undone, |table| !ours.contains(table.name));
    if adopted.is_empty() { Ok(()) } else { Err(Error::Adopted(adopted)) }
}

fn of_the_specification<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    condition: impl Fn(&Table) -> bool,
) -> Vec<String> {
    let tables = changes.into_iter().flat_map(|change| change.creates);
    let six = tables.filter(|table| table.owner == Owner::Specification && condition(table));
    six.map(|table| table.name.to_owned()).collect()
}
