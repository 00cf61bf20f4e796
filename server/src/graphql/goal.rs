use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::goal;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, IntoSimpleExpr, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::assessment::{AssessmentScore, AssessmentsOfGoal};
use super::connection::Connection;
use super::figure::GoalProgress;
use super::milestone::{Milestone, MilestonesOfGoal};
use super::page::{ChildList, List, TopList, Window, all_under, first_under, page, page_under};
use super::person::Person;
use super::progress::{EntriesOfGoal, ProgressEntry};
use super::reminder::{Reminder, RemindersOfGoal};
use super::row::{find, find_maybe, find_seen, row_object};
use super::session::TherapySession;
use super::tracking::{ConfigurationsOfGoal, TrackingConfig};
use crate::access::Viewer;
use crate::store::dialect::contains;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::{Date, DateTime, Decimal, read_id, read_text};
use crate::wire::word::{EntryContext, GoalOrder, GoalStatus};

/// A treatment goal that a therapist and a patient agreed on.
#[derive(Clone)]
pub struct Goal(pub Arc<goal::Model>);

row_object!(Goal, goal);

/// A treatment goal that a therapist and a patient agreed on.
#[Object]
impl Goal {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Whose goal it is.
    async fn patient(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.patient_id).await
    }

    /// The therapist who owns it.
    async fn therapist(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.therapist_id).await
    }

    /// The session in which it was agreed; null when there was none, or it is not the viewer's to see.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<TherapySession>> {
        find_maybe(ctx, self.0.session_id).await
    }

    /// What is to be reached, in the words agreed on.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// A free heading such as "sleep"; at most 50 characters.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// Where the goal stands. UNKNOWN when another program stored a word that is none of these.
    async fn status(&self) -> GoalStatus {
        self.0.status().map_or(GoalStatus::Unknown, GoalStatus::from)
    }

    /// The status as it is stored.
    async fn status_text(&self) -> &str {
        self.0.status_text()
    }

    /// Where the patient started, in the unit of the tracking; null means the first recorded value.
    async fn baseline_value(&self) -> Option<Decimal> {
        self.0.baseline_value.map(Decimal::from)
    }

    /// The value to reach, in the unit of the tracking.
    async fn target_value(&self) -> Option<Decimal> {
        self.0.target_value.map(Decimal::from)
    }

    /// The day by which it is to be reached.
    async fn target_date(&self) -> Option<Date> {
        self.0.target_date.map(Date::from)
    }

    /// When the goal was set.
    async fn created_at(&self) -> DateTime {
        self.0.created_at().into()
    }

    /// When the goal itself was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at().into()
    }

    /// When it was completed; null in every other status.
    async fn completed_at(&self) -> Option<DateTime> {
        self.0.completed_at.map(DateTime::from)
    }

    /// The newest tracking configuration: the one in force.
    async fn tracking(&self, ctx: &Context<'_>) -> Result<Option<TrackingConfig>> {
        first_under(ctx, self.0.id, ConfigurationsOfGoal).await
    }

    /// Every tracking configuration the goal ever had, newest first.
    async fn tracking_history(&self, ctx: &Context<'_>) -> Result<Vec<TrackingConfig>> {
        all_under(ctx, self.0.id, ConfigurationsOfGoal).await
    }

    /// Recorded data points, newest first: by day, then time of day, then when they were recorded.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to this many from the start: 0 to 100, 20 unless said.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Up to this many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only entries of this day or later.")] from: Option<Date>,
        #[graphql(desc = "Only entries of this day or earlier.")] to: Option<Date>,
        #[graphql(desc = "Only entries recorded in this way.")] context: Option<EntryContext>,
    ) -> Result<Connection<ProgressEntry>> {
        let list = EntriesOfGoal::new(from, to, context)?;
        page_under(ctx, self.0.id, list, Window::new(first, after, last, before)?).await
    }

    /// The goal's milestones, oldest first.
    async fn milestones(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are achieved, or only those that are not.")] achieved: Option<bool>,
    ) -> Result<Vec<Milestone>> {
        all_under(ctx, self.0.id, MilestonesOfGoal { achieved }).await
    }

    /// Assessments that belong to this goal, newest first.
    async fn assessments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to this many from the start: 0 to 100, 20 unless said.")] first: Option<i32>,
        #[graphql(desc = "Only assessments behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Up to this many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only assessments before this cursor.")] before: Option<String>,
    ) -> Result<Connection<AssessmentScore>> {
        page_under(ctx, self.0.id, AssessmentsOfGoal, Window::new(first, after, last, before)?).await
    }

    /// When the patient is reminded of this goal, oldest reminder first.
    async fn reminders(&self, ctx: &Context<'_>) -> Result<Vec<Reminder>> {
        all_under(ctx, self.0.id, RemindersOfGoal).await
    }

    /// How far the goal has come, worked out from what was recorded.
    async fn progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As it stood at the end of this day, by the days that entries are about; the \
                          patient's today unless said, and for a day to come.")]
        as_of: Option<Date>,
    ) -> Result<GoalProgress> {
        GoalProgress::new(ctx, &self.0, as_of).await
    }
}

/// Narrows a list of goals: every condition that is given must hold. Ends of ranges are included.
#[derive(Clone, Debug, Default, InputObject)]
pub struct GoalFilter {
    /// Goals of this patient.
    patient_id: Option<ID>,
    /// Goals that this therapist owns.
    therapist_id: Option<ID>,
    /// Goals agreed on in this session.
    session_id: Option<ID>,
    /// Goals in any of these statuses; none for an empty list.
    status: Option<Vec<GoalStatus>>,
    /// Goals under exactly this heading.
    category: Option<String>,
    /// Goals set at this moment or later.
    created_from: Option<DateTime>,
    /// Goals set at this moment or earlier.
    created_to: Option<DateTime>,
    /// Goals to be reached on this day or later.
    target_from: Option<Date>,
    /// Goals to be reached on this day or earlier.
    target_to: Option<Date>,
    /// Goals whose description contains this text, in capital or small letters.
    search: Option<String>,
}

/// A checked [`GoalFilter`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Conditions {
    patient: Option<Uuid>,
    therapist: Option<Uuid>,
    session: Option<Uuid>,
    status: Option<Vec<GoalStatus>>,
    category: Option<String>,
    created: [Option<chrono::NaiveDateTime>; 2],
    target: [Option<chrono::NaiveDate>; 2],
    search: Option<String>,
}

impl GoalFilter {
    fn check(self) -> Result<Conditions> {
        let id = |name: &str, id: Option<ID>| id.map(|id| read_id(name, &id)).transpose();
        let text = |name: &str, text: Option<String>| text.map(|text| read_text(name, text)).transpose();
        let moment = |name, at: Option<DateTime>| at.map(|at| at.read(name)).transpose();
        let day = |name, day: Option<Date>| day.map(|day| day.read(name)).transpose();
        Ok(Conditions {
            patient: id("filter.patientId", self.patient_id)?,
            therapist: id("filter.therapistId", self.therapist_id)?,
            session: id("filter.sessionId", self.session_id)?,
            status: self.status,
            category: text("filter.category", self.category)?,
            created: [
                moment("filter.createdFrom", self.created_from)?,
                moment("filter.createdTo", self.created_to)?,
            ],
            target: [day("filter.targetFrom", self.target_from)?, day("filter.targetTo", self.target_to)?],
            search: text("filter.search", self.search)?,
        })
    }
}

impl Conditions {
    fn condition(&self, backend: DbBackend) -> Condition {
        use goal::Column::{Category, CreatedAt, Description, PatientId, SessionId, TargetDate, TherapistId};
        Condition::all()
            .add_option(self.patient.map(|id| PatientId.eq(id)))
            .add_option(self.therapist.map(|id| TherapistId.eq(id)))
            .add_option(self.session.map(|id| SessionId.eq(id)))
            .add_option(self.status.as_deref().map(in_any_status))
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

/// Rows without a status count as assigned, the column's default.
fn in_any_status(wanted: &[GoalStatus]) -> Condition {
    let stored = || {
        Expr::from(Func::lower(Func::coalesce([
            goal::Column::Status.into_simple_expr(),
            Expr::val(goal::Status::Assigned.word()),
        ])))
    };
    let words =
        |statuses: Vec<goal::Status>| statuses.into_iter().map(goal::Status::word).collect::<Vec<_>>();
    let unknown = wanted.contains(&GoalStatus::Unknown);
    Condition::any()
        .add(stored().is_in(words(wanted.iter().filter_map(|status| status.stored()).collect())))
        .add_option(unknown.then(|| stored().is_not_in(words(goal::Status::ALL.to_vec()))))
}

fn ordering(order: GoalOrder) -> Ordering<goal::Entity> {
    use goal::Column::{CreatedAt, Id, TargetDate, UpdatedAt};
    let (name, key) = match order {
        GoalOrder::CreatedAtDesc => ("created_at_desc", Key::descending(CreatedAt)),
        GoalOrder::CreatedAtAsc => ("created_at_asc", Key::ascending(CreatedAt)),
        GoalOrder::UpdatedAtDesc => ("updated_at_desc", Key::descending(UpdatedAt)),
        GoalOrder::TargetDateAsc => ("target_date_asc", Key::ascending(TargetDate)),
    };
    let tie = Key { column: Id, ..key };
    Ordering { name, keys: vec![key, tie] }
}

/// All goals a viewer may see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Goals {
    conditions: Conditions,
    order: GoalOrder,
}

impl List for Goals {
    type Row = goal::Entity;
    const NAME: &'static str = "goals";

    fn ordering(&self) -> Ordering<goal::Entity> {
        ordering(self.order)
    }
}

impl TopList for Goals {
    fn rows(&self, viewer: &Viewer) -> SelectStatement {
        viewer
            .all::<goal::Entity>()
            .filter(self.conditions.condition(viewer.store.get_database_backend()))
            .into_query()
    }
}

/// The goals of a person: a patient's own, or those a therapist owns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoalsOfPerson {
    conditions: Conditions,
    order: GoalOrder,
    as_therapist: bool,
}

impl GoalsOfPerson {
    pub fn new(as_therapist: bool, filter: Option<GoalFilter>, order: Option<GoalOrder>) -> Result<Self> {
        let conditions = filter.unwrap_or_default().check()?;
        Ok(Self { conditions, order: order.unwrap_or_default(), as_therapist })
    }
}

impl List for GoalsOfPerson {
    type Row = goal::Entity;
    const NAME: &'static str = "person.goals";

    fn ordering(&self) -> Ordering<goal::Entity> {
        ordering(self.order)
    }
}

impl ChildList for GoalsOfPerson {
    fn family(&self, viewer: &Viewer, parents: &[Uuid]) -> Family<goal::Entity> {
        let mut family = viewer.under::<entity::person::Entity, goal::Entity>(parents, self.link());
        family.children.cond_where(self.conditions.condition(viewer.store.get_database_backend()));
        family
    }

    fn link(&self) -> goal::Column {
        if self.as_therapist { goal::Column::TherapistId } else { goal::Column::PatientId }
    }
}

#[derive(Default)]
pub struct GoalQuery;

#[Object]
impl GoalQuery {
    /// One goal; null when there is none with this id that the viewer may see.
    async fn goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The goal's id.")] id: ID,
    ) -> Result<Option<Goal>> {
        find(ctx, read_id("id", &id)?).await
    }

    /// All goals the viewer may see: their own for a patient; those they own and those of their present
    /// patients for a therapist; all for an admin.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn goals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to this many from the start: 0 to 100, 20 unless said.")] first: Option<i32>,
        #[graphql(desc = "Only goals behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Up to this many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only goals before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only goals that meet all of this.")] filter: Option<GoalFilter>,
        #[graphql(desc = "How to sort; newest first unless said.")] order_by: Option<GoalOrder>,
    ) -> Result<Connection<Goal>> {
        let list =
            Goals { conditions: filter.unwrap_or_default().check()?, order: order_by.unwrap_or_default() };
        page(ctx, list, Window::new(first, after, last, before)?).await
    }
}
