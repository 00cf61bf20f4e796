//! What goals are asked for by.

use chrono::{NaiveDate, NaiveDateTime};
use entity::goal;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Condition, DbBackend, IntoSimpleExpr};
use uuid::Uuid;

use super::dialect::contains;

/// Every condition that is given must hold. Ends of ranges are included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GoalConditions {
    pub patient: Option<Uuid>,
    pub therapist: Option<Uuid>,
    pub session: Option<Uuid>,
    pub status: Option<Statuses>,
    pub category: Option<String>,
    pub created: [Option<NaiveDateTime>; 2],
    pub target: [Option<NaiveDate>; 2],
    /// Text in the description, in capital or small letters.
    pub search: Option<String>,
}

/// Any of these statuses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Statuses {
    pub known: Vec<goal::Status>,
    /// Also words that another program stored and that are none of ours.
    pub unknown: bool,
}

impl GoalConditions {
    /// Whether they leave the goals of one patient or of one therapist, which are few.
    #[must_use]
    pub fn are_of_a_person(&self) -> bool {
        self.patient.is_some() || self.therapist.is_some()
    }

    pub fn condition(&self, backend: DbBackend) -> Condition {
        use goal::Column::{Category, CreatedAt, Description, PatientId, SessionId, TargetDate, TherapistId};
        Condition::all()
            .add_option(self.patient.map(|id| PatientId.eq(id)))
            .add_option(self.therapist.map(|id| TherapistId.eq(id)))
            .add_option(self.session.map(|id| SessionId.eq(id)))
            .add_option(self.status.as_ref().map(Statuses::condition))
            .add_option(self.category.as_ref().map(|category| Category.eq(category)))
            .add_option(self.created[0].map(|from| CreatedAt.gte(from)))
            .add_option(self.created[1].map(|to| CreatedAt.lte(to)))
            .add_option(self.target[0].map(|from| TargetDate.gte(from)))
            .add_option(self.target[1].map(|to| TargetDate.lte(to)))
            .add_option(
                self.search.as_ref().map(|text| contains(backend, Description.into_simple_expr(), text)),
            )
    }
}

impl Statuses {
    /// Rows without a status count as assigned, the column's default.
    fn condition(&self) -> Condition {
        let stored = || {
            Expr::from(Func::lower(Func::coalesce([
                goal::Column::Status.into_simple_expr(),
                Expr::val(goal::Status::Assigned.as_str()),
            ])))
        };
        let words =
            |statuses: &[goal::Status]| statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>();
        Condition::any()
            .add(stored().is_in(words(&self.known)))
            .add_option(self.unknown.then(|| stored().is_not_in(words(goal::Status::ALL))))
    }
}
