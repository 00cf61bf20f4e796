//! SQLite files that can only be read: a file or a folder without the right to write, or a medium without it.

use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions, Executor, SqliteConnection};

/// How a file can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Writable,
    ReadOnly,
    /// Read-only, and nobody can change it: SQLite needs no files beside it then, which it could not make.
    Immutable,
}

impl Reach {
    /// Found out by trying: rights, mounts and links decide it together.
    pub async fn of(options: &SqliteConnectOptions) -> Self {
        let plain = || options.clone().disable_statement_logging();
        if !options.get_filename().exists() || !refuses(tried(plain(), "BEGIN IMMEDIATE").await) {
            return Self::Writable;
        }
        let read = tried(plain().read_only(true), "SELECT count(*) FROM sqlite_schema").await;
        if read.is_ok() || has_log(options.get_filename()) { Self::ReadOnly } else { Self::Immutable }
    }

    /// Without what only a writer sets.
    pub fn reading(self, options: SqliteConnectOptions) -> SqliteConnectOptions {
        options.create_if_missing(false).read_only(true).immutable(self == Self::Immutable)
    }
}

async fn tried(options: SqliteConnectOptions, statement: &'static str) -> Result<(), sqlx::Error> {
    let mut connection: SqliteConnection = options.connect().await?;
    connection.execute(statement).await?;
    Ok(())
}

/// SQLite's codes for a database that can't be written, and for a file that can't be made.
fn refuses(outcome: Result<(), sqlx::Error>) -> bool {
    let code = |error: sqlx::Error| error.as_database_error()?.code()?.parse::<u32>().ok();
    outcome.err().and_then(code).is_some_and(|code| [8, 14].contains(&(code & 0xff)))
}

/// Whether there are changes beside the file that are not in it yet.
fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}
