//! Inputs about results of instruments.

use async_graphql::{ID, InputObject, Json, MaybeUndefined};
use serde_json::Value;

use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::assessment::Draft;
use crate::rules::input::assessment_changes::Changes;
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
    /// One answer an item, coded and in the order that `Instrument.answers` says for this instrument; null for
    /// one that was left out. The server turns reversed items round and works out score and subscales. With items
    /// left out there is a total only where the manual makes one, see `Instrument.prorating`; else give the score.
    pub items: Option<Vec<Option<i32>>>,
    /// An object of names and figures. `item_9` is an item's points, reversed items turned round already;
    /// `items` is a list of answers like the field above; a subscale goes by its code. What contradicts the
    /// score is refused.
    pub subscores: Option<Json<Value>>,
    /// The patient's local day; their today unless said, never in their future.
    pub administered_date: Option<Date>,
    /// At most 20,000 characters.
    pub notes: Option<String>,
    /// The same key and input within 24 hours give the first answer again. Without a key, the same score of the
    /// same instrument and day is `DUPLICATE`.
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

/// What to change of an assessment. Its figures have to go together afterwards: with a new score the stored
/// answers are to be corrected or cleared as well.
#[derive(InputObject)]
pub struct UpdateAssessmentInput {
    /// The assessment.
    pub assessment_id: ID,
    /// The total, in the instrument's points; worked out when `items` make one. Can't be cleared.
    pub score: MaybeUndefined<i32>,
    /// All answers anew, as in `RecordAssessmentInput`. Null: the answers and the subscales made of them are
    /// no longer stored.
    pub items: MaybeUndefined<Vec<Option<i32>>>,
    /// All subscores anew, as in `RecordAssessmentInput`.
    pub subscores: MaybeUndefined<Json<Value>>,
    /// The patient's local day, never in their future. Can't be cleared.
    pub administered_date: MaybeUndefined<Date>,
    /// At most 20,000 characters.
    pub notes: MaybeUndefined<String>,
    /// The same key and input within 24 hours give the first answer again. Without a key, the same score of the
    /// same instrument and day as another one is `DUPLICATE`.
    pub idempotency_key: Option<String>,
}

impl Input for UpdateAssessmentInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let new_day = reader.kept("administeredDate", "The date", self.administered_date);
        let changes = Changes {
            score: reader.kept("score", "The score", self.score),
            items: self.items.into(),
            subscores: self.subscores.map_value(|subscores| subscores.0).into(),
            administered_date: new_day.and_then(|sent| reader.day("administeredDate", "The date", &sent)),
            notes: self.notes.into(),
        };
        (reader.id("assessmentId", &self.assessment_id), changes)
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
