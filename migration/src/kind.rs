//! Types of columns: how each store spells them, and whether a found one will do.

use sea_orm_migration::sea_orm::DbBackend;

use crate::spec::Kind;

/// How a found type serves for the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Exact,
    /// Another one, but with room for every value of the wanted one, and read in the same way.
    Wider,
    Wrong,
}

/// How `found`, as the database prints it, serves for `wanted`.
pub(crate) fn fit(wanted: Kind, found: &str, backend: DbBackend) -> Fit {
    if found == printed(wanted, backend) {
        Fit::Exact
    } else if backend == DbBackend::Postgres && wider(wanted, found) {
        Fit::Wider
    } else {
        Fit::Wrong
    }
}

/// As the specification spells it; on SQLite with the storage it gets there.
pub(crate) fn spoken(kind: Kind, backend: DbBackend) -> String {
    let spelled = short(&printed(kind, DbBackend::Postgres));
    match backend {
        DbBackend::Sqlite => format!("{} ({spelled})", printed(kind, backend)),
        _ => spelled,
    }
}

/// The usual short form of a type that PostgreSQL prints at length.
pub(crate) fn short(found: &str) -> String {
    if found.starts_with("enum ") {
        return found.to_owned();
    }
    found.replace("character varying", "varchar").replace(" without time zone", "").to_uppercase()
}

fn printed(kind: Kind, backend: DbBackend) -> String {
    match backend {
        DbBackend::Sqlite => storage(kind).to_owned(),
        _ => match kind {
            Kind::Uuid => "uuid".to_owned(),
            Kind::Varchar(length) => format!("character varying({length})"),
            Kind::Text => "text".to_owned(),
            Kind::Numeric => "numeric(10,2)".to_owned(),
            Kind::Date => "date".to_owned(),
            Kind::Time => "time without time zone".to_owned(),
            Kind::Timestamp => "timestamp without time zone".to_owned(),
            Kind::Jsonb => "jsonb".to_owned(),
            Kind::Integers => "integer[]".to_owned(),
            Kind::Boolean => "boolean".to_owned(),
            Kind::Integer => "integer".to_owned(),
        },
    }
}

/// Our tables on SQLite are STRICT, so these are all the types there are.
const fn storage(kind: Kind) -> &'static str {
    match kind {
        Kind::Uuid => "BLOB",
        Kind::Numeric => "REAL",
        Kind::Boolean | Kind::Integer => "INTEGER",
        Kind::Varchar(_)
        | Kind::Text
        | Kind::Date
        | Kind::Time
        | Kind::Timestamp
        | Kind::Jsonb
        | Kind::Integers => "TEXT",
    }
}

fn wider(wanted: Kind, found: &str) -> bool {
    match wanted {
        Kind::Varchar(length) => {
            let found_length = sizes(found, "character varying").first().copied();
            ["text", "character varying"].contains(&found) || found_length.is_some_and(|found| found > length)
        }
        Kind::Text => found == "character varying",
        Kind::Numeric => match sizes(found, "numeric")[..] {
            [precision, scale] => scale >= 2 && precision.saturating_sub(scale) >= 8,
            _ => found == "numeric",
        },
        // Read as UTC, and written as such: the driver's sessions are in UTC.
        Kind::Timestamp => found == "timestamp with time zone",
        _ => false,
    }
}

/// The numbers in brackets after the name of a type.
fn sizes(found: &str, name: &str) -> Vec<usize> {
    let inner = found.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    inner
        .map_or_else(Vec::new, |inner| inner.split(',').filter_map(|size| size.trim().parse().ok()).collect())
}
