//! One transaction: rows seen through the viewer, events of the same transaction, and the first answer
//! for whoever asks again.

use std::sync::{Arc, OnceLock};

use async_graphql::ID;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::person::{self, Role};
use entity::{assessment, event, goal, session};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QuerySelect, QueryTrait, Set,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::check::Check;
use super::{Act, Outcome, not_found, request};
use crate::access::{Deed, Permit, Viewer, Visible};
use crate::event::{Event, Kind};
use crate::history::{Subject, Tracked};
use crate::rules::input::{Code, Path, Problem};
use crate::store::Transaction;

/// A transaction under way. Dropped without [`finish`](Self::finish), nothing of it has happened.
pub struct Work<'a> {
    act: &'a Act,
    pub db: Transaction,
    pub now: NaiveDateTime,
    events: Vec<event::ActiveModel>,
    /// What came with the goal that was locked.
    locked: OnceLock<Locked>,
    /// How a goal is tracked, when it was asked for.
    tracked: OnceLock<(Uuid, Tracked)>,
}

/// What is read of a goal's patient in the statement that locks the goal.
#[derive(Debug)]
struct Locked {
    patient: Uuid,
    zone: Tz,
    /// Whether the viewer is a present therapist of theirs.
    treated: bool,
}

impl<'a> Work<'a> {
    pub async fn begin(act: &'a Act) -> Outcome<Self> {
        let db = act.viewer.store.begin().await?;
        let (locked, tracked) = (OnceLock::new(), OnceLock::new());
        Ok(Self { act, db, now: act.clock.stamp(), events: Vec::new(), locked, tracked })
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
    pub async fn goal_for(&self, deed: Deed, id: &ID) -> Outcome<(goal::Model, Permit)> {
        let goal = self.goal(id).await?;
        let permit = self.permit(deed, goal.patient_id).await?;
        Ok((goal, permit))
    }

    /// How a goal is tracked, read once until this transaction changes it. Nothing is known of a goal that
    /// was not found.
    pub async fn tracked(&self, goal: Option<&goal::Model>) -> Outcome<Tracked> {
        let Some(goal) = goal else { return Ok(Tracked::default()) };
        if let Some((_, tracked)) = self.tracked.get().filter(|(id, _)| *id == goal.id) {
            return Ok(tracked.clone());
        }
        let tracked = Tracked::of(&self.db, self.viewer(), goal.id).await?;
        let _ = self.tracked.set((goal.id, tracked.clone()));
        Ok(tracked)
    }

    /// A goal with what its figures rest on.
    pub async fn subject(&self, goal: &goal::Model) -> Outcome<Subject> {
        let (zone, tracked) = (self.zone(goal.patient_id).await?, self.tracked(Some(goal)).await?);
        Ok(Subject { goal: Arc::new(goal.clone()), tracked, zone })
    }

    pub async fn locked_goal(&self, id: Uuid) -> Outcome<Option<goal::Model>> {
        let goals = self.viewer().all::<goal::Entity>().filter(goal::Column::Id.eq(id));
        let mut select = goals.lock_exclusive().into_query();
        select
            .expr_as(self.viewer().zone_of_goal(), "patient_zone")
            .expr_as(self.viewer().treats_patient_of_goal(), "patient_treated");
        let Some(row) = self.db.query_one(&select).await? else { return Ok(None) };
        let goal = goal::Model::from_query_result(&row, "")?;
        let zone: Option<String> = row.try_get("", "patient_zone")?;
        let zone = zone.and_then(|zone| zone.parse().ok()).unwrap_or_default();
        let treated = row.try_get("", "patient_treated")?;
        self.locked.get_or_init(|| Locked { patient: goal.patient_id, zone, treated });
        Ok(Some(goal))
    }

    fn locked(&self, patient: Uuid) -> Option<&Locked> {
        self.locked.get().filter(|locked| locked.patient == patient)
    }

    async fn zone(&self, patient: Uuid) -> Outcome<Tz> {
        match self.locked(patient) {
            Some(locked) => Ok(locked.zone),
            None => Ok(self.viewer().zone_of(&self.db, patient).await?),
        }
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
        let zone = self.zone(patient).await?;
        Ok(self.now.and_utc().with_timezone(&zone).date_naive())
    }

    /// A person that the viewer sees, who is a patient, with leave to do something for them.
    pub async fn patient_for(&self, deed: Deed, id: &ID) -> Outcome<(Uuid, Permit)> {
        let path = Path::input().at("patientId");
        let id = Check::id(&path, id)?;
        let person = self.find::<person::Entity>(id).await?;
        let patient = person.filter(|person| person.role() == Some(Role::Patient));
        let patient = patient.ok_or_else(|| not_found(&path, "patient"))?.id;
        Ok((patient, self.permit(deed, patient).await?))
    }

    /// Leave to do something to what belongs to a patient.
    pub async fn permit(&self, deed: Deed, patient: Uuid) -> Outcome<Permit> {
        let permit = match self.locked(patient) {
            Some(locked) => self.viewer().may_if(deed, patient, locked.treated),
            None => self.viewer().may(&self.db, deed, patient).await?,
        };
        let message = "You may not do this for this patient.";
        permit.ok_or_else(|| Problem::new(Code::NotAllowed, &Path::input(), message).into())
    }

    /// An event of this transaction. It takes a permit: nothing is told that was not permitted.
    pub fn tell(&mut self, _permit: &Permit, event: Event) {
        // A goal's instrument is that of its newest assessment.
        if matches!(event.kind, Kind::TrackingConfigured | Kind::AssessmentRecorded | Kind::AssessmentDeleted)
        {
            self.tracked = OnceLock::new();
        }
        self.events.push(event.row(self.now));
    }

    /// The first answer, when this was asked before.
    pub async fn replay<T: DeserializeOwned>(&self) -> Outcome<Option<T>> {
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
    pub async fn finish<T: Serialize>(self, answer: T) -> Outcome<T> {
        let told = !self.events.is_empty();
        if told {
            event::Entity::insert_many(self.events).exec_without_returning(&self.db).await?;
        }
        if let Some(retry) = &self.act.retry {
            request::keep(&self.db, self.act.viewer.id(), retry, &answer).await?;
        }
        if told {
            self.db.commit_with_events().await?;
        } else {
            self.db.commit().await?;
        }
        Ok(answer)
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, DbErr> {
    serde_json::from_str(answer).map_err(|error| DbErr::Json(error.to_string()))
}
