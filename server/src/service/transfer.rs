//! Goals handed from one therapist to another.

use entity::person::{self, Role};
use entity::{goal, transfer};
use sea_orm::{IntoActiveModel, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::work::{Work, carry_out};
use super::{Act, Id, KnownGoal, Outcome, not_found};
use crate::access::{Action, Permit, treats};
use crate::event::{Event, Kind};
use crate::rules::input::{Code, Path, Problem};
use crate::store::Saved;

#[derive(Debug, Serialize, Deserialize)]
pub struct Transferred {
    pub transferred_id: Uuid,
    /// `None` when whoever handed it over sees it no more.
    pub goal: Option<goal::Model>,
}

/// Hands a goal to a therapist who treats its patient. Everything that hangs on it stays.
pub async fn transfer(act: &Act, goal: KnownGoal, therapist: Id) -> Outcome<Transferred> {
    carry_out(act, async |work| {
        let found = permitted(work, goal.id).await;
        let found = work.check.found(found)?;
        let stored = found.as_ref().map(|(goal, _)| goal);
        work.check_unchanged(stored, goal.updated_at)?;
        let heir = heir(work, therapist, stored.map(|goal| goal.patient_id)).await;
        let heir = work.check.found(heir)?;
        let ((stored, permit), heir) = work.check.done(found.zip(heir))?;
        if stored.therapist_id == heir {
            return Ok(Transferred { transferred_id: stored.id, goal: Some(stored) });
        }

        note(work, &stored, heir).await?;
        let mut row = stored.into_active_model();
        row.therapist_id = Set(heir);
        row.updated_at = Set(Some(work.now));

        let goal = row.update(&work.db).await?;

        // Told with its new owner: the former one hears of it only if they treat the patient.
        work.emit(&permit, Event::of_goal(Kind::GoalTransferred, &goal, goal.id));
        Ok(Transferred { transferred_id: goal.id, goal: work.find::<goal::Entity>(goal.id).await? })
    })
    .await
}

async fn permitted(work: &mut Work<'_>, id: Id) -> Outcome<(goal::Model, Permit)> {
    let goal = work.goal(id).await?;
    let permit = work.permit(Action::HandOver(goal.therapist_id), goal.patient_id).await?;
    Ok((goal, permit))
}

/// The therapist who is to own the goal. Without a known patient only the form of the id is checked.
async fn heir(work: &mut Work<'_>, id: Id, patient: Option<Uuid>) -> Outcome<Uuid> {
    let path = Path::input().at("therapistId");
    let id = work.check.id(&path, id)?;
    let Some(patient) = patient else { return Ok(id) };
    if treats(&work.db, &work.viewer().store, (id, patient)).await? {
        return Ok(id);
    }
    let person = work.find::<person::Entity>(id).await?;
    if person.and_then(|person| person.role()) != Some(Role::Therapist) {
        return Err(not_found(&path, "therapist"));
    }
    let message = "This therapist does not treat the patient at present.";
    Err(Problem::new(Code::Invalid, &path, message).into())
}

async fn note(work: &Work<'_>, goal: &goal::Model, heir: Uuid) -> Outcome<()> {
    let row = transfer::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.id),
        from_therapist: Set(goal.therapist_id),
        to_therapist: Set(heir),
        handed_by: Set(work.viewer().id()),
        handed_at: Set(work.now),
    };
    row.insert(&work.db).await?;
    Ok(())
}
