//! What is a valid document: every example of the specification's chapter 5, adapted to our schema, and what
//! graphql-js, which the specification's authors keep, says of each.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Clinic, Document, Kind, Practice, documents_in, node};

const EXAMPLES: &str = include_str!("validation/examples.graphql");

/// Examples that the server judges otherwise today; none when its engine is rebuilt.
const KNOWN_DIFFERENCES: &[&str] = &[
    "5.1.1 a definition of a type: ExecutableDefinitionsRule",
    "5.1.1 an extension of a type: ExecutableDefinitionsRule",
    "5.2.1.1 one name for two types of operation: UniqueOperationNamesRule",
    "5.2.1.1 one name twice: UniqueOperationNamesRule",
    "5.2.2.1 an operation without a name beside another: LoneAnonymousOperationRule",
    "5.2.2.1 two operations without a name: LoneAnonymousOperationRule",
    "5.2.3.1 one root field of a fragment: valid",
    "5.3.2 a conflict below fields that are merged: OverlappingFieldsCanBeMergedRule",
    "5.3.2 a conflict far below, through fragments: OverlappingFieldsCanBeMergedRule",
    "5.3.2 a field of the interface and one of the object: OverlappingFieldsCanBeMergedRule",
    "5.3.2 a list and none of objects that can't be one: OverlappingFieldsCanBeMergedRule",
    "5.3.2 null and not null of objects that can't be one: OverlappingFieldsCanBeMergedRule",
    "5.3.2 objects of two types, with fields that can't be merged: OverlappingFieldsCanBeMergedRule",
    "5.3.2 other variables: OverlappingFieldsCanBeMergedRule",
    "5.3.2 types that can't be merged, of objects that can't be one: OverlappingFieldsCanBeMergedRule",
    "5.5.1.1 one name for two fragments: UniqueFragmentNamesRule",
    "5.6.1 a list for an input object: ValuesOfCorrectTypeRule",
    "5.6.1 a long number for an id: valid",
    "5.6.1 a number that is too large: ValuesOfCorrectTypeRule",
    "5.6.1 a text for a value of an enum in a list: ValuesOfCorrectTypeRule",
    "5.6.1 a text for a value of an enum: ValuesOfCorrectTypeRule",
    "5.6.1 a text for an input object: ValuesOfCorrectTypeRule",
    "5.6.3 one field of an input twice: UniqueInputFieldNamesRule",
    "5.7.1 a directive that is not there, on a variable: KnownDirectivesRule",
    "5.7.1 a directive that is not there, on the name of the type: KnownDirectivesRule",
    "5.7.2 a directive on a variable: KnownDirectivesRule",
    "5.7.3 one directive twice on the name of the type: UniqueDirectivesPerLocationRule",
    "5.8.1 one variable twice, of two types: UniqueVariableNamesRule VariablesInAllowedPositionRule",
    "5.8.1 one variable twice: UniqueVariableNamesRule",
    "5.8.2 a variable of a list of objects: VariablesAreInputTypesRule VariablesInAllowedPositionRule",
    "5.8.2 a variable of a type that is not there: KnownTypeNamesRule",
    "5.8.2 a variable of an interface: VariablesAreInputTypesRule VariablesInAllowedPositionRule",
    "5.8.2 a variable of an object: VariablesAreInputTypesRule VariablesInAllowedPositionRule",
    "5.8.3 a variable that one of two operations has not: NoUndefinedVariablesRule",
    "5.8.4 a variable that a fragment does not use: NoUnusedVariablesRule",
    "5.8.4 a variable that nothing uses: NoUnusedVariablesRule",
    "5.8.5 a list where one value is wanted: VariablesInAllowedPositionRule",
    "5.8.5 a list with null where none may be: VariablesInAllowedPositionRule",
    "5.8.5 a text where a number is wanted: VariablesInAllowedPositionRule",
    "5.8.5 a variable of a fragment of another type: VariablesInAllowedPositionRule",
    "5.8.5 one value where a list is wanted: VariablesInAllowedPositionRule",
    "5.8.5 what may be null and has a default of null: VariablesInAllowedPositionRule",
];

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
    assert_eq!(differences, KNOWN_DIFFERENCES.iter().copied().collect());
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
