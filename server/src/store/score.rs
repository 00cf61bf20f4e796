//! The scores among which those that stand before a score are looked for.

use chrono::NaiveDateTime;
use entity::assessment::Column::{AdministeredDate, AssessmentType, CreatedAt, GoalId, Id, PatientId, Score};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Order};

/// Scores, and all the scores among which those before them are looked for.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub scores: SelectStatement,
    pub all: SelectStatement,
}

impl Earlier {
    /// All scores of the people who have these, in order of day.
    #[must_use]
    pub fn in_order(self) -> SelectStatement {
        let mut people = self.scores;
        people.clear_selects().expr(PatientId.into_expr());
        let mut all = self.all;
        all.clear_selects()
            .exprs(
                [PatientId, AssessmentType, Id, GoalId, AdministeredDate, Score].map(ColumnTrait::into_expr),
            )
            .and_where(PatientId.into_expr().in_subquery(people))
            .order_by_expr(AdministeredDate.into_expr(), Order::Asc)
            .order_by_expr(recorded(), Order::Asc)
            .order_by_expr(Id.into_expr(), Order::Asc);
        all
    }
}

/// A moment that another program left out is before all others.
fn recorded() -> SimpleExpr {
    Func::coalesce([CreatedAt.into_expr(), Expr::val(NaiveDateTime::default())]).into()
}
