//! Relay connections, once for every list: keyset cursors in both directions, flags that are computed
//! and not guessed, limits that refuse, and a count that is made only when it is selected.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::children::{AllUnder, PageUnder, Rows};
use super::connection::{Child, Connection, Top};
use super::context::Asking;
use super::list::{ChildList, TopList, Window};
use super::object::Values;
use super::row::RowObject;
use crate::access::{Seen, SeenId};

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
    let window = Window::of_one();
    let key =
        |parent: &&P| PageUnder { parent: parent.row().id(), list: list.clone(), window: window.clone() };
    let lists = ctx.load_many(parents.iter().map(key).collect()).await?;
    Ok(lists.into_iter().map(|rows| Ok(objects(rows).next())).collect())
}

/// The rows of a list, which is absent when it is empty, as objects.
fn objects<N: RowObject>(rows: Option<Arc<Vec<Seen<N::Entity>>>>) -> impl Iterator<Item = N> {
    rows.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter().map(N::from)
}
