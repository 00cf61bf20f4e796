//! Results of standard instruments.

use async_graphql::ID;
use chrono::NaiveDate;
use entity::{assessment, goal, milestone, progress};
use rust_decimal::Decimal;
use sea_orm::sea_query::{ExprTrait, NullOrdering};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached};
use super::check::Check;
use super::work::Work;
use super::{Act, Outcome, not_found};
use crate::access::{Deed, Permit};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::assessment as input;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::instrument::{self, Instrument};
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
    /// The entry that was made of it.
    pub deleted_entry_id: Option<Uuid>,
    pub goal: Option<goal::Model>,
    pub achieved: Vec<milestone::Model>,
}

/// A score with its severity; for a goal that is tracked by assessment it is its next entry as well.
pub async fn record(act: &Act, input: RecordAssessmentInput) -> Outcome<Recorded> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.patient_for(Deed::Manage, &input.patient_id).await)?;
    let patient = found.as_ref().map(|(patient, _)| *patient);
    let today = work.today(patient).await?;
    let goal = check.found(goal(&work, input.goal_id.as_ref(), patient).await)?.flatten();
    let path = Path::input();
    let date = match &input.administered_date {
        Some(sent) => check.day(&path.at("administeredDate"), "The date", sent),
        None => Some(today),
    };
    let result = check_result(&mut check, &input, date.unwrap_or(today), today);
    if let Some(goal) = &goal {
        check.add(misfit(&work, goal, &input.assessment_type).await?);
    }
    let ((patient, permit), result) = check.done(found.zip(result))?;

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

/// As long as nobody knows who the patient is, only the form of the goal's id can be wrong.
async fn goal(work: &Work<'_>, id: Option<&ID>, patient: Option<Uuid>) -> Outcome<Option<goal::Model>> {
    let Some(id) = id else { return Ok(None) };
    let Some(patient) = patient else {
        return Check::id(&Path::input().at("goalId"), id).map(|_| None);
    };
    let goal = work.goal(id).await?;
    if goal.patient_id == patient {
        return Ok(Some(goal));
    }
    let message = "This goal is of another patient.";
    Err(Problem::new(Code::Invalid, &Path::input().at("goalId"), message).into())
}

/// Scores of two instruments can't be one course of progress, nor can a score and what is no score of its
/// instrument.
async fn misfit(work: &Work<'_>, goal: &goal::Model, sent: &str) -> Outcome<Option<Problem>> {
    let tracked = work.tracked(Some(goal)).await?;
    if !matches!(tracked.measure(), Some(Measure::Assessment(_))) {
        return Ok(None);
    }
    let Some(stored) = newest_type(work, goal.id).await? else {
        let Some(instrument) = instrument::find(sent) else { return Ok(None) };
        let stray = stray_entry(work, goal, instrument).await?;
        return Ok(input::strays(instrument, goal.baseline_value, goal.target_value, stray));
    };
    let name = instrument::find(&stored).map_or(stored.as_str(), |known| &known.code);
    let message = format!("This goal is tracked by the {name}: its scores can't be mixed with others.");
    let path = Path::input().at("assessmentType");
    let other = !instrument::is_same(&stored, sent);
    Ok(other.then(|| Problem::new(Code::Invalid, &path, message)))
}

/// The instrument of a goal's newest assessment, as it is stored.
pub async fn newest_type(work: &Work<'_>, goal: Uuid) -> Outcome<Option<String>> {
    use assessment::Column::{AdministeredDate, AssessmentType, CreatedAt, GoalId, Id};
    let newest = work
        .viewer()
        .all::<assessment::Entity>()
        .filter(GoalId.eq(goal))
        .order_by_desc(AdministeredDate)
        .order_by_with_nulls(CreatedAt, Order::Desc, NullOrdering::Last)
        .order_by_desc(Id);
    Ok(newest.select_only().column(AssessmentType).into_tuple().one(&work.db).await?)
}

/// An entry that counts as a score and can be none of this instrument.
async fn stray_entry(
    work: &Work<'_>,
    goal: &goal::Model,
    instrument: &Instrument,
) -> Outcome<Option<Decimal>> {
    use progress::Column::{Context, GoalId, Value};
    let (lowest, highest) = (Decimal::from(instrument.total_min), Decimal::from(instrument.total_max));
    let stray = work
        .viewer()
        .all::<progress::Entity>()
        .filter(GoalId.eq(goal.id))
        .filter(Context.eq(progress::Context::Assessment.word()))
        .filter(Value.lt(lowest).or(Value.gt(highest)));
    Ok(stray.one(&work.db).await?.map(|entry| entry.value))
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
    let touched = Touched::day(entry.entry_date);
    let achieved = achieve_reached(work, permit, goal, &touched, std::slice::from_ref(&entry)).await?;
    Ok((Some(entry), achieved))
}

/// The entry that was made of it goes with it, unless it has been corrected since.
pub async fn delete(act: &Act, input: DeleteAssessmentInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let path = Path::input().at("assessmentId");
    let id = Check::id(&path, &input.assessment_id)?;
    let absent = || not_found(&path, "assessment");
    let stored = work.find::<assessment::Entity>(id).await?.ok_or_else(absent)?;
    let permit = work.permit(Deed::Manage, stored.patient_id).await?;
    let goal = match stored.goal_id {
        Some(goal) => work.locked_goal(goal).await?,
        None => None,
    };

    if assessment::Entity::delete_by_id(id).exec(&work.db).await?.rows_affected == 0 {
        // Somebody else deleted it while the goal was waited for.
        return Err(absent());
    }
    work.tell(&permit, told(Kind::AssessmentDeleted, &stored, goal.as_ref()));
    let (entry, achieved) = match &goal {
        Some(goal) => without_its_entry(&mut work, &permit, goal, &stored).await?,
        None => (None, Vec::new()),
    };
    work.finish(Deleted { deleted_id: id, deleted_entry_id: entry, goal, achieved }).await
}

/// Deletes the entry that was recorded with an assessment, in the same transaction and so at the same
/// moment: no column says which it is.
async fn without_its_entry(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    assessment: &assessment::Model,
) -> Outcome<(Option<Uuid>, Vec<milestone::Model>)> {
    let made = work
        .viewer()
        .all::<progress::Entity>()
        .filter(progress::Column::GoalId.eq(goal.id))
        .filter(progress::Column::Context.eq(progress::Context::Assessment.word()))
        .filter(progress::Column::RecordedAt.eq(assessment.created_at))
        .filter(progress::Column::EntryDate.eq(assessment.administered_date))
        .filter(progress::Column::Value.eq(Decimal::from(assessment.score)));
    let Some(entry) = made.one(&work.db).await? else { return Ok((None, Vec::new())) };
    progress::Entity::delete_by_id(entry.id).exec(&work.db).await?;
    let event = Event::of_goal(Kind::ProgressDeleted, goal, entry.id);
    work.tell(permit, event.because_of(None, entry.entry_date));
    let achieved = achieve_reached(work, permit, goal, &Touched::day(entry.entry_date), &[]).await?;
    Ok((Some(entry.id), achieved))
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
