//! Results of instruments: a score or the answers it is made from, with its severity, and the entry of a
//! goal that is tracked by it.

use serde_json::{Value, json};

use crate::both;
use crate::support::{day, id_at, with};

const SHOWN: &str = "assessment { assessmentType score severity subscores administeredDate notes createdAt
    patient { fullName } administeredBy { fullName } goal { id } } entry { id }";

both! {
    async fn a_score_is_kept_with_its_severity(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "Pacific/Auckland").await;
        let input = json!({ "patientId": ann.id, "assessmentType": " phq9", "score": 12, "notes": "Tired" });

        let payload = clinic.does(&lee, "recordAssessment", input, SHOWN).await;

        assert_eq!(
            payload,
            json!({
                "assessment": {
                    "assessmentType": "PHQ-9", "score": 12, "severity": "moderate", "subscores": null,
                    "administeredDate": "2026-03-02", "notes": "Tired", "createdAt": "2026-03-01T12:00:00Z",
                    "patient": { "fullName": "Ann" }, "administeredBy": { "fullName": "Dr. Lee" }, "goal": null,
                },
                "entry": null,
            })
        );
        assert_eq!(clinic.told().await, ["assessment_recorded"]);
        assert_eq!(clinic.events().await[0].patient_id, ann.id);
    }

    async fn severity_changes_at_the_edges_of_the_bands(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            ("PHQ-9", 0, "minimal"),
            ("PHQ-9", 4, "minimal"),
            ("PHQ-9", 5, "mild"),
            ("PHQ-9", 14, "moderate"),
            ("PHQ-9", 15, "moderately_severe"),
            ("PHQ-9", 20, "severe"),
            ("PHQ-9", 27, "severe"),
            ("GAD-7", 21, "severe"),
            ("K10", 10, "low"),
            ("AUDIT", 16, "zone_3_harmful"),
        ];
        for (code, score, severity) in cases {
            let input = json!({ "patientId": ann.id, "assessmentType": code, "score": score });
            let payload = clinic.does(&lee, "recordAssessment", input, "assessment { severity }").await;
            assert_eq!(payload["assessment"]["severity"], severity, "{code} {score}");
        }
    }

    async fn answers_are_summed_by_the_instruments_own_scoring(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let record = |code: &str, items: &[i32], more: Value| {
            with(json!({ "patientId": ann.id, "assessmentType": code, "items": items }), more)
        };
        let shown = "assessment { score severity subscores }";

        let plain =
            record("PHQ-2", &[1, 2], json!({ "score": 3, "subscores": { "difficulty": 1, "item1": 1 } }));
        let plain = clinic.does(&lee, "recordAssessment", plain, shown).await;
        let reversed = record("DAST-10", &[0; 10], json!({}));
        let reversed = clinic.does(&lee, "recordAssessment", reversed, shown).await;
        let scales = record("AUDIT", &[4, 3, 2, 1, 0, 1, 2, 3, 4, 2], json!({}));
        let scales = clinic.does(&lee, "recordAssessment", scales, shown).await;

        assert_eq!(
            plain["assessment"],
            json!({
                "score": 3, "severity": "positive", "subscores": { "difficulty": 1, "item_1": 1, "item_2": 2 },
            })
        );
        assert_eq!(reversed["assessment"]["score"], 1);
        assert_eq!(reversed["assessment"]["subscores"]["item_3"], 1);
        assert_eq!(
            (&scales["assessment"]["score"], &scales["assessment"]["severity"]),
            (&json!(22), &json!("zone_4_dependence"))
        );
        let subscores = &scales["assessment"]["subscores"];
        assert_eq!(
            ["CONSUMPTION", "DEPENDENCE", "HARM"].map(|code| subscores[code].clone()),
            [9, 2, 11].map(Value::from)
        );
    }

    async fn what_does_not_fit_the_instrument_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            (json!({ "assessmentType": "PHQ-9" }), vec!["REQUIRED input.score"]),
            (json!({ "assessmentType": "PHQ-9", "score": 28 }), vec!["OUT_OF_RANGE input.score"]),
            (json!({ "assessmentType": "PHQ-9", "score": -1 }), vec!["OUT_OF_RANGE input.score"]),
            (json!({ "assessmentType": "K10", "score": 9 }), vec!["OUT_OF_RANGE input.score"]),
            (json!({ "assessmentType": "Our own", "score": -1 }), vec!["OUT_OF_RANGE input.score"]),
            (json!({ "assessmentType": "PHQ-2", "items": [1] }), vec!["INVALID input.items"]),
            (json!({ "assessmentType": "PHQ-2", "items": [1, 2, 3] }), vec!["INVALID input.items"]),
            (json!({ "assessmentType": "PHQ-2", "items": [] }), vec!["INVALID input.items"]),
            (
                json!({ "assessmentType": "PHQ-2", "items": [4, -1] }),
                vec!["OUT_OF_RANGE input.items.0", "OUT_OF_RANGE input.items.1"],
            ),
            (json!({ "assessmentType": "PHQ-2", "items": [1, 2], "score": 4 }), vec!["INVALID input.score"]),
            (json!({ "assessmentType": "Our own", "items": [1] }), vec!["NOT_ALLOWED input.items"]),
            (json!({ "assessmentType": " ", "score": 1 }), vec!["REQUIRED input.assessmentType"]),
            (json!({ "assessmentType": "x".repeat(51), "score": 1 }), vec!["TOO_LONG input.assessmentType"]),
            (
                json!({ "assessmentType": "PHQ-9", "score": 1, "subscores": [1] }),
                vec!["INVALID input.subscores"],
            ),
            (
                json!({ "assessmentType": "PHQ-9", "score": 1, "subscores": { "item9": 99 } }),
                vec!["OUT_OF_RANGE input.subscores.item9"],
            ),
            (
                json!({ "assessmentType": "PHQ-9", "score": 28, "administeredDate": "2026-03-02",
                    "notes": "\u{0}" }),
                vec![
                    "INVALID input.notes",
                    "OUT_OF_RANGE input.administeredDate",
                    "OUT_OF_RANGE input.score",
                ],
            ),
            (
                json!({ "assessmentType": "PHQ-9", "score": 28, "administeredDate": "soon" }),
                vec!["INVALID input.administeredDate", "OUT_OF_RANGE input.score"],
            ),
        ];
        for (fields, problems) in cases {
            let input = with(json!({ "patientId": ann.id }), fields);
            assert_eq!(clinic.is_refused(&lee, "recordAssessment", input.clone()).await, problems, "{input}");
        }
    }

    async fn an_instrument_that_nobody_knows_is_stored_without_severity(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let input = json!({
            "patientId": ann.id, "assessmentType": "Our own", "score": 2_000_000_000, "subscores": { "a": [1] },
            "administeredDate": "2026-02-01",
        });
        let shown = "assessment { assessmentType score severity subscores administeredDate }";
        let payload = clinic.does(&lee, "recordAssessment", input, shown).await;
        assert_eq!(
            payload["assessment"],
            json!({
                "assessmentType": "Our own", "score": 2_000_000_000, "severity": null,
                "subscores": { "a": [1] },
                "administeredDate": "2026-02-01",
            })
        );
    }

    async fn a_goal_tracked_by_assessment_gets_its_entry_in_the_same_breath(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_assessment()).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "9").await;
        let before = clinic.told().await.len();
        let record = |score: i32, day: &str| {
            json!({
                "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": score,
                "administeredDate": day,
            })
        };
        let shown = "assessment { goal { id } } entry { id entryDate value valueLabel context
            trackingConfig { method }
            recordedBy { fullName } } achievedMilestones { title }";

        clinic.does(&lee, "recordAssessment", record(14, "2026-02-01"), shown).await;
        let payload = clinic.does(&lee, "recordAssessment", record(8, "2026-02-15"), shown).await;

        let entry = id_at(&payload, "/entry/id");
        assert_eq!(
            payload,
            json!({
                "assessment": { "goal": { "id": goal } },
                "entry": {
                    "id": entry, "entryDate": "2026-02-15", "value": "8.00", "valueLabel": "mild",
                    "context": "ASSESSMENT", "trackingConfig": { "method": "ASSESSMENT" },
                    "recordedBy": { "fullName": "Dr. Lee" },
                },
                "achievedMilestones": [{ "title": "VALUE 9" }],
            })
        );
        let kinds = [
            "assessment_recorded",
            "progress_recorded",
            "assessment_recorded",
            "progress_recorded",
            "milestone_achieved",
        ];
        assert_eq!(clinic.told().await[before..], kinds);
        let achieved = clinic.events().await.pop().expect("an event");
        let cause = (achieved.entry_id.map(|id| id.to_string()), achieved.effective_date);
        assert_eq!(cause, (Some(entry), Some(day(2026, 2, 15))));
    }

    async fn a_refused_assessment_leaves_no_entry(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, _) = clinic.couple("Ben", "Dr. Kim").await;
        clinic.treats(&lee, &ben).await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_assessment()).await;
        let record = |fields: Value| {
            with(json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9" }), fields)
        };

        let too_high = clinic.is_refused(&lee, "recordAssessment", record(json!({ "score": 28 }))).await;
        let of_another = record(json!({ "patientId": ben.id, "score": 3 }));
        let of_another = clinic.is_refused(&lee, "recordAssessment", of_another).await;
        let unknown = record(json!({ "goalId": clinic.next_id(), "score": 3 }));
        let unknown = clinic.is_refused(&lee, "recordAssessment", unknown).await;

        assert_eq!(too_high, ["OUT_OF_RANGE input.score"]);
        assert_eq!(of_another, ["INVALID input.goalId"]);
        assert_eq!(unknown, ["NOT_FOUND input.goalId"]);
    }

    async fn a_goal_tracked_otherwise_gets_no_entry(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": 9 });
        let payload = clinic
            .does(&lee, "recordAssessment", input, "goal { id } entry { id } achievedMilestones { id }")
            .await;
        assert_eq!(payload, json!({ "goal": { "id": goal }, "entry": null, "achievedMilestones": [] }));
        assert_eq!(clinic.entries().await.len(), 0);
    }

    async fn a_deleted_assessment_takes_the_entry_that_was_made_of_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_assessment()).await;
        let record = |score: u8| {
            json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": score })
        };
        clinic.does(&lee, "recordAssessment", record(14), "assessment { id }").await;
        clinic.later(chrono::TimeDelta::seconds(1));
        let slip = clinic.does(&lee, "recordAssessment", record(4), "assessment { id } entry { id }").await;
        let delete = json!({ "assessmentId": id_at(&slip, "/assessment/id") });
        let before = clinic.told().await.len();

        let selection = "deletedId deletedEntryId goal { progress { currentValue } } achievedMilestones { id }";
        let deleted = clinic.does(&lee, "deleteAssessment", delete.clone(), selection).await;

        let expected = json!({ "deletedId": delete["assessmentId"],
            "deletedEntryId": id_at(&slip, "/entry/id"), "goal": { "progress": { "currentValue": "14.00" } },
            "achievedMilestones": [] });
        assert_eq!(deleted, expected);
        assert_eq!(clinic.told().await[before..], ["assessment_deleted", "progress_deleted"]);
        let again = clinic.is_refused(&lee, "deleteAssessment", delete).await;
        assert_eq!(again, ["NOT_FOUND input.assessmentId"]);
    }

    async fn a_course_of_progress_is_of_one_instrument(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_assessment()).await;
        let record = |instrument: &str| {
            json!({ "patientId": ann.id, "goalId": goal, "assessmentType": instrument, "score": 9 })
        };
        clinic.does(&lee, "recordAssessment", record("PHQ-9"), "entry { id }").await;

        for other in ["GAD-7", "Something of ours"] {
            let refused = clinic.is_refused(&lee, "recordAssessment", record(other)).await;
            assert_eq!(refused, ["INVALID input.assessmentType"], "{other}");
        }
        // Without the goal it is a score like any other.
        let alone = with(record("GAD-7"), json!({ "goalId": null }));
        clinic.does(&lee, "recordAssessment", alone, "assessment { id }").await;
        let other_day = with(record("phq9"), json!({ "administeredDate": "2026-02-27" }));
        clinic.does(&lee, "recordAssessment", other_day, "entry { id }").await;
        assert_eq!(clinic.entries().await.len(), 2);
    }

    async fn an_instrument_that_nobody_knows_makes_a_course_of_its_own(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_assessment()).await;
        let record = |instrument: &str, day: &str| {
            json!({ "patientId": ann.id, "goalId": goal, "assessmentType": instrument, "score": 9,
                "administeredDate": day })
        };
        clinic.does(&lee, "recordAssessment", record("Foo", "2026-02-01"), "entry { id }").await;

        for (other, day) in [("Bar", "2026-02-02"), ("PHQ-9", "2026-02-02"), ("Bar", "2026-01-02")] {
            let refused = clinic.is_refused(&lee, "recordAssessment", record(other, day)).await;
            assert_eq!(refused, ["INVALID input.assessmentType"], "{other}");
        }
        clinic.does(&lee, "recordAssessment", record(" FOO ", "2026-02-03"), "entry { id }").await;
        assert_eq!(clinic.entries().await.len(), 2);
    }

    async fn what_no_score_of_the_instrument_can_be_is_in_no_course_of_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let set = async |baseline: &str, target: &str| {
            let aim = json!({ "baselineValue": baseline, "targetValue": target });
            clinic.sets_a_goal_with(&lee, &ann, with(by_assessment(), aim)).await
        };
        let record = |goal: &str, instrument: &str| {
            json!({ "patientId": ann.id, "goalId": goal, "assessmentType": instrument, "score": 20,
                "idempotencyKey": format!("{goal} {instrument}") })
        };
        let (high, low) = (set("28", "5").await, set("27", "0").await);
        let entered = set("20", "5").await;
        clinic.records(&lee, &entered, "27.5").await;

        for goal in [&high, &entered] {
            let refused = clinic.is_refused(&lee, "recordAssessment", record(goal, "PHQ-9")).await;
            assert_eq!(refused, ["OUT_OF_RANGE input.assessmentType"]);
        }
        clinic.does(&lee, "recordAssessment", record(&low, "PHQ-9"), "entry { id }").await;
        clinic.does(&lee, "recordAssessment", record(&high, "Our own"), "entry { id }").await;
        // Of the K10 the lowest score is 10.
        let (below, inside) = (set("20", "9").await, set("20", "10").await);
        let refused = clinic.is_refused(&lee, "recordAssessment", record(&below, "K10")).await;
        assert_eq!(refused, ["OUT_OF_RANGE input.assessmentType"]);
        clinic.does(&lee, "recordAssessment", record(&inside, "K10"), "entry { id }").await;
    }

    async fn a_goal_becomes_tracked_by_an_instrument_that_its_aim_fits(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let minutes = json!({ "baselineValue": "10", "targetValue": "40", "tracking": { "method": "DURATION" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, minutes).await;
        let score = json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": 20 });
        clinic.does(&lee, "recordAssessment", score, "assessment { id }").await;
        let configure = json!({ "goalId": goal, "method": "ASSESSMENT" });

        let refused = clinic.is_refused(&lee, "configureTracking", configure.clone()).await;
        assert_eq!(refused, ["INVALID input.method"]);
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal, "targetValue": "5" }), "goal { id }").await;
        clinic.does(&lee, "configureTracking", configure, "tracking { id }").await;
    }
}

/// A goal to bring a score down from 20 to 5.
fn by_assessment() -> Value {
    json!({ "baselineValue": "20", "targetValue": "5",
        "tracking": { "method": "ASSESSMENT", "frequency": "WEEKLY", "targetDirection": "DECREASE" } })
}
