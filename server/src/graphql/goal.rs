use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::{goal, person};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, QueryFilter, QueryTrait};

use super::aim::{GoalAim, history_of};
use super::assessment::{AssessmentScore, AssessmentsOfGoal};
use super::connection::Connection;
use super::figure::GoalProgress;
use super::list::{ChildList, List, TopList, Window};
use super::milestone::{Milestone, MilestonesOfGoal};
use super::object::{Id, Partial, object};
use super::page::{all_under, first_under, page, page_under};
use super::person::Person;
use super::progress::{EntriesOfGoal, ProgressEntry};
use super::reminder::{Reminder, RemindersOfGoal};
use super::row::{find, row_object};
use super::session::TherapySession;
use super::tracking::{ConfigurationsOfGoal, TrackingConfig};
use crate::access::{SeenId, Viewer};
use crate::store::goals::{GoalConditions, Statuses};
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::{Date, DateTime, Decimal, read_id, read_text};
use crate::wire::word::{EntryContext, GoalOrder, GoalStatus};

row_object!(Goal, goal);

object! {
    /// A treatment goal that a therapist and a patient agreed on.
    Goal |goal in goals, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(goal.id);
        /// Whose goal it is.
        link patient: Person = goal.patient_id;
        /// The therapist who owns it.
        link therapist: Person = goal.therapist_id;
        /// The session in which it was agreed; null when there was none, or it is not the viewer's to see.
        link session: Option<TherapySession> = goal.session_id;
        /// What is to be reached, in the words agreed on.
        leaf description: &str = &goal.description;
        /// A free heading such as "sleep"; at most 50 characters.
        leaf category: Option<&str> = goal.category.as_deref();
        /// Where the goal stands. UNKNOWN when another program stored a word that is none of these.
        leaf status: GoalStatus = goal.status().map_or(GoalStatus::Unknown, GoalStatus::from);
        /// The status as it is stored.
        leaf status_text: &str = goal.status_text();
        /// Where the patient started, in the unit of the tracking; null means the first recorded value.
        leaf baseline_value: Option<Decimal> = goal.baseline_value.map(Decimal::from);
        /// The value to reach, in the unit of the tracking.
        leaf target_value: Option<Decimal> = goal.target_value.map(Decimal::from);
        /// The day by which it is to be reached.
        leaf target_date: Option<Date> = goal.target_date.map(Date::from);
        /// When the goal was set.
        leaf created_at: DateTime = goal.created_at().into();
        /// When the goal itself was last changed.
        leaf updated_at: DateTime = goal.updated_at().into();
        /// When it was completed; null in every other status.
        leaf completed_at: Option<DateTime> = goal.completed_at.map(DateTime::from);
        /// The newest tracking configuration: the one in force.
        all tracking: Option<TrackingConfig> = first_under(ctx, goals, ConfigurationsOfGoal).await?;
        /// Every tracking configuration the goal ever had, newest first.
        all tracking_history: Partial<TrackingConfig> = all_under(ctx, goals, ConfigurationsOfGoal).await?;
        /// What the goal aimed at - baseline, target and direction - since when, the present aim first.
        each aim_history: Vec<GoalAim> = history_of(ctx, goal).await?;
        /// Recorded data points, newest first: by day, then time of day, then when they were recorded.
        all entries(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only entries behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only entries before this cursor.
            before: Option<String>,
            /// Only entries of this day or later.
            from: Option<Date>,
            /// Only entries of this day or earlier.
            to: Option<Date>,
            /// Only entries recorded in this way.
            context: Option<EntryContext>,
        ): Connection<ProgressEntry> = {
            let list = EntriesOfGoal::new(from, to, context)?;
            page_under(ctx, goals, |_| list.clone(), Window::new(first, after, last, before)?).await?
        };
        /// The goal's milestones, oldest first.
        all milestones(
            /// Only those that are achieved, or only those that are not.
            achieved: Option<bool>,
        ): Partial<Milestone> = all_under(ctx, goals, MilestonesOfGoal { achieved }).await?;
        /// Assessments that belong to this goal, newest first.
        all assessments(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only assessments behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only assessments before this cursor.
            before: Option<String>,
        ): Connection<AssessmentScore> =
            page_under(ctx, goals, |_| AssessmentsOfGoal, Window::new(first, after, last, before)?).await?;
        /// When the patient is reminded of this goal, oldest reminder first.
        all reminders: Partial<Reminder> = all_under(ctx, goals, RemindersOfGoal).await?;
        /// How far the goal has come, worked out from what was recorded.
        each progress(
            /// As it stood at the end of this day, by the days that entries are about and by what was aimed at then;
            /// the patient's today unless said, and for a day to come.
            as_of as "asOf": Option<Date>,
        ): GoalProgress = GoalProgress::new(ctx, goal, as_of).await?;
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

impl GoalFilter {
    fn check(self) -> Result<GoalConditions> {
        let id = |name: &str, id: Option<ID>| id.map(|id| read_id(name, &id)).transpose();
        let text = |name: &str, text: Option<String>| text.map(|text| read_text(name, text)).transpose();
        let moment = |name, at: Option<DateTime>| at.map(|at| at.read(name)).transpose();
        let day = |name, day: Option<Date>| day.map(|day| day.read(name)).transpose();
        Ok(GoalConditions {
            patient: id("filter.patientId", self.patient_id)?,
            therapist: id("filter.therapistId", self.therapist_id)?,
            session: id("filter.sessionId", self.session_id)?,
            status: self.status.map(Statuses::from),
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

impl From<Vec<GoalStatus>> for Statuses {
    fn from(wanted: Vec<GoalStatus>) -> Self {
        let known = wanted.iter().filter_map(|status| status.stored()).collect();
        Self { known, unknown: wanted.contains(&GoalStatus::Unknown) }
    }
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
    conditions: GoalConditions,
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
        let condition = self.conditions.condition(viewer.store.get_database_backend());
        let rows = if self.conditions.are_of_a_person() {
            viewer.few::<goal::Entity>(condition)
        } else {
            viewer.all::<goal::Entity>().filter(condition)
        };
        rows.into_query()
    }
}

/// The goals of a person: a patient's own, or those a therapist owns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoalsOfPerson {
    conditions: GoalConditions,
    order: GoalOrder,
    as_therapist: bool,
}

impl GoalsOfPerson {
    /// A patient's own goals, unless [`of`](Self::of) says otherwise.
    pub fn new(filter: Option<GoalFilter>, order: Option<GoalOrder>) -> Result<Self> {
        let conditions = filter.unwrap_or_default().check()?;
        Ok(Self { conditions, order: order.unwrap_or_default(), as_therapist: false })
    }

    pub fn of(&self, person: &Person) -> Self {
        Self { as_therapist: person.is_therapist(), ..self.clone() }
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
    type Parent = SeenId<person::Entity>;

    fn family(&self, viewer: &Viewer, parents: &[SeenId<person::Entity>]) -> Family<goal::Entity> {
        let mut family = viewer.under_seen(parents, self.link());
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
