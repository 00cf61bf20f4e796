//! Relay connections, once for every list: keyset cursors in both directions, flags that are computed
//! and not guessed, limits that refuse, and a count that is made only when it is selected.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::{Context, Result};
use entity::FromPlaces;
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, ModelTrait, Value};
use uuid::Uuid;

use super::connection::{Child, Connection, Top};
use super::context::Asking;
use super::cursor;
use super::loader::Batch;
use super::object::Values;
use super::row::RowObject;
use crate::access::{Seen, SeenId, Viewer};
use crate::store::dialect;
use crate::store::page::{Family, Ordering, Side, Slice};
use crate::wire::bad_input;

const DEFAULT_SIZE: u64 = 20;
const LARGEST_SIZE: u64 = 100;

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

    fn slice<L: List>(&self, list: &L) -> Result<Slice> {
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

/// One page of a list at the top of a query.
pub async fn page<N, L>(ctx: &Context<'_>, list: L, window: Window) -> Result<Connection<N>>
where
    N: RowObject<Entity = L::Row>,
    L: TopList,
{
    let slice = window.slice(&list)?;
    let mut select = list.rows(ctx.viewer());
    list.ordering().cut(&mut select, &slice);
    let rows = ctx.viewer().read(&select).await?;
    Ok(Connection::new(rows, &window, |rows, window| Arc::new(Top { list, window, rows })))
}

/// One page of a list below each of some rows; all rows of a level share one statement.
pub async fn page_under<P, N, L>(
    ctx: &Context<'_>,
    parents: &[&P],
    list: impl Fn(&P) -> L,
    window: Window,
) -> Result<Values<Connection<N>>>
where
    P: RowObject,
    N: RowObject<Entity = L::Row>,
    L: ChildList<Parent = SeenId<P::Entity>>,
{
    let key = |parent: &&P| {
        let list = list(parent);
        window.slice(&list)?;
        Ok(PageUnder { parent: parent.row().id(), list, window: window.clone() })
    };
    let keys = parents.iter().map(key).collect::<Result<Vec<_>>>()?;
    let pages = ctx.load_many(keys.clone()).await?;
    let connection = |(key, rows): (PageUnder<L>, Option<Rows<L>>)| {
        let rows = rows.map(Arc::unwrap_or_clone).unwrap_or_default();
        let PageUnder { parent, list, .. } = key;
        Ok(Connection::new(rows, &window, |rows, window| Arc::new(Child { parent, list, window, rows })))
    };
    Ok(keys.into_iter().zip(pages).map(connection).collect())
}

/// All rows of a list below each of some rows.
pub async fn all_under<P, N, L>(ctx: &Context<'_>, parents: &[&P], list: L) -> Result<Values<Vec<N>>>
where
    P: RowObject,
    N: RowObject<Entity = L::Row>,
    L: ChildList<Parent = SeenId<P::Entity>>,
{
    let key = |parent: &&P| AllUnder { parent: parent.row().id(), list: list.clone() };
    let lists = ctx.load_many(parents.iter().map(key).collect()).await?;
    Ok(lists.into_iter().map(|rows| Ok(objects(rows).collect())).collect())
}

/// The first row of a list below each of some rows.
pub async fn first_under<P, N, L>(ctx: &Context<'_>, parents: &[&P], list: L) -> Result<Values<Option<N>>>
where
    P: RowObject,
    N: RowObject<Entity = L::Row>,
    L: ChildList<Parent = SeenId<P::Entity>>,
{
    let window = Window { size: 1, backward: false, after: None, before: None };
    let key =
        |parent: &&P| PageUnder { parent: parent.row().id(), list: list.clone(), window: window.clone() };
    let lists = ctx.load_many(parents.iter().map(key).collect()).await?;
    Ok(lists.into_iter().map(|rows| Ok(objects(rows).next())).collect())
}

/// The rows of a list, which is absent when it is empty, as objects.
fn objects<N: RowObject>(rows: Option<Arc<Vec<Seen<N::Entity>>>>) -> impl Iterator<Item = N> {
    rows.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter().map(N::from)
}

type Rows<L> = Arc<Vec<Seen<<L as List>::Row>>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PageUnder<L: ChildList> {
    parent: L::Parent,
    list: L,
    window: Window,
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
struct AllUnder<L: ChildList> {
    parent: L::Parent,
    list: L,
}

impl<L: ChildList> Batch for AllUnder<L> {
    type Value = Rows<L>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Rows<L>>, DbErr> {
        let mut found = HashMap::new();
        for (list, parents) in alike(keys, |key| (key.list.clone(), key.parent)) {
            let select = list.family(viewer, &parents).all(&list.ordering());
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

/// Rows on one side of a cursor, its own row included. It was read once before, so it can be again.
pub fn reaching<L: List>(list: &L, text: &str, side: Side) -> Result<Condition, DbErr> {
    let ordering = list.ordering();
    let position = cursor::decode(L::NAME, &ordering, text).map_err(|error| DbErr::Custom(error.message))?;
    Ok(ordering.reaching(&position, side))
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
    for row in rows {
        if let Value::Uuid(Some(parent)) = row.get(list.link())
            && let Some(place) = places.get(&parent)
        {
            groups[*place].push(row);
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
