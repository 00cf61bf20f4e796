//! A page on the wire: edges, nodes, page information and the count of the whole list.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Context, Object, OutputType, Result, TypeName};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use super::context::Asking;
use super::cursor;
use super::page::{AnyUnder, ChildList, CountUnder, Model, TopList, Window, reaching};
use crate::store::page::Side;

/// A page of a list.
pub struct Connection<N> {
    list: Arc<dyn Rest>,
    nodes: Vec<N>,
    /// Whether the row beyond the page's size was there.
    more: bool,
    backward: bool,
}

impl<N> Connection<N> {
    /// Cuts off the row that only tells whether there are more, and puts the rest in the list's order.
    pub fn new<M>(
        mut rows: Vec<Arc<M>>,
        window: &Window,
        rest: impl FnOnce(Vec<Arc<M>>, Window) -> Arc<dyn Rest>,
    ) -> Self
    where
        N: From<Arc<M>>,
    {
        let size = usize::try_from(window.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if window.backward {
            rows.reverse();
        }
        let nodes = rows.iter().cloned().map(N::from).collect();
        Self { list: rest(rows, window.clone()), nodes, more, backward: window.backward }
    }
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// One page of a list, with cursors to go on in either direction.
#[Object(name_type)]
impl<N: OutputType + Clone> Connection<N> {
    /// The rows of this page with their cursors.
    async fn edges(&self) -> Vec<Edge<N>> {
        let edge = |(index, node): (usize, &N)| Edge { list: self.list.clone(), index, node: node.clone() };
        self.nodes.iter().enumerate().map(edge).collect()
    }

    /// The rows of this page, without cursors.
    async fn nodes(&self) -> &[N] {
        &self.nodes
    }

    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            list: self.list.clone(),
            count: self.nodes.len(),
            more: self.more,
            backward: self.backward,
        }
    }

    /// How many rows the whole list has, all pages together; counted only when selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.list.total(ctx).await
    }
}

/// A row and its place in the list.
pub struct Edge<N> {
    list: Arc<dyn Rest>,
    index: usize,
    node: N,
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// A row and its place in the list.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// Opaque: pass it as `after` or `before` to go on from this row. It outlives changes to the list.
    async fn cursor(&self) -> String {
        self.list.cursor(self.index)
    }

    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }
}

/// Where a page stands in its list.
pub struct PageInfo {
    list: Arc<dyn Rest>,
    count: usize,
    more: bool,
    backward: bool,
}

/// Where a page stands in its list. Both flags are computed, in both directions.
#[Object]
impl PageInfo {
    /// Whether the list goes on behind this page.
    async fn has_next_page(&self, ctx: &Context<'_>) -> Result<bool> {
        if self.more && !self.backward { Ok(true) } else { self.list.any(ctx, Side::Behind).await }
    }

    /// Whether there are rows before this page.
    async fn has_previous_page(&self, ctx: &Context<'_>) -> Result<bool> {
        if self.more && self.backward { Ok(true) } else { self.list.any(ctx, Side::Before).await }
    }

    /// The cursor of the first row; null on an empty page.
    async fn start_cursor(&self) -> Option<String> {
        (self.count > 0).then(|| self.list.cursor(0))
    }

    /// The cursor of the last row; null on an empty page.
    async fn end_cursor(&self) -> Option<String> {
        self.count.checked_sub(1).map(|last| self.list.cursor(last))
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
    pub rows: Vec<Arc<Model<L>>>,
}

pub struct Child<L: ChildList> {
    pub parent: Uuid,
    pub list: L,
    pub window: Window,
    pub rows: Vec<Arc<Model<L>>>,
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
