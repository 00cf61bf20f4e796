//! What became of reminders, in numbers.

use chrono::NaiveDateTime;
use entity::reminder_delivery::{Column, Entity, Outcome};
use sea_orm::sea_query::{CaseStatement, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QueryTrait};

use crate::access::Viewer;

/// A reminder that was sent more than so many seconds after it was due counts as late.
const PUNCTUAL: i32 = 60;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub sent: i64,
    /// Of those sent.
    pub late: i64,
    pub skipped: i64,
    pub failed: i64,
}

impl Tally {
    pub fn add(&mut self, more: Self) {
        self.sent += more.sent;
        self.late += more.late;
        self.skipped += more.skipped;
        self.failed += more.failed;
    }

    /// One more, which was decided on so many seconds after it was due.
    pub fn count(&mut self, outcome: Outcome, late_seconds: i32) {
        match outcome {
            Outcome::Sent => {
                self.sent += 1;
                self.late += i64::from(late_seconds > PUNCTUAL);
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    /// Of the reminders that the viewer may see, as far as it was decided in this time.
    pub async fn of(viewer: &Viewer, since: NaiveDateTime, until: NaiveDateTime) -> Result<Self, DbErr> {
        let is_late = CaseStatement::new().case(Column::LateSeconds.gt(PUNCTUAL), 1).finally(0);
        let decided = viewer.all::<Entity>().filter(Column::DecidedAt.gte(since));
        let mut select = decided.filter(Column::DecidedAt.lt(until)).into_query();
        select
            .clear_selects()
            .expr_as(Column::Outcome.into_simple_expr(), "outcome")
            .expr_as(Func::count(Column::Id.into_simple_expr()), "number")
            .expr_as(Func::sum(is_late), "late")
            .add_group_by([Column::Outcome.into_simple_expr()]);
        let mut tally = Self::default();
        for row in viewer.store.query_all(&select).await? {
            let (outcome, number): (String, i64) = (row.try_get("", "outcome")?, row.try_get("", "number")?);
            match Outcome::parse(&outcome) {
                Some(Outcome::Sent) => (tally.sent, tally.late) = (number, row.try_get("", "late")?),
                Some(Outcome::Skipped) => tally.skipped = number,
                Some(Outcome::Failed) => tally.failed = number,
                None => {}
            }
        }
        Ok(tally)
    }
}
