//! Rows of other programs that can't be read. What needs one is null, a list goes on without it, and an error says
//! so in both cases.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use async_graphql::Error;
use entity::{Unreadable, is_unreadable};
use sea_orm::{DbErr, EntityTrait};

use super::loader::Failed;

/// Rows of one table that a list goes on without.
#[derive(Clone, Debug)]
pub struct LeftOut {
    table: &'static str,
    rows: Arc<Vec<Unreadable>>,
}

impl LeftOut {
    /// `None` when all could be read.
    pub fn of<E: EntityTrait>(rows: Vec<Unreadable>) -> Option<Self> {
        let table = sea_orm::IdenStatic::as_str(&E::default());
        (!rows.is_empty()).then(|| Self { table, rows: Arc::new(rows) })
    }

    pub fn error(&self) -> Error {
        Error::new_with_source(self.clone())
    }
}

/// For the log.
impl Display for LeftOut {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "left out of a list:")?;
        self.rows.iter().try_for_each(|row| write!(formatter, " {}", row.error(self.table)))
    }
}

impl std::error::Error for LeftOut {}

/// What a client is told of an error that comes from what is stored; `None` for any other.
pub fn sentence(source: &(dyn std::any::Any + Send + Sync)) -> Option<&'static str> {
    if source.is::<LeftOut>() {
        return Some(
            "Rows of this list can't be read as another program has stored them, and are left out. The log \
             names them.",
        );
    }
    let failed = source.downcast_ref::<Failed>().map(|failed| &*failed.0);
    let error = failed.or_else(|| source.downcast_ref::<DbErr>())?;
    is_unreadable(error).then_some(
        "This needs a row that can't be read as another program has stored it. The log names the row.",
    )
}

/// Whether an error comes from what is stored.
pub fn is_of_a_row(error: &Error) -> bool {
    error.source.as_deref().is_some_and(|source| sentence(source).is_some())
}
