//! Who sees what, and may do what. The policy is `policy` and `permit`; this is the door to the rows.
//!
//! A patient sees their own goals and what hangs on them; a therapist the goals they own and those of
//! their present patients; an admin all. Every read starts from [`Viewer::all`], [`Viewer::few`] or
//! [`Viewer::under`], so a row that may not be seen is never fetched, and hidden and absent look the same.

mod below;
mod identities;
mod permit;
mod policy;
mod seen;
mod system;

use entity::person::Role;
use entity::{FromPlaces, person};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, IntoCondition, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

pub use identities::Identities;
pub use permit::{Action, Permit};
pub use seen::{Seen, SeenId};
pub use system::{spans_worked_on, therapists_of, treats, user_id, worked_on};

use policy::present_patients;

use crate::store::{Found, Neighbours, Store, dialect};

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

    /// The same, for rows that another condition has narrowed down to a few: each is judged by itself, and not
    /// looked up among all that the viewer may see.
    fn scope_of_few(viewer: &Viewer) -> Condition {
        Self::scope(viewer)
    }

    /// Whether a viewer can see no row at all, so that none need be looked for.
    fn is_hidden_from(_viewer: &Viewer) -> bool {
        false
    }

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
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.person.id
    }

    /// Who the viewer is.
    #[must_use]
    pub fn person(&self) -> &Seen<person::Entity> {
        &self.person
    }

    /// All rows of one kind that this viewer may see. This and [`few`](Self::few) start every read.
    #[must_use]
    pub fn all<E: Visible>(&self) -> Select<E> {
        unscoped::<E>(&self.store).filter(E::scope(self))
    }

    /// Those that this viewer may see of the few rows that meet a condition.
    #[must_use]
    pub fn few<E: Visible>(&self, condition: impl IntoCondition) -> Select<E> {
        unscoped::<E>(&self.store).filter(condition).filter(E::scope_of_few(self))
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
        Ok(self.store.read::<E>(select).await?.into_iter().map(Seen::new).collect())
    }

    /// The same, with those that can't be read.
    pub async fn find<E: EntityTrait<Model: FromPlaces>>(
        &self,
        select: &SelectStatement,
    ) -> Result<Found<Seen<E>>, DbErr> {
        Ok(self.store.find::<E>(select).await?.map(Seen::new))
    }

    /// The ids of the visible rows among `ids`.
    fn ids<E: Visible>(&self, ids: &[Uuid]) -> SelectStatement {
        let among = dialect::among(self.store.get_database_backend(), E::id().into_simple_expr(), ids);
        self.few::<E>(among).select_only().column_as(E::id(), "id").into_query()
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
