//! Who sees what: the whole policy.
//!
//! A patient sees their own goals and what hangs on them; a therapist the goals they own and those of
//! their present patients; an admin all. Every read starts from [`Viewer::all`] or [`Viewer::under`],
//! so a row that may not be seen is never fetched, and hidden and absent look the same.

mod identities;
mod policy;
mod seen;

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::person::Role;
use entity::{FromPlaces, assessment, goal, person};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

pub use identities::Identities;
pub use seen::{Seen, SeenId};

use policy::present_patients;

use crate::store::page::Family;
use crate::store::score::Earlier;
use crate::store::span::{Span, Spans};
use crate::store::{Neighbours, Store, dialect, rows};

/// Whoever a request acts for; the only door to the rows.
#[derive(Clone, Debug)]
pub struct Viewer {
    person: Seen<person::Entity>,
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

    fn id_of(row: &Self::Model) -> Uuid;
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
        Ok(person.role().map(|role| Self { person: Seen::new(person), role, store }))
    }

    /// As [`identify`](Self::identify), for several people in one statement.
    pub async fn identify_all(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Self>, DbErr> {
        let id = person::Column::Id.into_simple_expr();
        let among = dialect::among(store.get_database_backend(), id, ids);
        let people = unscoped::<person::Entity>(store).filter(among).all(store).await?;
        let viewer = |person: person::Model| {
            let role = person.role()?;
            Some((person.id, Self { person: Seen::new(person), role, store: store.clone() }))
        };
        Ok(people.into_iter().filter_map(viewer).collect())
    }

    #[must_use]
    pub fn id(&self) -> Uuid {
        self.person.id
    }

    /// Who the viewer is.
    #[must_use]
    pub fn person(&self) -> &Seen<person::Entity> {
        &self.person
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
                role.eq(Role::Patient.as_str())
            }
            Role::Therapist => id.in_subquery(present_patients(self)),
            Role::Patient => id.eq(self.id()),
        };
        self.all::<person::Entity>().filter(own)
    }

    /// Runs a select that began with this viewer.
    pub async fn read<E: EntityTrait<Model: FromPlaces>>(
        &self,
        select: &SelectStatement,
    ) -> Result<Vec<Seen<E>>, DbErr> {
        Ok(rows::<E>(&self.store, select).await?.into_iter().map(Seen::new).collect())
    }

    /// The rows of `C` below rows that were seen, through the column `link`.
    #[must_use]
    pub fn under_seen<P: Visible, C: Visible>(&self, parents: &[SeenId<P>], link: C::Column) -> Family<C> {
        self.family(self.listed(parents), link)
    }

    /// The rows of `C` below the visible ones among `parents`, through the column `link`.
    #[must_use]
    pub fn under<P: Visible, C: Visible>(&self, parents: &[Uuid], link: C::Column) -> Family<C> {
        self.family(self.ids::<P>(parents), link)
    }

    fn family<C: Visible>(&self, parents: SelectStatement, link: C::Column) -> Family<C> {
        let source = C::source(self.store.neighbours());
        Family { parents, children: self.all::<C>().into_query(), source, link }
    }

    /// The rows of `C` that hang on goals that were seen: seeing the goal is enough.
    #[must_use]
    pub fn under_seen_goals<C: OfGoal>(&self, goals: &[SeenId<goal::Entity>]) -> Family<C> {
        of_goals(self.listed(goals))
    }

    /// The rows of `C` that hang on the visible ones among `goals`.
    #[must_use]
    pub fn under_goals<C: OfGoal>(&self, goals: &[Uuid]) -> Family<C> {
        of_goals(self.ids::<goal::Entity>(goals))
    }

    fn listed<E>(&self, ids: &[SeenId<E>]) -> SelectStatement {
        let ids: Vec<_> = ids.iter().map(SeenId::uuid).collect();
        dialect::ids(self.store.get_database_backend(), &ids)
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

/// Who treats these patients at present: for finding out whom news may concern. What they hear of it
/// is read through their own eyes.
pub async fn therapists_of(store: &Store, patients: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, DbErr> {
    let mut pairs = store.neighbours().present_pairs();
    let patient = Expr::col((Alias::new("p"), Alias::new("patient_id")));
    pairs.and_where(dialect::among(store.get_database_backend(), patient, patients));
    let mut therapists = HashMap::<Uuid, Vec<Uuid>>::new();
    for row in store.query_all(&pairs).await? {
        therapists.entry(row.try_get("", "patient_id")?).or_default().push(row.try_get("", "therapist_id")?);
    }
    Ok(therapists)
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
pub enum Action {
    /// Set, change and delete goals, tracking, milestones and assessments.
    Manage,
    /// Record progress; a patient reports on themselves.
    Record,
    /// Change or delete an entry that this person recorded.
    Correct(Option<Uuid>),
    /// Set up, change and delete reminders.
    Remind,
}

/// Leave to take an action. Only [`Viewer::authorize`] and [`Viewer::authorize_if`] give it.
#[derive(Debug)]
pub struct Permit(());

impl Viewer {
    /// Who may do what. Therapists may do everything for their present patients: one who owns a goal of
    /// a former patient goes on seeing it and changes nothing. Patients record, correct what they
    /// recorded themselves, and manage their reminders. Admins may do everything.
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
            Role::Therapist => treats,
            Role::Patient if patient != self.id() => false,
            Role::Patient => match action {
                Action::Manage => false,
                Action::Record | Action::Remind => true,
                Action::Correct(recorded_by) => recorded_by == Some(self.id()),
            },
        };
        allowed.then_some(Permit(()))
    }

    /// A column of a select of goals: whether the viewer is a present therapist of the goal's patient.
    #[must_use]
    pub fn treats_patient_of_goal(&self) -> SimpleExpr {
        match self.role {
            Role::Therapist => goal::Column::PatientId.in_subquery(present_patients(self)),
            Role::Admin | Role::Patient => Expr::cust("FALSE"),
        }
    }

    /// A column of a select of goals: the zone that the goal's patient lives in. Seeing the goal is enough.
    #[must_use]
    pub fn zone_of_goal(&self) -> SimpleExpr {
        let patient = person::Column::Id.into_simple_expr().eq(goal::Column::PatientId.into_simple_expr());
        let zone = unscoped::<person::Entity>(&self.store).filter(patient);
        SimpleExpr::from(zone.select_only().column(person::Column::TimeZone).into_query())
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

fn of_goals<C: OfGoal>(parents: SelectStatement) -> Family<C> {
    #[expect(clippy::disallowed_methods, reason = "the goals in `parents` are the scope")]
    let children = C::find().into_query();
    Family { parents, children, source: None, link: C::goal_id() }
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
