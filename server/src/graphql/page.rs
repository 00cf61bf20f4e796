//! Relay connections, once for every list: keyset cursors in both directions, flags that are computed
//! and not guessed, limits that refuse, and a count that is made only when it is selected.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::children::{AllUnder, Listed, PageUnder, Rows};
use super::connection::{Child, Connection, Top};
use super::context::Asking;
use super::list::{ChildList, TopList, Window};
use super::object::{Partial, Values};
use super::row::RowObject;
use crate::access::SeenId;

/// One page of a list at the top of a query.
pub async fn page<N, L>(ctx: &Context<'_>, list: L, window: Window) -> Result<Connection<N>>
where
    N: RowObject<Entity = L::Row>,
    L: TopList,
{
    let mut slice = window.slice(&list)?;
    let found = loop {
        let mut select = list.rows(ctx.viewer());
        list.ordering().cut(&mut select, &slice);
        let found = ctx.viewer().find(&select).await?;
        if !found.is_short_of(&slice, window.size) {
            break Listed::of(found);
        }
        slice = slice.widened();
    };
    Ok(Connection::new(found, &window, |rows, window| Arc::new(Top { list, window, rows })))
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
    let connection = |(key, found): (PageUnder<L>, Option<Rows<L>>)| {
        let found = found.map(Arc::unwrap_or_clone).unwrap_or_default();
        let PageUnder { parent, list, .. } = key;
        Ok(Connection::new(found, &window, |rows, window| Arc::new(Child { parent, list, window, rows })))
    };
    Ok(keys.into_iter().zip(pages).map(connection).collect())
}

/// All rows of a list below each of some rows.
pub async fn all_under<P, N, L>(ctx: &Context<'_>, parents: &[&P], list: L) -> Result<Values<Partial<N>>>
where
    P: RowObject,
    N: RowObject<Entity = L::Row>,
    L: ChildList<Parent = SeenId<P::Entity>>,
{
    let key = |parent: &&P| AllUnder { parent: parent.row().id(), list: list.clone() };
    let lists = ctx.load_many(parents.iter().map(key).collect()).await?;
    let listed = |found: Option<Rows<L>>| {
        let Listed { rows, left_out } = found.map(Arc::unwrap_or_clone).unwrap_or_default();
        Ok(Partial {
            items: rows.into_iter().map(N::from).collect(),
            left_out: left_out.map(|rows| rows.error()),
        })
    };
    Ok(lists.into_iter().map(listed).collect())
}

/// The first row of a list below each of some rows; an error where one that can't be read may be the first.
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
    let first = |found: Option<Rows<L>>| {
        let Listed { rows, left_out } = found.map(Arc::unwrap_or_clone).unwrap_or_default();
        match left_out {
            Some(left_out) => Err(left_out.error()),
            None => Ok(rows.into_iter().next().map(N::from)),
        }
    };
    Ok(lists.into_iter().map(first).collect())
}
