//! New goals, with their tracking, milestones and reminders.

use chrono::NaiveDateTime;
use entity::goal::{self, Status};
use entity::person::{self, Role};
use sea_orm::{IntoActiveModel, Set};
use uuid::Uuid;

use super::goal::Changed;
use super::goal_status::pause;
use super::work::{Work, carry_out};
use super::{Act, Id, Outcome, aim, milestone, not_found, reminder, tracking};
use crate::access::{Action, Permit};
use crate::event::{Event, Kind};
use crate::rules::input::goal::{self as input, Draft};
use crate::rules::input::{
    self as rules, Code, Ground, MOST_MILESTONES, MOST_REMINDERS, Path, Problem, count,
};
use crate::rules::status::is_active;
use crate::store::Saved;

/// Sets a goal with everything that belongs to it, or nothing at all.
pub async fn create(act: &Act, patient: Id, draft: Draft) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = work.patient_for(Action::Manage, patient).await?;
        let patient = found.as_ref().map(|(patient, _)| *patient);
        let today = work.today(patient).await?;
        let owner = owner(work, draft.therapist, patient).await?;
        work.check_session(draft.session, patient).await?;
        check(work, &draft, &Ground { today, ..ground(draft.tracking.as_ref()) });
        let ((patient, permit), owner) = work.check.done(found.zip(owner))?;

        let row = row(patient, owner, &draft, work.now);

        let goal = row.insert(&work.db).await?;
        if !is_active(Some(draft.status)) {
            pause(work, goal.id, today.latest()).await?;
        }

        work.emit(&permit, Event::of_goal(Kind::GoalCreated, &goal, goal.id));
        insert_parts(work, &permit, &goal, draft).await?;
        Ok(Changed { goal })
    })
    .await
}

/// What the goal is checked against when it is to be tracked like this.
fn ground(tracking: Option<&rules::tracking::Draft>) -> Ground {
    let measure = tracking.map(|tracking| tracking.measure(None));
    let direction = tracking.and_then(|tracking| tracking.direction);
    Ground { measure, direction, ..Ground::default() }
}

fn check(work: &mut Work<'_>, draft: &Draft, ground: &Ground) {
    let path = Path::input();
    let tracking = draft.tracking.as_ref();
    let tracking = tracking.map(|tracking| rules::tracking::check(&path.at("tracking"), tracking));
    work.check.add(&path, tracking.unwrap_or_default());
    work.check.note(input::check(draft, ground));
    let (milestones, reminders) = (path.at("milestones"), path.at("reminders"));
    work.check.note(count(&milestones, "milestones", 0, draft.milestones.len(), MOST_MILESTONES));
    work.check.note(count(&reminders, "reminders", 0, draft.reminders.len(), MOST_REMINDERS));
    for (index, draft) in draft.milestones.iter().take(MOST_MILESTONES).enumerate() {
        let path = milestones.at(index);
        work.check.add(&path, rules::milestone::check(&path, draft, ground));
    }
    for (index, draft) in draft.reminders.iter().take(MOST_REMINDERS).enumerate() {
        let path = reminders.at(index);
        work.check.add(&path, rules::reminder::check(&path, draft));
    }
}

/// The therapist who owns the goal: a therapist sets goals of their own, an admin names the owner. Without a
/// patient that the viewer may set goals for, only the form of the id is checked.
async fn owner(work: &mut Work<'_>, sent: Option<Uuid>, patient: Option<Uuid>) -> Outcome<Option<Uuid>> {
    let owner = possible_owner(work, sent, patient).await;
    Ok(work.check.found(owner)?.flatten())
}

async fn possible_owner(
    work: &mut Work<'_>,
    sent: Option<Uuid>,
    patient: Option<Uuid>,
) -> Outcome<Option<Uuid>> {
    let path = Path::input().at("therapistId");
    work.check.is_read(&path)?;
    if patient.is_none() {
        return Ok(None);
    }
    let viewer = work.viewer();
    let id = match sent {
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

fn row(patient: Uuid, owner: Uuid, draft: &Draft, now: NaiveDateTime) -> goal::ActiveModel {
    goal::ActiveModel {
        id: Set(Uuid::now_v7()),
        patient_id: Set(patient),
        therapist_id: Set(owner),
        session_id: Set(draft.session),
        description: Set(draft.description.trim().to_owned()),
        category: Set(draft.category.clone()),
        status: Set(Some(draft.status.as_str().to_owned())),
        baseline_value: Set(draft.baseline),
        target_value: Set(draft.target),
        target_date: Set(draft.target_date),
        created_at: Set(Some(now)),
        updated_at: Set(Some(now)),
        completed_at: Set((draft.status == Status::Completed).then_some(now)),
    }
}

/// Inserts the tracking, milestones and reminders of the goal, and emits an event for each.
async fn insert_parts(work: &mut Work<'_>, permit: &Permit, goal: &goal::Model, draft: Draft) -> Outcome<()> {
    let said = draft.tracking.as_ref().and_then(|draft| draft.direction);
    let direction = draft.tracking.as_ref().and_then(|draft| tracking::settled(draft, None, goal));
    aim::begin(work, goal, direction, said.is_some()).await?;
    if let Some(draft) = draft.tracking {
        let row = tracking::row(goal.id, draft, direction, work.now).into_active_model();
        let row = sea_orm::ActiveModelTrait::reset_all(row);
        let row = row.insert(&work.db).await?;
        work.emit(permit, Event::of_goal(Kind::TrackingConfigured, goal, row.id));
    }
    for draft in draft.milestones {
        let row = milestone::row(goal.id, draft, work.now).insert(&work.db).await?;
        work.emit(permit, Event::of_goal(Kind::MilestoneAdded, goal, row.id));
    }
    for draft in draft.reminders {
        let row = reminder::row(goal, draft, work.now).insert(&work.db).await?;
        work.emit(permit, Event::of_goal(Kind::ReminderScheduled, goal, row.id));
    }
    Ok(())
}
