//! Rows as models. Other programs write into the tables, too: a row that can't be read is named, and those beside it
//! are read all the same.

use entity::{FromPlaces, Unreadable};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryTrait, Select};

use super::page::Slice;

/// Rows, and those that can't be read.
#[derive(Clone, Debug)]
pub struct Found<M> {
    pub rows: Vec<M>,
    pub unreadable: Vec<Unreadable>,
}

impl<M> Default for Found<M> {
    fn default() -> Self {
        Self { rows: Vec::new(), unreadable: Vec::new() }
    }
}

impl<M> Found<M> {
    pub(super) fn add(&mut self, row: Result<M, Unreadable>) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(unreadable) => self.unreadable.push(unreadable),
        }
    }

    /// The rows, if all can be read.
    pub(super) fn whole<E: EntityTrait<Model = M>>(self) -> Result<Vec<M>, DbErr> {
        match self.unreadable.first() {
            Some(unreadable) => Err(unreadable.error(E::default().table_name())),
            None => Ok(self.rows),
        }
    }

    pub fn map<T>(self, each: impl FnMut(M) -> T) -> Found<T> {
        Found { rows: self.rows.into_iter().map(each).collect(), unreadable: self.unreadable }
    }

    /// Whether a slice is to be read again and wider: rows that can't be read have taken the place of others on a
    /// page of this size.
    #[must_use]
    pub fn is_short_of(&self, slice: &Slice, size: u64) -> bool {
        let more_than = |size: u64, rows: usize| u64::try_from(rows).is_ok_and(|rows| rows > size);
        let goes_on = slice.size.is_some_and(|read| more_than(read, self.len()));
        !self.unreadable.is_empty() && goes_on && !more_than(size, self.rows.len())
    }

    /// How many rows the database gave.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() + self.unreadable.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The rows of a select that gives all columns of `E`, and those of them that can't be read.
pub(super) async fn found<E: EntityTrait<Model: FromPlaces>>(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Found<E::Model>, DbErr> {
    let mut found = Found::default();
    for row in db.query_all(select).await? {
        found.add(E::Model::from_places(&row));
    }
    Ok(found)
}

/// The rows of a select that gives all columns of `E`.
pub async fn rows<E: EntityTrait<Model: FromPlaces>>(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<E::Model>, DbErr> {
    found::<E>(db, select).await?.whole::<E>()
}

/// The first row of a select.
pub async fn one<E: EntityTrait<Model: FromPlaces>>(
    db: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<Option<E::Model>, DbErr> {
    let row = db.query_one(select.into_query().limit(1)).await?;
    row.as_ref().map(super::read::<E>).transpose()
}
