//! Goals: set, changed, moved along, deleted.

use async_graphql::{ID, MaybeUndefined};
use chrono::NaiveDate;
use entity::person::Role;
use entity::{goal, pause, person, tracking};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached};
use super::check::{Check, patched, unexpected};
use super::work::Work;
use super::{Act, Outcome, milestone, not_found, reminder, tracking as tracks};
use crate::access::Deed;
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::goal as input;
use crate::rules::input::{Code, MOST_MILESTONES, MOST_REMINDERS, Path, Problem, count};
use crate::rules::status;
use crate::wire::input::{ChangeGoalStatusInput, CreateGoalInput, DeleteGoalInput, UpdateGoalInput};

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub goal: goal::Model,
}

/// What went with a goal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub entries: u64,
    pub milestones: u64,
    pub reminders: u64,
    pub configurations: u64,
    /// Assessments are kept, without their goal.
    pub assessments_kept: u64,
}

/// A goal with its tracking, milestones and reminders.
pub async fn create(act: &Act, input: CreateGoalInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let path = Path::input();
    let mut check = Check::default();
    let found = check.found(work.patient_for(Deed::Manage, &input.patient_id).await)?;
    let patient = found.as_ref().map(|(patient, _)| *patient);
    let today = work.today(patient).await?;
    let therapist = owner(&work, input.therapist_id.as_ref(), found.is_some()).await;
    let therapist = check.found(therapist)?.flatten();
    let session = match &input.session_id {
        Some(id) => check.found(work.session(id, patient).await)?.flatten(),
        None => None,
    };
    let status = input.status.map(|status| status.stored().ok_or_else(|| unknown_status(&path)));
    let status = check.keep(status.transpose()).flatten().unwrap_or(goal::Status::Assigned);
    let goal = goal::Model {
        id: Uuid::now_v7(),
        // Without one of these two nothing is written: the problem is noted.
        patient_id: patient.unwrap_or_default(),
        therapist_id: therapist.unwrap_or_default(),
        session_id: session,
        description: input.description.trim().to_owned(),
        category: input.category.clone(),
        status: Some(status.word().to_owned()),
        baseline_value: input
            .baseline_value
            .as_ref()
            .and_then(|sent| check.number(&path.at("baselineValue"), "The baseline", sent)),
        target_value: input
            .target_value
            .as_ref()
            .and_then(|sent| check.number(&path.at("targetValue"), "The target", sent)),
        target_date: input
            .target_date
            .as_ref()
            .and_then(|sent| check.day(&path.at("targetDate"), "The target date", sent)),
        created_at: Some(work.now),
        updated_at: Some(work.now),
        completed_at: (status == goal::Status::Completed).then_some(work.now),
    };
    let configuration = input
        .tracking
        .as_ref()
        .map(|tracking| tracks::build(&mut check, &path.at("tracking"), tracking, goal.id, &work));
    let tracked = Tracked { configurations: configuration.into_iter().collect(), instrument: None };
    let plain = plain(&goal, &tracked);
    check.add(if found.is_some() { input::create(&plain, today) } else { input::update(&plain) });
    let milestones = input.milestones.unwrap_or_default();
    let reminders = input.reminders.unwrap_or_default();
    check.add(count(&path.at("milestones"), "milestones", 0, milestones.len(), MOST_MILESTONES));
    check.add(count(&path.at("reminders"), "reminders", 0, reminders.len(), MOST_REMINDERS));
    let measure = tracked.measure();
    let milestones = milestones.iter().take(MOST_MILESTONES).enumerate();
    let milestones: Vec<_> = milestones
        .map(|(index, sent)| {
            milestone::build(&mut check, &path.at("milestones").at(index), sent, measure, Some(&goal), &work)
        })
        .collect();
    let reminders = reminders.iter().take(MOST_REMINDERS).enumerate();
    let reminders: Vec<_> = reminders
        .map(|(index, sent)| {
            reminder::build(&mut check, &path.at("reminders").at(index), sent, Some(&goal), &work)
        })
        .collect();
    let (_, permit) = check.done(found)?;

    let goal = goal.into_active_model().reset_all().insert(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::GoalCreated, &goal, goal.id));
    for row in tracked.configurations {
        let row = row.into_active_model().reset_all().insert(&work.db).await?;
        work.tell(&permit, Event::of_goal(Kind::TrackingConfigured, &goal, row.id));
    }
    for row in milestones {
        let row = row.insert(&work.db).await?;
        work.tell(&permit, Event::of_goal(Kind::MilestoneAdded, &goal, row.id));
    }
    for row in reminders {
        let row = row.insert(&work.db).await?;
        work.tell(&permit, Event::of_goal(Kind::ReminderScheduled, &goal, row.id));
    }
    if status == goal::Status::OnHold {
        pause(&work, goal.id, today).await?;
    }
    work.finish(Changed { goal }).await
}

/// A therapist sets goals of their own; an admin says whose it is. Who has no leave to set a goal for the
/// patient need not hear who could own it: only the form of the id can be wrong.
async fn owner(work: &Work<'_>, sent: Option<&ID>, permitted: bool) -> Outcome<Option<Uuid>> {
    let path = Path::input().at("therapistId");
    let viewer = work.viewer();
    let sent = sent.map(|id| Check::id(&path, id)).transpose()?;
    let id = match sent {
        _ if !permitted => return Ok(None),
        Some(id) => id,
        None if viewer.role == Role::Therapist => return Ok(Some(viewer.id())),
        None => return Err(Problem::new(Code::Required, &path, "Say which therapist owns the goal.").into()),
    };
    if viewer.role == Role::Therapist && id != viewer.id() {
        let message = "You can only set goals that you own yourself.";
        return Err(Problem::new(Code::NotAllowed, &path, message).into());
    }
    let person = work.find::<person::Entity>(id).await?;
    let therapist = person.filter(|person| person.role() == Some(Role::Therapist));
    therapist.map(|therapist| Some(therapist.id)).ok_or_else(|| not_found(&path, "therapist"))
}

fn plain<'g>(goal: &'g goal::Model, tracked: &Tracked) -> input::Goal<'g> {
    input::Goal {
        description: Some(&goal.description),
        category: goal.category.as_deref(),
        target_date: goal.target_date,
        aim: Some(input::Aim {
            baseline: goal.baseline_value,
            target: goal.target_value,
            direction: tracked.direction(),
            measure: tracked.measure(),
        }),
    }
}

pub async fn update(act: &Act, input: UpdateGoalInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Manage, &input.goal_id).await)?;
    let stored = found.as_ref().map(|(goal, _)| goal);
    check.add(unexpected(stored, input.expected_updated_at.as_ref()));
    let tracked = work.tracked(stored).await?;

    let path = Path::input();
    let session_id = match &input.session_id {
        MaybeUndefined::Value(id) => {
            check.found(work.session(id, stored.map(|goal| goal.patient_id)).await)?.flatten()
        }
        MaybeUndefined::Null => None,
        MaybeUndefined::Undefined => stored.and_then(|goal| goal.session_id),
    };
    check.required(&path.at("description"), "The description", &input.description);
    let category =
        patched(&input.category, stored.and_then(|goal| goal.category.clone()), |text| Some(text.clone()));
    let baseline_value =
        patched(&input.baseline_value, stored.and_then(|goal| goal.baseline_value), |sent| {
            check.number(&path.at("baselineValue"), "The baseline", sent)
        });
    let target_value = patched(&input.target_value, stored.and_then(|goal| goal.target_value), |sent| {
        check.number(&path.at("targetValue"), "The target", sent)
    });
    let target_date = patched(&input.target_date, stored.and_then(|goal| goal.target_date), |sent| {
        check.day(&path.at("targetDate"), "The target date", sent)
    });
    let moved =
        stored.is_none_or(|goal| baseline_value != goal.baseline_value || target_value != goal.target_value);
    let aim = input::Aim {
        baseline: baseline_value,
        target: target_value,
        direction: tracked.direction(),
        measure: tracked.measure(),
    };
    // What stands already is not held against a change of something else.
    check.add(input::update(&input::Goal {
        description: input.description.value().map(String::as_str),
        category: input.category.value().map(String::as_str),
        target_date: target_date.filter(|_| input.target_date.is_value()),
        aim: moved.then_some(aim),
    }));
    let (stored, permit) = check.done(found)?;

    let description = input.description.value().map_or(stored.description.as_str(), |text| text.trim());
    let description = description.to_owned();
    let updated_at = Some(work.now);
    let changed = goal::Model {
        session_id,
        description,
        category,
        baseline_value,
        target_value,
        target_date,
        updated_at,
        ..stored
    };
    let goal = changed.into_active_model().reset_all().update(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::GoalUpdated, &goal, goal.id));
    if moved {
        achieve_reached(&mut work, &permit, &goal, &Touched::All, &[]).await?;
    }
    work.finish(Changed { goal }).await
}

pub async fn change_status(act: &Act, input: ChangeGoalStatusInput) -> Outcome<Changed> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Manage, &input.goal_id).await)?;
    let stored = found.as_ref().map(|(goal, _)| goal);
    check.add(unexpected(stored, input.expected_updated_at.as_ref()));
    let wanted = check.keep(input.status.stored().ok_or_else(|| unknown_status(&Path::input())));
    let move_of = |(goal, wanted): (&goal::Model, goal::Status)| {
        status::change(goal.status(), wanted, goal.completed_at, work.now)
            .map(|completed| (wanted, completed))
    };
    let moved = check.keep(stored.zip(wanted).map(move_of).transpose()).flatten();
    let ((stored, permit), (wanted, completed_at)) = check.done(found.zip(moved))?;
    if stored.status() == Some(wanted) {
        return work.finish(Changed { goal: stored }).await;
    }

    let today = work.today(Some(stored.patient_id)).await?;
    resume(&work, stored.id, today).await?;
    if wanted == goal::Status::OnHold {
        pause(&work, stored.id, today).await?;
    }
    let mut row = stored.into_active_model();
    row.status = Set(Some(wanted.word().to_owned()));
    row.completed_at = Set(completed_at);
    row.updated_at = Set(Some(work.now));
    let goal = row.update(&work.db).await?;
    work.tell(&permit, Event::of_goal(Kind::GoalStatusChanged, &goal, goal.id));
    work.finish(Changed { goal }).await
}

fn unknown_status(path: &Path) -> Problem {
    Problem::new(Code::Invalid, &path.at("status"), "UNKNOWN is no status that a goal can be given.")
}

/// The goal is on hold from this day on.
async fn pause(work: &Work<'_>, goal: Uuid, today: NaiveDate) -> Outcome<()> {
    let row = pause::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal),
        first_day: Set(today),
        last_day: Set(None),
    };
    row.insert(&work.db).await?;
    Ok(())
}

/// Ends a hold. The day on which work goes on counts again.
async fn resume(work: &Work<'_>, goal: Uuid, today: NaiveDate) -> Outcome<()> {
    let open = pause::Entity::update_many()
        .col_expr(pause::Column::LastDay, Expr::value(today.pred_opt().unwrap_or(today)))
        .filter(pause::Column::GoalId.eq(goal))
        .filter(pause::Column::LastDay.is_null());
    open.exec(&work.db).await?;
    Ok(())
}

/// Says what went with it: the database takes entries, milestones, reminders and configurations along.
pub async fn delete(act: &Act, input: DeleteGoalInput) -> Outcome<Deleted> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Manage, &input.goal_id).await)?;
    check.add(unexpected(found.as_ref().map(|(goal, _)| goal), input.expected_updated_at.as_ref()));
    let (goal, permit) = check.done(found)?;

    let viewer = work.viewer();
    let (db, id) = (&work.db, goal.id);
    let deleted = Deleted {
        deleted_id: id,
        entries: viewer
            .all::<entity::progress::Entity>()
            .filter(entity::progress::Column::GoalId.eq(id))
            .count(db)
            .await?,
        milestones: viewer
            .all::<entity::milestone::Entity>()
            .filter(entity::milestone::Column::GoalId.eq(id))
            .count(db)
            .await?,
        reminders: viewer
            .all::<entity::reminder::Entity>()
            .filter(entity::reminder::Column::GoalId.eq(id))
            .count(db)
            .await?,
        configurations: viewer
            .all::<tracking::Entity>()
            .filter(tracking::Column::GoalId.eq(id))
            .count(db)
            .await?,
        assessments_kept: viewer
            .all::<entity::assessment::Entity>()
            .filter(entity::assessment::Column::GoalId.eq(id))
            .count(db)
            .await?,
    };
    goal::Entity::delete_by_id(id).exec(db).await?;
    work.tell(&permit, Event::of_goal(Kind::GoalDeleted, &goal, id));
    work.finish(deleted).await
}
