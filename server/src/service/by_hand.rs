//! Milestones achieved and revoked by a person.

use sea_orm::{IntoActiveModel, Set};

use super::achievement::mark_achieved;
use super::milestone::{Changed, find};
use super::work::carry_out;
use super::{Act, Id, Outcome, closing};
use crate::event::{Event, Kind};
use crate::rules::milestone::Achievement;
use crate::store::Saved;

/// Achieves a milestone by hand. One that is achieved already stays as it is, without another event.
pub async fn achieve(act: &Act, milestone: Id) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = find(work, milestone).await?;
        let (goal, stored, permit) = work.check.done(found)?;

        let today = work.day_of(goal.patient_id).await?;
        let fired = Achievement { id: stored.id, effective_date: today, entry: None, backdated: false };

        let achieved = mark_achieved(work, &permit, &goal, &fired).await?;
        Ok(Changed { milestone: achieved.unwrap_or(stored), goal })
    })
    .await
}

/// Takes an achievement back, so that it may be earned again.
pub async fn revoke(act: &Act, milestone: Id) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = find(work, milestone).await?;
        let (goal, stored, permit) = work.check.done(found)?;
        if stored.achieved_at.is_none() {
            return Ok(Changed { milestone: stored, goal });
        }

        let mut row = stored.into_active_model();
        row.achieved_at = Set(None);

        let milestone = row.update(&work.db).await?;
        // Periods that have ended by now do not bring it back.
        closing::note(work, &goal, [milestone.id]).await?;

        work.emit(&permit, Event::of_goal(Kind::MilestoneRevoked, &goal, milestone.id));
        Ok(Changed { milestone, goal })
    })
    .await
}
