//! The header `Idempotency-Key` is read as the field `idempotencyKey` is.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Person};

const RECORD: &str = "mutation($input: RecordProgressInput!) { recordProgress(input: $input) {
    entry { id } userErrors { code field message } } }";

async fn sends(clinic: &Clinic, person: &Person, keys: &[&str], query: &str, input: Value) -> Answer {
    let mut request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", person.token));
    for key in keys {
        request = request.header("idempotency-key", *key);
    }
    let body = json!({ "query": query, "variables": { "input": input } });
    clinic.sends(request.body(Body::from(body.to_string())).expect("a request")).await
}

both! {
    async fn a_retry_with_the_same_header_gets_the_first_answer_and_may_use_the_field_as_well(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "6" });
        let first = sends(&clinic, &ann, &["one"], RECORD, input.clone()).await;
        assert!(first.at("/recordProgress/entry/id").is_string(), "{}", first.text);
        let after = clinic.everything().await;

        let with_field = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        for (keys, input) in [
            (&["one"][..], &input), (&["\"one\""], &input), (&["one"], &with_field), (&[], &with_field),
        ] {
            assert_eq!(sends(&clinic, &ann, keys, RECORD, input.clone()).await.text, first.text, "{keys:?}");
        }
        assert_eq!(clinic.everything().await, after);
        let other = json!({ "goalId": goal, "value": "7" });
        let refused = sends(&clinic, &ann, &["one"], RECORD, other.clone()).await;
        assert_eq!(refused.at("/recordProgress/userErrors/0/code"), "CONFLICT");
        assert_eq!(clinic.everything().await, after);
        let new = sends(&clinic, &ann, &["two"], RECORD, input).await;
        assert_ne!(new.at("/recordProgress/entry/id"), first.at("/recordProgress/entry/id"));
    }

    async fn a_header_and_a_field_that_differ_are_a_conflict_and_nothing_is_done(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let before = clinic.everything().await;
        let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        let answer = sends(&clinic, &ann, &["two"], RECORD, input).await;
        assert_eq!(*answer.at("/recordProgress/userErrors"), json!([{
            "code": "CONFLICT", "field": ["input", "idempotencyKey"],
            "message": "The header Idempotency-Key has another key.",
        }]));
        assert_eq!(clinic.everything().await, before);
    }

    async fn a_header_that_stands_for_no_one_mutation_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let before = clinic.everything().await;
        let two = "mutation($input: RecordProgressInput!) { a: recordProgress(input: $input) { entry { id } }
            b: recordProgress(input: $input) { entry { id } } }";
        let input = json!({ "goalId": goal, "value": "6" });
        assert_eq!(sends(&clinic, &ann, &["one"], two, input.clone()).await.refusal(), "BAD_USER_INPUT");
        let twice = sends(&clinic, &ann, &["one", "two"], RECORD, input.clone()).await;
        assert_eq!((twice.status, twice.refusal()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
        let empty = sends(&clinic, &ann, &[""], RECORD, input).await;
        assert_eq!(empty.at("/recordProgress/userErrors/0/field"), &json!(["input", "idempotencyKey"]));
        assert_eq!(clinic.everything().await, before);
        // A query may be repeated anyway.
        let query = "{ viewer { fullName } me: viewer { id } }";
        assert_eq!(sends(&clinic, &ann, &["one"], query, json!({})).await.at("/viewer/fullName"), "Ann");
    }
}
