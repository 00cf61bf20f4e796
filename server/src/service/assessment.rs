//! Results of standard instruments.

use chrono::NaiveDate;
use entity::{assessment, goal, milestone, progress};
use sea_orm::{EntityTrait, IntoActiveModel, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::instrument::check_fit;
use super::same_score::{Taken, check_new, lock_scores};
use super::scored_entry::{correct_entry, delete_entry, make_entry};
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome, not_found};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::assessment::{self as input, Accepted, Draft, Figures};
use crate::rules::input::assessment_changes::{Changes, Stored, check_changes};
use crate::rules::input::{Code, Ground, Path, Problem};
use crate::rules::instrument;
use crate::store::Saved;

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
        if let Some((patient, accepted)) = patient.zip(accepted.as_ref()) {
            let day = accepted.administered_date;
            let taken = Taken { patient, day, score: accepted.figures.score, id: None };
            check_new(work, &draft.assessment_type, taken).await?;
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
        score: Set(accepted.figures.score),
        severity: Set(accepted.figures.severity.map(str::to_owned)),
        subscores: Set(accepted.figures.subscores),
        administered_date: Set(accepted.administered_date),
        administered_by: Set(Some(work.viewer().id())),
        notes: Set(draft.notes),
        created_at: Set(Some(work.now)),
    }
}

/// Corrects a score, and the entry that was made of it.
pub async fn update(act: &Act, assessment: Id, changes: Changes) -> Outcome<Recorded> {
    carry_out(act, async |work| {
        let found = find(work, assessment).await?;
        let stored = found.as_ref().map(|(stored, ..)| stored);
        let ground =
            Ground { today: work.today(stored.map(|row| row.patient_id)).await?, ..Ground::default() };
        let plain = stored.map(|row| Stored {
            assessment_type: &row.assessment_type,
            score: row.score,
            subscores: row.subscores.as_ref(),
        });
        let figures = work.check.keep(&Path::input(), check_changes(&changes, plain, &ground));
        if let Some((stored, figures)) = stored.zip(figures.as_ref()) {
            check_still_new(work, stored, changes.administered_date, figures.as_ref()).await?;
        }
        let ((before, goal, permit), figures) = work.check.done(found.zip(figures))?;

        let row = changed(before.clone(), changes, figures);

        let assessment = row.update(&work.db).await?;

        work.emit(&permit, Event::of_assessment(Kind::AssessmentUpdated, &assessment, goal.as_ref()));
        let (entry, achieved) = match &goal {
            Some(goal) => correct_entry(work, &permit, goal, (&before, &assessment)).await?,
            None => (None, Vec::new()),
        };
        Ok(Recorded { assessment, entry, goal, achieved })
    })
    .await
}

fn changed(stored: assessment::Model, changes: Changes, figures: Option<Figures>) -> assessment::ActiveModel {
    let (day, notes, severity) = (stored.administered_date, stored.notes.clone(), stored.severity.clone());
    let is_known = instrument::find(&stored.assessment_type).is_some();
    let mut row = stored.into_active_model();
    row.administered_date = Set(changes.administered_date.unwrap_or(day));
    row.notes = Set(changes.notes.over(notes));
    if let Some(figures) = figures {
        row.score = Set(figures.score);
        // What another program wrote for an instrument that the catalogue does not know stays.
        row.severity = Set(if is_known { figures.severity.map(str::to_owned) } else { severity });
        row.subscores = Set(figures.subscores);
    }
    row
}

/// Notes when a correction makes a score the same as another one.
async fn check_still_new(
    work: &mut Work<'_>,
    stored: &assessment::Model,
    day: Option<NaiveDate>,
    figures: Option<&Figures>,
) -> Outcome<()> {
    let day = day.unwrap_or(stored.administered_date);
    let score = figures.map_or(stored.score, |figures| figures.score);
    if (day, score) == (stored.administered_date, stored.score) {
        return Ok(());
    }
    let taken = Taken { patient: stored.patient_id, day, score, id: Some(stored.id) };
    check_new(work, &stored.assessment_type, taken).await
}

/// Deletes a score, and the entry that was made of it.
pub async fn delete(act: &Act, assessment: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let found = find(work, assessment).await?;
        let (stored, goal, permit) = work.check.done(found)?;

        assessment::Entity::delete_by_id(stored.id).exec(&work.db).await?;

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

/// The score, its locked goal, and the permit. The score is read again after everything was locked: it may have
/// changed while this transaction waited.
async fn permitted(work: &mut Work<'_>, id: Id) -> Outcome<Found> {
    let path = Path::input().at("assessmentId");
    let id = work.check.id(&path, id)?;
    let stored = work.find::<assessment::Entity>(id).await?.ok_or_else(|| not_found(&path, "assessment"))?;
    let permit = work.permit(Action::Manage, stored.patient_id).await?;
    let goal = match stored.goal_id {
        Some(goal) => work.locked_goal(goal).await?,
        None => None,
    };
    lock_scores(work, stored.patient_id).await?;
    let stored = work.find::<assessment::Entity>(id).await?.ok_or_else(|| not_found(&path, "assessment"))?;
    Ok((stored, goal, permit))
}
