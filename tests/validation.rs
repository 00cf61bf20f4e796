//! What is a valid document: every example of the specification's chapter 5, adapted to our schema, and what
//! graphql-js, which the specification's authors keep, says of each.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Clinic, Document, Kind, Practice, documents_in, node};

const EXAMPLES: &str = include_str!("validation/examples.graphql");

#[tokio::test]
async fn the_examples_break_the_rules_of_graphql_js_that_they_name() {
    let texts: Vec<String> = documents_in(EXAMPLES).map(|document| document.text).collect();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), json!(texts).to_string()).expect("documents");
    let broken = node::run_with("validation.mjs", &[file.path().to_str().expect("a path")]).await;
    for (document, broken) in documents_in(EXAMPLES).zip(broken.as_array().expect("a list")) {
        let rules = broken.as_array().expect("a list of rules").iter().filter_map(Value::as_str);
        let rules = rules.collect::<Vec<_>>().join(" ");
        assert_eq!(
            if rules.is_empty() { "valid" } else { &rules },
            document.expected(),
            "{}",
            document.title
        );
    }
}

#[tokio::test]
async fn the_server_refuses_exactly_the_invalid_examples() {
    let practice = Practice::within(Clinic::open(Kind::Sqlite).await).await;
    let mut differences = BTreeSet::new();
    for document in documents_in(EXAMPLES) {
        let expected = if document.expected() == "valid" { Verdict::Accepted } else { Verdict::Refused };
        if verdict(&practice, &document).await != expected {
            differences.insert(document.title);
        }
    }
    assert_eq!(differences, BTreeSet::new());
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Accepted,
    /// As invalid, before anything was run.
    Refused,
    /// For another reason.
    Otherwise,
}

async fn verdict(practice: &Practice, document: &Document<'_>) -> Verdict {
    let body = if document.text.starts_with("subscription") {
        subscribed(practice, document).await
    } else {
        practice.asked("lee", document).await.body
    };
    let errors = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is = |code: &str| errors.iter().any(|error| error["extensions"]["code"] == code);
    if is("GRAPHQL_VALIDATION_FAILED") && body.get("data").is_none() {
        Verdict::Refused
    } else if is("GRAPHQL_PARSE_FAILED") || is("GRAPHQL_VALIDATION_FAILED") || body.get("data").is_none() {
        Verdict::Otherwise
    } else {
        Verdict::Accepted
    }
}

/// What is told at once; a subscription that is under way has nothing to tell here.
async fn subscribed(practice: &Practice, document: &Document<'_>) -> Value {
    let lee = &practice.people["lee"];
    let mut listener = practice.clinic.listens(lee, &document.text, document.variables.clone()).await;
    let told = tokio::time::timeout(Duration::from_millis(100), listener.event()).await;
    told.map_or_else(|_| json!({ "data": {} }), |event| event.expect("an answer").json())
}
