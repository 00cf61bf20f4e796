//! What an operation costs: known before it runs, multiplied by the sizes of pages, refused above the limit.

use axum::http::StatusCode;
use serde_json::{Value, json};
use server::graphql::Limits;
use server::http::playground;

use crate::support::{Answer, Clinic, DASHBOARD, DEEP, Kind, ONE_GOAL, Person, RECORD, Socket};

const LIMIT: u64 = 60_000;

async fn clinic_and_ann() -> (Clinic, Person) {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

async fn told(clinic: &Clinic, person: &Person, document: &str, variables: &Value) -> Answer {
    let body = json!({ "query": document, "variables": variables, "extensions": { "cost": true } });
    clinic.posts(Some(&person.token), &body.to_string()).await
}

/// What it costs, whether or not it may run.
async fn cost(clinic: &Clinic, person: &Person, document: &str, variables: Value) -> u64 {
    let answer = told(clinic, person, document, &variables).await;
    let cost = &answer.body["extensions"]["cost"];
    assert_eq!(cost["limit"], LIMIT, "{}", answer.text);
    cost["requested"].as_u64().expect("a number")
}

#[tokio::test]
async fn goals_of_patients_of_goals_are_refused_before_anything_is_read() {
    let (clinic, ann) = clinic_and_ann().await;
    let document = "{ goals(first: 100) { nodes { patient { goals(first: 100) { nodes { id } } } } } }";
    let answer = clinic.asks(&ann, document, json!({})).await;
    assert_eq!(
        (answer.status, answer.refusal(), answer.statements),
        (StatusCode::OK, "COST_LIMIT_EXCEEDED", 0)
    );
    // 2 for `goals` and `nodes`; a goal is 10 and `patient`, `goals` and `nodes`; a goal below it 10 and its id.
    assert_eq!(answer.body["extensions"], json!({ "cost": { "requested": 111_302, "limit": LIMIT } }));
    assert_eq!(answer.body.get("data"), None);

    let variable = document.replacen("{ goals(first: 100)", "query($n: Int) { goals(first: $n)", 1);
    let answer = clinic.asks(&ann, &variable, json!({ "n": 100 })).await;
    assert_eq!(answer.body["extensions"]["cost"]["requested"], 111_302);
    let answer = clinic.asks(&ann, &variable, json!({ "n": 1 })).await;
    assert_eq!(*answer.data(), json!({ "goals": { "nodes": [] } }));
}

#[tokio::test]
async fn each_kind_of_field_costs_what_is_written_of_it() {
    let (clinic, ann) = clinic_and_ann().await;
    for (document, variables, points) in [
        ("{ viewer { id } }", json!({}), 2),
        ("{ viewer { id } ... { viewer { id role } } }", json!({}), 3),
        ("{ viewer { id role @skip(if: true) } }", json!({}), 2),
        ("query($no: Boolean!) { viewer { id role @include(if: $no) } }", json!({ "no": false }), 2),
        ("query($no: Boolean!) { viewer { id role @include(if: $no) } }", json!({ "no": true }), 3),
        // A page: 20 unless said, 10 a row beside its fields.
        ("{ goals { nodes { id } } }", json!({}), 2 + 20 * 11),
        ("{ goals(first: 3) { nodes { id } } }", json!({}), 2 + 3 * 11),
        ("{ goals(last: 3) { edges { node { id } cursor } } }", json!({}), 2 + 3 * 13),
        ("{ goals(first: null) { nodes { id } } }", json!({}), 2 + 20 * 11),
        ("{ goals(first: 0) { nodes { id } } }", json!({}), 2),
        (
            "{ goals(first: 3) { nodes { id } edges { cursor } pageInfo { hasNextPage } } }",
            json!({}),
            2 + 33 + 1 + 33 + 2,
        ),
        // A figure, and the count of a whole list, cost 10 more.
        ("{ goals { totalCount } }", json!({}), 12),
        (
            "{ goals(first: 2) { nodes { progress { percent streak { current } } } } }",
            json!({}),
            2 + 2 * (10 + 11 + 1 + 11 + 1),
        ),
        ("{ goals(first: 1) { nodes { progress { series { value } } } } }", json!({}), 2 + 10 + 11 + 1 + 100),
        // Lists without pages: 10 items.
        (
            "{ goals(first: 1) { nodes { milestones { id stillMet } } } }",
            json!({}),
            2 + 10 + 1 + 10 * (10 + 1 + 11),
        ),
        ("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", json!({}), 1 + 3 * 11),
        // Of several types the dearest.
        (
            "{ node(id: \"a\") { id ... on Goal { description status } ... on Person { role } } }",
            json!({}),
            4,
        ),
        ("{ __schema { types { name fields { name } } } viewer { id } }", json!({}), 3),
        ("query($n: Int) { goals(first: $n) { nodes { id } } }", json!({}), 2 + 20 * 11),
        ("query($n: Int) { goals(first: $n) { nodes { id } } }", json!({ "n": null }), 2 + 20 * 11),
        ("query($n: Int = 5) { goals(first: $n) { nodes { id } } }", json!({}), 2 + 5 * 11),
        (
            "query($n: Int) { goals(first: $n) { nodes { entries(first: $n) { nodes { id } } } } }",
            json!({ "n": 4 }),
            2 + 4 * (12 + 4 * 11),
        ),
        (
            "query($a: Int, $b: Int) { goals(first: $a) { nodes { entries(last: $b) { nodes { id } } } } }",
            json!({ "a": 2, "b": 3 }),
            2 + 2 * (12 + 3 * 11),
        ),
        // What is refused when it is read counts as much as it could.
        ("query($n: Int) { goals(first: $n) { nodes { id } } }", json!({ "n": 2_000_000_000 }), 2 + 100 * 11),
        ("query($n: Int) { goals(first: $n) { nodes { id } } }", json!({ "n": -1 }), 2),
        (
            "query($a: Int, $b: Int) { goals(first: $a, last: $b) { nodes { id } } }",
            json!({ "b": 3 }),
            2 + 100 * 11,
        ),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ["a", "b"] }), 1 + 2 * 11),
    ] {
        assert_eq!(cost(&clinic, &ann, document, variables.clone()).await, points, "{document} {variables}");
    }
}

#[tokio::test]
async fn an_operation_may_cost_the_limit_and_not_a_point_more() {
    let (mut clinic, ann) = clinic_and_ann().await;
    let document = "{ goals(first: 3) { nodes { id } } }";
    clinic.app = clinic.app.with_document_limits(Limits { cost: 35, ..Limits::default() }, 1024);
    assert_eq!(*clinic.asks(&ann, document, json!({})).await.data(), json!({ "goals": { "nodes": [] } }));
    clinic.app = clinic.app.with_document_limits(Limits { cost: 34, ..Limits::default() }, 1024);
    assert_eq!(clinic.asks(&ann, document, json!({})).await.refusal(), "COST_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn what_front_ends_ask_costs_much_less_than_the_limit() {
    let (clinic, ann) = clinic_and_ann().await;
    let readme =
        include_str!("../README.md").split("```graphql\n").nth(1).and_then(|rest| rest.split("\n```").next());
    let mut documents = vec![
        (DASHBOARD.to_owned(), json!({ "therapist": ann.id })),
        (ONE_GOAL.to_owned(), json!({ "goal": ann.id })),
        (DEEP.to_owned(), json!({ "therapist": ann.id })),
        (RECORD.to_owned(), json!({ "goal": ann.id })),
        (readme.expect("a query").to_owned(), json!({})),
    ];
    documents.extend(playground::demo_examples().into_iter().filter_map(|example| {
        let variables = if example.variables.is_empty() {
            json!({})
        } else {
            serde_json::from_str(example.variables).expect("JSON")
        };
        (!example.query.contains("subscription")).then(|| (example.query.to_owned(), variables))
    }));
    for (document, variables) in documents {
        let cost = cost(&clinic, &ann, &document, variables).await;
        assert!(cost < LIMIT / 2, "{cost} of {document}");
    }
}

#[tokio::test]
async fn the_cost_is_told_when_it_is_asked_for_and_otherwise_only_of_what_is_refused() {
    let (clinic, ann) = clinic_and_ann().await;
    let answer = told(&clinic, &ann, "{ viewer { fullName } }", &json!({})).await;
    assert_eq!(
        answer.text,
        r#"{"data":{"viewer":{"fullName":"Ann"}},"extensions":{"cost":{"requested":2,"limit":60000}}}"#
    );
    let answer = told(&clinic, &ann, "{ goal(id: \"x\") { id } }", &json!({})).await;
    assert_eq!(
        (answer.codes(), &answer.body["extensions"]["cost"]["requested"]),
        (vec!["BAD_USER_INPUT"], &json!(2))
    );
    for unasked in [json!(false), json!(null), json!("true"), json!({})] {
        let body = json!({ "query": "{ viewer { fullName } }", "extensions": { "cost": unasked } });
        let answer = clinic.posts(Some(&ann.token), &body.to_string()).await;
        assert_eq!(answer.text, r#"{"data":{"viewer":{"fullName":"Ann"}}}"#);
    }

    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    let payload = json!({ "query": "{ viewer { id } }", "extensions": { "cost": true } });
    socket.says(json!({ "id": "a", "type": "subscribe", "payload": payload })).await;
    let cost = json!({ "requested": 2, "limit": LIMIT });
    assert_eq!(socket.hears().await["payload"]["extensions"]["cost"], cost);
}

#[tokio::test]
async fn an_event_costs_as_much_as_what_is_selected_of_it() {
    let (clinic, ann) = clinic_and_ann().await;
    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    let dear = "subscription { goalChanged { goal { patient { goals(first: 100) { nodes { entries(first: 100) { nodes { id } } } } } } } }";
    socket.subscribes("a", dear, json!({})).await;
    let refused = socket.hears().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
}
