//! The server beside graphql-js: documents generated from the schema are judged alike, and answered alike
//! over the same rows, to the byte.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Clinic, Kind, Practice, node};

/// Kinds of difference that stay. graphql-js leaves `__typename` out of `OverlappingFieldsCanBeMergedRule`,
/// and the specification does not: beside it no other type may stand under the same key.
const KNOWN_DIFFERENCES: &[&str] =
    &["refused: operation must not select different types using the same name `..`"];

/// What generated documents ask for, by the type of the field.
const IDS: &str = r#"{
    "Person": ["<ann>", "<bob>", "<lee>", "<kim>", "<cat>"],
    "Goal": ["<walk>", "<ride>", "<pills>", "<mood>", "<odd>", "<hidden>"],
    "AssessmentScore": ["<phq_first>", "<phq_third>", "<gad>", "<who>"],
    "Other": ["<entry>", "<half_way>", "<reminder>", "<config>", "<first_session>"]
}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_documents_are_judged_and_answered_as_by_graphql_js() {
    let practice = Practice::within(Clinic::open(Kind::Sqlite).await).await;
    let report = compared(&practice, "lee", 2500).await;
    assert_eq!(kinds(&report), KNOWN_DIFFERENCES.iter().copied().collect(), "{report:#}");
    for (seen, least) in [("valid", 1000), ("invalid", 500), ("failing", 30)] {
        assert!(report["seen"][seen].as_u64() > Some(least), "{}", report["seen"]);
    }
}

async fn compared(practice: &Practice, person: &str, count: u32) -> Value {
    let ids = practice.filled(IDS);
    let url = format!("{}/graphql", practice.clinic.serves().await);
    let arguments = [&url, &practice.people[person].token, &ids, &count.to_string()];
    node::run_with("compare.mjs", &arguments.map(String::as_str)).await
}

fn kinds(report: &Value) -> BTreeSet<&str> {
    let differences = report["differences"].as_array().expect("a list");
    differences.iter().filter_map(|it| it["kind"].as_str()).collect()
}
