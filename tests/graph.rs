//! Nested reading: the whole graph, in a number of statements that depends on the shape of the
//! operation alone.

use serde_json::json;

use crate::both;
use crate::support::{Clinic, Person, day};

both! {
    async fn a_goal_is_read_with_all_that_hangs_on_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk every day").await;
        clinic.tracking(&goal, "scale").await;
        clinic.entry(&goal, day(2026, 2, 1), 3).await;
        clinic.entry(&goal, day(2026, 2, 2), 5).await;
        clinic.milestone(&goal, "First steps", true).await;
        clinic.reminder(&goal, Some(vec![1, 3])).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 12, day(2026, 2, 3)).await;

        let answer = clinic.asks(&ann, "query($id: ID!) { goal(id: $id) {
            id patient { fullName role timeZone } therapist { fullName }
            status statusText baselineValue createdAt
            tracking { method frequency scaleMax }
            entries { nodes { entryDate value } totalCount pageInfo { hasNextPage hasPreviousPage } }
            milestones { title achievedAt }
            reminders { scheduledTime scheduledDays reminderType isActive }
            assessments { nodes { assessmentType score } }
        } }", json!({ "id": goal.id })).await;

        assert_eq!(*answer.data(), json!({ "goal": {
            "id": goal.id,
            "patient": { "fullName": "Ann", "role": "PATIENT", "timeZone": "UTC" },
            "therapist": { "fullName": "Dr. Lee" },
            "status": "IN_PROGRESS", "statusText": "in_progress", "baselineValue": null,
            "createdAt": "2026-01-01T00:03:00Z",
            "tracking": { "method": "SCALE", "frequency": "DAILY", "scaleMax": 10 },
            "entries": {
                "nodes": [{ "entryDate": "2026-02-02", "value": "5.00" }, { "entryDate": "2026-02-01", "value": "3.00" }],
                "totalCount": 2,
                "pageInfo": { "hasNextPage": false, "hasPreviousPage": false },
            },
            "milestones": [{ "title": "First steps", "achievedAt": "2026-03-01T12:00:00Z" }],
            "reminders": [{
                "scheduledTime": "08:30:00", "scheduledDays": [1, 3], "reminderType": "CHECK_IN", "isActive": true,
            }],
            "assessments": { "nodes": [{ "assessmentType": "PHQ-9", "score": 12 }] },
        } }));
    }

    async fn three_levels_take_three_statements_however_many_rows_there_are(clinic) {
        let few = statements_for_goals(&clinic, 2).await;
        let many = statements_for_goals(&clinic, 100).await;
        assert_eq!((few, many), (3, 3));
    }
}

async fn statements_for_goals(clinic: &Clinic, goals: i32) -> u32 {
    let (ann, lee): (Person, Person) = clinic.couple("Ann", "Dr. Lee").await;
    for _ in 0..goals {
        let goal = clinic.goal(&ann, &lee, "Sleep").await;
        clinic.entry(&goal, day(2026, 2, 1), 3).await;
        clinic.entry(&goal, day(2026, 2, 2), 3).await;
        clinic.milestone(&goal, "One week", false).await;
    }
    let query = "query($n: Int) { goals(first: $n) { nodes { id
        entries(first: 10) { nodes { value } } milestones { title } } } }";
    let answer = clinic.asks(&ann, query, json!({ "n": goals })).await;
    assert_eq!(answer.at("/goals/nodes").as_array().map(Vec::len), usize::try_from(goals).ok());
    answer.statements
}
