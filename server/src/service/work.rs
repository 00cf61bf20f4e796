//! One transaction for one act. A retry gets the first answer; otherwise the events and the answer are
//! committed with what was done.

use chrono::NaiveDateTime;
use entity::{assessment, event, goal, person, webhook};
use sea_orm::{DbErr, EntityTrait, IntoActiveModel, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::check::Check;
use super::known::Known;
use super::{Act, Outcome, request};
use crate::access::{Permit, Viewer};
use crate::agenda;
use crate::event::Event;
use crate::rules::input::{Code, Problem};
use crate::store::{Saved, Transaction};

/// A transaction under way. When it is dropped before it is committed, nothing of it has happened.
pub struct Work<'a> {
    act: &'a Act,
    pub db: Transaction,
    pub now: NaiveDateTime,
    pub check: Check,
    pub known: Known,
    events: Vec<event::ActiveModel>,
    /// Goals and patients whose timed work is to be reckoned anew.
    moved: Vec<Uuid>,
}

/// Carries out an act in one transaction. A retry with the same key gets the first answer, before anything
/// else is checked.
pub async fn carry_out<T>(act: &Act, doing: impl AsyncFnOnce(&mut Work<'_>) -> Outcome<T>) -> Outcome<T>
where
    T: Serialize + DeserializeOwned,
{
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.first_answer().await? {
        return Ok(first);
    }
    let answer = doing(&mut work).await?;
    work.commit(answer).await
}

impl<'a> Work<'a> {
    async fn begin(act: &'a Act) -> Outcome<Self> {
        let db = act.viewer.store.begin().await?;
        let (check, known) = (Check::of(&act.unread), Known::default());
        Ok(Self { act, db, now: act.clock.stamp(), check, known, events: Vec::new(), moved: Vec::new() })
    }

    pub fn viewer(&self) -> &'a Viewer {
        &self.act.viewer
    }

    /// Whether the client chose a key for this request.
    pub const fn has_key(&self) -> bool {
        self.act.retry.is_some()
    }

    /// Adds an event to this transaction. The permit shows that what happened was allowed.
    pub fn emit(&mut self, _permit: &Permit, event: Event) {
        self.known.forget_after(event.kind);
        if agenda::is_moved_by(event.kind) {
            event.goal.into_iter().for_each(|(goal, _)| self.reckon_anew(goal));
        }
        self.events.push(event.row(self.now));
    }

    /// Has the timed work of a goal, or of all goals of a patient, reckoned anew when this is committed. An
    /// event of a goal does it by itself.
    pub fn reckon_anew(&mut self, goal_or_patient: Uuid) {
        if !self.moved.contains(&goal_or_patient) {
            self.moved.push(goal_or_patient);
        }
    }

    /// Marks the goal as changed.
    pub async fn touch(&self, goal: goal::Model) -> Outcome<goal::Model> {
        let mut row = goal.into_active_model();
        row.updated_at = Set(Some(self.now));
        Ok(row.update(&self.db).await?)
    }

    /// The first answer, when this was asked before.
    async fn first_answer<T: DeserializeOwned>(&self) -> Outcome<Option<T>> {
        let Some(retry) = &self.act.retry else { return Ok(None) };
        let first = request::first_answer(&self.db, self.viewer().id(), retry, self.now).await?;
        let Some(first) = first else { return Ok(None) };
        if !self.still_sees(&read(&first)?).await? {
            let message = "What this key was used for is not there any more.";
            return Err(Problem::new(Code::NotFound, &request::path(), message).into());
        }
        Ok(Some(read(&first)?))
    }

    /// Whether the viewer may still get a first answer: since then its goal, score, person or webhook may have been
    /// deleted, or hidden from this viewer.
    async fn still_sees(&self, about: &request::About) -> Outcome<bool> {
        let request::About { goal, assessment, person, webhook } = about;
        Ok(match (goal, assessment, person, webhook) {
            (Some(goal), ..) => self.find::<goal::Entity>(goal.id).await?.is_some(),
            (None, Some(score), ..) => self.find::<assessment::Entity>(score.id).await?.is_some(),
            (None, None, Some(person), _) => self.find::<person::Entity>(person.id).await?.is_some(),
            (None, None, None, Some(webhook)) => self.find::<webhook::Entity>(webhook.id).await?.is_some(),
            (None, None, None, None) => true,
        })
    }

    /// Writes the events and the answer, and commits.
    async fn commit<T: Serialize>(self, answer: T) -> Outcome<T> {
        let emitted = !self.events.is_empty();
        if emitted {
            event::Entity::insert_many(self.events).exec_without_returning(&self.db).await?;
        }
        if let Some(retry) = &self.act.retry {
            request::keep(&self.db, self.act.viewer.id(), retry, &answer).await?;
        }
        agenda::reckon(&self.db, &self.moved, self.now).await?;
        if emitted {
            self.db.commit_with_events().await?;
        } else {
            self.db.commit().await?;
        }
        if !self.moved.is_empty() {
            self.act.viewer.store.wake_scheduler();
        }
        Ok(answer)
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, DbErr> {
    serde_json::from_str(answer).map_err(|error| DbErr::Json(error.to_string()))
}
