//! What is said of danger: a flag whenever an answer may tell of it, "clear" only when nothing else can be
//! read out of what is stored.

use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day, with};

/// What is said of an assessment recorded through the API.
async fn safety_of(clinic: &Clinic, lee: &Person, ann: &Person, fields: Value) -> Value {
    let input = with(json!({ "patientId": ann.id, "idempotencyKey": fields.to_string() }), fields);
    let shown = "assessment { score interpretation { safety safetyItems } }";
    let payload = clinic.does(lee, "recordAssessment", input, shown).await;
    let said = &payload["assessment"]["interpretation"];
    json!([payload["assessment"]["score"], said["safety"], said["safetyItems"]])
}

both! {
    /// The form of the EPDS lists "yes, quite often" first in item 10.
    async fn answers_are_as_they_stand_on_the_form_and_items_among_the_subscores_are_points(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let mut never = [0, 0, 3, 0, 3, 3, 3, 3, 3, 3];
        never[0] = 2;
        let cases = [
            (json!({ "items": vec![0; 10] }), json!([21, "FLAGGED", [10]])),
            (json!({ "score": 21, "subscores": { "items": vec![0; 10] } }), json!([21, "FLAGGED", [10]])),
            (json!({ "items": never }), json!([2, "CLEAR", []])),
            (json!({ "score": 2, "subscores": { "item_10": 0 } }), json!([2, "CLEAR", []])),
            (json!({ "score": 10, "subscores": { "item10": 0 } }), json!([10, "UNKNOWN", []])),
            (json!({ "score": 10, "subscores": { "item10": 3 } }), json!([10, "FLAGGED", [10]])),
        ];
        for (fields, said) in cases {
            let sent = with(json!({ "assessmentType": "EPDS" }), fields);
            assert_eq!(safety_of(&clinic, &lee, &ann, sent.clone()).await, said, "{sent}");
        }
    }

    async fn the_reversed_items_of_an_instrument_are_named(clinic) {
        let ann = clinic.patient("Ann").await;
        let query = "{ epds: instrument(code: \"EPDS\") { reversedItems }
            phq9: instrument(code: \"PHQ-9\") { reversedItems } }";
        let answer = clinic.asks(&ann, query, json!({})).await;
        let named = json!({ "epds": { "reversedItems": [3, 5, 6, 7, 8, 9, 10] },
            "phq9": { "reversedItems": [] } });
        assert_eq!(*answer.data(), named);
    }

    async fn parts_that_contradict_the_score_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (score, list) = ("INVALID input.score", "INVALID input.subscores.items");
        let cases = [
            (json!({ "score": 25, "subscores": { "item_9": 0 } }), vec![score]),
            (json!({ "score": 27, "subscores": { "item_9": 0 } }), vec![score]),
            (json!({ "score": 2, "subscores": { "q9": 3 } }), vec![score]),
            (json!({ "score": 27, "subscores": { "items": vec![0; 9] } }), vec![score]),
            (json!({ "score": 3, "subscores": { "items": [0, 0, 0, 0, 0, 0, 0, 0, 0, 3] } }), vec![list]),
            (json!({ "score": 3, "subscores": { "items": { "9": 0 } } }), vec![list]),
            (json!({ "items": vec![0; 9], "subscores": { "items": vec![1; 9] } }), vec![list]),
            (
                json!({ "score": 4, "subscores": { "items": [0, 0, 0, 0, 0, 0, 0, 4, null] } }),
                vec!["OUT_OF_RANGE input.subscores.items.7"],
            ),
            (json!({ "items": vec![0; 9], "subscores": { "item9": 3 } }), vec!["INVALID input.subscores.item9"]),
            (
                json!({ "score": 28, "subscores": { "item9": 4 } }),
                vec!["OUT_OF_RANGE input.score", "OUT_OF_RANGE input.subscores.item9"],
            ),
        ];
        for (fields, problems) in cases {
            let input = with(json!({ "patientId": ann.id, "assessmentType": "PHQ-9" }), fields);
            assert_eq!(clinic.is_refused(&lee, "recordAssessment", input.clone()).await, problems, "{input}");
        }
        let most = json!({ "assessmentType": "PHQ-9", "score": 24, "subscores": { "item_9": 0 } });
        assert_eq!(safety_of(&clinic, &lee, &ann, most).await, json!([24, "CLEAR", []]));
    }

    /// Another program may have written them.
    async fn stored_parts_that_contradict_the_score_are_unknown(clinic) {
        let ann = clinic.patient("Ann").await;
        let cases = [
            (24, json!({ "item_9": 0 }), "CLEAR"),
            (25, json!({ "item_9": 0 }), "FLAGGED"),
            (27, json!({ "items": vec![0; 9] }), "FLAGGED"),
            (24, json!({ "items": vec![0; 9] }), "UNKNOWN"),
            (3, json!({ "items": vec![0; 10] }), "UNKNOWN"),
            (3, json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 3] }), "FLAGGED"),
            (0, json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 3] }), "FLAGGED"),
        ];
        for (score, subscores, state) in cases {
            let row = clinic.answered(&ann, "PHQ-9", score, day(2026, 2, 1), subscores.clone()).await;
            let query = "query($id: ID!) { assessment(id: $id) { interpretation { safety } } }";
            let answer = clinic.asks(&ann, query, json!({ "id": row.id })).await;
            assert_eq!(answer.at("/assessment/interpretation/safety"), state, "{score} {subscores}");
        }
    }
}
