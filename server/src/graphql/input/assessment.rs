//! Inputs about results of instruments.

use async_graphql::{ID, InputObject, Json};
use serde_json::Value;

use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::assessment::Draft;
use crate::service::Id;
use crate::wire::scalar::Date;

/// A result of a standard instrument: its score, or the answers to all its items.
#[derive(InputObject)]
pub struct RecordAssessmentInput {
    /// Who was assessed.
    pub patient_id: ID,
    /// A goal of the patient's that it belongs to.
    pub goal_id: Option<ID>,
    /// The instrument's code, such as "PHQ-9"; at most 50 characters.
    pub assessment_type: String,
    /// The total, in the instrument's points.
    pub score: Option<i32>,
    /// One answer an item, as it stands on the form: the first option is the lowest answer, mostly 0, and
    /// of yes and no, no is 0. The server turns reversed items round and works out score and subscales.
    pub items: Option<Vec<i32>>,
    /// An object of names and figures. `item_9` is an item's points, reversed items turned round already;
    /// `items` is a list of answers like the field above; a subscale goes by its code. What contradicts the
    /// score is refused.
    pub subscores: Option<Json<Value>>,
    /// The patient's local day; their today unless said, never in their future.
    pub administered_date: Option<Date>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for RecordAssessmentInput {
    type Draft = (Id, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let date = self.administered_date;
        let draft = Draft {
            goal: self.goal_id.and_then(|id| reader.id("goalId", &id)),
            assessment_type: self.assessment_type,
            score: self.score,
            items: self.items,
            subscores: self.subscores.map(|subscores| subscores.0),
            administered_date: date.and_then(|sent| reader.day("administeredDate", "The date", &sent)),
            notes: self.notes,
        };
        (reader.id("patientId", &self.patient_id), draft)
    }
}

/// An assessment to delete.
#[derive(InputObject)]
pub struct DeleteAssessmentInput {
    /// The assessment.
    pub assessment_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(DeleteAssessmentInput, assessment_id, "assessmentId");
