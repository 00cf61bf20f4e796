//! What is read of the lists below rows, by the keys of their parents: all parents of a level share one
//! statement for each kind of key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Result;
use sea_orm::{ConnectionTrait, DbErr, ModelTrait, Value};
use uuid::Uuid;

use super::list::{ChildList, List, Window, reaching};
use super::loader::Batch;
use crate::access::{Seen, Viewer};
use crate::store::dialect;
use crate::store::page::Side;

pub type Rows<L> = Arc<Vec<Seen<<L as List>::Row>>>;

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
            let slice = window.slice(&list).map_err(|error| DbErr::Custom(error.message))?;
            let family = list.family(viewer, &parents).slices(&list.ordering(), &slice);
            let select = dialect::unsorted_slices(viewer.store.get_database_backend(), family);
            for (parent, rows) in by_parent(&list, viewer.read(&select).await?, &parents, window.backward) {
                found.insert(Self { parent, list: list.clone(), window: window.clone() }, rows);
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
            for (parent, rows) in by_parent(&list, viewer.read(&select).await?, &parents, false) {
                found.insert(Self { parent, list: list.clone() }, rows);
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

/// Rows by the parent they belong to, each parent's in the order of the list.
fn by_parent<L: ChildList>(
    list: &L,
    rows: Vec<Seen<L::Row>>,
    parents: &[L::Parent],
    backward: bool,
) -> Vec<(L::Parent, Rows<L>)> {
    let places: HashMap<Uuid, _> =
        parents.iter().enumerate().map(|(place, id)| ((*id).into(), place)).collect();
    let mut groups: Vec<Vec<Seen<L::Row>>> = parents.iter().map(|_| Vec::new()).collect();
    // They mostly come parent by parent.
    let mut last = None;
    for row in rows {
        let Value::Uuid(Some(parent)) = row.get(list.link()) else { continue };
        if last.is_none_or(|(known, _)| known != parent) {
            last = places.get(&parent).map(|place| (parent, *place));
        }
        if let Some((_, place)) = last {
            groups[place].push(row);
        }
    }
    let ordering = list.ordering();
    let in_order = |left: &Seen<L::Row>, right: &Seen<L::Row>| ordering.compare(left, right, backward);
    for group in &mut groups {
        if !group.is_sorted_by(|left, right| in_order(left, right).is_le()) {
            group.sort_by(in_order);
        }
    }
    parents.iter().copied().zip(groups.into_iter().map(Arc::new)).collect()
}
