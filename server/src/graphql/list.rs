//! What a list is: its rows, its order, and the window that a page of it shows.

use std::fmt::Debug;
use std::hash::Hash;

use async_graphql::Result;
use entity::FromPlaces;
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{DbErr, EntityTrait};
use uuid::Uuid;

use super::cursor;
use crate::access::Viewer;
use crate::store::page::{Family, Ordering, Side, Slice};
use crate::wire::bad_input;

pub const DEFAULT_SIZE: u64 = 20;
pub const LARGEST_SIZE: u64 = 100;

/// An ordered, filtered list of rows.
pub trait List: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Row: EntityTrait<Model: FromPlaces + Send + Sync>;

    /// Stands in cursors, so that one made for another list is refused.
    const NAME: &'static str;

    fn ordering(&self) -> Ordering<Self::Row>;
}

/// A list at the top of a query.
pub trait TopList: List {
    /// The rows of this list that the viewer may see.
    fn rows(&self, viewer: &Viewer) -> SelectStatement;
}

/// A list below each of many parent rows.
pub trait ChildList: List {
    /// The id of a row that was seen.
    type Parent: Copy + Debug + Eq + Hash + Into<Uuid> + Send + Sync;

    /// The rows of this list that the viewer may see, by parent.
    fn family(&self, viewer: &Viewer, parents: &[Self::Parent]) -> Family<Self::Row>;

    /// The column that names the parent.
    fn link(&self) -> <Self::Row as EntityTrait>::Column;
}

/// The four paging arguments, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub size: u64,
    pub backward: bool,
    after: Option<String>,
    before: Option<String>,
}

impl Window {
    /// The cursor that bounds the page on one side.
    pub fn bound(&self, side: Side) -> Option<&String> {
        if side == Side::Before { self.after.as_ref() } else { self.before.as_ref() }
    }

    /// The first row alone.
    pub fn of_one() -> Self {
        Self { size: 1, backward: false, after: None, before: None }
    }

    /// Refuses both sizes at once, a negative one, and more than 100.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self> {
        let (name, size, backward) = match (first, last) {
            (Some(_), Some(_)) => return Err(bad_input("Ask for `first` or for `last`, not for both.")),
            (None, Some(last)) => ("last", Some(last), true),
            (first, None) => ("first", first, false),
        };
        let size = size.map_or(Ok(DEFAULT_SIZE), u64::try_from).ok().filter(|size| *size <= LARGEST_SIZE);
        let size =
            size.ok_or_else(|| bad_input(format!("`{name}` must be between 0 and {LARGEST_SIZE}.")))?;
        Ok(Self { size, backward, after, before })
    }

    pub fn slice<L: List>(&self, list: &L) -> Result<Slice> {
        let read = |text: &Option<String>| {
            text.as_deref().map(|text| cursor::decode(L::NAME, &list.ordering(), text)).transpose()
        };
        Ok(Slice {
            size: Some(self.size),
            backward: self.backward,
            after: read(&self.after)?,
            before: read(&self.before)?,
        })
    }
}

/// Rows on one side of a cursor, its own row included. It was read once before, so it can be again.
pub fn reaching<L: List>(list: &L, text: &str, side: Side) -> Result<Condition, DbErr> {
    let ordering = list.ordering();
    let position = cursor::decode(L::NAME, &ordering, text).map_err(|error| DbErr::Custom(error.message))?;
    Ok(ordering.reaching(&position, side))
}
