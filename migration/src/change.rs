//! What a step does: it creates tables, remembers that they are ours, and can take them back.

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
        let present = schema::tables(connection).await?;
        for table in self.creates {
            if table.owner != Owner::Product || !present.contains(table.name) {
                create(connection, table).await?;
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

async fn create(connection: &impl ConnectionTrait, table: &Table) -> Result<(), DbErr> {
    let columns = match connection.get_database_backend() {
        DbBackend::Sqlite => table.sqlite,
        _ => table.postgres,
    };
    connection.execute_unprepared(columns).await?;
    connection.execute_unprepared(table.indexes).await?;
    let name = table.name;
    let remember = format!("INSERT INTO waymark_created (table_name) VALUES ('{name}')");
    connection.execute_unprepared(&remember).await.map(|_| ())
}

async fn remove(connection: &impl ConnectionTrait, table: &Table) -> Result<(), DbErr> {
    let name = table.name;
    let forget = format!("DELETE FROM waymark_created WHERE table_name = '{name}'");
    connection.execute_unprepared(&forget).await?;
    connection.execute_unprepared(&format!("DROP TABLE {name}")).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{Change, counted};

    const fn named(name: &'static str) -> Change {
        Change { name, creates: &[] }
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
