//! Why a database was left as it is.

use sea_orm_migration::DbErr;

use crate::Difference;

/// Why a database was left as it is. Nothing has been changed when one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database answered with an error of its own.
    #[error("the database refused: {0}")]
    Database(#[from] DbErr),

    /// Steps are recorded that this program does not know.
    #[error(
        "the database was migrated by a newer waymark, this one does not know {}; \
        use the newer program",
        .0.join(", ")
    )]
    Newer(Vec<String>),

    /// Tables of the specification stand in the database, and no step of ours made them.
    #[error(
        "another tool made {}; run `waymark migrate adopt` to take the database over as it is",
        .0.join(", ")
    )]
    Unadopted(Vec<String>),

    /// Going back would drop tables that were there before us.
    #[error("{} came from another tool: waymark does not drop what it did not create", .0.join(", "))]
    Adopted(Vec<String>),

    /// The database differs from the specification in a way that cannot be served.
    #[error("this database cannot be served as it is:{}", listed(.0))]
    Unservable(Vec<Difference>),
}

fn listed(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(|difference| format!("\n- {difference}")).collect();
    lines.concat()
}
