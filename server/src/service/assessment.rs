//! Results of standard instruments.

use async_graphql::ID;
use chrono::NaiveDate;
use entity::person::Role;
use entity::{assessment, goal, milestone, person, progress};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::Check;
use super::milestone::{Touched, achieve_reached};
use super::work::Work;
use super::{Act, Outcome, not_found};
use crate::access::{Deed, Permit};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::assessment as input;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::measure::Measure;
use crate::wire::input::{DeleteAssessmentInput, RecordAssessmentInput};

#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded {
    pub assessment: assessment::Model,
    /// The entry of a goal that is tracked by assessment.
    pub entry: Option<progress::Model>,
    pub goal: Option<goal::Model>,
    pub achieved: Vec<milestone::Model>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
}

/// A score with its severity; for a goal that is tracked by assessment it is its next entry as well.
pub async fn record(act: &Act, input: RecordAssessmentInput) -> Outcome<Recorded> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let patient = patient(&work, &input.patient_id).await?;
    let permit = work.permit(Deed::Manage, patient).await?;
    let today = work.today(patient).await?;

    let mut check = Check::default();
    let goal = check.found(goal(&work, input.goal_id.as_ref(), patient).await)?.flatten();
    let path = Path::input();
    let date = match &input.administered_date {
        Some(sent) => check.day(&path.at("administeredDate"), "The date", sent),
        None => Some(today),
    };
    let result = check_result(&mut check, &input, date.unwrap_or(today), today);
    if let (Some(result), Some(goal)) = (&result, &goal) {
        check.add(other_instrument(&work, goal, result).await?);
    }
    check.done()?;
    let Some(result) = result else { return Err(super::Failure::Refused(Vec::new())) };

    let row = assessment::ActiveModel {
        id: Set(Uuid::now_v7()),
        patient_id: Set(patient),
        goal_id: Set(goal.as_ref().map(|goal| goal.id)),
        assessment_type: Set(result.instrument.unwrap_or(input.assessment_type.trim()).to_owned()),
        score: Set(result.score),
        severity: Set(result.severity.map(str::to_owned)),
        subscores: Set(result.subscores),
        administered_date: Set(date.unwrap_or(today)),
        administered_by: Set(Some(work.viewer().id())),
        notes: Set(input.notes.clone()),
        created_at: Set(Some(work.now)),
    };
    let assessment = row.insert(&work.db).await?;
    work.tell(&permit, told(Kind::AssessmentRecorded, &assessment, goal.as_ref()));
    let (entry, achieved) = match &goal {
        Some(goal) => as_progress(&mut work, &permit, goal, &assessment).await?,
        None => (None, Vec::new()),
    };
    work.finish(Recorded { assessment, entry, goal, achieved }).await
}

fn check_result(
    check: &mut Check,
    input: &RecordAssessmentInput,
    administered_date: NaiveDate,
    today: NaiveDate,
) -> Option<input::Accepted> {
    let sent = input::Assessment {
        assessment_type: &input.assessment_type,
        score: input.score,
        items: input.items.as_deref(),
        subscores: input.subscores.as_ref().map(|subscores| &subscores.0),
        administered_date,
        notes: input.notes.as_deref(),
    };
    input::check(&sent, today).map_err(|problems| check.add(problems)).ok()
}

async fn patient(work: &Work<'_>, id: &ID) -> Outcome<Uuid> {
    let path = Path::input().at("patientId");
    let id = Check::id(&path, id)?;
    let person = work.find::<person::Entity>(id).await?;
    let patient = person.filter(|person| person.role() == Some(Role::Patient));
    patient.map(|patient| patient.id).ok_or_else(|| not_found(&path, "patient"))
}

async fn goal(work: &Work<'_>, id: Option<&ID>, patient: Uuid) -> Outcome<Option<goal::Model>> {
    let Some(id) = id else { return Ok(None) };
    let goal = work.goal("goalId", id).await?;
    if goal.patient_id == patient {
        return Ok(Some(goal));
    }
    let message = "This goal is of another patient.";
    Err(Problem::new(Code::Invalid, &Path::input().at("goalId"), message).into())
}

/// Scores of two instruments can't be one course of progress.
async fn other_instrument(
    work: &Work<'_>,
    goal: &goal::Model,
    result: &input::Accepted,
) -> Outcome<Option<Problem>> {
    let tracked = Tracked::of(&work.db, work.viewer(), goal.id).await?;
    let Some(Measure::Assessment(Some(known))) = tracked.measure() else { return Ok(None) };
    let message =
        format!("This goal is tracked by the {}: its scores can't be mixed with others.", known.code);
    let path = Path::input().at("assessmentType");
    let other = result.instrument != Some(known.code.as_str());
    Ok(other.then(|| Problem::new(Code::Invalid, &path, message)))
}

/// The score as the goal's next entry, when that is how the goal is tracked.
async fn as_progress(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    assessment: &assessment::Model,
) -> Outcome<(Option<progress::Model>, Vec<milestone::Model>)> {
    let tracked = Tracked::of(&work.db, work.viewer(), goal.id).await?;
    if !matches!(tracked.measure(), Some(Measure::Assessment(_))) {
        return Ok((None, Vec::new()));
    }
    let row = progress::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal.id),
        tracking_config_id: Set(tracked.configurations.first().map(|row| row.id)),
        entry_date: Set(assessment.administered_date),
        value: Set(assessment.score.into()),
        value_label: Set(assessment.severity.clone()),
        context: Set(Some(progress::Context::Assessment.word().to_owned())),
        recorded_by: Set(Some(work.viewer().id())),
        recorded_at: Set(Some(work.now)),
        ..Default::default()
    };
    let entry = row.insert(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressRecorded, goal, entry.id);
    work.tell(permit, event.because_of(Some(entry.id), entry.entry_date));
    let touched = Touched::Days(vec![entry.entry_date]);
    let achieved = achieve_reached(work, permit, goal, &touched, Some(entry.id)).await?;
    Ok((Some(entry), achieved))
}

/// The entry that was made of it stays: it may have been corrected since.
pub async fn delete(act: &Act, input: DeleteAssessmentInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let path = Path::input().at("assessmentId");
    let id = Check::id(&path, &input.assessment_id)?;
    let stored = work.find::<assessment::Entity>(id).await?.ok_or_else(|| not_found(&path, "assessment"))?;
    let permit = work.permit(Deed::Manage, stored.patient_id).await?;

    assessment::Entity::delete_by_id(id).exec(&work.db).await?;
    work.tell(&permit, told(Kind::AssessmentDeleted, &stored, None));
    work.finish(Deleted { deleted_id: id }).await
}

fn told(kind: Kind, assessment: &assessment::Model, goal: Option<&goal::Model>) -> Event {
    Event {
        kind,
        patient_id: assessment.patient_id,
        goal: goal.map(|goal| (goal.id, goal.therapist_id)),
        subject_id: assessment.id,
        cause: None,
        due_at: None,
    }
}
