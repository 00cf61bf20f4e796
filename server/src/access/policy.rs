//! The policy of seeing on one page: which rows of each kind a viewer may see. That of doing is `permit`.

use entity::person::Role;
use entity::{
    aim, assessment, goal, milestone, pause, person, progress, reminder, reminder_delivery, session,
    tracking, transfer, webhook, webhook_delivery,
};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, Condition, IntoSimpleExpr, QuerySelect, QueryTrait, Select};
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

    fn scope_of_few(viewer: &Viewer) -> Condition {
        let id = person::Column::Id;
        let on_goal = |column: goal::Column| exists(viewer.few::<goal::Entity>(same(column, id)));
        let on_session = |column: session::Column| exists(viewer.few::<session::Entity>(same(column, id)));
        let treating = || [on_goal(goal::Column::TherapistId), on_session(session::Column::TherapistId)];
        let treated = || [on_goal(goal::Column::PatientId), on_session(session::Column::PatientId)];
        let (present, known) = match viewer.role {
            Role::Admin => return Condition::all(),
            Role::Patient => (present_therapists(viewer), treating().to_vec()),
            Role::Therapist => (present_patients(viewer), [treating(), treated()].concat()),
        };
        let first = Condition::any().add(id.eq(viewer.id())).add(id.in_subquery(present));
        known.into_iter().fold(first, Condition::add)
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

    fn scope_of_few(viewer: &Viewer) -> Condition {
        let same_patient = same_patient(reminder::Column::PatientId);
        Condition::all().add(its_goal_is_seen(viewer, reminder::Column::GoalId, same_patient))
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

    fn scope_of_few(viewer: &Viewer) -> Condition {
        let its_reminder = same(reminder::Column::Id, reminder_delivery::Column::ReminderId);
        let own = (viewer.role != Role::Admin).then(|| exists(viewer.few::<reminder::Entity>(its_reminder)));
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

            fn scope_of_few(viewer: &Viewer) -> Condition {
                Condition::all().add(its_goal_is_seen(viewer, $noun::Column::GoalId, true.into()))
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

/// The goal that a row outside this subquery hangs on is seen, and meets a condition. Asked of each row by itself:
/// SQLite would make a list of all goals first.
fn its_goal_is_seen(viewer: &Viewer, goal_id: impl IntoSimpleExpr, condition: SimpleExpr) -> SimpleExpr {
    exists(viewer.few::<goal::Entity>(same(goal::Column::Id, goal_id).and(condition)))
}

fn exists<E: Visible>(rows: Select<E>) -> SimpleExpr {
    Expr::exists(column_of(rows, E::id()))
}

/// A column of a row inside a subquery is that of the row outside.
fn same(inside: impl IntoSimpleExpr, outside: impl IntoSimpleExpr) -> SimpleExpr {
    inside.into_simple_expr().eq(outside.into_simple_expr())
}

fn on_own_goal(viewer: &Viewer, goal_id: assessment::Column, patient: assessment::Column) -> SimpleExpr {
    let mut owned = goals_where(goal::Column::TherapistId.eq(viewer.id()));
    owned.and_where(same_patient(patient));
    goal_id.in_subquery(owned)
}

/// The goal's patient is the one a row outside this subquery names.
fn same_patient(patient: impl IntoSimpleExpr) -> SimpleExpr {
    same(goal::Column::PatientId, patient)
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
