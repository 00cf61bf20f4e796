//! Which way is good: as a person or the instrument says, or by what was set by hand; never by what was recorded.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day, id_at, with};

const FIGURES: &str = "status percent raw degenerate trend { class }";

/// A goal with these fields, tracked in this way.
async fn sets(clinic: &Clinic, lee: &Person, ann: &Person, goal: Value, tracking: Value) -> String {
    let fields = json!({ "baselineValue": null, "targetValue": null, "tracking": tracking });
    clinic.sets_a_goal_with(lee, ann, with(fields, goal)).await
}

async fn scores(clinic: &Clinic, lee: &Person, ann: &Person, goal: &str, code: &str, score: i32, day: &str) {
    let input = scored(ann, goal, code, score, day);
    clinic.does(lee, "recordAssessment", input, "assessment { id }").await;
}

fn scored(ann: &Person, goal: &str, code: &str, score: i32, day: &str) -> Value {
    json!({ "patientId": ann.id, "goalId": goal, "assessmentType": code, "score": score,
        "administeredDate": day })
}

async fn direction(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    let query = "query($id: ID!) { goal(id: $id) { tracking { targetDirection } } }";
    clinic.asks(person, query, json!({ "id": goal })).await.at("/goal/tracking/targetDirection").clone()
}

async fn figures(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    let goal = goal.parse().expect("an id");
    clinic.progress_as_of(person, goal, None, FIGURES).await
}

/// What a refusal says, in words.
async fn told(clinic: &Clinic, person: &Person, mutation: &str, input: Value) -> String {
    let answer = clinic.sends_input(person, mutation, &input, "__typename").await;
    answer.at("/payload/userErrors/0/message").as_str().expect("a message").to_owned()
}

both! {
    /// Target 5 and nothing else said: 4 is past it already, and then it gets worse.
    async fn a_goal_by_assessment_goes_the_way_of_its_instrument(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "5" }), json!({ "method": "ASSESSMENT" })).await;
        assert_eq!(direction(&clinic, &lee, &goal).await, Value::Null);
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "100").await;
        for (score, date) in [(12, "2026-02-08"), (15, "2026-02-15"), (20, "2026-02-22")] {
            if score == 12 {
                scores(&clinic, &lee, &ann, &goal, "PHQ-9", 4, "2026-02-01").await;
            }
            scores(&clinic, &lee, &ann, &goal, "PHQ-9", score, date).await;
        }
        assert_eq!(figures(&clinic, &lee, &goal).await, json!({
            "status": "IN_PROGRESS", "percent": 0.0, "raw": null, "degenerate": true, "trend": { "class": "WORSENING" },
        }));
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
    }

    async fn another_direction_than_the_instruments_is_refused_by_its_name(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for (code, score, other, has) in [
            ("PHQ-9", 11, "INCREASE", "Of the PHQ-9 lower scores are better: a goal tracked by it is to DECREASE."),
            ("PHQ-9", 12, "MAINTAIN", "Of the PHQ-9 lower scores are better: a goal tracked by it is to DECREASE."),
            ("WHO-5", 12, "DECREASE", "Of the WHO-5 higher scores are better: a goal tracked by it is to INCREASE."),
        ] {
            // It was tracked by the instrument before.
            let goal = sets(&clinic, &lee, &ann, json!({}), json!({ "method": "ASSESSMENT" })).await;
            scores(&clinic, &lee, &ann, &goal, code, score, "2026-02-01").await;
            let configure = json!({ "goalId": goal, "method": "ASSESSMENT", "targetDirection": other });
            let refused = clinic.is_refused(&lee, "configureTracking", configure.clone()).await;
            assert_eq!(refused, ["INVALID input.targetDirection"], "{code} {other}");
            assert_eq!(told(&clinic, &lee, "configureTracking", configure).await, has);
            // Or it is the first score that names the instrument.
            let wrong = json!({ "method": "ASSESSMENT", "targetDirection": other });
            let goal = sets(&clinic, &lee, &ann, json!({}), wrong).await;
            let first = scored(&ann, &goal, code, score, "2026-02-02");
            let refused = clinic.is_refused(&lee, "recordAssessment", first.clone()).await;
            assert_eq!(refused, ["INVALID input.assessmentType"], "{code} {other}");
            let says = told(&clinic, &lee, "recordAssessment", first.clone()).await;
            assert_eq!(says, format!("{has} Change the tracking of this goal first."));
            let right = json!({ "goalId": goal, "method": "ASSESSMENT" });
            clinic.later(TimeDelta::seconds(1));
            clinic.does(&lee, "configureTracking", right, "tracking { id }").await;
            clinic.does(&lee, "recordAssessment", first, "entry { id }").await;
        }
    }

    async fn a_way_that_is_not_the_instruments_is_refused_with_the_first_score(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let up = json!({ "baselineValue": "5", "targetValue": "18" });
        let goal = sets(&clinic, &lee, &ann, up, json!({ "method": "ASSESSMENT" })).await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "INCREASE");
        let phq9 = scored(&ann, &goal, "PHQ-9", 12, "2026-02-01");
        let refused = clinic.is_refused(&lee, "recordAssessment", phq9.clone()).await;
        assert_eq!(refused, ["INVALID input.assessmentType"]);
        assert_eq!(
            told(&clinic, &lee, "recordAssessment", phq9.clone()).await,
            "The goal is to decrease, so the target (18) must be below the baseline (5)."
        );
        // Nobody chose that direction, so it turns with the values.
        let down = json!({ "goalId": goal, "baselineValue": "18", "targetValue": "5" });
        clinic.does(&lee, "updateGoal", down, "goal { id }").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
        clinic.does(&lee, "recordAssessment", phq9, "entry { id }").await;
    }

    async fn of_an_unknown_instrument_it_has_to_be_said_which_way_is_good(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let by_score = json!({ "method": "ASSESSMENT" });
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "5" }), by_score.clone()).await;
        let ours = |goal: &str| scored(&ann, goal, "Our own", 12, "2026-02-01");
        let refused = clinic.is_refused(&lee, "recordAssessment", ours(&goal)).await;
        assert_eq!(refused, ["REQUIRED input.assessmentType"]);
        let says = told(&clinic, &lee, "recordAssessment", ours(&goal)).await;
        assert!(says.contains("targetDirection"), "{says}");

        clinic.later(TimeDelta::seconds(1));
        let said = json!({ "goalId": goal, "method": "ASSESSMENT", "targetDirection": "DECREASE" });
        clinic.does(&lee, "configureTracking", said, "tracking { id }").await;
        clinic.does(&lee, "recordAssessment", ours(&goal), "entry { id }").await;
        let unsaid = json!({ "goalId": goal, "method": "ASSESSMENT" });
        let refused = clinic.is_refused(&lee, "configureTracking", unsaid).await;
        assert_eq!(refused, ["REQUIRED input.targetDirection"]);

        // The way from baseline to target says it too.
        let way = json!({ "baselineValue": "20", "targetValue": "5" });
        let goal = sets(&clinic, &lee, &ann, way, by_score).await;
        let other_day = scored(&ann, &goal, "Our own", 12, "2026-02-02");
        clinic.does(&lee, "recordAssessment", other_day, "entry { id }").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
    }

    /// The wrong questionnaire was recorded first, and taken back.
    async fn a_direction_that_an_instrument_brought_goes_with_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = sets(&clinic, &lee, &ann, json!({}), json!({ "method": "ASSESSMENT" })).await;
        let wrong = scored(&ann, &goal, "WHO-5", 12, "2026-02-01");
        let wrong = clinic.does(&lee, "recordAssessment", wrong, "assessment { id }").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "INCREASE");
        let delete = json!({ "assessmentId": id_at(&wrong, "/assessment/id") });
        clinic.does(&lee, "deleteAssessment", delete, "deletedId").await;
        scores(&clinic, &lee, &ann, &goal, "PHQ-9", 12, "2026-02-01").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
    }

    /// Target 8, no direction or baseline: 6, and then 9 of the day before.
    async fn a_reading_does_not_turn_a_goal_around(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let scale = json!({ "method": "SCALE", "frequency": "DAILY" });
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "8" }), scale).await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "INCREASE");
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "100").await;
        clinic.records_on(&ann, &goal, "6", "2026-02-27").await;
        let before = clinic.records_on(&ann, &goal, "9", "2026-02-26").await;
        // On its own day 9 was past the target. What matters is that 6 is not.
        assert_eq!(before["achievedMilestones"], json!([{ "title": "PERCENTAGE 100" }]));
        assert_eq!(direction(&clinic, &lee, &goal).await, "INCREASE");
        let now = figures(&clinic, &lee, &goal).await;
        assert_eq!((&now["status"], &now["percent"], &now["raw"]), (&json!("IN_PROGRESS"), &json!(0.0), &Value::Null));
    }

    async fn what_is_worked_out_is_stored_and_follows_what_is_set_by_hand(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for (method, way, expected) in [
            ("SCALE", json!({ "baselineValue": "8", "targetValue": "2" }), json!("DECREASE")),
            ("SCALE", json!({ "baselineValue": "2", "targetValue": "8" }), json!("INCREASE")),
            ("SCALE", json!({ "baselineValue": "5", "targetValue": "5" }), json!("MAINTAIN")),
            ("SCALE", json!({ "targetValue": "2" }), json!("INCREASE")),
            // Nobody says what is better.
            ("SCALE", json!({ "baselineValue": "5" }), Value::Null),
            ("DURATION", json!({ "baselineValue": "60", "targetValue": "30" }), json!("DECREASE")),
            ("FREQUENCY", json!({ "targetValue": "3" }), json!("INCREASE")),
            ("BINARY", json!({}), Value::Null),
        ] {
            let goal = sets(&clinic, &lee, &ann, way.clone(), json!({ "method": method })).await;
            assert_eq!(direction(&clinic, &lee, &goal).await, expected, "{method} {way}");
            // And so when it is tracked anew.
            clinic.later(TimeDelta::seconds(1));
            let anew = json!({ "goalId": goal, "method": method, "frequency": "WEEKLY" });
            clinic.does(&lee, "configureTracking", anew, "tracking { id }").await;
            assert_eq!(direction(&clinic, &lee, &goal).await, expected, "{method} {way}");
        }
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "2" }), json!({ "method": "SCALE" })).await;
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal, "baselineValue": "8" }), "goal { id }").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal, "description": "Rest" }), "goal { id }").await;
        assert_eq!(direction(&clinic, &lee, &goal).await, "DECREASE");
    }

    async fn a_direction_that_a_person_chose_stays(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let chosen = json!({ "method": "SCALE", "targetDirection": "INCREASE" });
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "8" }), chosen).await;
        let turned = json!({ "goalId": goal, "baselineValue": "9" });
        let refused = clinic.is_refused(&lee, "updateGoal", turned).await;
        assert_eq!(refused, ["INVALID input.targetValue"]);
        // Also when it was worked out first, and then chosen.
        let goal = sets(&clinic, &lee, &ann, json!({ "targetValue": "8" }), json!({ "method": "SCALE" })).await;
        clinic.later(TimeDelta::seconds(1));
        let choose = json!({ "goalId": goal, "method": "SCALE", "targetDirection": "INCREASE" });
        clinic.does(&lee, "configureTracking", choose, "tracking { id }").await;
        let turned = json!({ "goalId": goal, "baselineValue": "9" });
        assert_eq!(clinic.is_refused(&lee, "updateGoal", turned).await, ["INVALID input.targetValue"]);
    }

    async fn a_new_goal_without_a_way_to_go_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let refused = async |method: &str, direction: Value, baseline: Value, target: &str| {
            let input = json!({ "patientId": ann.id, "description": "Walk", "baselineValue": baseline,
                "targetValue": target, "tracking": { "method": method, "targetDirection": direction } });
            clinic.is_refused(&lee, "createGoal", input).await.join(" ")
        };
        let wrong = "INVALID input.targetValue";
        assert_eq!(refused("SCALE", json!("INCREASE"), json!("5"), "5").await, wrong);
        assert_eq!(refused("DURATION", Value::Null, Value::Null, "0").await, wrong);
        assert_eq!(refused("FREQUENCY", json!("INCREASE"), json!("4"), "3").await, wrong);
        assert_eq!(refused("ASSESSMENT", json!("DECREASE"), json!("5"), "18").await, wrong);
        assert_eq!(refused("BINARY", json!("DECREASE"), Value::Null, "12").await, wrong);
        assert_eq!(refused("BINARY", json!("MAINTAIN"), Value::Null, "12").await, wrong);
    }

    /// Rows of another program.
    async fn an_old_row_still_answers(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let scale = Aim { baseline: None, target: Some(5), direction: None, ..SCALE };
        let goal = clinic.aims(&ann, &lee, scale).await;
        clinic.has_entries(&goal, day(2026, 2, 1), 1, &[8, 4]).await;
        let now = clinic.progress(&ann, &goal, "status percent raw degenerate").await;
        assert_eq!(now, json!({ "status": "IN_PROGRESS", "percent": 0.0, "raw": null, "degenerate": true }));
        // A direction that the instrument does not have is not believed.
        let upwards = Aim { method: "assessment", direction: Some("increase"), ..scale };
        let goal = clinic.aims(&ann, &lee, upwards).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 10, day(2026, 2, 9)).await;
        for (date, score) in [(day(2026, 2, 2), 20), (day(2026, 2, 9), 10)] {
            let as_score = |row: &mut entity::progress::ActiveModel| {
                row.context = sea_orm::Set(Some("assessment".to_owned()));
            };
            clinic.entry_with(&goal, date, score, as_score).await;
        }
        let now = clinic.progress(&ann, &goal, "status percent raw degenerate").await;
        assert_eq!(now, json!({ "status": "IN_PROGRESS", "percent": 66.67, "raw": 66.67, "degenerate": false }));
    }
}
