//! The policy of doing on one page: who may do what.

use entity::goal;
use entity::person::Role;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr};
use uuid::Uuid;

use super::Viewer;
use super::policy::present_patients;

/// What somebody may want to do for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Set, change and delete goals, tracking, milestones and assessments.
    Manage,
    /// Record progress; a patient reports on themselves.
    Record,
    /// Change or delete an entry that this person recorded.
    Correct(Option<Uuid>),
    /// Set up, change and delete reminders.
    Remind,
    /// Hand a goal that this person owns to another therapist of the patient.
    HandOver(Uuid),
    /// Change somebody's time zone and the start of their weeks; everybody may change their own.
    Set,
}

/// Leave to take an action. Only [`Viewer::authorize`] and [`Viewer::authorize_if`] give it.
#[derive(Debug)]
pub struct Permit(());

impl Viewer {
    /// Who may do what. Therapists may do everything for their present patients: one who owns a goal of a
    /// former patient goes on seeing it, may hand it over, and changes nothing else. Patients record, correct
    /// what they recorded themselves, and manage their reminders and settings. Admins may do everything.
    pub async fn authorize(
        &self,
        db: &impl ConnectionTrait,
        action: Action,
        patient: Uuid,
    ) -> Result<Option<Permit>, DbErr> {
        let treats = self.role == Role::Therapist && self.treats(db, patient).await?;
        Ok(self.authorize_if(action, patient, treats))
    }

    /// As [`authorize`](Self::authorize), when it was read already whether the viewer is a present therapist
    /// of the patient.
    #[must_use]
    pub fn authorize_if(&self, action: Action, patient: Uuid, treats: bool) -> Option<Permit> {
        let allowed = match self.role {
            Role::Admin => true,
            Role::Therapist => treats || self.is_own(action, patient),
            Role::Patient if patient != self.id() => false,
            Role::Patient => match action {
                Action::Manage | Action::HandOver(_) => false,
                Action::Record | Action::Remind | Action::Set => true,
                Action::Correct(recorded_by) => recorded_by == Some(self.id()),
            },
        };
        allowed.then_some(Permit(()))
    }

    /// Who may set up what concerns the whole server, such as webhooks: admins.
    #[must_use]
    pub fn may_configure(&self) -> Option<Permit> {
        (self.role == Role::Admin).then_some(Permit(()))
    }

    /// What therapists may do without treating anybody: hand over what they own, and set what is theirs.
    fn is_own(&self, action: Action, person: Uuid) -> bool {
        match action {
            Action::HandOver(owner) => owner == self.id(),
            Action::Set => person == self.id(),
            Action::Manage | Action::Record | Action::Correct(_) | Action::Remind => false,
        }
    }

    /// A column of a select of goals: whether the viewer is a present therapist of the goal's patient.
    #[must_use]
    pub fn treats_patient_of_goal(&self) -> SimpleExpr {
        match self.role {
            Role::Therapist => goal::Column::PatientId.in_subquery(present_patients(self)),
            Role::Admin | Role::Patient => Expr::cust("FALSE"),
        }
    }

    /// Whether the viewer could see a goal that is gone, and whose patient and owner are known.
    pub async fn could_see(
        &self,
        db: &impl ConnectionTrait,
        patient: Uuid,
        owner: Option<Uuid>,
    ) -> Result<bool, DbErr> {
        match self.role {
            Role::Admin => Ok(true),
            Role::Patient => Ok(patient == self.id()),
            Role::Therapist => Ok(owner == Some(self.id()) || self.treats(db, patient).await?),
        }
    }

    /// The same at any time so far, as well as it is known: whoever loses a patient goes on behind the last
    /// they heard of them.
    pub async fn could_ever_see(
        &self,
        db: &impl ConnectionTrait,
        patient: Uuid,
        owner: Option<Uuid>,
    ) -> Result<bool, DbErr> {
        let mut pair = self.store.neighbours().pairs();
        pair.and_where(Expr::col((Alias::new("p"), Alias::new("therapist_id"))).eq(self.id()));
        pair.and_where(Expr::col((Alias::new("p"), Alias::new("patient_id"))).eq(patient));
        Ok(self.could_see(db, patient, owner).await?
            || self.role == Role::Therapist && db.query_one(&pair).await?.is_some())
    }

    async fn treats(&self, db: &impl ConnectionTrait, patient: Uuid) -> Result<bool, DbErr> {
        let mut pair = present_patients(self);
        pair.and_where(Expr::col((Alias::new("p"), Alias::new("patient_id"))).eq(patient));
        Ok(db.query_one(&pair).await?.is_some())
    }
}
