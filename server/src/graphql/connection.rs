//! A page on the wire: edges, nodes, page information and the count of the whole list.

use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;

use super::children::{AnyUnder, CountUnder, Listed};
use super::context::Asking;
use super::cursor;
use super::list::{ChildList, TopList, Window, reaching};
use super::object::{Partial, object};
use super::row::RowObject;
use super::unreadable::LeftOut;
use crate::access::Seen;
use crate::store::page::Side;

/// A page of a list.
#[derive(Clone)]
pub struct Connection<N> {
    list: Arc<dyn Rest>,
    nodes: Vec<N>,
    /// Rows that can't be read.
    left_out: Option<LeftOut>,
    /// Whether the row beyond the page's size was there.
    more: bool,
    backward: bool,
}

impl<N: RowObject> Connection<N> {
    /// Cuts off the row that only tells whether there are more, and puts the rest in the list's order.
    pub fn new(
        Listed { mut rows, left_out }: Listed<N::Entity>,
        window: &Window,
        rest: impl FnOnce(Vec<Seen<N::Entity>>, Window) -> Arc<dyn Rest>,
    ) -> Self {
        let size = usize::try_from(window.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if window.backward {
            rows.reverse();
        }
        let nodes = rows.iter().cloned().map(N::from).collect();
        Self { list: rest(rows, window.clone()), nodes, left_out, more, backward: window.backward }
    }
}

impl<N: Clone> Connection<N> {
    fn edges(&self) -> Partial<Edge<N>> {
        let edge = |(index, node): (usize, &N)| Edge { list: self.list.clone(), index, node: node.clone() };
        Partial { items: self.nodes.iter().enumerate().map(edge).collect(), left_out: self.left_out() }
    }

    fn nodes(&self) -> Partial<N> {
        Partial { items: self.nodes.clone(), left_out: self.left_out() }
    }

    fn left_out(&self) -> Option<Error> {
        self.left_out.as_ref().map(LeftOut::error)
    }

    fn page_info(&self) -> PageInfo {
        let (list, count) = (self.list.clone(), self.nodes.len());
        PageInfo { list, count, more: self.more, backward: self.backward }
    }
}

object! {
    /// One page of a list, with cursors to go on in either direction.
    Connection<N> as (format!("{}Connection", N::name())) |connection in connections, ctx| {
        /// The rows of this page with their cursors. Rows that can't be read as another program has stored them are
        /// left out, and an error of code UNREADABLE_ROW says so.
        object edges: Partial<Edge<N>> = connection.edges();
        /// The rows of this page, without cursors; see `edges`.
        object nodes: Partial<N> = connection.nodes();
        /// Where this page stands in the list.
        object page_info: PageInfo = connection.page_info();
        /// How many rows the whole list has, all pages together, those that can't be read included; counted only
        /// when selected.
        each total_count: i64 = connection.list.total(ctx).await?;
    }
}

/// A row and its place in the list.
#[derive(Clone)]
pub struct Edge<N> {
    list: Arc<dyn Rest>,
    index: usize,
    node: N,
}

object! {
    /// A row and its place in the list.
    Edge<N> as (format!("{}Edge", N::name())) |edge in edges, ctx| {
        /// Opaque: pass it as `after` or `before` to go on from this row. It outlives changes to the list.
        leaf cursor: String = edge.list.cursor(edge.index);
        /// The row.
        object node: N = edge.node.clone();
    }
}

/// Where a page stands in its list.
#[derive(Clone)]
pub struct PageInfo {
    list: Arc<dyn Rest>,
    count: usize,
    more: bool,
    backward: bool,
}

impl PageInfo {
    /// The row beyond the page tells it of the side where the page was cut; of the other side a statement.
    async fn goes_on(&self, ctx: &Context<'_>, side: Side) -> Result<bool> {
        let cut = if self.backward { Side::Before } else { Side::Behind };
        if self.more && side == cut { Ok(true) } else { self.list.any(ctx, side).await }
    }
}

object! {
    /// Where a page stands in its list. Both flags are computed, in both directions.
    PageInfo |page in pages, ctx| {
        /// Whether the list goes on behind this page.
        each has_next_page: bool = page.goes_on(ctx, Side::Behind).await?;
        /// Whether there are rows before this page.
        each has_previous_page: bool = page.goes_on(ctx, Side::Before).await?;
        /// The cursor of the first row; null on an empty page.
        leaf start_cursor: Option<String> = (page.count > 0).then(|| page.list.cursor(0));
        /// The cursor of the last row; null on an empty page.
        leaf end_cursor: Option<String> = page.count.checked_sub(1).map(|last| page.list.cursor(last));
    }
}

/// What a page can still be asked, whatever its list: this keeps one connection type a kind of node.
#[async_trait::async_trait]
pub trait Rest: Send + Sync {
    fn cursor(&self, index: usize) -> String;

    async fn total(&self, ctx: &Context<'_>) -> Result<i64>;

    /// Whether the list goes on beyond the cursor that bounds the page on this side.
    async fn any(&self, ctx: &Context<'_>, side: Side) -> Result<bool>;
}

pub struct Top<L: TopList> {
    pub list: L,
    pub window: Window,
    pub rows: Vec<Seen<L::Row>>,
}

pub struct Child<L: ChildList> {
    pub parent: L::Parent,
    pub list: L,
    pub window: Window,
    pub rows: Vec<Seen<L::Row>>,
}

#[async_trait::async_trait]
impl<L: TopList> Rest for Top<L> {
    fn cursor(&self, index: usize) -> String {
        cursor::encode(L::NAME, &self.list.ordering(), &self.rows[index])
    }

    async fn total(&self, ctx: &Context<'_>) -> Result<i64> {
        let mut count = self.list.rows(ctx.viewer());
        count.clear_selects().expr_as(Expr::cust("COUNT(*)"), "number");
        let row = ctx.viewer().store.query_one(&count).await?;
        Ok(row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default())
    }

    async fn any(&self, ctx: &Context<'_>, side: Side) -> Result<bool> {
        let Some(bound) = self.window.bound(side) else { return Ok(false) };
        let mut rows = self.list.rows(ctx.viewer());
        rows.clear_selects().expr(Expr::val(1)).cond_where(reaching(&self.list, bound, side)?).limit(1);
        Ok(ctx.viewer().store.query_one(&rows).await?.is_some())
    }
}

#[async_trait::async_trait]
impl<L: ChildList> Rest for Child<L> {
    fn cursor(&self, index: usize) -> String {
        cursor::encode(L::NAME, &self.list.ordering(), &self.rows[index])
    }

    async fn total(&self, ctx: &Context<'_>) -> Result<i64> {
        let key = CountUnder { parent: self.parent, list: self.list.clone() };
        Ok(ctx.load(key).await?.unwrap_or_default())
    }

    async fn any(&self, ctx: &Context<'_>, side: Side) -> Result<bool> {
        let Some(bound) = self.window.bound(side) else { return Ok(false) };
        let (list, cursor) = (self.list.clone(), bound.clone());
        Ok(ctx.load(AnyUnder { parent: self.parent, list, cursor, side }).await?.is_some())
    }
}
