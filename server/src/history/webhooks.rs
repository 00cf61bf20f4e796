//! What became of deliveries to webhooks, in numbers.

use chrono::NaiveDateTime;
use entity::webhook_delivery::{Column, Entity, State};
use sea_orm::sea_query::Func;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QueryTrait};

use crate::access::Viewer;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookTally {
    pub delivered: i64,
    pub dead: i64,
    /// Neither yet.
    pub pending: i64,
}

impl WebhookTally {
    /// Of those that the viewer may see: what was settled in this time, and what is pending now.
    pub async fn of(viewer: &Viewer, since: NaiveDateTime, until: NaiveDateTime) -> Result<Self, DbErr> {
        let settled = Condition::all().add(Column::SettledAt.gte(since)).add(Column::SettledAt.lt(until));
        let counted = Condition::any().add(settled).add(Column::SettledAt.is_null());
        let mut select = viewer.all::<Entity>().filter(counted).into_query();
        select
            .clear_selects()
            .expr_as(Column::State.into_simple_expr(), "state")
            .expr_as(Func::count(Column::Id.into_simple_expr()), "number")
            .add_group_by([Column::State.into_simple_expr()]);
        let mut tally = Self::default();
        for row in viewer.store.query_all(&select).await? {
            let (state, number): (String, i64) = (row.try_get("", "state")?, row.try_get("", "number")?);
            match State::parse(&state) {
                Some(State::Delivered) => tally.delivered = number,
                Some(State::Dead) => tally.dead = number,
                Some(State::Pending) => tally.pending = number,
                None => {}
            }
        }
        Ok(tally)
    }
}
