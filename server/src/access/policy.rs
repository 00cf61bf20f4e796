//! The whole policy on one page: which rows of each kind a viewer may see, and who may do what.

use entity::person::Role;
use entity::{
    aim, assessment, goal, milestone, pause, person, progress, reminder, reminder_delivery, session,
    tracking, transfer, webhook, webhook_delivery,
};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, IntoSimpleExpr, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::{OfGoal, Viewer, Visible};
use crate::store::Neighbours;

impl Visible for goal::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let patient = goal::Column::PatientId;
        match viewer.role {
            Role::Admin => Condition::all(),
            Role::Patient => Condition::all().add(patient.eq(viewer.id())),
            // A union, not an OR: each branch has an index of its own.
            Role::Therapist => {
                let owned = goals_where(goal::Column::TherapistId.eq(viewer.id()));
                let treated = goals_where(patient.in_subquery(present_patients(viewer)));
                Condition::all().add(goal::Column::Id.in_subquery(union([owned, treated])))
            }
        }
    }

    fn scope_of_few(viewer: &Viewer) -> Condition {
        if viewer.role != Role::Therapist {
            return Self::scope(viewer);
        }
        let treated = goal::Column::PatientId.in_subquery(present_patients(viewer));
        Condition::any().add(goal::Column::TherapistId.eq(viewer.id())).add(treated)
    }

    fn id() -> goal::Column {
        goal::Column::Id
    }

    fn id_of(row: &goal::Model) -> Uuid {
        row.id
    }
}

/// Everyone a viewer works with: themselves; for a patient, who treats or treated them; for a
/// therapist, their present patients and whoever else stands on a goal or session they may see.
impl Visible for person::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let id = person::Column::Id;
        if viewer.role == Role::Admin {
            return Condition::all();
        }
        let goals = |column| column_of(viewer.all::<goal::Entity>(), column);
        let sessions = |column| column_of(viewer.all::<session::Entity>(), column);
        let mut known = vec![
            present_therapists(viewer),
            goals(goal::Column::TherapistId),
            sessions(session::Column::TherapistId),
        ];
        if viewer.role == Role::Therapist {
            known[0] = present_patients(viewer);
            known.push(goals(goal::Column::PatientId));
            known.push(sessions(session::Column::PatientId));
        }
        Condition::any().add(id.eq(viewer.id())).add(id.in_subquery(union(known)))
    }

    fn source(neighbours: &Neighbours) -> Option<SelectStatement> {
        Some(neighbours.people())
    }

    fn id() -> person::Column {
        person::Column::Id
    }

    fn id_of(row: &person::Model) -> Uuid {
        row.id
    }
}

impl Visible for session::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let patient = session::Column::PatientId;
        match viewer.role {
            Role::Admin => Condition::all(),
            Role::Patient => Condition::all().add(patient.eq(viewer.id())),
            Role::Therapist => Condition::any()
                .add(session::Column::TherapistId.eq(viewer.id()))
                .add(patient.in_subquery(present_patients(viewer))),
        }
    }

    fn source(neighbours: &Neighbours) -> Option<SelectStatement> {
        Some(neighbours.sessions())
    }

    fn id() -> session::Column {
        session::Column::Id
    }

    fn id_of(row: &session::Model) -> Uuid {
        row.id
    }
}

/// A score belongs to its patient; a goal it hangs on opens it only when the patient is the same.
impl Visible for assessment::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let patient = assessment::Column::PatientId;
        match viewer.role {
            Role::Admin => Condition::all(),
            Role::Patient => Condition::all().add(patient.eq(viewer.id())),
            Role::Therapist => Condition::any()
                .add(patient.in_subquery(present_patients(viewer)))
                .add(on_own_goal(viewer, assessment::Column::GoalId, patient)),
        }
    }

    fn id() -> assessment::Column {
        assessment::Column::Id
    }

    fn id_of(row: &assessment::Model) -> Uuid {
        row.id
    }
}

/// A reminder is seen with its goal; one that names another patient than the goal does is not shown.
impl Visible for reminder::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let mut goals = viewer.all::<goal::Entity>().select_only().column(goal::Column::Id).into_query();
        goals.and_where(same_patient(reminder::Column::PatientId));
        Condition::all().add(reminder::Column::GoalId.in_subquery(goals))
    }

    fn id() -> reminder::Column {
        reminder::Column::Id
    }

    fn id_of(row: &reminder::Model) -> Uuid {
        row.id
    }
}

/// What became of a reminder is seen with the reminder; an admin also sees it of one that is gone.
impl Visible for reminder_delivery::Entity {
    fn scope(viewer: &Viewer) -> Condition {
        let reminder = reminder_delivery::Column::ReminderId;
        let seen = || column_of(viewer.all::<reminder::Entity>(), reminder::Column::Id);
        let own = (viewer.role != Role::Admin).then(|| reminder.in_subquery(seen()));
        Condition::all().add_option(own)
    }

    fn id() -> reminder_delivery::Column {
        reminder_delivery::Column::Id
    }

    fn id_of(row: &reminder_delivery::Model) -> Uuid {
        row.id
    }
}

/// Webhooks and what became of their deliveries are for admins.
macro_rules! for_admins {
    ($($noun:ident),+) => { $(
        impl Visible for $noun::Entity {
            fn scope(viewer: &Viewer) -> Condition {
                let nobody = Self::is_hidden_from(viewer).then(|| Expr::cust("FALSE"));
                Condition::all().add_option(nobody)
            }

            fn is_hidden_from(viewer: &Viewer) -> bool {
                viewer.role != Role::Admin
            }

            fn id() -> Self::Column { $noun::Column::Id }
            fn id_of(row: &$noun::Model) -> Uuid { row.id }
        }
    )+ };
}

for_admins!(webhook, webhook_delivery);

macro_rules! of_goal {
    ($($noun:ident),+) => { $(
        impl OfGoal for $noun::Entity {
            fn goal_id() -> Self::Column { $noun::Column::GoalId }
            fn id() -> Self::Column { $noun::Column::Id }
        }

        impl Visible for $noun::Entity {
            fn scope(viewer: &Viewer) -> Condition {
                let goals = column_of(viewer.all::<goal::Entity>(), goal::Column::Id);
                Condition::all().add($noun::Column::GoalId.in_subquery(goals))
            }

            fn id() -> Self::Column { $noun::Column::Id }
            fn id_of(row: &$noun::Model) -> Uuid { row.id }
        }
    )+ };
}

of_goal!(tracking, progress, milestone, pause, aim, transfer);

pub(super) fn present_patients(viewer: &Viewer) -> SelectStatement {
    pairs(viewer, "patient_id", "therapist_id")
}

fn present_therapists(viewer: &Viewer) -> SelectStatement {
    pairs(viewer, "therapist_id", "patient_id")
}

fn pairs(viewer: &Viewer, wanted: &'static str, own: &'static str) -> SelectStatement {
    let mut pairs = viewer.store.neighbours().present_pairs();
    pairs.clear_selects().expr(Expr::col((Alias::new("p"), Alias::new(wanted))));
    pairs.and_where(Expr::col((Alias::new("p"), Alias::new(own))).eq(viewer.id()));
    pairs
}

fn on_own_goal(viewer: &Viewer, goal_id: assessment::Column, patient: assessment::Column) -> SimpleExpr {
    let mut owned = goals_where(goal::Column::TherapistId.eq(viewer.id()));
    owned.and_where(same_patient(patient));
    goal_id.in_subquery(owned)
}

/// The goal's patient is the one a row outside this subquery names.
fn same_patient(patient: impl IntoSimpleExpr) -> SimpleExpr {
    Expr::col((goal::Entity, goal::Column::PatientId)).eq(patient.into_simple_expr())
}

fn goals_where(condition: SimpleExpr) -> SelectStatement {
    let mut goals = Query::select();
    goals.column((goal::Entity, goal::Column::Id)).from(goal::Entity).and_where(condition);
    goals
}

fn column_of<E: Visible>(rows: Select<E>, column: E::Column) -> SelectStatement {
    rows.select_only().column(column).into_query()
}

fn union(selects: impl IntoIterator<Item = SelectStatement>) -> SelectStatement {
    let mut selects = selects.into_iter();
    let mut first = selects.next().unwrap_or_default();
    first.unions(selects.map(|select| (UnionType::Distinct, select)));
    first
}

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
