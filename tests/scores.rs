//! What can be a score: totals that some form comes to, answers coded as each instrument says, answers that were
//! left out; and what a total alone says of danger.

use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, with};

/// Records a score and reads it.
async fn recorded(clinic: &Clinic, (lee, ann): (&Person, &Person), fields: Value, shown: &str) -> Value {
    let input = with(json!({ "patientId": ann.id, "idempotencyKey": fields.to_string() }), fields);
    let payload = clinic.does(lee, "recordAssessment", input, &format!("assessment {{ {shown} }}")).await;
    payload["assessment"].clone()
}

both! {
    async fn a_total_that_no_form_comes_to_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let score = |score: i32, fields: Value| {
            with(json!({ "patientId": ann.id, "assessmentType": "DASS-21", "score": score }), fields)
        };
        let cases = [
            (score(41, json!({})), vec!["OUT_OF_RANGE input.score"]),
            (score(1, json!({})), vec!["OUT_OF_RANGE input.score"]),
            (score(128, json!({})), vec!["OUT_OF_RANGE input.score"]),
            (
                score(42, json!({ "subscores": { "ANXIETY": 41, "STRESS": 44 } })),
                vec!["OUT_OF_RANGE input.subscores.ANXIETY", "OUT_OF_RANGE input.subscores.STRESS"],
            ),
            (
                score(42, json!({ "subscores": { "DEPRESSION": 20, "ANXIETY": 10, "STRESS": 10 } })),
                vec!["INVALID input.score"],
            ),
        ];
        for (input, problems) in cases {
            assert_eq!(clinic.is_refused(&lee, "recordAssessment", input.clone()).await, problems, "{input}");
        }
        let refused = clinic.sends_input(&lee, "recordAssessment", &score(41, json!({})), "__typename").await;
        assert_eq!(
            refused.at("/payload/userErrors/0/message"),
            "No answers to the DASS-21 come to 41: DASS-21 goes from 0 to 126 in steps of 2."
        );
        let even = json!({ "assessmentType": "DASS-21", "score": 40 });
        assert_eq!(recorded(&clinic, (&lee, &ann), even, "score").await, json!({ "score": 40 }));
    }

    /// An entry of a goal that is tracked by an instrument is a score, however it is recorded.
    async fn nor_is_such_a_total_taken_as_an_entry(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let by_assessment = json!({ "baselineValue": "60", "targetValue": "20",
            "tracking": { "method": "ASSESSMENT", "frequency": "WEEKLY", "targetDirection": "DECREASE" } });
        let set = async || clinic.sets_a_goal_with(&lee, &ann, by_assessment.clone()).await;
        let (goal, early) = (set().await, set().await);
        let dass = |goal: &str| json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "DASS-21", "score": 42 });
        clinic.does(&lee, "recordAssessment", dass(&goal), "entry { id }").await;

        let entry = |value: &str| json!({ "goalId": goal, "value": value, "entryDate": "2026-02-20" });
        assert_eq!(clinic.is_refused(&lee, "recordProgress", entry("41")).await, ["OUT_OF_RANGE input.value"]);
        let rows = json!({ "goalId": goal, "entries": [{ "value": "41", "entryDate": "2026-02-20" }] });
        let refused = clinic.is_refused(&lee, "importProgress", rows).await;
        assert_eq!(refused, ["OUT_OF_RANGE input.entries.0.value"]);
        let kept = clinic.does(&lee, "recordProgress", entry("40"), "entry { id }").await;
        let update = json!({ "entryId": kept["entry"]["id"], "value": "39" });
        assert_eq!(clinic.is_refused(&lee, "updateProgress", update).await, ["OUT_OF_RANGE input.value"]);
        // Before the first score nobody knew the instrument.
        clinic.records(&lee, &early, "41").await;
        let refused = clinic.is_refused(&lee, "recordAssessment", dass(&early)).await;
        assert_eq!(refused, ["DUPLICATE input.score", "OUT_OF_RANGE input.assessmentType"]);
    }

    async fn the_best_possible_rosenberg_form_gives_30_as_the_coding_says(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let query = "{ instrument(code: \"RSES\") { answers { lowestCode itemOrder note } reversedItems
            itemCoding { number min max values reversed canBeLeftOut } } }";
        let coding = clinic.asks(&ann, query, json!({})).await;
        let said = coding.at("/instrument/answers");
        assert_eq!(said["lowestCode"], "strongly disagree");
        assert_eq!(said["itemOrder"], "Rosenberg 1965; the printed form lists strongly agree first");
        assert_eq!(coding.at("/instrument/reversedItems"), &json!([2, 5, 6, 8, 9]));
        assert_eq!(coding.at("/instrument/itemCoding/1"), &json!({ "number": 2, "min": 0, "max": 3,
            "values": [0, 1, 2, 3], "reversed": true, "canBeLeftOut": false }));
        // Full agreement with what is worded positively, none with the rest.
        let best = [3, 0, 3, 3, 0, 0, 3, 0, 0, 3];
        let best = json!({ "assessmentType": "RSES", "items": best });
        assert_eq!(recorded(&clinic, (&lee, &ann), best, "score").await, json!({ "score": 30 }));
    }

    async fn an_answer_that_was_left_out_is_made_up_for_where_the_manual_says_how(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let shown = "score prorated subscores interpretation { safety }";
        let without = |missing: usize, answer: i32, items: usize| {
            let mut answers = vec![json!(answer); items];
            answers[missing - 1] = Value::Null;
            json!(answers)
        };
        let of = async |code: &str, items: Value| {
            recorded(&clinic, (&lee, &ann), json!({ "assessmentType": code, "items": items }), shown).await
        };

        let core = of("CORE-10", without(6, 1, 10)).await;
        // Seven answers of 1 and two that are turned round: 13 of nine items, times 10.
        assert_eq!([&core["score"], &core["prorated"]], [&json!(14), &json!(true)]);
        assert_eq!(core["interpretation"]["safety"], "UNKNOWN");
        assert_eq!((&core["subscores"]["item_5"], core["subscores"].get("item_6")), (&json!(1), None));
        let wsas = of("WSAS", without(1, 5, 5)).await;
        assert_eq!([&wsas["score"], &wsas["prorated"]], [&json!(25), &json!(true)]);
        let qids = of("QIDS-SR16", without(7, 1, 16)).await;
        assert_eq!([&qids["score"], &qids["prorated"]], [&json!(9), &json!(false)]);
        assert_eq!(qids["interpretation"]["safety"], "FLAGGED");
        let phq15 = of("PHQ-15", without(4, 2, 15)).await;
        assert_eq!([&phq15["score"], &phq15["prorated"]], [&json!(28), &json!(false)]);
        let full = of("CORE-10", json!(vec![0; 10])).await;
        assert_eq!([&full["score"], &full["prorated"]], [&json!(8), &json!(false)]);
    }

    async fn else_the_score_is_asked_for(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let mut core = vec![json!(1); 10];
        (core[0], core[5]) = (Value::Null, Value::Null);
        let phq9 = json!([1, 1, 1, 1, 1, 1, 1, 1, null]);
        let cases = [
            (json!({ "assessmentType": "PHQ-9", "items": phq9 }), "REQUIRED input.score"),
            (json!({ "assessmentType": "CORE-10", "items": core }), "REQUIRED input.score"),
            (json!({ "assessmentType": "WSAS", "items": [1, null, 1, 1, 1] }), "REQUIRED input.score"),
            (json!({ "assessmentType": "PHQ-9", "items": phq9, "score": 7 }), "INVALID input.score"),
            (json!({ "assessmentType": "PHQ-9", "items": phq9, "score": 12 }), "INVALID input.score"),
            (json!({ "assessmentType": "WSAS", "items": [null, 1, 1, 1, 1], "score": 4 }), "INVALID input.score"),
            (json!({ "assessmentType": "PHQ-9", "items": [1, null] }), "INVALID input.items"),
        ];
        for (fields, problem) in cases {
            let input = with(json!({ "patientId": ann.id }), fields);
            assert_eq!(clinic.is_refused(&lee, "recordAssessment", input.clone()).await, [problem], "{input}");
        }
        let given = json!({ "assessmentType": "PHQ-9", "items": phq9, "score": 9 });
        let shown = "score prorated interpretation { safety }";
        assert_eq!(
            recorded(&clinic, (&lee, &ann), given, shown).await,
            json!({ "score": 9, "prorated": false, "interpretation": { "safety": "UNKNOWN" } })
        );
    }

    async fn a_total_that_proves_danger_is_flagged(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            (json!({ "assessmentType": "PHQ-9", "score": 24 }), "UNKNOWN", json!([])),
            (json!({ "assessmentType": "PHQ-9", "score": 25 }), "FLAGGED", json!([9])),
            (json!({ "assessmentType": "PHQ-9", "score": 27 }), "FLAGGED", json!([9])),
            (json!({ "assessmentType": "EPDS", "score": 28 }), "FLAGGED", json!([10])),
            (json!({ "assessmentType": "PHQ-8", "score": 24 }), "NOT_APPLICABLE", json!([])),
            (json!({ "assessmentType": "HAM-D", "score": 9, "subscores": { "item_3": 1 } }), "FLAGGED", json!([3])),
            (json!({ "assessmentType": "HAM-D", "score": 9, "subscores": { "item_3": 0 } }), "CLEAR", json!([])),
            (json!({ "assessmentType": "MADRS", "score": 9, "subscores": { "item_10": 2 } }), "FLAGGED", json!([10])),
            (json!({ "assessmentType": "MADRS", "score": 9, "subscores": { "item_10": 1 } }), "UNKNOWN", json!([])),
            (json!({ "assessmentType": "MADRS", "score": 9, "subscores": { "item_10": 0 } }), "CLEAR", json!([])),
        ];
        for (fields, safety, items) in cases {
            let read = recorded(&clinic, (&lee, &ann), fields.clone(), "interpretation { safety safetyItems }").await;
            assert_eq!(read["interpretation"], json!({ "safety": safety, "safetyItems": items }), "{fields}");
        }
    }
}
