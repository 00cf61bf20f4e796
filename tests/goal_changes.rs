//! Goals are changed field by field, moved along as a table says, and deleted with a word on what went with
//! them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Person, id_at, problems, with};

const NOW: &str = "2026-03-01T12:00:00Z";

/// From each status to each, in the same order.
const MOVES: [(&str, [bool; 5]); 5] = [
    ("ASSIGNED", [true, true, true, true, true]),
    ("IN_PROGRESS", [false, true, true, true, true]),
    ("ON_HOLD", [false, true, true, true, true]),
    ("COMPLETED", [false, true, false, true, false]),
    ("ABANDONED", [false, true, false, false, true]),
];

both! {
    async fn absent_keeps_null_clears_and_a_value_sets(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let sessions =
            [clinic.session(&ann, &lee, clinic.now()).await, clinic.session(&ann, &lee, clinic.now()).await];
        let fields = [
            ("category", "String", json!("Body"), json!("Mind")),
            ("sessionId", "ID", json!(sessions[0]), json!(sessions[1])),
            ("baselineValue", "Decimal", json!("2.00"), json!("3.50")),
            ("targetValue", "Decimal", json!("8.00"), json!("9.00")),
            ("targetDate", "Date", json!("2026-04-01"), json!("2020-01-01")),
        ];
        for (field, kind, stored, other) in fields {
            for (sent, left) in
                [(None, stored.clone()), (Some(Value::Null), Value::Null), (Some(other.clone()), other)]
            {
                for update in [as_literal, as_variable, as_input] {
                    let goal = clinic
                        .sets_a_goal_with(
                            &lee,
                            &ann,
                            json!({
                                "category": "Body", "sessionId": sessions[0], "targetDate": "2026-04-01",
                            }),
                        )
                        .await;
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

        assert_eq!(
            clinic.is_refused(&lee, "updateGoal", update(Value::Null)).await,
            ["REQUIRED input.description"]
        );
        assert_eq!(
            clinic.is_refused(&lee, "updateGoal", update(json!(" "))).await,
            ["REQUIRED input.description"]
        );
        clinic.later(TimeDelta::hours(1));
        let payload = clinic
            .does(&lee, "updateGoal", update(json!(" Run ")), "goal { description createdAt updatedAt }")
            .await;

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
        assert_eq!(
            problems,
            [
                "INVALID input.targetDate",
                "INVALID input.targetValue",
                "NOT_FOUND input.sessionId",
                "OUT_OF_RANGE input.baselineValue",
                "REQUIRED input.description",
                "TOO_LONG input.category",
            ]
        );
        let contradiction = json!({ "goalId": goal, "targetValue": "1" });
        assert_eq!(clinic.is_refused(&lee, "updateGoal", contradiction).await, ["INVALID input.targetValue"]);
    }

    async fn whoever_changes_what_has_moved_on_is_told_so(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let update = |field: &str, expected: &str| {
            with(json!({ "goalId": goal, "expectedUpdatedAt": expected }), json!({ field: "Mind" }))
        };
        clinic.later(TimeDelta::microseconds(1));
        let payload = clinic.does(&lee, "updateGoal", update("category", NOW), "goal { updatedAt }").await;
        assert_eq!(payload["goal"]["updatedAt"], "2026-03-01T12:00:00.000001Z");

        let conflict = ["CONFLICT input.expectedUpdatedAt"];
        assert_eq!(clinic.is_refused(&lee, "updateGoal", update("category", NOW)).await, conflict);
        let status = json!({ "goalId": goal, "status": "COMPLETED", "expectedUpdatedAt": NOW });
        assert_eq!(clinic.is_refused(&lee, "changeGoalStatus", status).await, conflict);
        let delete = json!({ "goalId": goal, "expectedUpdatedAt": NOW });
        assert_eq!(clinic.is_refused(&lee, "deleteGoal", delete).await, conflict);
        let configure = json!({ "goalId": goal, "method": "SCALE", "expectedUpdatedAt": NOW });
        assert_eq!(clinic.is_refused(&lee, "configureTracking", configure.clone()).await, conflict);
        let odd = clinic.is_refused(&lee, "updateGoal", update("category", "yesterday")).await;
        assert_eq!(odd, ["INVALID input.expectedUpdatedAt"]);
        clinic
            .does(
                &lee,
                "updateGoal",
                update("description", "2026-03-01T13:00:00.000001+01:00"),
                "goal { id }",
            )
            .await;
        let read = json!({ "expectedUpdatedAt": "2026-03-01T12:00:00.000001Z" });
        clinic.does(&lee, "configureTracking", with(configure, read), "tracking { id }").await;
    }

    async fn a_goal_moves_along_as_the_table_says(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
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
        let foreign =
            |goal: &mut entity::goal::ActiveModel| goal.status = sea_orm::Set(Some("paused?".to_owned()));
        let goal = clinic.goal_with(&ann, &lee, "Walk", foreign).await;
        let status = |status: &str| json!({ "goalId": goal.id, "status": status });

        let unknown = clinic.is_refused(&lee, "changeGoalStatus", status("UNKNOWN")).await;
        let moved =
            clinic.does(&lee, "changeGoalStatus", status("ON_HOLD"), "goal { status statusText }").await;

        assert_eq!(unknown, ["INVALID input.status"]);
        assert_eq!(moved["goal"], json!({ "status": "ON_HOLD", "statusText": "on_hold" }));
    }

    async fn deleting_a_goal_says_what_went_with_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, json!({
            "milestones": [{ "title": "One" }, { "title": "Two" }, { "title": "Three" }], "reminders": [{}, {}],
        })).await;
        clinic
            .does(&lee, "configureTracking", json!({ "goalId": goal, "method": "SCALE" }), "tracking { id }")
            .await;
        for value in ["3", "4", "5", "6"] {
            clinic.records(&ann, &goal, value).await;
        }
        let score = json!({ "patientId": ann.id, "goalId": goal, "assessmentType": "PHQ-9", "score": 3 });
        let score = clinic.does(&lee, "recordAssessment", score, "assessment { id }").await;

        let deleted = clinic
            .does(
                &lee,
                "deleteGoal",
                json!({ "goalId": goal }),
                "deletedId deletedEntries
            deletedMilestones deletedReminders deletedConfigurations keptAssessments",
            )
            .await;

        assert_eq!(
            deleted,
            json!({
                "deletedId": goal, "deletedEntries": 4, "deletedMilestones": 3, "deletedReminders": 2,
                "deletedConfigurations": 2, "keptAssessments": 1,
            })
        );
        let kept = id_at(&score, "/assessment/id");
        let answer = clinic
            .asks(
                &lee,
                "query($goal: ID!, $kept: ID!) { goal(id: $goal) { id }
            assessment(id: $kept) { score goal { id } } }",
                json!({ "goal": goal, "kept": kept }),
            )
            .await;
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
