//! What scores mean, each with where it comes from, and the catalogue of instruments.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, IntoActiveModel, Set};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day};

/// The interpretations of a person's scores, oldest first, in the fields asked for.
async fn read(clinic: &Clinic, viewer: &Person, patient: &Person, fields: &str) -> Vec<Value> {
    let query = format!(
        "query($id: ID!) {{ person(id: $id) {{ assessments(last: 100) {{ nodes {{ interpretation {{ {fields} }} }} }} }} }}"
    );
    let answer = clinic.asks(viewer, &query, json!({ "id": patient.id })).await;
    let scores = answer.at("/person/assessments/nodes").as_array().expect("a list");
    scores.iter().rev().map(|score| score["interpretation"].clone()).collect()
}

const CHANGE: &str = "changeSinceFirst pointsSinceFirst changeSincePrevious pointsSincePrevious";

fn change(first: (&str, Option<i32>), previous: (&str, Option<i32>)) -> Value {
    json!({
        "changeSinceFirst": first.0, "pointsSinceFirst": first.1,
        "changeSincePrevious": previous.0, "pointsSincePrevious": previous.1,
    })
}

both! {
    async fn a_score_is_read_with_its_sources(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.answered(&ann, "PHQ-9", 12, day(2026, 2, 1), json!({ "item_9": 1 })).await;
        let fields = "instrument { code } band { code label min max } bandsOfficial safety safetyItems
            changeThreshold changeThresholdSource ruleVersion";
        assert_eq!(read(&clinic, &ann, &ann, fields).await, [json!({
            "instrument": { "code": "PHQ-9" },
            "band": { "code": "moderate", "label": "Moderate", "min": 10, "max": 14 },
            "bandsOfficial": true, "safety": "FLAGGED", "safetyItems": [9], "changeThreshold": 6,
            "changeThresholdSource":
                "published threshold: IAPT / NHS Talking Therapies definition (also ClinicalTrials.gov NCT05134103)",
            "ruleVersion": server::rules::VERSION,
        })]);
    }

    async fn change_is_told_since_the_first_and_the_previous_score(clinic) {
        let ann = clinic.patient("Ann").await;
        // Written out of order, in other spellings, with another instrument and another person between.
        clinic.assessment(&ann, None, "PHQ-9", 11, day(2026, 1, 15)).await;
        clinic.assessment(&ann, None, "phq9", 9, day(2026, 2, 1)).await;
        clinic.assessment(&ann, None, "PHQ 9", 18, day(2026, 1, 1)).await;
        clinic.assessment(&ann, None, "PHQ_9", 16, day(2026, 2, 1)).await;
        clinic.assessment(&clinic.patient("Bob").await, None, "PHQ-9", 27, day(2025, 1, 1)).await;
        clinic.assessment(&ann, None, "GAD-7", 21, day(2025, 12, 1)).await;
        assert_eq!(read(&clinic, &ann, &ann, CHANGE).await, [
            change(("NOT_AVAILABLE", None), ("NOT_AVAILABLE", None)),
            change(("NOT_AVAILABLE", None), ("NOT_AVAILABLE", None)),
            change(("RELIABLE_IMPROVEMENT", Some(-7)), ("RELIABLE_IMPROVEMENT", Some(-7))),
            change(("RELIABLE_RECOVERY", Some(-9)), ("RECOVERY_NOT_RELIABLE", Some(-2))),
            change(("NO_RELIABLE_CHANGE", Some(-2)), ("DETERIORATED", Some(7))),
        ]);
    }

    async fn scores_that_the_viewer_may_not_see_are_not_told(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Mood").await;
        clinic.assessment(&ann, None, "PHQ-9", 20, day(2026, 1, 1)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 15, day(2026, 1, 8)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 9, day(2026, 1, 15)).await;
        let last = async || read(&clinic, &lee, &ann, "pointsSinceFirst").await.pop();
        assert_eq!(last().await, Some(json!({ "pointsSinceFirst": -11 })));
        // A former therapist sees what hangs on a goal of theirs.
        clinic.no_longer_treats(&lee, &ann).await;
        assert_eq!(last().await, Some(json!({ "pointsSinceFirst": -6 })));
    }

    async fn a_moment_that_is_missing_comes_first(clinic) {
        let ann = clinic.patient("Ann").await;
        // Only an adopted database leaves it out, and SQLite takes no constraint back.
        if clinic.db().get_database_backend() == DbBackend::Postgres {
            let loosen = "ALTER TABLE assessment_scores ALTER created_at DROP NOT NULL";
            clinic.db().execute_unprepared(loosen).await.expect("an adopted table");
            clinic.assessment(&ann, None, "PHQ-9", 9, day(2026, 1, 1)).await;
            let mut row = clinic.assessment(&ann, None, "PHQ-9", 20, day(2026, 1, 1)).await.into_active_model();
            row.created_at = Set(None);
            row.update(clinic.db()).await.expect("an assessment");
            let points = read(&clinic, &ann, &ann, "pointsSinceFirst").await;
            assert_eq!(points, [json!({ "pointsSinceFirst": null }), json!({ "pointsSinceFirst": -11 })]);
        }
    }

    async fn an_instrument_that_is_not_in_the_catalogue_is_not_interpreted(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.assessment(&ann, None, "Horoscope", 12, day(2026, 2, 1)).await;
        assert_eq!(read(&clinic, &ann, &ann, "safety").await, [Value::Null]);
    }

    async fn an_answer_that_is_missing_is_unknown_and_never_clear(clinic) {
        let ann = clinic.patient("Ann").await;
        let mut date = day(2026, 1, 1);
        for subscores in [json!({ "item_9": 0 }), json!({}), json!({ "item_9": null }), json!({ "item_8": 0 })] {
            clinic.answered(&ann, "PHQ-9", 0, date, subscores).await;
            date = date.succ_opt().expect("a value");
        }
        clinic.assessment(&ann, None, "PHQ-9", 0, date).await;
        clinic.assessment(&ann, None, "GAD-7", 0, date).await;
        let safety: Vec<_> = read(&clinic, &ann, &ann, "safety safetyItems").await;
        let states: Vec<_> = safety.iter().map(|safety| safety["safety"].as_str().expect("a value")).collect();
        assert_eq!(states, ["CLEAR", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "NOT_APPLICABLE"]);
        assert!(safety.iter().all(|safety| safety["safetyItems"] == json!([])), "{safety:?}");
    }

    async fn disputed_bands_are_not_official_and_a_total_beyond_the_range_has_none(clinic) {
        let ann = clinic.patient("Ann").await;
        clinic.assessment(&ann, None, "PCL-5", 40, day(2026, 2, 1)).await;
        clinic.assessment(&ann, None, "PHQ-9", 28, day(2026, 2, 2)).await;
        let read = read(&clinic, &ann, &ann, "bandsOfficial band { code }").await;
        assert_eq!(read[0]["bandsOfficial"], json!(false));
        assert_eq!(read[1], json!({ "bandsOfficial": true, "band": null }));
    }

    async fn the_catalogue_can_be_read(clinic) {
        let ann = clinic.patient("Ann").await;
        let query = "{ instruments { code bands { min max } sources }
            one: instrument(code: \"phq9\") { code name items totalMin totalMax higherIsWorse bands { code }
                bandsOfficial loinc licence }
            none: instrument(code: \"Horoscope\") { code } }";
        let answer = clinic.asks(&ann, query, json!({})).await;
        let all = answer.at("/instruments").as_array().expect("a list");
        assert_eq!(all.len(), 35);
        assert!(all.iter().all(|instrument| instrument["sources"] != json!([])));
        assert_eq!(answer.at("/one"), &json!({
            "code": "PHQ-9", "name": "Patient Health Questionnaire, 9 items (depression)", "items": 9,
            "totalMin": 0, "totalMax": 27, "higherIsWorse": true,
            "bands": [{ "code": "minimal" }, { "code": "mild" }, { "code": "moderate" },
                { "code": "moderately_severe" }, { "code": "severe" }],
            "bandsOfficial": true, "loinc": "44261-6",
            "licence": "FREE_NO_PERMISSION: Pfizer-funded; no permission needed to reproduce, translate, display or distribute",
        }));
        assert_eq!(answer.at("/none"), &Value::Null);
        assert_eq!(answer.statements, 0);
    }
}
