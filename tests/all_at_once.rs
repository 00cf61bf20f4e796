//! All problems of an input come at once, those of its ids among them; and an id that is hidden looks like
//! one that is not there.

use serde_json::{Value, json};

use crate::both;
use crate::support::{id_at, with};

both! {
    async fn a_wrong_id_hides_no_other_problem(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, kim) = clinic.couple("Ben", "Dr. Kim").await;
        let goal = clinic.sets_a_goal(&kim, &ben).await;
        let entry = id_at(&clinic.records(&ben, &goal, "3").await, "/entry/id");
        let milestone = clinic.adds_milestone(&kim, &goal, "CUSTOM", "1").await;
        let reminder = clinic.does(&ben, "scheduleReminder", json!({ "goalId": goal }), "reminder { id }").await;
        let reminder = id_at(&reminder, "/reminder/id");
        let score = json!({ "patientId": ben.id, "assessmentType": "PHQ-9", "score": 3 });
        let score = id_at(&clinic.does(&kim, "recordAssessment", score, "assessment { id }").await, "/assessment/id");
        let long = "x".repeat(201);
        let cases = [
            ("createGoal", "patientId", ben.id.to_string(), json!({
                "description": " ", "targetValue": "9.999", "targetDate": "1800-01-01", "sessionId": "x",
                "therapistId": "x",
                "tracking": { "method": "SCALE", "scaleMin": 0, "scaleMax": 11 },
                "milestones": [{ "title": "" }], "reminders": [{ "scheduledDays": [7] }],
            }), vec![
                "INVALID input.sessionId", "INVALID input.targetValue", "INVALID input.therapistId",
                "OUT_OF_RANGE input.reminders.0.scheduledDays.0", "OUT_OF_RANGE input.targetDate",
                "OUT_OF_RANGE input.tracking.scaleMax", "OUT_OF_RANGE input.tracking.scaleMin",
                "REQUIRED input.description", "REQUIRED input.milestones.0.title",
            ]),
            ("updateGoal", "goalId", goal.clone(), json!({
                "description": "", "category": "x".repeat(51), "targetValue": "9.999",
                "expectedUpdatedAt": "yesterday", "sessionId": "x",
            }), vec![
                "INVALID input.expectedUpdatedAt", "INVALID input.sessionId", "INVALID input.targetValue",
                "REQUIRED input.description", "TOO_LONG input.category",
            ]),
            ("changeGoalStatus", "goalId", goal.clone(), json!({
                "status": "UNKNOWN", "expectedUpdatedAt": "yesterday",
            }), vec!["INVALID input.expectedUpdatedAt", "INVALID input.status"]),
            ("deleteGoal", "goalId", goal.clone(), json!({ "expectedUpdatedAt": "yesterday" }),
                vec!["INVALID input.expectedUpdatedAt"]),
            ("transferGoal", "goalId", goal.clone(), json!({ "therapistId": "x", "expectedUpdatedAt": "yesterday" }),
                vec!["INVALID input.expectedUpdatedAt", "INVALID input.therapistId"]),
            ("updatePersonSettings", "personId", ben.id.to_string(), json!({ "timeZone": "Vienna", "weekStart": null }),
                vec!["INVALID input.timeZone", "REQUIRED input.weekStart"]),
            ("configureTracking", "goalId", goal.clone(), json!({
                "method": "SCALE", "scaleMin": 0, "durationUnit": "\u{0}", "expectedUpdatedAt": "yesterday",
            }), vec![
                "INVALID input.durationUnit", "INVALID input.expectedUpdatedAt", "OUT_OF_RANGE input.scaleMin",
            ]),
            ("recordProgress", "goalId", goal.clone(), json!({
                "value": "NaN", "entryDate": "0000-01-01", "entryTime": "noon", "sessionId": "x",
            }), vec![
                "INVALID input.entryTime", "INVALID input.sessionId", "INVALID input.value",
                "OUT_OF_RANGE input.entryDate",
            ]),
            ("importProgress", "goalId", goal.clone(), json!({
                "entries": [{ "value": "x", "entryDate": "2026-02-30" }],
            }), vec!["INVALID input.entries.0.entryDate", "INVALID input.entries.0.value"]),
            ("updateProgress", "entryId", entry, json!({
                "value": null, "entryDate": "2026-03-04", "notes": "\u{0}", "sessionId": "x",
            }), vec![
                "INVALID input.notes", "INVALID input.sessionId", "OUT_OF_RANGE input.entryDate",
                "REQUIRED input.value",
            ]),
            ("addMilestone", "goalId", goal.clone(), json!({ "title": " ", "targetValue": "x" }),
                vec!["INVALID input.targetValue", "REQUIRED input.title"]),
            ("updateMilestone", "milestoneId", milestone, json!({
                "title": long, "milestoneType": "STREAK", "targetValue": "0.5",
            }), vec!["OUT_OF_RANGE input.targetValue", "TOO_LONG input.title"]),
            ("recordAssessment", "patientId", ben.id.to_string(), json!({
                "assessmentType": "PHQ-9", "score": 28, "notes": "\u{0}", "goalId": "x",
            }), vec!["INVALID input.goalId", "INVALID input.notes", "OUT_OF_RANGE input.score"]),
            ("updateAssessment", "assessmentId", score, json!({
                "score": null, "notes": "\u{0}", "administeredDate": "2026-03-04",
            }), vec!["INVALID input.notes", "OUT_OF_RANGE input.administeredDate", "REQUIRED input.score"]),
            ("scheduleReminder", "goalId", goal.clone(), json!({
                "scheduledTime": "9:5", "scheduledDays": [7],
            }), vec!["INVALID input.scheduledTime", "OUT_OF_RANGE input.scheduledDays.0"]),
            ("updateReminder", "reminderId", reminder, json!({
                "scheduledTime": "9:5", "isActive": null, "message": "\u{0}",
            }), vec!["INVALID input.message", "INVALID input.scheduledTime", "REQUIRED input.isActive"]),
        ];
        for (mutation, field, hidden, fields, others) in cases {
            let ids = [("x".to_owned(), "INVALID"), (clinic.next_id().to_string(), "NOT_FOUND"),
                (hidden, "NOT_FOUND")];
            for (id, code) in ids {
                let mut expected: Vec<_> = others.iter().map(|&problem| problem.to_owned()).collect();
                expected.push(format!("{code} input.{field}"));
                expected.sort();
                let input = with(fields.clone(), json!({ field: id }));
                assert_eq!(clinic.is_refused(&lee, mutation, input).await, expected, "{mutation} {id}");
            }
        }
        // Ann is there for nothing but to be treated by somebody.
        assert_eq!(clinic.is_refused(&ann, "updateGoal", json!({ "goalId": goal })).await,
            ["NOT_FOUND input.goalId"]);
    }

    async fn what_is_fine_without_the_row_is_not_complained_of(clinic) {
        let lee = clinic.therapist("Dr. Lee").await;
        let nobody = clinic.next_id();
        let cases = [
            ("createGoal", "patientId", json!({ "description": "Walk", "targetDate": "2026-02-28",
                "baselineValue": "2", "targetValue": "8", "sessionId": clinic.next_id(),
                "tracking": { "method": "SCALE", "targetDirection": "INCREASE" } })),
            ("updateGoal", "goalId", json!({ "targetValue": "800", "sessionId": clinic.next_id() })),
            ("changeGoalStatus", "goalId", json!({ "status": "ASSIGNED",
                "expectedUpdatedAt": "2020-01-01T00:00:00Z" })),
            ("recordProgress", "goalId", json!({ "value": "800", "entryDate": "2026-03-02" })),
            ("recordProgress", "goalId", json!({ "value": "0.5" })),
            ("updateProgress", "entryId", json!({ "notes": "Rain", "context": "SESSION" })),
            ("updateMilestone", "milestoneId", json!({ "description": "More" })),
            ("updateMilestone", "milestoneId", json!({ "milestoneType": "VALUE" })),
            ("recordAssessment", "patientId", json!({ "assessmentType": "PHQ-9", "score": 3 })),
            ("updateAssessment", "assessmentId", json!({ "score": 41, "items": [1, null] })),
        ];
        for (mutation, field, input) in cases {
            let input = with(input, json!({ field: nobody }));
            let problem = format!("NOT_FOUND input.{field}");
            assert_eq!(clinic.is_refused(&lee, mutation, input).await, [problem], "{mutation}");
        }
    }

    async fn a_change_that_comes_too_late_hides_no_other_problem(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let late = |fields: Value| {
            with(json!({ "goalId": goal, "expectedUpdatedAt": "2020-01-01T00:00:00Z" }), fields)
        };
        let update = late(json!({ "description": "", "targetValue": "9.999", "category": "x".repeat(51) }));
        let configure = late(json!({ "method": "SCALE", "scaleMax": 11 }));

        assert_eq!(clinic.is_refused(&lee, "updateGoal", update).await, [
            "CONFLICT input.expectedUpdatedAt", "INVALID input.targetValue", "REQUIRED input.description",
            "TOO_LONG input.category",
        ]);
        assert_eq!(clinic.is_refused(&lee, "configureTracking", configure).await, [
            "CONFLICT input.expectedUpdatedAt", "OUT_OF_RANGE input.scaleMax",
        ]);
        let contradiction = late(json!({ "method": "SCALE", "targetDirection": "DECREASE" }));
        assert_eq!(clinic.is_refused(&lee, "configureTracking", contradiction).await, [
            "CONFLICT input.expectedUpdatedAt", "INVALID input.method",
        ]);
    }
}
