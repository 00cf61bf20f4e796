//! Who owned a goal when: its sessions are those with whoever owned it then.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use entity::{goal, transfer};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::access::Viewer;
use crate::store::page::{Key, Ordering};
use crate::store::rows;

/// The time during which a therapist owned a goal; without a limit on a side where nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Tenure {
    pub therapist: Uuid,
    from: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
}

impl Tenure {
    pub fn holds(self, moment: NaiveDateTime) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

/// The owners of a goal, by its transfers, oldest first. The present one is who stands in its row.
pub fn tenures(goal: &goal::Model, transfers: &[transfer::Model]) -> Vec<Tenure> {
    let starts = [None].into_iter().chain(transfers.iter().map(|transfer| Some(transfer.handed_at)));
    let ends = transfers.iter().map(|transfer| (transfer.from_therapist, Some(transfer.handed_at)));
    let ends = ends.chain([(goal.therapist_id, None)]);
    starts.zip(ends).map(|(from, (therapist, until))| Tenure { therapist, from, until }).collect()
}

/// The transfers of each goal, oldest first. One statement.
pub async fn transfers(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    goals: &[Uuid],
) -> Result<HashMap<Uuid, Vec<transfer::Model>>, DbErr> {
    let keys = [transfer::Column::HandedAt, transfer::Column::Id].map(Key::ascending);
    let ordering = Ordering::<transfer::Entity> { name: "oldest", keys: keys.to_vec() };
    let mut transfers: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows::<transfer::Entity>(db, &viewer.under_goals(goals).all(&ordering)).await? {
        transfers.entry(row.goal_id).or_default().push(row);
    }
    Ok(transfers)
}
