//! Compares a database with the specification and lists every difference.

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::expression::Expression;
use crate::found::{self, Found};
use crate::kind::{self, Fit};
use crate::report::{Difference, Report};
use crate::row_security::policies;
use crate::run::Ground;
use crate::spec::{self, Column, Reference};
use crate::{Error, meaning, rows, run, schema};

/// Compares the six tables with the specification. Changes nothing.
///
/// # Errors
/// When the database cannot be read; what is different in it is the report's to tell.
pub async fn verify<'a>(db: impl Into<Ground<'a>>) -> Result<Report, Error> {
    let ground = db.into();
    let looking = run::look(ground).await?;
    let report = compare(&looking).await?;
    run::end(ground, looking).await?;
    Ok(report)
}

pub(crate) async fn compare(connection: &impl ConnectionTrait) -> Result<Report, Error> {
    let present = schema::tables(connection).await?;
    let views = schema::views(connection).await?;
    let mut differences = Vec::new();
    for table in spec::TABLES {
        if present.contains(table.name) {
            let found = Found::read(connection, table.name).await?;
            let backend = connection.get_database_backend();
            let own = Comparison { table, found, backend, views: &views }.differences();
            let readable = own.iter().all(|difference| difference.servable);
            differences.extend(own);
            differences.extend(policies(connection, table.name).await?);
            if readable {
                differences.extend(rows::unreadable(connection, table.name).await?);
            }
        } else {
            differences.push(Difference::grave(table.name, "table is missing"));
        }
    }
    Ok(Report { differences, compared: spec::TABLES })
}

/// A table of the specification beside the one that was found.
struct Comparison<'a> {
    table: &'static spec::Table,
    found: Found,
    backend: DbBackend,
    views: &'a BTreeSet<String>,
}

impl Comparison<'_> {
    fn differences(&self) -> Vec<Difference> {
        let mut all: Vec<Difference> =
            self.table.columns.iter().flat_map(|column| self.column(column)).collect();
        all.extend(self.extra_columns());
        all.extend(self.primary_key());
        all.extend(self.without_numbers());
        all.extend(self.extra_foreign_keys());
        all.extend(self.checks());
        all.extend(self.indexes());
        all
    }

    fn column(&self, wanted: &Column) -> Vec<Difference> {
        let Some(found) = self.found.column(wanted.name) else {
            return vec![Difference::grave(self.place(wanted.name), "column is missing")];
        };
        let own = [self.kind(wanted, found), self.nullability(wanted, found), self.default(wanted, found)];
        own.into_iter().flatten().chain(self.foreign_key(wanted)).collect()
    }

    fn kind(&self, wanted: &Column, found: &found::Column) -> Option<Difference> {
        let fit = kind::fit(wanted.kind, &found.kind, self.backend);
        let what = || {
            let wanted = kind::spoken(wanted.kind, self.backend);
            format!("is {}, should be {wanted}", kind::short(&found.kind))
        };
        match fit {
            Fit::Exact => None,
            Fit::Wider => Some(Difference::servable(self.place(wanted.name), what())),
            Fit::Wrong => Some(Difference::grave(self.place(wanted.name), what())),
        }
    }

    /// A NULL where there is a default can be told from a value and borne; where there is none, the row
    /// has no meaning without it.
    fn nullability(&self, wanted: &Column, found: &found::Column) -> Option<Difference> {
        let place = self.place(wanted.name);
        match (wanted.nullable, found.nullable) {
            (false, true) if wanted.default.is_some() => {
                Some(Difference::servable(place, "is nullable, should be NOT NULL"))
            }
            (false, true) => Some(Difference::grave(place, "is nullable, should be NOT NULL")),
            (true, false) => Some(Difference::grave(place, "is NOT NULL, should be nullable")),
            _ => None,
        }
    }

    fn default(&self, wanted: &Column, found: &found::Column) -> Option<Difference> {
        let expected = match wanted.default {
            Some("now()") if self.backend == DbBackend::Sqlite => Some(spec::SQLITE_NOW),
            other => other,
        };
        let what = match (expected, found.default.as_deref()) {
            (None, None) => return None,
            (Some(expected), Some(found)) if same(expected, found) => return None,
            (Some(expected), None) => format!("has no default, should have {expected}"),
            (None, Some(found)) => format!("has the default {found}, should have none"),
            (Some(expected), Some(found)) => format!("has the default {found}, should have {expected}"),
        };
        Some(Difference::servable(self.place(wanted.name), what))
    }

    fn foreign_key(&self, wanted: &Column) -> Vec<Difference> {
        let Some(Reference { table, on_delete }) = wanted.reference else { return vec![] };
        let place = self.place(wanted.name);
        let Some(key) = self.right_key(wanted) else {
            let what = format!("foreign key to {table}(id) is missing");
            // Nothing can refer to a view.
            let servable = self.views.contains(table);
            return vec![Difference { servable, ..Difference::grave(place, what) }];
        };
        let action = |event, found: &str, wanted| {
            let what = format!("foreign key is {event} {found}, should be {event} {wanted}");
            (found != wanted).then(|| Difference::servable(&place, what))
        };
        let on_delete = action("ON DELETE", &key.on_delete, on_delete);
        on_delete.into_iter().chain(action("ON UPDATE", &key.on_update, "NO ACTION")).collect()
    }

    /// The key that goes where the specification sends the column.
    fn right_key(&self, wanted: &Column) -> Option<&found::ForeignKey> {
        let target = wanted.reference?.table;
        let right = |key: &&found::ForeignKey| {
            key.columns == wanted.name && key.table == target && key.targets == "id"
        };
        self.found.foreign_keys.iter().find(right)
    }

    fn extra_foreign_keys(&self) -> Vec<Difference> {
        let right: Vec<_> = self.table.columns.iter().filter_map(|column| self.right_key(column)).collect();
        let is_right = |key: &found::ForeignKey| right.iter().any(|right| std::ptr::eq(*right, key));
        let extra = self.found.foreign_keys.iter().filter(|key| !is_right(key));
        let what = |key: &found::ForeignKey| {
            let found::ForeignKey { columns, table, targets, .. } = key;
            format!("foreign key ({columns}) to {table}({targets}) is not in the specification")
        };
        extra.map(|key| Difference::servable(self.table.name, what(key))).collect()
    }

    fn extra_columns(&self) -> Vec<Difference> {
        let known = |name: &str| self.table.columns.iter().any(|column| column.name == name);
        let extra = self.found.columns.iter().filter(|column| !known(&column.name));
        extra
            .map(|column| {
                let place = self.place(&column.name);
                if column.nullable || column.given {
                    Difference::servable(place, "column is not in the specification")
                } else {
                    let what = "column is not in the specification, and is NOT NULL without a default";
                    Difference::grave(place, what)
                }
            })
            .collect()
    }

    fn primary_key(&self) -> Option<Difference> {
        let found = self.found.primary_key.join(", ");
        let what = match found.as_str() {
            "id" => return None,
            "" => "primary key is missing, should be (id)".to_owned(),
            other => format!("primary key is ({other}), should be (id)"),
        };
        Some(Difference::grave(self.table.name, what))
    }

    /// Rows are read by their numbers.
    fn without_numbers(&self) -> Option<Difference> {
        let what = "is made WITHOUT ROWID, should have row numbers";
        self.found.without_numbers.then(|| Difference::grave(self.table.name, what))
    }

    fn checks(&self) -> Vec<Difference> {
        let wanted = self.wanted_checks();
        let missing = without_ground(&wanted, &self.found.checks);
        let missing = missing.map(|check| format!("check is missing: {check}"));
        let extra = without_ground(&self.found.checks, &wanted);
        let extra = extra.map(|check| format!("check is not in the specification: {check}"));
        missing.chain(extra).map(|what| Difference::servable(self.table.name, what)).collect()
    }

    fn wanted_checks(&self) -> Vec<String> {
        let written = self.table.checks.iter().map(ToString::to_string);
        let by_type = self.table.columns.iter().filter_map(Column::sqlite_checks);
        written.chain(by_type.filter(|_| self.backend == DbBackend::Sqlite)).collect()
    }

    fn indexes(&self) -> Vec<Difference> {
        let found = &self.found.indexes;
        let wanted = self.table.indexes.iter().filter_map(|(name, definition)| {
            let what = match found.iter().find(|index| index.name == *name).map(found::Index::definition) {
                None => format!("index is missing, should be {definition}"),
                Some(found) if found == *definition => return None,
                Some(found) => format!("index is {found}, should be {definition}"),
            };
            Some(Difference::servable(self.place(name), what))
        });
        let known = |name: &str| self.table.indexes.iter().any(|(wanted, _)| *wanted == name);
        let extra = found.iter().filter(|index| !known(&index.name)).map(|index| {
            let what = format!("index {} is not in the specification", index.definition());
            Difference::servable(self.place(&index.name), what)
        });
        wanted.chain(extra).collect()
    }

    fn place(&self, part: &str) -> String {
        format!("{}.{part}", self.table.name)
    }
}

/// Whether two defaults mean the same; those that cannot be read must be written the same.
fn same(one: &str, other: &str) -> bool {
    match (Expression::parse(one), Expression::parse(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// Those of the `checks` that do not follow from the `others` taken together.
fn without_ground<'c>(checks: &'c [String], others: &[String]) -> impl Iterator<Item = &'c String> {
    let read = |check: &String| Expression::parse(check);
    let ground: Vec<Expression> = others.iter().filter_map(read).flat_map(Expression::conjuncts).collect();
    checks.iter().filter(move |check| match read(check) {
        Some(check) => !check.conjuncts().iter().all(|part| meaning::follows(part, &ground)),
        None => true,
    })
}
