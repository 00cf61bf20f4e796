//! Whatever a client sends, it gets a problem with a place, nothing is changed, and never a failure on
//! our side.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::both;
use crate::support::{id_at, with};

both! {
    async fn numbers_that_no_column_holds_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let plain =
            json!({ "baselineValue": null, "targetValue": null, "tracking": { "method": "DURATION" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, plain).await;
        let cases = [
            (json!("100000000"), "OUT_OF_RANGE"),
            (json!("99999998.995"), "INVALID"),
            (json!("99999999.995"), "OUT_OF_RANGE"),
            (json!("1e8"), "OUT_OF_RANGE"),
            (json!(100_000_000), "OUT_OF_RANGE"),
            (json!("-100000000"), "OUT_OF_RANGE"),
            (json!("1e400"), "OUT_OF_RANGE"),
            (json!("9".repeat(400)), "OUT_OF_RANGE"),
            (json!("1e-400"), "INVALID"),
            (json!("NaN"), "INVALID"),
            (json!("Infinity"), "INVALID"),
            (json!("-inf"), "INVALID"),
            (json!(""), "INVALID"),
            (json!("1,5"), "INVALID"),
            (json!("0x10"), "INVALID"),
            (json!("1_000"), "INVALID"),
            (json!("٣"), "INVALID"),
            (json!("5\u{0}"), "INVALID"),
            (json!(true), "INVALID"),
            (json!([5]), "INVALID"),
            (json!({ "value": 5 }), "INVALID"),
            (json!(0.1 + 0.2), "INVALID"),
        ];
        for (value, code) in cases {
            let entry = json!({ "goalId": goal, "value": value });
            assert_eq!(
                clinic.is_refused(&ann, "recordProgress", entry).await,
                [format!("{code} input.value")],
                "{value}"
            );
            let row = json!({ "goalId": goal, "entries": [{ "value": value, "entryDate": "2026-02-01" }] });
            assert_eq!(
                clinic.is_refused(&ann, "importProgress", row).await,
                [format!("{code} input.entries.0.value")],
                "{value}"
            );
            let aim = json!({ "goalId": goal, "targetValue": value });
            assert_eq!(
                clinic.is_refused(&lee, "updateGoal", aim).await,
                [format!("{code} input.targetValue")],
                "{value}"
            );
            let mark = json!({ "goalId": goal, "title": "One", "targetValue": value });
            assert_eq!(
                clinic.is_refused(&lee, "addMilestone", mark).await,
                [format!("{code} input.targetValue")],
                "{value}"
            );
        }
        for largest in ["99999999.99", "+5", " 5 ", "5e-2", "007", "1E2"] {
            clinic.records(&ann, &goal, largest).await;
        }
        assert_eq!(clinic.records(&ann, &goal, "99999999.99").await["entry"]["value"], "99999999.99");
    }

    async fn days_and_times_that_are_none_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let cases = [
            ("0000-01-01", "OUT_OF_RANGE"),
            ("-0001-01-01", "OUT_OF_RANGE"),
            ("10000-01-01", "INVALID"),
            ("+10000-01-01", "OUT_OF_RANGE"),
            ("+262143-01-01", "INVALID"),
            ("1899-12-31", "OUT_OF_RANGE"),
            ("2201-01-01", "OUT_OF_RANGE"),
            ("2026-02-31", "INVALID"),
            ("2025-02-29", "INVALID"),
            ("2026-13-01", "INVALID"),
            ("yesterday", "INVALID"),
            ("", "INVALID"),
            ("2026-02-01T00:00:00Z", "INVALID"),
            ("2026-2-1", "INVALID"),
            (" 2026-02-01", "INVALID"),
            ("+2026-02-01", "INVALID"),
            ("2026- 2- 1", "INVALID"),
            ("2026-02-01\u{0}", "INVALID"),
        ];
        for (date, code) in cases {
            let entry = json!({ "goalId": goal, "value": "5", "entryDate": date });
            assert_eq!(
                clinic.is_refused(&ann, "recordProgress", entry).await,
                [format!("{code} input.entryDate")],
                "{date}"
            );
            let target = json!({ "goalId": goal, "targetDate": date });
            assert_eq!(
                clinic.is_refused(&lee, "updateGoal", target).await,
                [format!("{code} input.targetDate")],
                "{date}"
            );
            let score = json!({
                "patientId": ann.id, "assessmentType": "PHQ-9", "score": 3, "administeredDate": date,
            });
            let problems = clinic.is_refused(&lee, "recordAssessment", score).await;
            assert_eq!(problems, [format!("{code} input.administeredDate")], "{date}");
        }
        for time in [
            "24:00", "9:5:99", "noon", "12:60", "23:59:60", "12:00+01:00", "", "9:5", "9:05", "09:5", " 09:30",
            "09:30:00.123456789", "09:30:00.1",
        ] {
            let entry = json!({ "goalId": goal, "value": "5", "entryTime": time });
            assert_eq!(
                clinic.is_refused(&ann, "recordProgress", entry).await,
                ["INVALID input.entryTime"],
                "{time}"
            );
        }
        for (time, kept) in
            [("09:30", "09:30:00"), ("09:30:15", "09:30:15"), ("09:30:15.123456", "09:30:15.123456")]
        {
            let entry = json!({ "goalId": goal, "value": "5", "entryTime": time });
            let payload = clinic.does(&ann, "recordProgress", entry, "entry { entryTime }").await;
            assert_eq!(payload["entry"]["entryTime"], kept);
        }
        for moment in ["", "2026-03-01", "2026-03-01 12:00", "0000-01-01T00:00:00Z", "+99999-01-01T00:00:00Z"]
        {
            let update = json!({ "goalId": goal, "expectedUpdatedAt": moment });
            let problems = clinic.is_refused(&lee, "updateGoal", update).await;
            assert_eq!(problems, ["INVALID input.expectedUpdatedAt"], "{moment}");
        }
    }

    async fn texts_with_nul_or_without_end_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let of_goal = |fields: Value| with(json!({ "goalId": goal }), fields);
        let score = |fields: Value| {
            with(json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 3 }), fields)
        };
        let long = "\u{1F642}".repeat(20_001);
        let deep = json!({ "a": ["fine", { "b\u{0}": 1 }] });
        let texts = ["a\u{0}", &long];
        for (text, code) in texts.iter().zip(["INVALID", "TOO_LONG"]) {
            let cases = [
                ("createGoal", "description", json!({ "patientId": ann.id })),
                ("createGoal", "category", json!({ "patientId": ann.id, "description": "Walk" })),
                ("updateGoal", "description", of_goal(json!({}))),
                ("configureTracking", "durationUnit", of_goal(json!({ "method": "DURATION" }))),
                ("recordProgress", "notes", of_goal(json!({ "value": "5" }))),
                ("recordProgress", "valueLabel", of_goal(json!({ "value": "5" }))),
                ("addMilestone", "title", of_goal(json!({}))),
                ("addMilestone", "description", of_goal(json!({ "title": "One" }))),
                ("recordAssessment", "notes", score(json!({}))),
                ("recordAssessment", "assessmentType", score(json!({}))),
                ("scheduleReminder", "message", of_goal(json!({}))),
            ];
            for (mutation, field, input) in cases {
                let input = with(input, json!({ field: text }));
                assert_eq!(
                    clinic.is_refused(&lee, mutation, input).await,
                    [format!("{code} input.{field}")],
                    "{mutation}"
                );
            }
        }
        let labels = of_goal(json!({ "method": "SCALE", "scaleLabels": deep }));
        assert_eq!(clinic.is_refused(&lee, "configureTracking", labels).await, ["INVALID input.scaleLabels"]);
        let subscores = score(json!({ "subscores": deep }));
        assert_eq!(clinic.is_refused(&lee, "recordAssessment", subscores).await, ["INVALID input.subscores"]);
        let subscores = score(json!({ "subscores": { "a": long } }));
        assert_eq!(
            clinic.is_refused(&lee, "recordAssessment", subscores).await,
            ["TOO_LONG input.subscores"]
        );
    }

    async fn what_is_said_of_texts_is_a_sentence(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let entry = json!({ "goalId": goal, "value": "5", "notes": "\u{0}" });
        let answer = clinic.sends_input(&ann, "recordProgress", &entry, "entry { id }").await;
        let said = answer.at("/payload/userErrors/0/message");
        assert_eq!(said, "The notes can't contain the character NUL, which can't be stored.");
    }

    async fn notes_of_any_size_are_refused_in_words(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let notes = |bytes: usize| json!({ "goalId": goal, "value": "5", "notes": "x".repeat(bytes) });
        let before = clinic.everything().await;

        let large = clinic.is_refused(&ann, "recordProgress", notes(900_000)).await;
        let huge = clinic.sends_input(&ann, "recordProgress", &notes(10_000_000), "entry { id }").await;

        assert_eq!(large, ["TOO_LONG input.notes"]);
        assert_eq!((huge.status, huge.codes()), (StatusCode::PAYLOAD_TOO_LARGE, vec!["BODY_TOO_LARGE"]));
        assert_eq!(clinic.everything().await, before);
        clinic.does(&ann, "recordProgress", notes(20_000), "entry { id }").await;
    }

    async fn weekdays_go_from_0_to_6(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let reminder =
            clinic.does(&ann, "scheduleReminder", json!({ "goalId": goal }), "reminder { id }").await;
        let reminder = id_at(&reminder, "/reminder/id");
        let days = json!([0, 7, 6, -1, 2_147_483_647]);
        let refused = [1, 3, 4].map(|index| format!("OUT_OF_RANGE input.scheduledDays.{index}"));
        let schedule = json!({ "goalId": goal, "scheduledDays": days });
        assert_eq!(clinic.is_refused(&ann, "scheduleReminder", schedule).await, refused);
        let update = json!({ "reminderId": reminder, "scheduledDays": days });
        assert_eq!(clinic.is_refused(&ann, "updateReminder", update).await, refused);
        let cleared = json!({ "reminderId": reminder, "isActive": null });
        assert_eq!(clinic.is_refused(&ann, "updateReminder", cleared).await, ["REQUIRED input.isActive"]);
        for (days, stored) in
            [(json!([6, 0, 6]), json!([0, 6])), (json!([]), json!([])), (Value::Null, Value::Null)]
        {
            let update = json!({ "reminderId": reminder, "scheduledDays": days });
            let payload = clinic.does(&ann, "updateReminder", update, "reminder { scheduledDays }").await;
            assert_eq!(payload["reminder"]["scheduledDays"], stored);
        }
    }

    async fn ids_that_are_none_or_of_other_rows_lead_nowhere(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let session = clinic.session(&ann, &lee, clinic.now()).await.to_string();
        let milestone = clinic.adds_milestone(&lee, &goal, "CUSTOM", "1").await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");
        let (ann_id, lee_id) = (ann.id.to_string(), lee.id.to_string());
        let malformed = [
            "",
            "1",
            "\u{0}",
            "null",
            &goal.replace('-', ""),
            &format!("{{{goal}}}"),
            &"9".repeat(36),
            "å".repeat(18).as_str(),
        ]
        .map(|id| (id.to_owned(), "INVALID"));
        let others = |own: &str| {
            let rows = [&goal, &session, &milestone, &entry, &ann_id, &lee_id];
            rows.into_iter().filter(|id| *id != own).map(|id| (id.clone(), "NOT_FOUND")).collect::<Vec<_>>()
        };
        let cases = [
            ("updateGoal", "goalId", goal.as_str(), json!({})),
            ("recordProgress", "goalId", &goal, json!({ "value": "5" })),
            ("deleteProgress", "entryId", &entry, json!({})),
            ("achieveMilestone", "milestoneId", &milestone, json!({})),
            ("deleteReminder", "reminderId", "", json!({})),
            ("deleteAssessment", "assessmentId", "", json!({})),
            ("createGoal", "patientId", &ann_id, json!({ "description": "Walk" })),
            ("recordAssessment", "patientId", &ann_id, json!({ "assessmentType": "PHQ-9", "score": 1 })),
            ("updateAssessment", "assessmentId", "", json!({ "score": 1 })),
            (
                "recordAssessment",
                "goalId",
                &goal,
                json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 1 }),
            ),
            ("createGoal", "sessionId", &session, json!({ "patientId": ann.id, "description": "Walk" })),
            ("recordProgress", "sessionId", &session, json!({ "goalId": goal, "value": "5" })),
        ];
        for (mutation, field, own, input) in cases {
            for (id, code) in malformed.iter().cloned().chain(others(own)) {
                let input = with(input.clone(), json!({ field: id }));
                assert_eq!(
                    clinic.is_refused(&lee, mutation, input).await,
                    [format!("{code} input.{field}")],
                    "{mutation} {id}"
                );
            }
        }
    }

    async fn what_no_input_type_allows_is_refused_before_anything_is_done(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let before = clinic.everything().await;
        let cases = [
            ("recordProgress", json!({ "goalId": goal })),
            ("recordProgress", json!({ "goalId": goal, "value": null })),
            ("recordProgress", json!({ "goalId": goal, "value": "5", "mood": 3 })),
            ("recordProgress", json!(5)),
            ("recordProgress", json!({ "goalId": goal, "value": "5", "context": "DREAM" })),
            ("recordProgress", json!({ "goalId": goal, "value": "5", "notes": 5 })),
            ("recordProgress", json!({ "goalId": [goal], "value": "5" })),
            ("scheduleReminder", json!({ "goalId": goal, "scheduledDays": [3_000_000_000_i64] })),
            ("scheduleReminder", json!({ "goalId": goal, "scheduledDays": ["1"] })),
            ("recordAssessment", json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 1e300 })),
            ("recordAssessment", json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "items": ["1"] })),
            ("importProgress", json!({ "goalId": goal, "entries": [null] })),
        ];
        for (mutation, input) in cases {
            let answer = clinic.sends_input(&lee, mutation, &input, "__typename").await;
            let refused = answer
                .codes()
                .iter()
                .all(|code| ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(code));
            assert!(refused && !answer.codes().is_empty(), "{mutation} {input}: {}", answer.body);
        }
        let literal = format!(
            "mutation {{ recordProgress(input: {{ goalId: \"{goal}\", value: 1e400 }}) {{
                userErrors {{ code field message }} }} }}"
        );
        let answer = clinic.asks(&ann, &literal, json!({})).await;
        assert!(!answer.codes().contains(&"INTERNAL") && answer.status.is_success(), "{}", answer.body);
        assert_eq!(clinic.everything().await, before);
    }
}
