//! Results of standard instruments.

use entity::{assessment, goal, milestone, progress};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::instrument::check_fit;
use super::scored_entry::{delete_entry, make_entry};
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome, not_found};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::assessment::{self as input, Accepted, Draft};
use crate::rules::input::{Code, Ground, Path, Problem};

#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded {
    pub assessment: assessment::Model,
    /// The entry that was made of it, for a goal that is tracked by assessment.
    pub entry: Option<progress::Model>,
    pub goal: Option<goal::Model>,
    pub achieved: Vec<milestone::Model>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    /// The entry that was made of it.
    pub deleted_entry_id: Option<Uuid>,
    pub goal: Option<goal::Model>,
    pub achieved: Vec<milestone::Model>,
}

/// Records a score with its severity. For a goal that is tracked by assessment it becomes an entry as well.
pub async fn record(act: &Act, patient: Id, draft: Draft) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = work.patient_for(Action::Manage, patient).await?;
        let patient = found.as_ref().map(|(patient, _)| *patient);
        let ground = Ground { today: work.today(patient).await?, ..Ground::default() };
        let goal = goal_of(work, draft.goal, patient).await?;
        let accepted = work.check.keep(&Path::input(), input::check(&draft, &ground));
        if let Some(goal) = &goal {
            check_fit(work, goal, &draft.assessment_type).await?;
        }
        let ((patient, permit), accepted) = work.check.done(found.zip(accepted))?;

        let row = row(work, patient, draft, accepted);

        let assessment = row.insert(&work.db).await?;

        work.emit(&permit, Event::of_assessment(Kind::AssessmentRecorded, &assessment, goal.as_ref()));
        let (entry, achieved) = match &goal {
            Some(goal) => make_entry(work, &permit, goal, &assessment).await?,
            None => (None, Vec::new()),
        };
        Ok(Recorded { assessment, entry, goal, achieved })
    })
    .await
}

/// The goal that a score is to belong to. Without a known patient only the form of its id is checked.
async fn goal_of(
    work: &mut Work<'_>,
    id: Option<Uuid>,
    patient: Option<Uuid>,
) -> Outcome<Option<goal::Model>> {
    let own = own_goal(work, id, patient).await;
    Ok(work.check.found(own)?.flatten())
}

async fn own_goal(
    work: &mut Work<'_>,
    id: Option<Uuid>,
    patient: Option<Uuid>,
) -> Outcome<Option<goal::Model>> {
    let path = Path::input().at("goalId");
    work.check.is_read(&path)?;
    let Some((id, patient)) = id.zip(patient) else { return Ok(None) };
    let goal = work.goal(Some(id)).await?;
    if goal.patient_id == patient {
        return Ok(Some(goal));
    }
    Err(Problem::new(Code::Invalid, &path, "This goal is of another patient.").into())
}

fn row(work: &Work<'_>, patient: Uuid, draft: Draft, accepted: Accepted) -> assessment::ActiveModel {
    assessment::ActiveModel {
        id: Set(Uuid::now_v7()),
        patient_id: Set(patient),
        goal_id: Set(draft.goal),
        assessment_type: Set(accepted.instrument.unwrap_or(draft.assessment_type.trim()).to_owned()),
        score: Set(accepted.score),
        severity: Set(accepted.severity.map(str::to_owned)),
        subscores: Set(accepted.subscores),
        administered_date: Set(accepted.administered_date),
        administered_by: Set(Some(work.viewer().id())),
        notes: Set(draft.notes),
        created_at: Set(Some(work.now)),
    }
}

/// Deletes a score, and the entry that was made of it unless that has been corrected since.
pub async fn delete(act: &Act, assessment: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, assessment).await?;
        let (stored, goal, permit) = work.check.done(found)?;

        let path = Path::input().at("assessmentId");
        if assessment::Entity::delete_by_id(stored.id).exec(&work.db).await?.rows_affected == 0 {
            // Somebody else deleted it while this transaction waited for the goal.
            return Err(not_found(&path, "assessment"));
        }

        work.emit(&permit, Event::of_assessment(Kind::AssessmentDeleted, &stored, goal.as_ref()));
        let (entry, achieved) = match &goal {
            Some(goal) => delete_entry(work, &permit, goal, &stored).await?,
            None => (None, Vec::new()),
        };
        Ok(Deleted { deleted_id: stored.id, deleted_entry_id: entry, goal, achieved })
    })
    .await
}

type Found = (assessment::Model, Option<goal::Model>, Permit);

async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<Found>> {
    let found = permitted(work, id).await;
    work.check.found(found)
}

/// The score, its locked goal, and the permit.
async fn permitted(work: &mut Work<'_>, id: Id) -> Outcome<Found> {
    let path = Path::input().at("assessmentId");
    let id = work.check.id(&path, id)?;
    let stored = work.find::<assessment::Entity>(id).await?.ok_or_else(|| not_found(&path, "assessment"))?;
    let permit = work.permit(Action::Manage, stored.patient_id).await?;
    let goal = match stored.goal_id {
        Some(goal) => work.locked_goal(goal).await?,
        None => None,
    };
    Ok((stored, goal, permit))
}
