//! One transaction: rows seen through the viewer, events of the same transaction, and the first answer
//! for whoever asks again.

use async_graphql::ID;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use entity::person::{self, Role};
use entity::{assessment, event, goal, session};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Set,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::check::Check;
use super::{Act, Outcome, not_found, request};
use crate::access::{Action, Permit, Viewer, Visible};
use crate::event::Event;
use crate::history::Tracked;
use crate::rules::input::{Code, Path, Problem};

/// A transaction under way. Dropped without [`commit`](Self::commit), nothing of it has happened.
pub struct Work<'a> {
    act: &'a Act,
    pub db: DatabaseTransaction,
    pub now: NaiveDateTime,
    events: Vec<event::ActiveModel>,
}

impl<'a> Work<'a> {
    pub async fn begin(act: &'a Act) -> Outcome<Self> {
        let db = act.viewer.store.begin().await?;
        Ok(Self { act, db, now: act.clock.stamp(), events: Vec::new() })
    }

    pub fn viewer(&self) -> &Viewer {
        &self.act.viewer
    }

    /// A goal that the viewer sees, locked until the end: of two writers the second waits, and sees what
    /// the first has done.
    pub async fn goal(&self, id: &ID) -> Outcome<goal::Model> {
        let path = Path::input().at("goalId");
        let id = Check::id(&path, id)?;
        self.locked_goal(id).await?.ok_or_else(|| not_found(&path, "goal"))
    }

    /// The same, with leave to do something to it.
    pub async fn goal_for(&self, action: Action, id: &ID) -> Outcome<(goal::Model, Permit)> {
        let goal = self.goal(id).await?;
        let permit = self.permit(action, goal.patient_id).await?;
        Ok((goal, permit))
    }

    /// How a goal is tracked. Nothing is known of one that was not found.
    pub async fn tracked(&self, goal: Option<&goal::Model>) -> Outcome<Tracked> {
        match goal {
            Some(goal) => Ok(Tracked::of(&self.db, self.viewer(), goal.id).await?),
            None => Ok(Tracked::default()),
        }
    }

    pub async fn locked_goal(&self, id: Uuid) -> Outcome<Option<goal::Model>> {
        let goals = self.viewer().all::<goal::Entity>().filter(goal::Column::Id.eq(id));
        Ok(goals.lock_exclusive().one(&self.db).await?)
    }

    /// A row that hangs on a goal, read again once the goal is locked.
    pub async fn below_goal<E>(
        &self,
        field: &str,
        id: &ID,
        what: &str,
        goal_of: impl Fn(&E::Model) -> Uuid,
    ) -> Outcome<(goal::Model, E::Model)>
    where
        E: Visible<Model: Send + Sync>,
    {
        let path = Path::input().at(field);
        let id = Check::id(&path, id)?;
        let absent = || not_found(&path, what);
        let row = self.find::<E>(id).await?.ok_or_else(absent)?;
        let goal = self.locked_goal(goal_of(&row)).await?.ok_or_else(absent)?;
        let row = self.find::<E>(id).await?.ok_or_else(absent)?;
        Ok((goal, row))
    }

    /// A row that the viewer sees.
    pub async fn find<E: Visible<Model: Send + Sync>>(&self, id: Uuid) -> Outcome<Option<E::Model>> {
        Ok(self.viewer().all::<E>().filter(E::id().eq(id)).one(&self.db).await?)
    }

    /// A session of this patient's; a stranger's is as good as none. As long as nobody knows who the
    /// patient is, only its form can be wrong.
    pub async fn session(&self, id: &ID, patient: Option<Uuid>) -> Outcome<Option<Uuid>> {
        let path = Path::input().at("sessionId");
        let id = Check::id(&path, id)?;
        let Some(patient) = patient else { return Ok(None) };
        let found = self.find::<session::Entity>(id).await?;
        let own = found.filter(|session| session.patient_id == patient);
        own.map(|session| Some(session.id)).ok_or_else(|| not_found(&path, "session of this patient"))
    }

    /// The patient's local day; as long as nobody knows who that is, the latest there is on Earth.
    pub async fn today(&self, patient: Option<Uuid>) -> Outcome<NaiveDate> {
        let Some(patient) = patient else { return Ok((self.now + TimeDelta::hours(14)).date()) };
        let zone = self.viewer().zone_of(&self.db, patient).await?;
        Ok(self.now.and_utc().with_timezone(&zone).date_naive())
    }

    /// A person that the viewer sees, who is a patient, with leave to do something for them.
    pub async fn patient_for(&self, action: Action, id: &ID) -> Outcome<(Uuid, Permit)> {
        let path = Path::input().at("patientId");
        let id = Check::id(&path, id)?;
        let person = self.find::<person::Entity>(id).await?;
        let patient = person.filter(|person| person.role() == Some(Role::Patient));
        let patient = patient.ok_or_else(|| not_found(&path, "patient"))?.id;
        Ok((patient, self.permit(action, patient).await?))
    }

    /// Leave to do something to what belongs to a patient.
    pub async fn permit(&self, action: Action, patient: Uuid) -> Outcome<Permit> {
        let permit = self.viewer().authorize(&self.db, action, patient).await?;
        let message = "You may not do this for this patient.";
        permit.ok_or_else(|| Problem::new(Code::NotAllowed, &Path::input(), message).into())
    }

    /// An event of this transaction. It takes a permit: nothing is told that was not permitted.
    pub fn emit(&mut self, _permit: &Permit, event: Event) {
        self.events.push(event.row(self.now));
    }

    /// The first answer, when this was asked before.
    pub async fn first_answer<T: DeserializeOwned>(&self) -> Outcome<Option<T>> {
        let Some(retry) = &self.act.retry else { return Ok(None) };
        let first = request::first_answer(&self.db, self.viewer().id(), retry, self.now).await?;
        let Some(first) = first else { return Ok(None) };
        if !self.still_sees(&read(&first)?).await? {
            let message = "What this key was used for is not there any more.";
            return Err(Problem::new(Code::NotFound, &request::path(), message).into());
        }
        Ok(Some(read(&first)?))
    }

    /// Whether a first answer may be told again: its goal or score may be gone since, or the leave to see
    /// them.
    async fn still_sees(&self, about: &request::About) -> Outcome<bool> {
        Ok(match (&about.goal, &about.assessment) {
            (Some(goal), _) => self.find::<goal::Entity>(goal.id).await?.is_some(),
            (None, Some(score)) => self.find::<assessment::Entity>(score.id).await?.is_some(),
            (None, None) => true,
        })
    }

    /// Marks the goal as changed.
    pub async fn touch(&self, goal: goal::Model) -> Outcome<goal::Model> {
        let mut row = goal.into_active_model();
        row.updated_at = Set(Some(self.now));
        Ok(row.update(&self.db).await?)
    }

    /// Writes the events and the answer, and commits: from here on all of it has happened.
    pub async fn commit<T: Serialize>(self, answer: T) -> Outcome<T> {
        let told = !self.events.is_empty();
        if told {
            event::Entity::insert_many(self.events).exec_without_returning(&self.db).await?;
        }
        if let Some(retry) = &self.act.retry {
            request::keep(&self.db, self.act.viewer.id(), retry, &answer).await?;
        }
        if told {
            self.act.viewer.store.commit_with_events(self.db).await?;
        } else {
            self.db.commit().await?;
        }
        Ok(answer)
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, DbErr> {
    serde_json::from_str(answer).map_err(|error| DbErr::Json(error.to_string()))
}
