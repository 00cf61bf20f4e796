//! Who sees what: the whole policy.
//!
//! A patient sees their own goals and what hangs on them; a therapist the goals they own and those of
//! their present patients; an admin all. Every read starts from [`Viewer::all`] or [`Viewer::under`],
//! so a row that may not be seen is never fetched, and hidden and absent look the same.

mod audience;

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::person::Role;
use entity::{assessment, goal, milestone, pause, person, progress, reminder, session, tracking};
use sea_orm::sea_query::{
    Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

pub use audience::therapists_of;

use crate::store::page::Family;
use crate::store::score::Earlier;
use crate::store::span::{Span, Spans};
use crate::store::{Neighbours, Store, dialect};

/// Whoever a request acts for; the only door to the rows.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub person: Arc<person::Model>,
    pub role: Role,
    pub store: Store,
}

/// Rows that have a policy of their own.
pub trait Visible: EntityTrait {
    /// Which rows a viewer may see.
    fn scope(viewer: &Viewer) -> Condition;

    /// The derived table that stands in for one whose columns the product decides.
    fn source(_neighbours: &Neighbours) -> Option<SelectStatement> {
        None
    }

    fn id() -> Self::Column;
}

/// Rows that hang on a goal: whoever sees the goal sees them.
pub trait OfGoal: EntityTrait {
    fn goal_id() -> Self::Column;
    fn id() -> Self::Column;
}

impl Viewer {
    /// The viewer a verified token stands for; `None` when the person is gone or their role is not one
    /// that Waymark knows.
    pub async fn identify(store: Store, id: Uuid) -> Result<Option<Self>, DbErr> {
        let people = unscoped::<person::Entity>(&store).filter(person::Column::Id.eq(id));
        let Some(person) = people.one(&store).await? else { return Ok(None) };
        Ok(person.role().map(|role| Self { person: Arc::new(person), role, store }))
    }

    #[must_use]
    pub fn id(&self) -> Uuid {
        self.person.id
    }

    /// All rows of one kind that this viewer may see. The only way to start a read.
    #[must_use]
    pub fn all<E: Visible>(&self) -> Select<E> {
        unscoped::<E>(&self.store).filter(E::scope(self))
    }

    /// The viewer's caseload: a therapist's present patients, every patient for an admin, and a patient
    /// themselves.
    #[must_use]
    pub fn patients(&self) -> Select<person::Entity> {
        let id = person::Column::Id;
        let own = match self.role {
            Role::Admin => {
                let role = Expr::from(Func::lower(person::Column::Role.into_simple_expr()));
                role.eq(Role::Patient.word())
            }
            Role::Therapist => id.in_subquery(present_patients(self)),
            Role::Patient => id.eq(self.id()),
        };
        self.all::<person::Entity>().filter(own)
    }

    /// The rows of `C` below the visible ones among `parents`, through the column `link`.
    #[must_use]
    pub fn under<P: Visible, C: Visible>(&self, parents: &[Uuid], link: C::Column) -> Family<C> {
        Family {
            parents: self.ids::<P>(parents),
            children: self.all::<C>().into_query(),
            source: C::source(self.store.neighbours()),
            link,
        }
    }

    /// The rows of `C` that hang on the visible ones among `goals`: seeing the goal is enough.
    #[must_use]
    pub fn under_goals<C: OfGoal>(&self, goals: &[Uuid]) -> Family<C> {
        #[expect(clippy::disallowed_methods, reason = "the visible goals in `parents` are the scope")]
        let children = C::find().into_query();
        Family { parents: self.ids::<goal::Entity>(goals), children, source: None, link: C::goal_id() }
    }

    /// The spans of visible goals: seeing the goal is enough to see its entries.
    #[must_use]
    pub fn within(&self, spans: &[Span]) -> Spans {
        let goals: Vec<_> = spans.iter().map(|span| span.goal).collect();
        let mut rows = Query::select();
        rows.columns([(Alias::new("span"), Asterisk)])
            .from_subquery(dialect::spans(self.store.get_database_backend(), spans), Alias::new("span"))
            .and_where(Expr::col(("span", "id")).in_subquery(self.ids::<goal::Entity>(&goals)));
        Spans(rows)
    }

    /// The visible ones among some scores, each with the visible scores of its person before it.
    #[must_use]
    pub fn earlier_scores(&self, scores: &[Uuid]) -> Earlier {
        let among = dialect::among(
            self.store.get_database_backend(),
            assessment::Column::Id.into_simple_expr(),
            scores,
        );
        let all = || self.all::<assessment::Entity>();
        Earlier { scores: all().filter(among).into_query(), all: all().into_query() }
    }

    /// The ids of the visible rows among `ids`.
    fn ids<E: Visible>(&self, ids: &[Uuid]) -> SelectStatement {
        let among = dialect::among(self.store.get_database_backend(), E::id().into_simple_expr(), ids);
        self.all::<E>().filter(among).select_only().column_as(E::id(), "id").into_query()
    }
}

/// The id of a user by e-mail address or id, for whoever has the database's own key.
pub async fn user_id(store: &Store, email_or_id: &str) -> Result<Option<Uuid>, DbErr> {
    let mut user = Query::select();
    user.column("id").from("users");
    match email_or_id.parse::<Uuid>() {
        Ok(id) => user.and_where(Expr::col("id").eq(id)),
        Err(_) => user.and_where(Expr::from(Func::lower(Expr::col("email"))).eq(email_or_id.to_lowercase())),
    };
    store.query_one(&user).await?.map(|row| row.try_get("", "id")).transpose()
}

/// What somebody may want to do for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Set, change and delete goals, tracking, milestones and assessments.
    Manage,
    /// Record progress; a patient reports on themselves.
    Record,
    /// Change or delete an entry that this person recorded.
    Correct(Option<Uuid>),
    /// Set up, change and delete reminders.
    Remind,
}

/// Leave to do a deed. Only [`Viewer::may`] gives it.
#[derive(Debug)]
pub struct Permit(());

impl Viewer {
    /// Who may do what. Therapists may do everything for their present patients: one who owns a goal of
    /// a former patient goes on seeing it and changes nothing. Patients record, correct what they
    /// recorded themselves, and manage their reminders. Admins may do everything.
    pub async fn may(
        &self,
        db: &impl ConnectionTrait,
        deed: Deed,
        patient: Uuid,
    ) -> Result<Option<Permit>, DbErr> {
        let allowed = match self.role {
            Role::Admin => true,
            Role::Therapist => self.treats(db, patient).await?,
            Role::Patient if patient != self.id() => false,
            Role::Patient => match deed {
                Deed::Manage => false,
                Deed::Record | Deed::Remind => true,
                Deed::Correct(recorded_by) => recorded_by == Some(self.id()),
            },
        };
        Ok(allowed.then_some(Permit(())))
    }

    async fn treats(&self, db: &impl ConnectionTrait, patient: Uuid) -> Result<bool, DbErr> {
        let mut pair = present_patients(self);
        pair.and_where(Expr::col((Alias::new("p"), Alias::new("patient_id"))).eq(patient));
        Ok(db.query_one(&pair).await?.is_some())
    }

    /// The zone a patient lives in; UTC for a name that is no zone.
    pub async fn zone_of(&self, db: &impl ConnectionTrait, patient: Uuid) -> Result<Tz, DbErr> {
        Ok(self.zones_of(db, &[patient]).await?.remove(&patient).unwrap_or_default())
    }

    /// The zones patients live in.
    pub async fn zones_of(
        &self,
        db: &impl ConnectionTrait,
        patients: &[Uuid],
    ) -> Result<HashMap<Uuid, Tz>, DbErr> {
        let among =
            dialect::among(db.get_database_backend(), person::Column::Id.into_simple_expr(), patients);
        let people = self.all::<person::Entity>().filter(among).all(db).await?;
        Ok(people.iter().map(|person| (person.id, person.time_zone.parse().unwrap_or_default())).collect())
    }
}

/// A read without a viewer: for finding out who the viewer is, and for nothing else.
#[expect(clippy::disallowed_methods, reason = "every other read is scoped here")]
fn unscoped<E: Visible>(store: &Store) -> Select<E> {
    let mut select = E::find();
    if let Some(source) = E::source(store.neighbours()) {
        let table = Alias::new(E::default().table_name());
        QuerySelect::query(&mut select).from_clear().from_subquery(source, table);
    }
    select
}

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

    fn id() -> goal::Column {
        goal::Column::Id
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
}

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
        }
    )+ };
}

of_goal!(tracking, progress, milestone, pause);

fn present_patients(viewer: &Viewer) -> SelectStatement {
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
