//! What we need of the product's own tables, which is little: they are read as they are.

use std::collections::BTreeSet;

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::found::Found;
use crate::kind;
use crate::report::Difference;
use crate::row_security::policies;

struct Neighbour {
    name: &'static str,
    needs: &'static [(&'static str, Type)],
}

/// What a column's type may be.
#[derive(Clone, Copy)]
enum Type {
    Uuid,
    /// A text, or a type that lists its values.
    Word,
    /// A moment with or without time zone, or a day.
    Moment,
}

const NEIGHBOURS: &[Neighbour] = &[
    Neighbour { name: "users", needs: &[("id", Type::Uuid), ("role", Type::Word)] },
    Neighbour {
        name: "therapy_sessions",
        needs: &[
            ("id", Type::Uuid),
            ("patient_id", Type::Uuid),
            ("therapist_id", Type::Uuid),
            ("session_date", Type::Moment),
        ],
    },
    Neighbour {
        name: "therapist_patients",
        needs: &[("therapist_id", Type::Uuid), ("patient_id", Type::Uuid)],
    },
];

/// Any of these gives a person a name.
const NAMES: &[&[&str]] = &[&["full_name"], &["first_name", "last_name"], &["name"], &["email"]];

/// What the neighbours that are `present` lack, and what is hidden of them.
pub(crate) async fn lacks(
    connection: &impl ConnectionTrait,
    present: &BTreeSet<String>,
) -> Result<Vec<Difference>, DbErr> {
    let mut lacks = Vec::new();
    for neighbour in NEIGHBOURS.iter().filter(|neighbour| present.contains(neighbour.name)) {
        let found = Found::read(connection, neighbour.name).await?;
        lacks.extend(policies(connection, neighbour.name).await?);
        lacks.extend(neighbour.needs.iter().filter_map(|need| lack(neighbour.name, need, &found)));
        if neighbour.name == "users" && !has_a_name(&found) {
            let what = "has no full_name, first_name and last_name, name or email to call people by";
            lacks.push(Difference::grave(neighbour.name, what));
        }
    }
    Ok(lacks)
}

/// The neighbours that are not there.
pub(crate) fn missing(present: &BTreeSet<String>) -> Vec<Difference> {
    let missing = NEIGHBOURS.iter().filter(|neighbour| !present.contains(neighbour.name));
    missing.map(|neighbour| Difference::grave(neighbour.name, "table is missing")).collect()
}

fn lack(table: &str, (name, wanted): &(&str, Type), found: &Found) -> Option<Difference> {
    let place = format!("{table}.{name}");
    match found.column(name) {
        None => Some(Difference::grave(place, "column is missing")),
        Some(column) if wanted.accepts(&column.kind) => None,
        Some(column) => {
            let what = format!("is {}, should be {}", kind::short(&column.kind), wanted.spoken());
            Some(Difference::grave(place, what))
        }
    }
}

fn has_a_name(users: &Found) -> bool {
    NAMES.iter().any(|columns| columns.iter().all(|column| users.column(column).is_some()))
}

impl Type {
    /// The small words are PostgreSQL's, the capital ones SQLite's.
    fn accepts(self, found: &str) -> bool {
        let starts: &[&str] = match self {
            Self::Uuid => &["uuid", "BLOB"],
            Self::Word => &["character varying", "text", "enum ", "TEXT"],
            Self::Moment => &["timestamp", "date", "TEXT"],
        };
        starts.iter().any(|start| found.starts_with(start))
    }

    const fn spoken(self) -> &'static str {
        match self {
            Self::Uuid => "UUID",
            Self::Word => "a text or an enum",
            Self::Moment => "a timestamp or a date",
        }
    }
}
