//! Spans of days in the histories of many goals, each read or added up by one statement for all of them.

use chrono::NaiveDate;
use entity::goal;
use entity::progress;
use entity::progress::Column::{
    Context, EntryDate, EntryTime, GoalId, Id, RecordedAt, RecordedBy, TrackingConfigId, Value,
};
use entity::tracking;
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, IntoColumnRef, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ColumnTrait, Condition, DbErr, Order, QueryResult};
use uuid::Uuid;

use super::page::{Slice, parent};

/// Days of one goal's history, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub goal: Uuid,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Only entries recorded in this way.
    pub context: Option<progress::Context>,
    /// Only entries recorded under this method, or it is not known under which.
    pub method: Option<tracking::Method>,
}

/// The first and the last day that both databases can hold and compare.
pub const BEGINNING: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a day");
pub const END: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day");

/// The spans of visible goals: `number, id, since, until, context, method`, where `number` is the place among
/// the spans asked for. Only a viewer makes them.
#[derive(Clone, Debug)]
pub struct Spans(pub SelectStatement);

/// What the entries of a span add up to.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    pub entries: i64,
    pub sum: rust_decimal::Decimal,
    /// Days with an entry of 1 or more.
    pub successes: i64,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Span {
    /// Within what both databases can hold.
    #[must_use]
    pub fn new(goal: Uuid, from: NaiveDate, to: NaiveDate) -> Self {
        let (from, to) = (from.clamp(BEGINNING, END), to.clamp(BEGINNING, END));
        Self { goal, from, to, context: None, method: None }
    }
}

impl Spans {
    /// The entries of each span, in what figures need of them: neither notes nor labels are read.
    #[must_use]
    pub fn entries(self) -> SelectStatement {
        let mut entries = self.joined();
        entries.columns(FIGURES.map(of_entry));
        entries
    }

    /// The same of the first or the last day with data of each span.
    #[must_use]
    pub fn edge_entries(self, days: Order) -> SelectStatement {
        let mut entries = self.entries();
        entries.and_where(EntryDate.into_expr().eq(SimpleExpr::from(edge(days))));
        entries
    }

    /// One row for each span that has an entry: see [`Total::read`].
    #[must_use]
    pub fn totals(self) -> SelectStatement {
        let success = CaseStatement::new().case(Value.gte(1), EntryDate.into_expr());
        let mut totals = self.joined();
        totals
            .expr_as(Func::count(Id.into_expr()), "entries")
            .expr_as(Func::sum(Value.into_expr()), "sum")
            .expr_as(Func::count_distinct(success), "successes")
            .expr_as(Func::min(EntryDate.into_expr()), "first")
            .expr_as(Func::max(EntryDate.into_expr()), "last")
            .add_group_by([parent("number")]);
        totals
    }

    /// The day of each span that has exactly `newer` days with data after it; without one, null.
    #[must_use]
    pub fn day_before_newest(self, newer: u64) -> SelectStatement {
        let mut day = Query::select();
        day.column(of_entry(EntryDate))
            .from(progress::Entity)
            .cond_where(within())
            .group_by_col(of_entry(EntryDate))
            .order_by(of_entry(EntryDate), Order::Desc)
            .limit(1)
            .offset(newer);
        let mut days = Query::select();
        days.expr_as(parent("number"), "number")
            .expr_as(SimpleExpr::from(day), "day")
            .from_subquery(self.0, Alias::new("parent"));
        days
    }

    /// The numbers of the spans with an entry.
    #[must_use]
    pub fn recorded(self) -> SelectStatement {
        self.with_entry(Expr::val(true))
    }

    /// The numbers of the spans with an entry that the goal's patient recorded, or of which nobody knows who
    /// did.
    #[must_use]
    pub fn recorded_by_patient(self) -> SelectStatement {
        let patient = Expr::col((goal::Entity, goal::Column::PatientId));
        self.with_entry(RecordedBy.into_expr().is_null().or(RecordedBy.into_expr().eq(patient)))
    }

    fn with_entry(self, condition: SimpleExpr) -> SelectStatement {
        let mut entry = Query::select();
        entry
            .expr(Expr::val(1))
            .from(progress::Entity)
            .inner_join(goal::Entity, Expr::col((goal::Entity, goal::Column::Id)).eq(GoalId.into_expr()))
            .cond_where(within())
            .and_where(condition);
        let mut numbers = Query::select();
        numbers
            .expr_as(parent("number"), "number")
            .from_subquery(self.0, Alias::new("parent"))
            .and_where(Expr::exists(entry));
        numbers
    }

    fn joined(self) -> SelectStatement {
        let mut joined = Query::select();
        // A cross join keeps SQLite's planner from turning the loops around.
        joined
            .expr_as(parent("number"), "number")
            .from_subquery(self.0, Alias::new("parent"))
            .cross_join(progress::Entity)
            .cond_where(within());
        joined
    }
}

/// The first of a list, and nothing to tell whether there are more.
pub const ONE: Slice = Slice { size: Some(0), backward: false, after: None, before: None };

/// What figures need of an entry.
const FIGURES: [progress::Column; 7] =
    [Id, EntryDate, EntryTime, RecordedAt, Value, Context, TrackingConfigId];

/// The first or the last day with data of the span in `parent`.
fn edge(days: Order) -> SelectStatement {
    let mut day = Query::select();
    day.column(of_entry(EntryDate))
        .from(progress::Entity)
        .cond_where(within())
        .order_by(of_entry(EntryDate), days)
        .limit(1);
    day
}

fn of_entry(column: progress::Column) -> impl IntoColumnRef {
    (progress::Entity, column)
}

/// An entry of the span in `parent`.
fn within() -> Condition {
    let any = parent("context").eq("");
    let any_method = parent("method").eq("");
    let mut of_another = Query::select();
    of_another
        .expr(Expr::val(1))
        .from(tracking::Entity)
        .and_where(tracking::Column::Id.into_expr().eq(TrackingConfigId.into_expr()))
        .and_where(Func::lower(tracking::Column::TrackingMethod.into_expr()).ne(parent("method")));
    Condition::all()
        .add(GoalId.into_expr().eq(parent("id")))
        .add(EntryDate.into_expr().gte(parent("since")))
        .add(EntryDate.into_expr().lte(parent("until")))
        .add(any.or(Context.into_expr().eq(parent("context"))))
        .add(any_method.or(Expr::not_exists(of_another)))
}

impl Total {
    /// Sums of SQLite are floating point: values have two decimals, and so have their sums.
    pub fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let sum: rust_decimal::Decimal = entity::value(row, "sum")?;
        Ok(Self {
            entries: entity::value(row, "entries")?,
            sum: sum.round_dp(2),
            successes: entity::value(row, "successes")?,
            first: entity::value(row, "first")?,
            last: entity::value(row, "last")?,
        })
    }
}
