//! Locks the goal that an act is about, and reads in the same statement what every act asks of its patient:
//! the time zone, and whether the viewer treats them.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use entity::{aim, goal, person, week};
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryResult, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::Outcome;
use super::known::Locked;
use super::work::Work;
use crate::access::{Action, Permit};
use crate::history::{Subject, Tracked, Versions, stored_versions};
use crate::rules::calendar::Calendar;
use crate::rules::input::{Code, Path, Problem, Today};
use crate::store::read;

impl Work<'_> {
    /// A goal that the viewer sees, locked. Of two writers the second waits here until the first has committed.
    pub async fn locked_goal(&self, id: Uuid) -> Outcome<Option<goal::Model>> {
        let goals = self.viewer().few::<goal::Entity>(goal::Column::Id.eq(id));
        let mut select = goals.lock_exclusive().into_query();
        select
            .expr_as(self.viewer().setting_of_goal(person::Column::TimeZone), "patient_zone")
            .expr_as(self.viewer().setting_of_goal(person::Column::WeekStart), "patient_week")
            .expr_as(self.viewer().treats_patient_of_goal(), "patient_treated")
            .expr_as(aimed_otherwise(), "aimed_otherwise");
        let Some(row) = self.db.query_one(&select).await? else { return Ok(None) };
        let goal = read::<goal::Entity>(&row)?;
        self.known.lock(Locked {
            patient: goal.patient_id,
            calendar: calendar(&row)?,
            treated: row.try_get("", "patient_treated")?,
            goal: goal.id,
            aimed_otherwise: row.try_get("", "aimed_otherwise")?,
        });
        Ok(Some(goal))
    }

    /// The permit for an action on what belongs to a patient.
    pub async fn permit(&self, action: Action, patient: Uuid) -> Outcome<Permit> {
        let permit = match self.known.of_patient(patient) {
            Some(locked) => self.viewer().authorize_if(action, patient, locked.treated),
            None => self.viewer().authorize(&self.db, action, patient).await?,
        };
        let message = "You may not do this for this patient.";
        permit.ok_or_else(|| Problem::new(Code::NotAllowed, &Path::input(), message).into())
    }

    /// How a goal is tracked, read once until this transaction changes it. Without a goal the result is empty.
    pub async fn tracked(&self, goal: Option<&goal::Model>) -> Outcome<Tracked> {
        let Some(goal) = goal else { return Ok(Tracked::default()) };
        if let Some(tracked) = self.known.tracked(goal.id) {
            return Ok(tracked);
        }
        let tracked = Tracked::of(&self.db, self.viewer(), goal.id).await?;
        self.known.remember(goal.id, &tracked);
        Ok(tracked)
    }

    /// A goal with what its figures are worked out from.
    pub async fn subject(&self, goal: &goal::Model) -> Outcome<Subject> {
        let (calendar, tracked) = (self.calendar(goal.patient_id).await?, self.tracked(Some(goal)).await?);
        Ok(Subject { goal: Arc::new(goal.clone()), tracked, calendar })
    }

    /// What a goal aimed at before. Of one that has not changed its aim nothing is read.
    pub async fn versions(&self, subject: &Subject) -> Outcome<Versions> {
        let goal = subject.goal.id;
        if self.known.of_goal(goal).is_some_and(|locked| !locked.aimed_otherwise) {
            return Ok(Versions::default());
        }
        let stored = stored_versions(&self.db, self.viewer(), &[goal]).await?;
        Ok(Versions::of(stored.get(&goal).map_or(&[], Vec::as_slice), subject))
    }

    /// The local day of a patient. Without a known patient it is at most the latest day on Earth, that of UTC+14.
    pub async fn today(&self, patient: Option<Uuid>) -> Outcome<Today> {
        match patient {
            Some(patient) => Ok(Today::Known(self.day_of(patient).await?)),
            None => Ok(Today::AtMost((self.now + TimeDelta::hours(14)).date())),
        }
    }

    /// A patient's local day.
    pub async fn day_of(&self, patient: Uuid) -> Outcome<NaiveDate> {
        self.local_day(patient, self.now).await
    }

    /// The day that a moment falls on for a patient.
    pub async fn local_day(&self, patient: Uuid, moment: NaiveDateTime) -> Outcome<NaiveDate> {
        Ok(self.calendar(patient).await?.local_day(moment))
    }

    async fn calendar(&self, patient: Uuid) -> Outcome<Calendar> {
        match self.known.of_patient(patient) {
            Some(locked) => Ok(locked.calendar),
            None => Ok(self.viewer().calendar_of(&self.db, patient).await?),
        }
    }
}

/// As a patient without settings has it, for a patient who is not there.
fn calendar(row: &QueryResult) -> Result<Calendar, DbErr> {
    let setting = |name| row.try_get::<Option<String>>("", name).map(Option::unwrap_or_default);
    let week = week::Start::parse(&setting("patient_week")?).unwrap_or(week::Start::Monday);
    Ok(Calendar::new(&setting("patient_zone")?, week))
}

/// A column of a select of goals: whether there is more than one version of its aim, or one that is not as the
/// goal is now.
fn aimed_otherwise() -> SimpleExpr {
    let own = |column: aim::Column| Expr::col((aim::Entity, column));
    let goal = |column: goal::Column| Expr::col((goal::Entity, column));
    let unlike = own(aim::Column::BaselineValue)
        .binary(BinOper::Custom("IS DISTINCT FROM"), goal(goal::Column::BaselineValue))
        .or(own(aim::Column::TargetValue)
            .binary(BinOper::Custom("IS DISTINCT FROM"), goal(goal::Column::TargetValue)));
    let versions = Query::select()
        .expr(Expr::cust("COUNT(*)").gt(1).or(
            Func::coalesce([Expr::from(Func::max(Expr::case(unlike, 1).finally(0))), Expr::val(0)]).eq(1),
        ))
        .from(aim::Entity)
        .and_where(own(aim::Column::GoalId).equals((goal::Entity, goal::Column::Id)))
        .to_owned();
    SimpleExpr::from(versions)
}
