//! What a step does: it creates tables, remembers that they are ours, and can take them back.

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use crate::schema;

/// One step: its name, which is the name of its file, and the tables it creates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub name: &'static str,
    pub creates: &'static [Table],
}

/// A table as written for each store. What follows is the same on both: the statements that make its indexes, and
/// its first rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub name: &'static str,
    pub owner: Owner,
    pub postgres: &'static str,
    pub sqlite: &'static str,
    pub indexes: &'static str,
}

/// Whose table it is when it already stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Always made by us.
    Waymark,
    /// One of the six of the specification: made by us, or taken over by `adopt`.
    Specification,
    /// The product's if it is there; we make a small one where it is absent.
    Product,
}

/// Whether the steps are numbered `m01_`, `m02_`, ... in order, so that no number serves twice.
pub(crate) const fn counted(changes: &[Change]) -> bool {
    let mut at = 0;
    while at < changes.len() {
        let name = changes[at].name.as_bytes();
        let number = (name[1] - b'0') as usize * 10 + (name[2] - b'0') as usize;
        if name[0] != b'm' || name[3] != b'_' || number != at + 1 {
            return false;
        }
        at += 1;
    }
    true
}

impl MigrationName for Change {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Change {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let present = schema::readable(connection).await?;
        let views = schema::views(connection).await?;
        for table in self.creates {
            if table.owner != Owner::Product || !present.contains(table.name) {
                create(connection, table, &views).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let ours = schema::created(connection).await?;
        for table in self.creates.iter().rev().filter(|table| ours.contains(table.name)) {
            remove(connection, table).await?;
        }
        Ok(())
    }
}

async fn create(
    connection: &impl ConnectionTrait,
    table: &Table,
    views: &BTreeSet<String>,
) -> Result<(), DbErr> {
    let columns = match connection.get_database_backend() {
        DbBackend::Sqlite => table.sqlite,
        _ => table.postgres,
    };
    let columns = views.iter().fold(columns.to_owned(), |columns, view| without_reference(&columns, view));
    connection.execute_unprepared(&columns).await?;
    connection.execute_unprepared(table.indexes).await?;
    let name = table.name;
    let remember = format!("INSERT INTO waymark_created (table_name) VALUES ('{name}')");
    connection.execute_unprepared(&remember).await.map(|_| ())
}

/// Nothing can refer to a view, which the product may have in place of a table: a constraint of a column that would,
/// or one of the table, is left out.
fn without_reference(statement: &str, view: &str) -> String {
    let reference = format!("REFERENCES {view} (id)");
    let Some(at) = statement.find(&reference) else { return statement.to_owned() };
    let (before, after) = (&statement[..at], &statement[at + reference.len()..]);
    let before = before.rfind("CONSTRAINT fk_").map_or(before, |start| &before[..start]).trim_end();
    let of_table = statement[before.len()..at].contains("FOREIGN KEY");
    let before = if of_table { before.trim_end_matches(',') } else { before };
    let action = ["CASCADE", "SET NULL"]
        .iter()
        .find_map(|action| after.trim_start().strip_prefix("ON DELETE ")?.strip_prefix(action));
    without_reference(&format!("{before}{}", action.unwrap_or(after)), view)
}

async fn remove(connection: &impl ConnectionTrait, table: &Table) -> Result<(), DbErr> {
    let name = table.name;
    let forget = format!("DELETE FROM waymark_created WHERE table_name = '{name}'");
    connection.execute_unprepared(&forget).await?;
    connection.execute_unprepared(&format!("DROP TABLE {name}")).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{Change, counted, without_reference};

    const fn named(name: &'static str) -> Change {
        Change { name, creates: &[] }
    }

    #[test]
    fn nothing_refers_to_a_view() {
        for change in crate::CHANGES {
            for table in change.creates {
                for statement in [table.postgres, table.sqlite] {
                    let left = without_reference(statement, "users");
                    assert!(!left.contains("REFERENCES users"), "{left}");
                    assert_eq!(left.matches('(').count(), left.matches(')').count(), "{left}");
                    assert!(!left.contains(",\n)") && !left.contains(",,"), "{left}");
                    assert_eq!(without_reference(statement, "accounts"), statement);
                }
            }
        }
    }

    #[test]
    fn no_number_serves_twice() {
        assert!(counted(crate::CHANGES));
        assert!(counted(&[named("m01_one"), named("m02_two")]));
        assert!(!counted(&[named("m01_one"), named("m01_one")]));
        assert!(!counted(&[named("m01_one"), named("m01_other")]));
        assert!(!counted(&[named("m02_two"), named("m01_one")]));
        assert!(!counted(&[named("m01_one"), named("m03_three")]));
    }
}
