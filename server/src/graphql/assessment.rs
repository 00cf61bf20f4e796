use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object, Result};
use entity::{assessment, goal, person};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::goal::Goal;
use super::interpretation::Interpretation;
use super::page::{ChildList, List};
use super::person::Person;
use super::row::{find, find_maybe, find_seen, row_object};
use crate::access::Viewer;
use crate::history::order::newest_assessment;
use crate::store::page::{Family, Ordering};
use crate::wire::scalar::{Date, DateTime, read_id, read_text};

/// The result of a standard instrument, such as the PHQ-9.
#[derive(Clone)]
pub struct AssessmentScore(pub Arc<assessment::Model>);

row_object!(AssessmentScore, assessment);

/// The result of a standard instrument, such as the PHQ-9.
#[Object]
impl AssessmentScore {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Who was assessed.
    async fn patient(&self, ctx: &Context<'_>) -> Result<Person> {
        find_seen(ctx, self.0.patient_id).await
    }

    /// The goal it belongs to, if any; null also when that goal is not the viewer's to see.
    async fn goal(&self, ctx: &Context<'_>) -> Result<Option<Goal>> {
        find_maybe(ctx, self.0.goal_id).await
    }

    /// The instrument's code, such as "PHQ-9".
    async fn assessment_type(&self) -> &str {
        &self.0.assessment_type
    }

    /// The total, in the instrument's points.
    async fn score(&self) -> i32 {
        self.0.score
    }

    /// The code of the severity band as it was stored, such as "moderate".
    async fn severity(&self) -> Option<&str> {
        self.0.severity.as_deref()
    }

    /// Subscales under their codes and items as points, such as `item_9`, in which reversed items are turned
    /// round; as they were stored.
    async fn subscores(&self) -> Option<Json<sea_orm::JsonValue>> {
        self.0.subscores.clone().map(Json)
    }

    /// The day it was taken.
    async fn administered_date(&self) -> Date {
        self.0.administered_date.into()
    }

    /// Who administered it; null when that is not known, or it is nobody the viewer works with.
    async fn administered_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        find_maybe(ctx, self.0.administered_by).await
    }

    /// Free notes.
    async fn notes(&self) -> Option<&str> {
        self.0.notes.as_deref()
    }

    /// When it was recorded.
    async fn created_at(&self) -> DateTime {
        self.0.created_at().into()
    }

    /// What the score means; null for an instrument that the catalogue does not know.
    async fn interpretation(&self) -> Option<Interpretation> {
        Interpretation::of(&self.0)
    }
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
    fn family(&self, viewer: &Viewer, goals: &[Uuid]) -> Family<assessment::Entity> {
        viewer.under::<goal::Entity, assessment::Entity>(goals, self.link())
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
    fn family(&self, viewer: &Viewer, people: &[Uuid]) -> Family<assessment::Entity> {
        let mut family = viewer.under::<person::Entity, assessment::Entity>(people, self.link());
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
