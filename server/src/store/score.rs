//! The scores that stand before a score: of the same person, by the same instrument.

use chrono::NaiveDateTime;
use entity::assessment::Column::{AdministeredDate, AssessmentType, CreatedAt, Id, PatientId, Score};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Order};

use super::page::parent;

/// Scores, and all the scores among which those before them are looked for.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub scores: SelectStatement,
    pub all: SelectStatement,
}

impl Earlier {
    /// `id, first, previous`: the earliest score and the last one before each, null for the earliest.
    #[must_use]
    pub fn first_and_previous(self) -> SelectStatement {
        let (first, previous) = (before(self.all.clone(), &Order::Asc), before(self.all, &Order::Desc));
        let mut scores = self.scores;
        scores
            .clear_selects()
            .expr_as(Id.into_expr(), "id")
            .expr_as(PatientId.into_expr(), "patient")
            .expr_as(instrument(), "instrument")
            .expr_as(AdministeredDate.into_expr(), "day")
            .expr_as(recorded(), "recorded");
        let mut both = Query::select();
        both.expr_as(parent("id"), "id")
            .expr_as(SimpleExpr::from(first), "first")
            .expr_as(SimpleExpr::from(previous), "previous")
            .from_subquery(scores, Alias::new("parent"));
        both
    }
}

/// The score before the parent's that comes first in this order.
fn before(all: SelectStatement, order: &Order) -> SelectStatement {
    let place = [AdministeredDate.into_expr(), recorded(), Id.into_expr()];
    let own = Expr::tuple(["day", "recorded", "id"].map(parent));
    let mut earlier = all;
    earlier
        .clear_selects()
        .expr(Score.into_expr())
        .and_where(PatientId.into_expr().eq(parent("patient")))
        .and_where(instrument().eq(parent("instrument")))
        .and_where(Expr::tuple(place.clone()).lt(own))
        .limit(1);
    for column in place {
        earlier.order_by_expr(column, order.clone());
    }
    earlier
}

/// The code as [`crate::rules::instrument::find`] compares it: `phq9` is the PHQ-9.
fn instrument() -> SimpleExpr {
    let without = |text: SimpleExpr, mark: &str| {
        SimpleExpr::from(Func::cust(Alias::new("replace")).args([text, Expr::val(mark), Expr::val("")]))
    };
    Func::upper(["-", " ", "_"].into_iter().fold(AssessmentType.into_expr(), without)).into()
}

/// A moment that another program left out is before all others.
fn recorded() -> SimpleExpr {
    Func::coalesce([CreatedAt.into_expr(), Expr::val(NaiveDateTime::default())]).into()
}
