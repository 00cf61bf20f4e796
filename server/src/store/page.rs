//! Pages of an ordered list by keyset: where a page starts is said by the values of the row before it,
//! so inserts and ties neither skip nor repeat a row, and no page costs more than the first.

use std::cmp;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, NullOrdering, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoSimpleExpr, ModelTrait, Order, Value};

/// A total order of the rows of `E`: the last key is unique.
#[derive(Clone, Debug)]
pub struct Ordering<E: EntityTrait> {
    /// Stands in cursors, so that one made for another order is refused.
    pub name: &'static str,
    pub keys: Vec<Key<E>>,
}

/// One column of an order.
#[derive(Clone, Copy, Debug)]
pub struct Key<E: EntityTrait> {
    pub column: E::Column,
    pub descending: bool,
    /// Where rows without a value stand.
    pub nulls: Nulls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    First,
    Last,
}

/// Which rows of a list a page holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// At most this many; `None` for all of them.
    pub size: Option<u64>,
    /// Counted from the end of the list.
    pub backward: bool,
    /// Only rows behind this position, and before that one.
    pub after: Option<Position>,
    pub before: Option<Position>,
}

/// The values of an order's keys in one row.
pub type Position = Vec<Value>;

/// A side of a position in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Behind,
    Before,
}

impl<E: EntityTrait> Key<E> {
    pub fn ascending(column: E::Column) -> Self {
        Self { column, descending: false, nulls: Nulls::Last }
    }

    /// Rows without a value come first, as PostgreSQL's descending indexes have them.
    pub fn descending(column: E::Column) -> Self {
        Self { column, descending: true, nulls: Nulls::First }
    }

    #[must_use]
    pub fn nulls_last(self) -> Self {
        Self { nulls: Nulls::Last, ..self }
    }

    fn nullable(self) -> bool {
        self.column.def().is_null()
    }

    fn reversed(self) -> Self {
        let nulls = if self.nulls == Nulls::First { Nulls::Last } else { Nulls::First };
        Self { column: self.column, descending: !self.descending, nulls }
    }

    /// Rows that come strictly behind `value` by this key alone.
    fn behind(self, value: &Value) -> Option<SimpleExpr> {
        let column = || self.column.into_simple_expr();
        if is_null(value) {
            return (self.nulls == Nulls::First).then(|| column().is_not_null());
        }
        let compared = if self.descending { column().lt(value.clone()) } else { column().gt(value.clone()) };
        let nulls_behind = self.nullable() && self.nulls == Nulls::Last;
        Some(if nulls_behind { compared.or(column().is_null()) } else { compared })
    }

    /// Rows at `value` and behind it, where they are one range of an index.
    fn from(self, value: &Value) -> Option<SimpleExpr> {
        if is_null(value) || (self.nullable() && self.nulls == Nulls::Last) {
            return None;
        }
        let column = self.column.into_simple_expr();
        Some(if self.descending { column.lte(value.clone()) } else { column.gte(value.clone()) })
    }

    fn compare(self, left: &Value, right: &Value) -> cmp::Ordering {
        match (is_null(left), is_null(right)) {
            (false, false) if self.descending => compare(right, left),
            (false, false) => compare(left, right),
            (null, other) if self.nulls == Nulls::First => other.cmp(&null),
            (null, other) => null.cmp(&other),
        }
    }

    fn same(self, value: &Value) -> SimpleExpr {
        let column = self.column.into_simple_expr();
        if is_null(value) { column.is_null() } else { column.eq(value.clone()) }
    }
}

/// Two values of one column. Texts are left as they came: the database knows their order, we don't.
fn compare(left: &Value, right: &Value) -> cmp::Ordering {
    match (left, right) {
        (Value::Uuid(left), Value::Uuid(right)) => left.cmp(right),
        (Value::ChronoDate(left), Value::ChronoDate(right)) => left.cmp(right),
        (Value::ChronoTime(left), Value::ChronoTime(right)) => left.cmp(right),
        (Value::ChronoDateTime(left), Value::ChronoDateTime(right)) => left.cmp(right),
        _ => cmp::Ordering::Equal,
    }
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

impl<E: EntityTrait> Ordering<E> {
    pub fn position(&self, row: &E::Model) -> Position {
        self.keys.iter().map(|key| row.get(key.column)).collect()
    }

    /// How two rows stand to one another, for a list that is sorted in memory; `backward` from its end.
    pub fn compare(&self, left: &E::Model, right: &E::Model, backward: bool) -> cmp::Ordering {
        let by_key = |key: &Key<E>| key.compare(&left.get(key.column), &right.get(key.column));
        let order = self.keys.iter().map(by_key).find(|order| order.is_ne()).unwrap_or(cmp::Ordering::Equal);
        if backward { order.reverse() } else { order }
    }

    fn reversed(&self) -> Self {
        Self { name: self.name, keys: self.keys.iter().map(|key| key.reversed()).collect() }
    }

    /// Rows strictly on one side of a position.
    pub fn beyond(&self, position: &Position, side: Side) -> Condition {
        let ordering = self.facing(side);
        ordering.bounded(position, ordering.behind(position))
    }

    /// Rows on one side of a position, and the row that stands there.
    pub fn reaching(&self, position: &Position, side: Side) -> Condition {
        let ordering = self.facing(side);
        let same = ordering.keys.iter().zip(position).map(|(key, value)| key.same(value));
        ordering.bounded(position, ordering.behind(position).add(same.fold(Condition::all(), Condition::add)))
    }

    fn facing(&self, side: Side) -> Self {
        if side == Side::Behind { self.clone() } else { self.reversed() }
    }

    /// Says again of the first key alone what follows from `rows`: alternatives are no range of an index,
    /// so without it a page would read the whole list before it.
    fn bounded(&self, position: &Position, rows: Condition) -> Condition {
        let first = self.keys.first().zip(position.first());
        Condition::all().add_option(first.and_then(|(key, value)| key.from(value))).add(rows)
    }

    fn behind(&self, position: &Position) -> Condition {
        let mut any = Condition::any();
        let mut tied = Condition::all();
        for (key, value) in self.keys.iter().zip(position) {
            if let Some(behind) = key.behind(value) {
                any = any.add(tied.clone().add(behind));
            }
            tied = tied.add(key.same(value));
        }
        any
    }

    /// Sorts and cuts a select to a slice, with one row more to tell whether there is a next page.
    pub fn cut(&self, select: &mut SelectStatement, slice: &Slice) {
        if let Some(after) = &slice.after {
            select.cond_where(self.beyond(after, Side::Behind));
        }
        if let Some(before) = &slice.before {
            select.cond_where(self.beyond(before, Side::Before));
        }
        self.sort(select, slice.backward);
        if let Some(size) = slice.size {
            select.limit(size + 1);
        }
    }

    pub fn sort(&self, select: &mut SelectStatement, backward: bool) {
        let reversed = if backward { Some(self.reversed()) } else { None };
        for key in &reversed.as_ref().unwrap_or(self).keys {
            let order = if key.descending { Order::Desc } else { Order::Asc };
            let column = key.column.into_simple_expr();
            if key.nullable() {
                let nulls = if key.nulls == Nulls::First { NullOrdering::First } else { NullOrdering::Last };
                select.order_by_expr_with_nulls(column, order, nulls);
            } else {
                select.order_by_expr(column, order);
            }
        }
    }
}

impl Slice {
    pub fn first(size: u64) -> Self {
        Self { size: Some(size), ..Self::default() }
    }

    /// The same from its start, and as much again.
    #[must_use]
    pub fn widened(&self) -> Self {
        Self { size: self.size.map(|size| size.saturating_mul(2).saturating_add(1)), ..self.clone() }
    }
}

/// Rows of `C` that belong to rows of a parent, which are named by the select of their ids.
pub struct Family<C: EntityTrait> {
    /// Gives one column: the ids of parents that may be seen.
    pub parents: SelectStatement,
    /// That the child belongs to one of them.
    pub belongs: SimpleExpr,
    /// The children that may be seen, not yet cut.
    pub children: SelectStatement,
    /// Where the children are read from when it is not their table.
    pub source: Option<SelectStatement>,
    /// The child's column that names its parent.
    pub link: C::Column,
}

const PARENT: &str = "parent";

impl<C: EntityTrait> Family<C> {
    pub fn new(parents: SelectStatement, children: SelectStatement, link: C::Column) -> Self {
        let belongs = link.into_simple_expr().in_subquery(parents.clone());
        Self { parents, belongs, children, source: None, link }
    }

    /// All children of all parents, sorted.
    pub fn all(self, ordering: &Ordering<C>) -> SelectStatement {
        let mut all = self.unsorted();
        ordering.sort(&mut all, false);
        all
    }

    /// The same in any order, for rows that are sorted in memory.
    pub fn unsorted(self) -> SelectStatement {
        let mut all = self.children;
        all.and_where(self.belongs);
        all
    }

    /// How many children each parent has, as `parent, number`; parents without any are left out.
    pub fn count(self) -> SelectStatement {
        let link = self.link.into_simple_expr();
        let mut count = self.children;
        count
            .clear_selects()
            .expr_as(link.clone(), PARENT)
            .expr_as(Expr::cust("COUNT(*)"), "number")
            .and_where(self.belongs)
            .add_group_by([link]);
        count
    }

    /// The parents that have any child at all, as `parent`.
    pub fn any(self) -> SelectStatement {
        let mut any = sea_orm::sea_query::Query::select();
        let mut child = self.children;
        child.clear_selects().expr(Expr::val(1)).and_where(self.link.into_simple_expr().eq(parent_id()));
        any.expr_as(parent_id(), PARENT)
            .from_subquery(self.parents, Alias::new(PARENT))
            .and_where(Expr::exists(child));
        any
    }

    /// The slice of each parent's children, cut in the database.
    pub fn slices(self, ordering: &Ordering<C>, slice: &Slice) -> CutFamily<C> {
        let mut children = self.children;
        children.and_where(self.link.into_simple_expr().eq(parent_id()));
        ordering.cut(&mut children, slice);
        CutFamily {
            parents: self.parents,
            children,
            source: self.source,
            ordering: ordering.clone(),
            backward: slice.backward,
        }
    }
}

/// A family whose children are cut by parent: each dialect has its own statement for it.
pub struct CutFamily<C: EntityTrait> {
    pub parents: SelectStatement,
    /// Correlated with `parent.id`.
    pub children: SelectStatement,
    pub source: Option<SelectStatement>,
    pub ordering: Ordering<C>,
    pub backward: bool,
}

/// The id of the parent row, inside a statement that runs over parents.
pub fn parent_id() -> SimpleExpr {
    parent("id")
}

/// A column of the parent row.
pub fn parent(column: &'static str) -> SimpleExpr {
    Expr::col((Alias::new(PARENT), Alias::new(column)))
}
