//! Corrections of results of instruments. A score and the entry that was made of it stay one thing: the score is
//! corrected, and the entry follows. And a score that is there already is not recorded twice.

use chrono::TimeDelta;
use entity::progress;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day, id_at, with};

const SHOWN: &str = "assessment { id score severity subscores administeredDate notes }
    entry { id value valueLabel entryDate } achievedMilestones { title }";

/// A goal to bring the PHQ-9 down from 20 to 5.
async fn goal_by_phq9(clinic: &Clinic, lee: &Person, ann: &Person) -> String {
    let by_assessment = json!({ "baselineValue": "20", "targetValue": "5",
        "tracking": { "method": "ASSESSMENT", "frequency": "WEEKLY", "targetDirection": "DECREASE" } });
    clinic.sets_a_goal_with(lee, ann, by_assessment).await
}

fn phq9(ann: &Person, goal: Option<&str>, score: i32) -> Value {
    json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": score })
}

/// The score's id and the payload.
async fn records(clinic: &Clinic, lee: &Person, input: Value) -> (String, Value) {
    let payload = clinic.does(lee, "recordAssessment", input, SHOWN).await;
    (id_at(&payload, "/assessment/id"), payload)
}

both! {
    async fn an_entry_made_of_a_score_is_corrected_with_it_and_not_by_itself(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = goal_by_phq9(&clinic, &lee, &ann).await;
        let (score, recorded) = records(&clinic, &lee, phq9(&ann, Some(&goal), 18)).await;
        let entry = id_at(&recorded, "/entry/id");

        let update = json!({ "entryId": entry, "value": "5" });
        assert_eq!(clinic.is_refused(&lee, "updateProgress", update).await, ["NOT_ALLOWED input.entryId"]);
        let delete = json!({ "entryId": entry });
        let refused = clinic.sends_input(&lee, "deleteProgress", &delete, "deletedId").await;
        let said = refused.at("/payload/userErrors/0/message").as_str().expect("a message");
        assert!(said.contains("correct or delete the assessment"), "{said}");
        assert_eq!(clinic.is_refused(&lee, "deleteProgress", delete).await, ["NOT_ALLOWED input.entryId"]);

        let before = clinic.told().await.len();
        let corrected = json!({ "assessmentId": score, "score": 5 });
        let corrected = clinic.does(&lee, "updateAssessment", corrected, SHOWN).await;
        assert_eq!(corrected, json!({
            "assessment": { "id": score, "score": 5, "severity": "mild", "subscores": null,
                "administeredDate": "2026-03-01", "notes": null },
            "entry": { "id": entry, "value": "5.00", "valueLabel": "mild", "entryDate": "2026-03-01" },
            "achievedMilestones": [],
        }));
        assert_eq!(clinic.told().await[before..], ["assessment_updated", "progress_updated"]);
        assert_eq!(clinic.entries().await.len(), 1);
    }

    async fn a_corrected_score_takes_its_entry_to_another_day_and_reaches_milestones_there(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = goal_by_phq9(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "9").await;
        let (score, recorded) = records(&clinic, &lee, phq9(&ann, Some(&goal), 18)).await;
        let entry = id_at(&recorded, "/entry/id");
        clinic.later(TimeDelta::hours(1));

        let corrected = json!({ "assessmentId": score, "score": 8, "administeredDate": "2026-02-20" });
        let corrected = clinic.does(&lee, "updateAssessment", corrected, SHOWN).await;

        assert_eq!(corrected["entry"]["entryDate"], "2026-02-20");
        assert_eq!(corrected["achievedMilestones"], json!([{ "title": "VALUE 9" }]));
        let achieved = clinic.events().await.pop().expect("an event");
        let cause = (achieved.entry_id.map(|id| id.to_string()), achieved.effective_date);
        assert_eq!(cause, (Some(entry.clone()), Some(day(2026, 2, 20))));
        // However often it is corrected, it is the same entry, and goes with its score.
        let deleted = json!({ "assessmentId": score });
        let deleted = clinic.does(&lee, "deleteAssessment", deleted, "deletedEntryId").await;
        assert_eq!(deleted, json!({ "deletedEntryId": entry }));
        assert_eq!(clinic.entries().await.len(), 0);
    }

    async fn a_correction_keeps_what_is_absent_and_clears_what_is_null(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let recorded = json!({ "patientId": ann.id, "assessmentType": "PHQ-2", "items": [1, 2],
            "subscores": { "difficulty": 1 }, "notes": "Tired" });
        let (score, _) = records(&clinic, &lee, recorded).await;
        let update = async |fields: Value| {
            let input = with(json!({ "assessmentId": score }), fields);
            clinic.does(&lee, "updateAssessment", input, SHOWN).await["assessment"].clone()
        };
        let row = |score_: i32, severity: &str, subscores: Value, notes: Value| {
            json!({ "id": score, "score": score_, "severity": severity, "subscores": subscores,
                "administeredDate": "2026-03-01", "notes": notes })
        };

        let answers = json!({ "difficulty": 1, "item_1": 1, "item_2": 2 });
        assert_eq!(update(json!({})).await, row(3, "positive", answers.clone(), json!("Tired")));
        assert_eq!(update(json!({ "notes": null })).await, row(3, "positive", answers, Value::Null));
        let answers = json!({ "difficulty": 1, "item_1": 0, "item_2": 2 });
        assert_eq!(update(json!({ "items": [0, 2] })).await, row(2, "negative", answers, Value::Null));
        let others = json!({ "difficulty": 1 });
        assert_eq!(update(json!({ "score": 4, "items": null })).await, row(4, "positive", others, Value::Null));
        let none = row(4, "positive", Value::Null, Value::Null);
        assert_eq!(update(json!({ "subscores": null })).await, none);
    }

    async fn a_correction_that_does_not_go_together_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let recorded = json!({ "patientId": ann.id, "assessmentType": "PHQ-2", "items": [1, 2] });
        let (score, _) = records(&clinic, &lee, recorded).await;
        let cases = [
            (json!({ "score": 5 }), "INVALID input.score"),
            (json!({ "score": 7, "items": null }), "OUT_OF_RANGE input.score"),
            (json!({ "score": null }), "REQUIRED input.score"),
            (json!({ "administeredDate": null }), "REQUIRED input.administeredDate"),
            (json!({ "administeredDate": "2026-03-02" }), "OUT_OF_RANGE input.administeredDate"),
            (json!({ "items": [1] }), "INVALID input.items"),
            (json!({ "items": [4, 0] }), "OUT_OF_RANGE input.items.0"),
            (json!({ "items": [1, 1], "score": 3 }), "INVALID input.score"),
            (json!({ "subscores": { "item_1": 0, "item_2": 1 } }), "INVALID input.score"),
            (json!({ "subscores": [1] }), "INVALID input.subscores"),
            (json!({ "notes": "\u{0}" }), "INVALID input.notes"),
        ];
        for (fields, problem) in cases {
            let input = with(json!({ "assessmentId": score }), fields);
            assert_eq!(clinic.is_refused(&lee, "updateAssessment", input.clone()).await, [problem], "{input}");
        }
    }

    /// It has another id than the one that is made of the score's.
    async fn an_entry_that_an_earlier_version_made_is_known_by_what_it_shares_with_its_score(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = goal_by_phq9(&clinic, &lee, &ann).await;
        let (score, _) = records(&clinic, &lee, phq9(&ann, Some(&goal), 18)).await;
        let entry = clinic.next_id();
        let renamed = progress::Entity::update_many().col_expr(progress::Column::Id, Expr::value(entry));
        renamed.filter(progress::Column::Value.eq(18)).exec(clinic.db()).await.expect("an entry");

        let update = json!({ "entryId": entry, "value": "5" });
        assert_eq!(clinic.is_refused(&lee, "updateProgress", update).await, ["NOT_ALLOWED input.entryId"]);
        let corrected = json!({ "assessmentId": score, "score": 5 });
        let corrected = clinic.does(&lee, "updateAssessment", corrected, "entry { id value }").await;
        assert_eq!(corrected, json!({ "entry": { "id": entry, "value": "5.00" } }));
    }

    async fn an_entry_recorded_by_hand_beside_a_score_stays_its_authors_to_correct(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = goal_by_phq9(&clinic, &lee, &ann).await;
        // At the same moment, with the same value.
        let (score, recorded) = records(&clinic, &lee, phq9(&ann, Some(&goal), 18)).await;
        let by_hand = id_at(&clinic.records(&lee, &goal, "18").await, "/entry/id");

        let corrected = json!({ "assessmentId": score, "score": 15 });
        let corrected = clinic.does(&lee, "updateAssessment", corrected, "entry { id }").await;
        assert_eq!(corrected["entry"], json!({ "id": id_at(&recorded, "/entry/id") }));
        let again = json!({ "assessmentId": score, "score": 18 });
        clinic.does(&lee, "updateAssessment", again, "entry { id }").await;
        let update = json!({ "entryId": by_hand, "value": "17" });
        clinic.does(&lee, "updateProgress", update, "entry { id }").await;
        clinic.does(&lee, "deleteProgress", json!({ "entryId": by_hand }), "deletedId").await;
    }

    async fn the_same_score_of_one_day_is_a_duplicate(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let ben = clinic.patient("Ben").await;
        clinic.treats(&lee, &ben).await;
        let (first, _) = records(&clinic, &lee, phq9(&ann, None, 9)).await;

        let again = ["PHQ-9", " phq9"].map(|code| with(phq9(&ann, None, 9), json!({ "assessmentType": code })));
        for again in again {
            assert_eq!(clinic.is_refused(&lee, "recordAssessment", again).await, ["DUPLICATE input.score"]);
        }
        let answers = with(phq9(&ann, None, 9), json!({ "score": null, "items": vec![1; 9] }));
        assert_eq!(clinic.is_refused(&lee, "recordAssessment", answers).await, ["DUPLICATE input.score"]);
        let others = [
            phq9(&ann, None, 8),
            phq9(&ben, None, 9),
            with(phq9(&ann, None, 9), json!({ "assessmentType": "PHQ-8" })),
            with(phq9(&ann, None, 9), json!({ "administeredDate": "2026-02-28" })),
            // A key says that it is another one.
            with(phq9(&ann, None, 9), json!({ "idempotencyKey": "another" })),
        ];
        for other in others {
            clinic.does(&lee, "recordAssessment", other, "assessment { id }").await;
        }
        // Two of them are there now, and their notes can be written.
        let noted = json!({ "assessmentId": first, "notes": "By phone", "score": 9 });
        clinic.does(&lee, "updateAssessment", noted, "assessment { id }").await;
    }

    async fn a_correction_makes_no_duplicate(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        records(&clinic, &lee, phq9(&ann, None, 9)).await;
        let (slip, _) = records(&clinic, &lee, phq9(&ann, None, 19)).await;
        let (other_day, _) =
            records(&clinic, &lee, with(phq9(&ann, None, 9), json!({ "administeredDate": "2026-02-20" }))).await;

        let score = json!({ "assessmentId": slip, "score": 9 });
        let date = json!({ "assessmentId": other_day, "administeredDate": "2026-03-01" });
        for input in [&score, &date] {
            let refused = clinic.is_refused(&lee, "updateAssessment", input.clone()).await;
            assert_eq!(refused, ["DUPLICATE input.score"]);
        }
        let keyed = with(score, json!({ "idempotencyKey": "on purpose" }));
        clinic.does(&lee, "updateAssessment", keyed, "assessment { id }").await;
    }
}
