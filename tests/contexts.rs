//! How and in which session an entry was recorded: who may say so, and correct it.

use serde_json::{Value, json};

use crate::both;
use crate::support::{id_at, with};

both! {
    async fn context_and_session_can_be_corrected(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let ben = clinic.patient("Ben").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let (right, wrong) = (clinic.session(&ann, &lee, clinic.now()).await, clinic.session(&ben, &lee, clinic.now()).await);
        let said = json!({ "context": "SESSION", "sessionId": right });
        let entry = id_at(&clinic.records_with(&lee, &goal, "3", said).await, "/entry/id");
        let own = id_at(&clinic.records(&ann, &goal, "4").await, "/entry/id");
        let change = |entry: &str, fields: Value| with(json!({ "entryId": entry }), fields);
        let show = "entry { context session { id } }";
        let cases = [
            (json!({ "notes": "Rain" }), json!({ "context": "SESSION", "session": { "id": right } })),
            (json!({ "context": "SELF_REPORT" }), json!({ "context": "SELF_REPORT", "session": { "id": right } })),
            (json!({ "sessionId": null }), json!({ "context": "SELF_REPORT", "session": null })),
            (json!({ "context": null, "sessionId": right }), json!({ "context": null, "session": { "id": right } })),
        ];
        for (fields, left) in cases {
            let payload = clinic.does(&lee, "updateProgress", change(&entry, fields.clone()), show).await;
            assert_eq!(payload["entry"], left, "{fields}");
        }
        let elsewhere = change(&entry, json!({ "sessionId": wrong }));
        assert_eq!(clinic.is_refused(&lee, "updateProgress", elsewhere).await, ["NOT_FOUND input.sessionId"]);
        let graver = change(&own, json!({ "context": "SESSION" }));
        assert_eq!(clinic.is_refused(&ann, "updateProgress", graver).await, ["NOT_ALLOWED input.context"]);
        let kept = clinic.does(&ann, "updateProgress", change(&own, json!({ "context": null })), show).await;
        assert_eq!(kept["entry"], json!({ "context": "SELF_REPORT", "session": null }));
    }

    async fn patients_leave_assessments_to_their_therapist(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let plain = json!({ "baselineValue": null, "targetValue": null, "tracking": { "method": "ASSESSMENT" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, plain).await;
        let row = json!({ "value": "5", "entryDate": "2026-02-01" });
        let import = json!({ "goalId": goal, "entries": [row, with(row.clone(), json!({ "value": "6" }))] });

        assert_eq!(clinic.is_refused(&ann, "importProgress", import).await, ["NOT_ALLOWED input.goalId"]);
        let entry = json!({ "goalId": goal, "value": "5" });
        let answer = clinic.sends_input(&ann, "recordProgress", &entry, "entry { id }").await;
        assert_eq!(answer.at("/payload/userErrors"), &json!([{
            "code": "NOT_ALLOWED", "field": ["input", "goalId"], "message": "Patients can't record on a goal \
                tracked by assessment: their therapist records the assessments.",
        }]));
        // An entry of something else would go unseen.
        let unseen = with(entry, json!({ "context": "SESSION" }));
        assert_eq!(clinic.is_refused(&lee, "recordProgress", unseen).await, ["INVALID input.context"]);
    }
}
