//! The rows that an act is about, as far as the viewer sees them, with the permit to do something to them.
//!
//! When there is no such row, the problem is noted and the result is `None`, so that the rest of the input can
//! still be checked.

use chrono::NaiveDateTime;
use entity::person::{self, Role};
use entity::{FromPlaces, goal, session};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, PaginatorTrait};
use uuid::Uuid;

use super::work::Work;
use super::{Id, KnownGoal, Outcome, not_found};
use crate::access::{Action, Permit, Visible};
use crate::rules::input::{self, Code, Path, Problem};
use crate::store::one;

impl Work<'_> {
    /// A goal that the viewer sees, with the permit for an action. It is locked until the transaction ends: of
    /// two writers the second waits, and sees what the first has done.
    pub async fn goal_for(&mut self, action: Action, id: Id) -> Outcome<Option<(goal::Model, Permit)>> {
        let found = self.permitted_goal(action, id).await;
        self.check.found(found)
    }

    async fn permitted_goal(&mut self, action: Action, id: Id) -> Outcome<(goal::Model, Permit)> {
        let goal = self.goal(id).await?;
        let permit = self.permit(action, goal.patient_id).await?;
        Ok((goal, permit))
    }

    /// A goal to manage. A problem is noted when somebody has changed it since it was read.
    pub async fn known_goal(&mut self, known: KnownGoal) -> Outcome<Option<(goal::Model, Permit)>> {
        let found = self.goal_for(Action::Manage, known.id).await?;
        self.check_unchanged(found.as_ref().map(|(goal, _)| goal), known.updated_at)?;
        Ok(found)
    }

    /// Notes when somebody has changed a goal since it was read.
    pub fn check_unchanged(
        &mut self,
        goal: Option<&goal::Model>,
        expected: Option<NaiveDateTime>,
    ) -> Outcome<()> {
        let unchanged = self.is_unchanged(goal, expected);
        self.check.found(unchanged).map(|_| ())
    }

    fn is_unchanged(&mut self, goal: Option<&goal::Model>, expected: Option<NaiveDateTime>) -> Outcome<()> {
        let path = Path::input().at("expectedUpdatedAt");
        self.check.is_read(&path)?;
        match goal.zip(expected) {
            Some((goal, expected)) if goal.updated_at() != expected => {
                let message = "The goal has been changed since you read it.";
                Err(Problem::new(Code::Conflict, &path, message).into())
            }
            _ => Ok(()),
        }
    }

    /// A goal that the viewer sees, locked until the transaction ends.
    pub async fn goal(&mut self, id: Id) -> Outcome<goal::Model> {
        let path = Path::input().at("goalId");
        let id = self.check.id(&path, id)?;
        self.locked_goal(id).await?.ok_or_else(|| not_found(&path, "goal"))
    }

    /// A row that belongs to a goal, with the permit for an action. `of` gives the row's goal and the action.
    pub async fn below_goal<E>(
        &mut self,
        (field, what): (&str, &str),
        id: Id,
        of: impl Fn(&E::Model) -> (Uuid, Action),
    ) -> Outcome<Option<(goal::Model, E::Model, Permit)>>
    where
        E: Visible<Model: FromPlaces + Send + Sync>,
    {
        let found = self.permitted_below_goal::<E>((field, what), id, of).await;
        self.check.found(found)
    }

    /// The row is read again after its goal was locked: it may have changed while this transaction waited.
    async fn permitted_below_goal<E>(
        &mut self,
        (field, what): (&str, &str),
        id: Id,
        of: impl Fn(&E::Model) -> (Uuid, Action),
    ) -> Outcome<(goal::Model, E::Model, Permit)>
    where
        E: Visible<Model: FromPlaces + Send + Sync>,
    {
        let path = Path::input().at(field);
        let id = self.check.id(&path, id)?;
        let absent = || not_found(&path, what);
        let row = self.find::<E>(id).await?.ok_or_else(absent)?;
        let goal = self.locked_goal(of(&row).0).await?.ok_or_else(absent)?;
        let row = self.find::<E>(id).await?.ok_or_else(absent)?;
        let permit = self.permit(of(&row).1, goal.patient_id).await?;
        Ok((goal, row, permit))
    }

    /// A row that the viewer sees.
    pub async fn find<E: Visible<Model: FromPlaces>>(&self, id: Uuid) -> Outcome<Option<E::Model>> {
        Ok(one(&self.db, self.viewer().few::<E>(E::id().eq(id))).await?)
    }

    /// The number of rows that the viewer sees and that meet a condition.
    pub async fn count<E>(&self, condition: SimpleExpr) -> Outcome<u64>
    where
        E: Visible<Model: Send + Sync>,
    {
        Ok(self.viewer().few::<E>(condition).count(&self.db).await?)
    }

    /// Notes when a goal has as many rows of a kind as it can have. `of_goal` is the condition for its rows.
    pub async fn check_room<E>(&mut self, of_goal: SimpleExpr, plural: &str, most: usize) -> Outcome<()>
    where
        E: Visible<Model: Send + Sync>,
    {
        let stored = usize::try_from(self.count::<E>(of_goal).await?).unwrap_or(usize::MAX);
        self.check.note(input::count(&Path::input().at("goalId"), plural, stored, 1, most));
        Ok(())
    }

    /// Notes when a session is not one of this patient. Without a known patient only the form of the id is
    /// checked.
    pub async fn check_session(&mut self, id: Option<Uuid>, patient: Option<Uuid>) -> Outcome<()> {
        let own = self.is_own_session(id, patient).await;
        self.check.found(own).map(|_| ())
    }

    async fn is_own_session(&mut self, id: Option<Uuid>, patient: Option<Uuid>) -> Outcome<()> {
        let path = Path::input().at("sessionId");
        self.check.is_read(&path)?;
        let Some((id, patient)) = id.zip(patient) else { return Ok(()) };
        let found = self.find::<session::Entity>(id).await?;
        let own = found.is_some_and(|session| session.patient_id == patient);
        if own { Ok(()) } else { Err(not_found(&path, "session of this patient")) }
    }

    /// A patient that the viewer sees, with the permit for an action.
    pub async fn patient_for(&mut self, action: Action, id: Id) -> Outcome<Option<(Uuid, Permit)>> {
        let found = self.permitted_patient(action, id).await;
        self.check.found(found)
    }

    async fn permitted_patient(&mut self, action: Action, id: Id) -> Outcome<(Uuid, Permit)> {
        let path = Path::input().at("patientId");
        let id = self.check.id(&path, id)?;
        let person = self.find::<person::Entity>(id).await?;
        let patient = person.filter(|person| person.role() == Some(Role::Patient));
        let patient = patient.ok_or_else(|| not_found(&path, "patient"))?.id;
        Ok((patient, self.permit(action, patient).await?))
    }
}
