//! Goals are set with everything in one go, changed field by field, moved along, and deleted with a word
//! on what went with them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Person, day, id_at, problems, with};

const ALL: &str = "goal {
    patient { fullName } therapist { fullName } session { id }
    description category status statusText baselineValue targetValue targetDate
    createdAt updatedAt completedAt
    tracking { method frequency customFrequencyDays scaleMin scaleMax scaleLabels frequencyUnit
        durationUnit targetDirection reminderEnabled createdAt }
    milestones { milestoneType title description targetValue achievedAt createdAt }
    reminders { patient { fullName } reminderType scheduledTime scheduledDays message isActive lastSentAt }
}";

const NOW: &str = "2026-03-01T12:00:00Z";

both! {
    async fn a_goal_is_set_with_everything_in_one_go(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let session = clinic.session(&ann, &lee, day(2026, 2, 27).and_time(chrono::NaiveTime::MIN)).await;
        let input = json!({
            "patientId": ann.id, "sessionId": session, "description": "  Sleep through the night ",
            "category": "Sleep", "status": "IN_PROGRESS", "baselineValue": "2", "targetValue": 8.5,
            "targetDate": "2026-03-01",
            "tracking": {
                "method": "SCALE", "frequency": "CUSTOM", "customFrequencyDays": 3, "scaleMin": 2,
                "scaleMax": 9, "scaleLabels": { "2": "badly", "9": "well" }, "frequencyUnit": "times",
                "durationUnit": "hours", "targetDirection": "INCREASE", "reminderEnabled": false,
            },
            "milestones": [
                { "milestoneType": "PERCENTAGE", "title": " Halfway ", "description": "Well done", "targetValue": "50" },
                { "title": "Told my family" },
            ],
            "reminders": [{
                "reminderType": "MOTIVATION", "scheduledTime": "21:30", "scheduledDays": [6, 0, 6],
                "message": "Lights out", "isActive": false,
            }],
        });

        let payload = clinic.does(&lee, "createGoal", input, ALL).await;

        assert_eq!(payload["goal"], json!({
            "patient": { "fullName": "Ann" }, "therapist": { "fullName": "Dr. Lee" }, "session": { "id": session },
            "description": "Sleep through the night", "category": "Sleep", "status": "IN_PROGRESS",
            "statusText": "in_progress", "baselineValue": "2.00", "targetValue": "8.50",
            "targetDate": "2026-03-01", "createdAt": NOW, "updatedAt": NOW, "completedAt": null,
            "tracking": {
                "method": "SCALE", "frequency": "CUSTOM", "customFrequencyDays": 3, "scaleMin": 2,
                "scaleMax": 9, "scaleLabels": { "2": "badly", "9": "well" }, "frequencyUnit": "times",
                "durationUnit": "hours", "targetDirection": "INCREASE", "reminderEnabled": false, "createdAt": NOW,
            },
            "milestones": [
                { "milestoneType": "PERCENTAGE", "title": "Halfway", "description": "Well done",
                  "targetValue": "50.00", "achievedAt": null, "createdAt": NOW },
                { "milestoneType": null, "title": "Told my family", "description": null,
                  "targetValue": null, "achievedAt": null, "createdAt": NOW },
            ],
            "reminders": [{
                "patient": { "fullName": "Ann" }, "reminderType": "MOTIVATION", "scheduledTime": "21:30:00",
                "scheduledDays": [0, 6], "message": "Lights out", "isActive": false, "lastSentAt": null,
            }],
        }));
        let kinds = ["goal_created", "tracking_configured", "milestone_added", "milestone_added", "reminder_scheduled"];
        assert_eq!(clinic.told().await, kinds);
        let events = clinic.events().await;
        assert!(events.iter().all(|event| event.patient_id == ann.id && event.therapist_id == Some(lee.id)));
        assert!(events.iter().all(|event| event.goal_id == Some(events[0].subject_id)));
    }

    async fn what_is_not_said_has_its_default(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let input = json!({ "patientId": ann.id, "description": "Go out", "tracking": { "method": "BINARY" } });

        let payload = clinic.does(&lee, "createGoal", input, ALL).await;

        assert_eq!(payload["goal"], json!({
            "patient": { "fullName": "Ann" }, "therapist": { "fullName": "Dr. Lee" }, "session": null,
            "description": "Go out", "category": null, "status": "ASSIGNED", "statusText": "assigned",
            "baselineValue": null, "targetValue": null, "targetDate": null, "createdAt": NOW, "updatedAt": NOW,
            "completedAt": null,
            "tracking": {
                "method": "BINARY", "frequency": "SESSION", "customFrequencyDays": null, "scaleMin": 1,
                "scaleMax": 10, "scaleLabels": null, "frequencyUnit": null, "durationUnit": null,
                "targetDirection": null, "reminderEnabled": true, "createdAt": NOW,
            },
            "milestones": [], "reminders": [],
        }));
    }

    async fn therapists_own_what_they_set_and_admins_say_who_does(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (kim, ada) = (clinic.therapist("Dr. Kim").await, clinic.admin("Ada").await);
        let goal = json!({ "patientId": ann.id, "description": "Go out" });
        let owned_by = |owner: &Person| with(goal.clone(), json!({ "therapistId": owner.id }));

        let nobody = clinic.is_refused(&ada, "createGoal", goal.clone()).await;
        let a_patient = clinic.is_refused(&ada, "createGoal", owned_by(&ann)).await;
        let another = clinic.is_refused(&lee, "createGoal", owned_by(&kim)).await;
        let for_a_therapist = json!({ "patientId": kim.id, "description": "Go out", "therapistId": lee.id });
        let for_a_therapist = clinic.is_refused(&ada, "createGoal", for_a_therapist).await;
        let set = clinic.does(&ada, "createGoal", owned_by(&kim), "goal { therapist { fullName } }").await;

        assert_eq!(nobody, ["REQUIRED input.therapistId"]);
        assert_eq!(a_patient, ["NOT_FOUND input.therapistId"]);
        assert_eq!(another, ["NOT_ALLOWED input.therapistId"]);
        assert_eq!(for_a_therapist, ["NOT_FOUND input.patientId"]);
        assert_eq!(set, json!({ "goal": { "therapist": { "fullName": "Dr. Kim" } } }));
    }

    async fn every_problem_of_a_new_goal_is_named_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, kim) = clinic.couple("Ben", "Dr. Kim").await;
        let session = clinic.session(&ben, &kim, day(2026, 2, 27).and_time(chrono::NaiveTime::MIN)).await;
        let input = json!({
            "patientId": ann.id, "therapistId": kim.id, "sessionId": session, "description": " \n",
            "category": "x".repeat(51), "status": "UNKNOWN", "baselineValue": "much", "targetValue": "1.234",
            "targetDate": "2026-02-28",
            "tracking": {
                "method": "SCALE", "frequency": "CUSTOM", "scaleMin": 0, "scaleMax": 11,
                "frequencyUnit": "x".repeat(21), "durationUnit": "\u{0}",
            },
            "milestones": [
                { "title": "" },
                { "title": "x".repeat(201), "milestoneType": "PERCENTAGE", "targetValue": "0" },
                { "title": "A week", "milestoneType": "STREAK", "targetValue": "1.5" },
                { "title": "Reached", "milestoneType": "VALUE" },
            ],
            "reminders": [{ "scheduledDays": [1, 7, -1], "scheduledTime": "25:00", "message": "x".repeat(20_001) }],
        });

        let problems = clinic.is_refused(&lee, "createGoal", input).await;

        assert_eq!(problems, [
            "INVALID input.baselineValue", "INVALID input.reminders.0.scheduledTime", "INVALID input.status",
            "INVALID input.targetValue", "INVALID input.tracking.durationUnit",
            "NOT_ALLOWED input.therapistId", "NOT_FOUND input.sessionId",
            "OUT_OF_RANGE input.milestones.1.targetValue", "OUT_OF_RANGE input.milestones.2.targetValue",
            "OUT_OF_RANGE input.reminders.0.scheduledDays.1", "OUT_OF_RANGE input.reminders.0.scheduledDays.2",
            "OUT_OF_RANGE input.targetDate", "OUT_OF_RANGE input.tracking.scaleMax",
            "OUT_OF_RANGE input.tracking.scaleMin", "REQUIRED input.description",
            "REQUIRED input.milestones.0.title", "REQUIRED input.milestones.3.targetValue",
            "REQUIRED input.tracking.customFrequencyDays", "TOO_LONG input.category",
            "TOO_LONG input.milestones.1.title", "TOO_LONG input.reminders.0.message",
            "TOO_LONG input.tracking.frequencyUnit",
        ]);
        let nameless = json!({ "patientId": ann.id, "description": "" });
        let refused = clinic.sends_input(&lee, "createGoal", &nameless, "goal { id }").await;
        assert_eq!(refused.at("/payload/goal"), &Value::Null);
    }

    async fn baseline_target_and_direction_fit_together_and_the_scale(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            ("SCALE", "8", "2", "INCREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "2", "INCREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "8", "DECREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "10.01", "INCREASE", "OUT_OF_RANGE input.targetValue"),
            ("SCALE", "0.99", "8", "INCREASE", "OUT_OF_RANGE input.baselineValue"),
            ("FREQUENCY", "2", "-1", "DECREASE", "OUT_OF_RANGE input.targetValue"),
            ("BINARY", "0", "1.5", "INCREASE", "INVALID input.targetValue"),
        ];
        for (method, baseline, target, direction, problem) in cases {
            let input = json!({
                "patientId": ann.id, "description": "Walk", "baselineValue": baseline, "targetValue": target,
                "tracking": { "method": method, "targetDirection": direction },
            });
            assert_eq!(clinic.is_refused(&lee, "createGoal", input).await, [problem], "{method} {target}");
        }
        let maintain = json!({ "baselineValue": "5", "targetValue": "5",
            "tracking": { "method": "SCALE", "targetDirection": "MAINTAIN" } });
        clinic.sets_a_goal_with(&lee, &ann, maintain).await;
    }

    async fn a_goal_has_at_most_a_hundred_milestones_and_reminders(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let members = |count: usize| json!({
            "milestones": vec![json!({ "title": "One" }); count], "reminders": vec![json!({}); count],
        });
        let too_many = with(json!({ "patientId": ann.id, "description": "Walk" }), members(101));
        let goal = clinic.sets_a_goal_with(&lee, &ann, members(100)).await;

        let problems = clinic.is_refused(&lee, "createGoal", too_many).await;
        let milestone = clinic.is_refused(&lee, "addMilestone", json!({ "goalId": goal, "title": "One" })).await;
        let reminder = clinic.is_refused(&ann, "scheduleReminder", json!({ "goalId": goal })).await;

        assert_eq!(problems, ["OUT_OF_RANGE input.milestones", "OUT_OF_RANGE input.reminders"]);
        assert_eq!((milestone, reminder), (vec!["OUT_OF_RANGE input.goalId".to_owned()], vec!["OUT_OF_RANGE input.goalId".to_owned()]));
    }

    async fn absent_keeps_null_clears_and_a_value_sets(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let sessions = [clinic.session(&ann, &lee, clinic.now()).await, clinic.session(&ann, &lee, clinic.now()).await];
        let fields = [
            ("category", "String", json!("Body"), json!("Mind")),
            ("sessionId", "ID", json!(sessions[0]), json!(sessions[1])),
            ("baselineValue", "Decimal", json!("2.00"), json!("3.50")),
            ("targetValue", "Decimal", json!("8.00"), json!("9.00")),
            ("targetDate", "Date", json!("2026-04-01"), json!("2020-01-01")),
        ];
        for (field, kind, stored, other) in fields {
            for (sent, left) in [(None, stored.clone()), (Some(Value::Null), Value::Null), (Some(other.clone()), other)] {
                for update in [as_literal, as_variable, as_input] {
                    let goal = clinic.sets_a_goal_with(&lee, &ann, json!({
                        "category": "Body", "sessionId": sessions[0], "targetDate": "2026-04-01",
                    })).await;
                    let (document, variables) = update(&goal, field, kind, sent.as_ref());
                    let answer = clinic.asks(&lee, &document, variables).await;
                    assert_eq!(problems(answer.at("/updateGoal")), [""; 0], "{document}");
                    assert_eq!(stored_in(&answer, field), left, "{document}");
                    let others = if field == "category" { "targetDate" } else { "category" };
                    assert_ne!(stored_in(&answer, others), Value::Null, "{document}");
                }
            }
        }
    }

    async fn a_description_can_be_changed_and_not_cleared(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let update = |description: Value| json!({ "goalId": goal, "description": description });

        assert_eq!(clinic.is_refused(&lee, "updateGoal", update(Value::Null)).await, ["REQUIRED input.description"]);
        assert_eq!(clinic.is_refused(&lee, "updateGoal", update(json!(" "))).await, ["REQUIRED input.description"]);
        clinic.later(TimeDelta::hours(1));
        let payload = clinic.does(&lee, "updateGoal", update(json!(" Run ")), "goal { description createdAt updatedAt }").await;

        let changed = json!({ "description": "Run", "createdAt": NOW, "updatedAt": "2026-03-01T13:00:00Z" });
        assert_eq!(payload["goal"], changed);
        assert_eq!(clinic.told().await, ["goal_created", "tracking_configured", "goal_updated"]);
    }

    async fn every_problem_of_a_change_is_named_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({
            "goalId": goal, "description": null, "category": "x".repeat(51), "sessionId": clinic.next_id(),
            "baselineValue": "11", "targetValue": "x", "targetDate": "2026-02-30",
        });
        let problems = clinic.is_refused(&lee, "updateGoal", input).await;
        assert_eq!(problems, [
            "INVALID input.targetDate", "INVALID input.targetValue", "NOT_FOUND input.sessionId",
            "OUT_OF_RANGE input.baselineValue", "REQUIRED input.description", "TOO_LONG input.category",
        ]);
        let contradiction = json!({ "goalId": goal, "targetValue": "1" });
        assert_eq!(clinic.is_refused(&lee, "updateGoal", contradiction).await, ["INVALID input.targetValue"]);
    }

    async fn whoever_changes_what_has_moved_on_is_told_so(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let update = |field: &str, expected: &str| with(json!({ "goalId": goal, "expectedUpdatedAt": expected }), json!({ field: "Mind" }));
        clinic.later(TimeDelta::microseconds(1));
        let payload = clinic.does(&lee, "updateGoal", update("category", NOW), "goal { updatedAt }").await;
        assert_eq!(payload["goal"]["updatedAt"], "2026-03-01T12:00:00.000001Z");

        let conflict = ["CONFLICT input.expectedUpdatedAt"];
        assert_eq!(clinic.is_refused(&lee, "updateGoal", update("category", NOW)).await, conflict);
        let status = json!({ "goalId": goal, "status": "COMPLETED", "expectedUpdatedAt": NOW });
        assert_eq!(clinic.is_refused(&lee, "changeGoalStatus", status).await, conflict);
        let delete = json!({ "goalId": goal, "expectedUpdatedAt": NOW });
        assert_eq!(clinic.is_refused(&lee, "deleteGoal", delete).await, conflict);
        let odd = clinic.is_refused(&lee, "updateGoal", update("category", "yesterday")).await;
        assert_eq!(odd, ["INVALID input.expectedUpdatedAt"]);
        clinic.does(&lee, "updateGoal", update("description", "2026-03-01T13:00:00.000001+01:00"), "goal { id }").await;
    }

    async fn a_goal_moves_along_as_the_table_says(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        const MOVES: [(&str, [bool; 5]); 5] = [
            ("ASSIGNED", [true, true, true, true, true]),
            ("IN_PROGRESS", [false, true, true, true, true]),
            ("ON_HOLD", [false, true, true, true, true]),
            ("COMPLETED", [false, true, false, true, false]),
            ("ABANDONED", [false, true, false, false, true]),
        ];
        for (from, allowed) in MOVES {
            for ((to, _), allowed) in MOVES.iter().zip(allowed) {
                let goal = clinic.sets_a_goal_with(&lee, &ann, json!({ "status": from })).await;
                let input = json!({ "goalId": goal, "status": to });
                if allowed {
                    moves(&clinic, &lee, input, from, to).await;
                } else {
                    let problems = clinic.is_refused(&lee, "changeGoalStatus", input).await;
                    assert_eq!(problems, ["NOT_ALLOWED input.status"], "{from} to {to}");
                }
            }
        }
    }

    async fn a_status_of_another_program_may_be_left_and_never_taken(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let foreign = |goal: &mut entity::goal::ActiveModel| goal.status = sea_orm::Set(Some("paused?".to_owned()));
        let goal = clinic.goal_with(&ann, &lee, "Walk", foreign).await;
        let status = |status: &str| json!({ "goalId": goal.id, "status": status });

        let unknown = clinic.is_refused(&lee, "changeGoalStatus", status("UNKNOWN")).await;
        let moved = clinic.does(&lee, "changeGoalStatus", status("ON_HOLD"), "goal { status statusText }").await;

        assert_eq!(unknown, ["INVALID input.status"]);
        assert_eq!(moved["goal"], json!({ "status": "ON_HOLD", "statusText": "on_hold" }));
    }

    async fn deleting_a_goal_says_what_went_with_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, json!({
            "milestones": [{ "title": "One" }, { "title": "Two" }, { "title": "Three" }], "reminders": [{}, {}],
        })).await;
        clinic.does(&lee, "configureTracking", json!({ "goalId": goal, "method": "SCALE" }), "tracking { id }").await;
        for value in ["3", "4", "5", "6"] {
            clinic.records(&ann, &goal, value).await;
        }
        let score = json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": 3 });
        let score = clinic.does(&lee, "recordAssessment", score, "assessment { id }").await;

        let deleted = clinic.does(&lee, "deleteGoal", json!({ "goalId": goal }), "deletedId deletedEntries
            deletedMilestones deletedReminders deletedConfigurations keptAssessments").await;

        assert_eq!(deleted, json!({
            "deletedId": goal, "deletedEntries": 4, "deletedMilestones": 3, "deletedReminders": 2,
            "deletedConfigurations": 2, "keptAssessments": 1,
        }));
        let kept = id_at(&score, "/assessment/id");
        let answer = clinic.asks(&lee, "query($goal: ID!, $kept: ID!) { goal(id: $goal) { id }
            assessment(id: $kept) { score goal { id } } }", json!({ "goal": goal, "kept": kept })).await;
        assert_eq!(*answer.data(), json!({ "goal": null, "assessment": { "score": 3, "goal": null } }));
        assert_eq!(clinic.entries().await.len(), 0);
        assert_eq!(clinic.told().await.last().map(String::as_str), Some("goal_deleted"));
    }
}

async fn moves(clinic: &Clinic, lee: &Person, input: Value, from: &str, to: &str) {
    clinic.later(TimeDelta::seconds(1));
    let before = clinic.told().await.len();
    let payload =
        clinic.does(lee, "changeGoalStatus", input, "goal { status completedAt createdAt updatedAt }").await;
    let goal = &payload["goal"];
    let changed = if from == to { &goal["createdAt"] } else { &goal["updatedAt"] };
    let completed = if to == "COMPLETED" { changed } else { &Value::Null };
    assert_eq!((&goal["status"], &goal["completedAt"]), (&json!(to), completed), "{from} to {to}");
    assert_eq!(goal["createdAt"] == goal["updatedAt"], from == to, "{from} to {to}");
    let told = &clinic.told().await[before..];
    assert_eq!(told, if from == to { &[] } else { &["goal_status_changed"][..] }, "{from} to {to}");
}

fn stored_in(answer: &Answer, field: &str) -> Value {
    let goal = answer.at("/updateGoal/goal");
    if field == "sessionId" {
        goal["session"].pointer("/id").cloned().unwrap_or_default()
    } else {
        goal[field].clone()
    }
}

const STORED: &str = "{ goal { category session { id } baselineValue targetValue targetDate }
    userErrors { code field message } }";

/// The field as a literal in the document.
fn as_literal(goal: &str, field: &str, _: &str, sent: Option<&Value>) -> (String, Value) {
    let sent = sent.map(|value| format!(", {field}: {value}")).unwrap_or_default();
    (format!("mutation {{ updateGoal(input: {{ goalId: \"{goal}\"{sent} }}) {STORED} }}"), json!({}))
}

/// The field as a variable of its own, declared whether it is sent or not.
fn as_variable(goal: &str, field: &str, kind: &str, sent: Option<&Value>) -> (String, Value) {
    let document = format!(
        "mutation($sent: {kind}) {{ updateGoal(input: {{ goalId: \"{goal}\", {field}: $sent }}) {STORED} }}"
    );
    (document, sent.map_or(json!({}), |value| json!({ "sent": value })))
}

/// The whole input as one variable.
fn as_input(goal: &str, field: &str, _: &str, sent: Option<&Value>) -> (String, Value) {
    let mut input = json!({ "goalId": goal });
    if let Some(value) = sent {
        input[field] = value.clone();
    }
    (
        format!("mutation($input: UpdateGoalInput!) {{ updateGoal(input: $input) {STORED} }}"),
        json!({ "input": input }),
    )
}
