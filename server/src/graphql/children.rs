//! What is read of the lists below rows, by the keys of their parents: all parents of a level share one
//! statement for each kind of key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Result;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};
use uuid::Uuid;

use super::list::{ChildList, List, Window, reaching};
use super::loader::Batch;
use super::unreadable::LeftOut;
use crate::access::{Seen, Viewer};
use crate::store::page::Side;
use crate::store::{Found, dialect};

pub type Rows<L> = Arc<Listed<<L as List>::Row>>;

/// The rows of a list, or of a page of it with the row behind it, and what was left out of them.
#[derive(Clone, Debug)]
pub struct Listed<E: EntityTrait> {
    pub rows: Vec<Seen<E>>,
    pub left_out: Option<LeftOut>,
}

impl<E: EntityTrait> Default for Listed<E> {
    fn default() -> Self {
        Self { rows: Vec::new(), left_out: None }
    }
}

impl<E: EntityTrait> Listed<E> {
    pub fn of(found: Found<Seen<E>>) -> Self {
        Self { rows: found.rows, left_out: LeftOut::of::<E>(found.unreadable) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageUnder<L: ChildList> {
    pub parent: L::Parent,
    pub list: L,
    pub window: Window,
}

impl<L: ChildList> Batch for PageUnder<L> {
    type Value = Rows<L>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Rows<L>>, DbErr> {
        let mut found = HashMap::new();
        for ((list, window), parents) in
            alike(keys, |key| ((key.list.clone(), key.window.clone()), key.parent))
        {
            // The window was read once before it became a key, so it can be read again.
            let mut slice = window.slice(&list).map_err(|error| DbErr::Custom(error.message))?;
            let mut open = parents;
            while !open.is_empty() {
                let family = list.family(viewer, &open).slices(&list.ordering(), &slice);
                let select = dialect::unsorted_slices(viewer.store.get_database_backend(), family);
                let by_parent = by_parent(&list, viewer.find(&select).await?, &open, window.backward);
                open.clear();
                for (parent, rows) in by_parent {
                    if rows.is_short_of(&slice, window.size) {
                        open.push(parent);
                    } else {
                        let key = Self { parent, list: list.clone(), window: window.clone() };
                        found.insert(key, Arc::new(Listed::of(rows)));
                    }
                }
                slice = slice.widened();
            }
        }
        Ok(found)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AllUnder<L: ChildList> {
    pub parent: L::Parent,
    pub list: L,
}

impl<L: ChildList> Batch for AllUnder<L> {
    type Value = Rows<L>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Rows<L>>, DbErr> {
        let mut found = HashMap::new();
        for (list, parents) in alike(keys, |key| (key.list.clone(), key.parent)) {
            let select = list.family(viewer, &parents).unsorted();
            for (parent, rows) in by_parent(&list, viewer.find(&select).await?, &parents, false) {
                found.insert(Self { parent, list: list.clone() }, Arc::new(Listed::of(rows)));
            }
        }
        Ok(found)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountUnder<L: ChildList> {
    pub parent: L::Parent,
    pub list: L,
}

impl<L: ChildList> Batch for CountUnder<L> {
    type Value = i64;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, i64>, DbErr> {
        let mut found = HashMap::new();
        for (list, parents) in alike(keys, |key| (key.list.clone(), key.parent)) {
            for row in viewer.store.query_all(&list.family(viewer, &parents).count()).await? {
                let parent = one_of(&parents, row.try_get("", "parent")?);
                let number = row.try_get("", "number")?;
                found.extend(parent.map(|parent| (Self { parent, list: list.clone() }, number)));
            }
        }
        Ok(found)
    }
}

/// Whether a parent has any row on the far side of a cursor, the cursor's own row included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnyUnder<L: ChildList> {
    pub parent: L::Parent,
    pub list: L,
    pub cursor: String,
    pub side: Side,
}

impl<L: ChildList> Batch for AnyUnder<L> {
    type Value = ();

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, ()>, DbErr> {
        let mut found = HashMap::new();
        let shape = |key: &Self| ((key.list.clone(), key.cursor.clone(), key.side), key.parent);
        for ((list, cursor, side), parents) in alike(keys, shape) {
            let mut family = list.family(viewer, &parents);
            family.children.cond_where(reaching(&list, &cursor, side)?);
            for row in viewer.store.query_all(&family.any()).await? {
                let parent = one_of(&parents, row.try_get("", "parent")?);
                let key = |parent| Self { parent, list: list.clone(), cursor: cursor.clone(), side };
                found.extend(parent.map(|parent| (key(parent), ())));
            }
        }
        Ok(found)
    }
}

/// Keys of one shape share a statement: the number of shapes is that of the document's fields.
fn alike<K, S: Eq + Hash, P>(keys: &[K], split: impl Fn(&K) -> (S, P)) -> HashMap<S, Vec<P>> {
    let mut groups: HashMap<S, Vec<P>> = HashMap::new();
    for (shape, parent) in keys.iter().map(split) {
        groups.entry(shape).or_default().push(parent);
    }
    groups
}

fn one_of<P: Copy + Into<Uuid>>(parents: &[P], id: Uuid) -> Option<P> {
    parents.iter().copied().find(|parent| (*parent).into() == id)
}

/// What was found of a list.
type FoundOf<L> = Found<Seen<<L as List>::Row>>;

/// Rows by the parent they belong to, each parent's in the order of the list.
fn by_parent<L: ChildList>(
    list: &L,
    found: FoundOf<L>,
    parents: &[L::Parent],
    backward: bool,
) -> Vec<(L::Parent, FoundOf<L>)> {
    let places: HashMap<Uuid, _> =
        parents.iter().enumerate().map(|(place, id)| ((*id).into(), place)).collect();
    let mut groups: Vec<FoundOf<L>> = parents.iter().map(|_| Found::default()).collect();
    // They mostly come parent by parent.
    let mut last = None;
    for row in found.rows {
        let Value::Uuid(Some(parent)) = row.get(list.link()) else { continue };
        if last.is_none_or(|(known, _)| known != parent) {
            last = places.get(&parent).map(|place| (parent, *place));
        }
        if let Some((_, place)) = last {
            groups[place].rows.push(row);
        }
    }
    for row in found.unreadable {
        if let Some(place) = row.ids.get(place_of(list)).copied().flatten().and_then(|id| places.get(&id)) {
            groups[*place].unreadable.push(row);
        }
    }
    let ordering = list.ordering();
    let in_order = |left: &Seen<L::Row>, right: &Seen<L::Row>| ordering.compare(left, right, backward);
    for Found { rows: group, .. } in &mut groups {
        if !group.is_sorted_by(|left, right| in_order(left, right).is_le()) {
            group.sort_by(in_order);
        }
    }
    parents.iter().copied().zip(groups).collect()
}

/// The place of the column that names the parent.
fn place_of<L: ChildList>(list: &L) -> usize {
    let link = list.link().as_str().to_owned();
    <L::Row as EntityTrait>::Column::iter().position(|column| column.as_str() == link).unwrap_or(usize::MAX)
}
