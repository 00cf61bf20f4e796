use async_graphql::{Context, ID, Object, Result};
use entity::person;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, IntoSimpleExpr, QueryTrait};

use super::assessment::{AssessmentScore, AssessmentsOfPerson};
use super::connection::Connection;
use super::context::Asking;
use super::goal::{Goal, GoalFilter, GoalsOfPerson};
use super::list::{List, TopList, Window};
use super::object::{Id, Partial, object};
use super::page::{all_under, page, page_under};
use super::reminder::{Reminder, RemindersOfPerson, UpcomingReminder, upcoming};
use super::row::{find, row_object};
use super::session::{SessionsOfPerson, TherapySession};
use crate::access::Viewer;
use crate::store::dialect::contains;
use crate::store::page::{Key, Ordering};
use crate::wire::scalar::{TimeZone, read_id, read_text};
use crate::wire::word::{GoalOrder, Role, WeekStart};

row_object!(Person, person);

impl Person {
    async fn reminders(&self, ctx: &Context<'_>) -> Result<Partial<Reminder>> {
        let mut lists = all_under(ctx, &[self], RemindersOfPerson).await?;
        lists.pop().unwrap_or_else(|| Ok(Partial::default()))
    }

    pub fn is_therapist(&self) -> bool {
        self.role() == Some(person::Role::Therapist)
    }
}

object! {
    /// A user of the product.
    Person |person in people, ctx| {
        /// The row's UUID, which is also the `sub` of the person's tokens.
        leaf id: Id = Id(person.id);
        /// The person's name.
        leaf full_name: &str = &person.full_name;
        /// What the person is in the product. A role that Waymark does not know reads as PATIENT, the role
        /// that may do least.
        leaf role: Role = person.role().unwrap_or(person::Role::Patient).into();
        /// The zone in which the person's days begin and reminders are due; UTC unless it was set.
        leaf time_zone: TimeZone = TimeZone(person.time_zone.clone());
        /// The day on which the person's weeks begin, by which weekly goals are judged; Monday unless it was set.
        leaf week_start: WeekStart = person.week_start().into();
        /// A patient's goals, or those a therapist owns, as far as the viewer may see them.
        all goals(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only goals behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only goals before this cursor.
            before: Option<String>,
            /// Only goals that meet all of this.
            filter: Option<GoalFilter>,
            /// How to sort; newest first unless said.
            order_by as "orderBy": Option<GoalOrder>,
        ): Connection<Goal> = {
            let list = GoalsOfPerson::new(filter, order_by)?;
            page_under(ctx, people, |person| list.of(person), Window::new(first, after, last, before)?).await?
        };
        /// Assessments taken by this patient, newest first.
        all assessments(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only assessments behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only assessments before this cursor.
            before: Option<String>,
            /// Only assessments with exactly this instrument code.
            instrument as "type": Option<String>,
        ): Connection<AssessmentScore> = {
            let list = AssessmentsOfPerson::new(instrument)?;
            page_under(ctx, people, |_| list.clone(), Window::new(first, after, last, before)?).await?
        };
        /// A patient's sessions, or those a therapist held, newest first.
        all sessions(
            /// Up to this many from the start: 0 to 100, 20 unless said.
            first: Option<i32>,
            /// Only sessions behind this cursor.
            after: Option<String>,
            /// Up to this many from the end: 0 to 100.
            last: Option<i32>,
            /// Only sessions before this cursor.
            before: Option<String>,
        ): Connection<TherapySession> =
            page_under(ctx, people, SessionsOfPerson::of, Window::new(first, after, last, before)?).await?;
        /// When this patient is reminded, oldest reminder first.
        all reminders: Partial<Reminder> = all_under(ctx, people, RemindersOfPerson).await?;
        /// What this patient is reminded of next, the nearest moment first: each reminder that is sent at all,
        /// with its next moment. One that the patient makes needless by recording before it is skipped then.
        each upcoming_reminders(
            /// Up to this many: 0 to 100, 20 unless said.
            first: Option<i32>,
        ): Partial<UpcomingReminder> = {
            let size = Window::new(first, None, None, None)?.size;
            upcoming(ctx, person.reminders(ctx).await?, size).await?
        };
    }
}

/// The patients a viewer may see, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Patients {
    search: Option<String>,
}

impl List for Patients {
    type Row = person::Entity;
    const NAME: &'static str = "patients";

    fn ordering(&self) -> Ordering<person::Entity> {
        let keys = [person::Column::FullName, person::Column::Id].map(Key::ascending);
        Ordering { name: "name", keys: keys.to_vec() }
    }
}

impl TopList for Patients {
    fn rows(&self, viewer: &Viewer) -> SelectStatement {
        let mut rows = viewer.patients().into_query();
        if let Some(text) = &self.search {
            rows.and_where(contains(
                viewer.store.get_database_backend(),
                person::Column::FullName.into_simple_expr(),
                text,
            ));
        }
        rows
    }
}

#[derive(Default)]
pub struct PersonQuery;

#[Object]
impl PersonQuery {
    /// Whoever the token belongs to.
    async fn viewer(&self, ctx: &Context<'_>) -> Person {
        Person::from(ctx.viewer().person().clone())
    }

    /// One person; null when there is none with this id that the viewer works with.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person's id.")] id: ID,
    ) -> Result<Option<Person>> {
        find(ctx, read_id("id", &id)?).await
    }

    /// The viewer's caseload, by name: a therapist's present patients, all patients for an admin, and
    /// nobody but themselves for a patient.
    async fn patients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Up to this many from the start: 0 to 100, 20 unless said.")] first: Option<i32>,
        #[graphql(desc = "Only patients behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Up to this many from the end: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only patients before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only patients whose name contains this, in capital or small letters.")]
        search: Option<String>,
    ) -> Result<Connection<Person>> {
        let list = Patients { search: search.map(|text| read_text("search", text)).transpose()? };
        page(ctx, list, Window::new(first, after, last, before)?).await
    }
}
