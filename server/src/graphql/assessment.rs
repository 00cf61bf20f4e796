use async_graphql::{Context, ID, Json, Object, Result};
use entity::{assessment, goal, person};
use sea_orm::ColumnTrait;

use super::goal::Goal;
use super::interpretation::Interpretation;
use super::list::{ChildList, List};
use super::object::{Id, object};
use super::person::Person;
use super::row::{find, row_object};
use crate::access::{SeenId, Viewer};
use crate::history::order::newest_assessment;
use crate::rules::instrument;
use crate::rules::subscores::points;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::{Date, DateTime, read_id, read_text};

row_object!(AssessmentScore, assessment);

object! {
    /// The result of a standard instrument, such as the PHQ-9.
    AssessmentScore |assessment in assessments, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(assessment.id);
        /// Who was assessed.
        link patient: Person = assessment.patient_id;
        /// The goal it belongs to, if any; null also when that goal is not the viewer's to see.
        link goal: Option<Goal> = assessment.goal_id;
        /// The instrument's code, such as "PHQ-9".
        leaf assessment_type: &str = &assessment.assessment_type;
        /// The total, in the instrument's points.
        leaf score: i32 = assessment.score;
        /// The code of the severity band as it was stored, such as "moderate".
        leaf severity: Option<&str> = assessment.severity.as_deref();
        /// Subscales under their codes and items as points, such as `item_9`, in which reversed items are turned
        /// round; as they were stored.
        leaf subscores: Option<Json<sea_orm::JsonValue>> = assessment.subscores.clone().map(Json);
        /// Whether the total was made up from an incomplete form by the manual's rule, `Instrument.prorating`.
        leaf prorated: bool = is_prorated(assessment);
        /// The day it was taken.
        leaf administered_date: Date = assessment.administered_date.into();
        /// Who administered it; null when that is not known, or it is nobody the viewer works with.
        link administered_by: Option<Person> = assessment.administered_by;
        /// Free notes.
        leaf notes: Option<&str> = assessment.notes.as_deref();
        /// When it was recorded.
        leaf created_at: DateTime = assessment.created_at().into();
        /// What the score means; null for an instrument that the catalogue does not know.
        object interpretation: Option<Interpretation> = Interpretation::of(assessment);
    }
}

fn is_prorated(score: &assessment::Model) -> bool {
    let known = instrument::find(&score.assessment_type).filter(|instrument| instrument.prorate.is_some());
    known.zip(score.subscores.as_ref()).is_some_and(|(instrument, subscores)| {
        instrument.is_prorated(score.score, &points(instrument, subscores))
    })
}

/// A goal's assessments, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssessmentsOfGoal;

impl List for AssessmentsOfGoal {
    type Row = assessment::Entity;
    const NAME: &'static str = "goal.assessments";

    fn ordering(&self) -> Ordering<assessment::Entity> {
        newest_assessment()
    }
}

impl ChildList for AssessmentsOfGoal {
    type Parent = SeenId<goal::Entity>;

    fn family(&self, viewer: &Viewer, goals: &[SeenId<goal::Entity>]) -> Family<assessment::Entity> {
        viewer.under_seen(goals, self.link())
    }

    fn link(&self) -> assessment::Column {
        assessment::Column::GoalId
    }
}

/// A person's assessments, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssessmentsOfPerson {
    instrument: Option<String>,
}

impl AssessmentsOfPerson {
    pub fn new(instrument: Option<String>) -> Result<Self> {
        Ok(Self { instrument: instrument.map(|code| read_text("type", code)).transpose()? })
    }
}

impl List for AssessmentsOfPerson {
    type Row = assessment::Entity;
    const NAME: &'static str = "person.assessments";

    fn ordering(&self) -> Ordering<assessment::Entity> {
        newest_assessment()
    }
}

impl ChildList for AssessmentsOfPerson {
    type Parent = SeenId<person::Entity>;

    fn family(&self, viewer: &Viewer, people: &[SeenId<person::Entity>]) -> Family<assessment::Entity> {
        let mut family = viewer.under_seen::<_, assessment::Entity>(people, self.link());
        if let Some(code) = &self.instrument {
            family.children.and_where(assessment::Column::AssessmentType.eq(code));
        }
        family
    }

    fn link(&self) -> assessment::Column {
        assessment::Column::PatientId
    }
}

#[derive(Default)]
pub struct AssessmentQuery;

#[Object]
impl AssessmentQuery {
    /// One assessment; null when there is none with this id that the viewer may see.
    async fn assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The assessment's id.")] id: ID,
    ) -> Result<Option<AssessmentScore>> {
        find(ctx, read_id("id", &id)?).await
    }
}
