//! One response key is one field, however often it is selected: it is run once, and costs what it costs once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{TRANSPORTS, Transport, codes};
use crate::both;
use crate::permissions::{TABLE, Ward};

/// Ways to select a mutation twice: MUTATION is its field, and ONE and TWO are selections.
const TWICE: &[(&str, &str)] = &[
    ("MUTATION ONE MUTATION TWO", ""),
    ("key: MUTATION ONE key: MUTATION TWO", ""),
    ("MUTATION ONE ... on Mutation { MUTATION TWO }", ""),
    ("... { MUTATION ONE } ... @include(if: true) { ... { MUTATION TWO } }", ""),
    ("...F MUTATION TWO", "fragment F on Mutation { MUTATION ONE }"),
    ("...F ...G", "fragment F on Mutation { MUTATION ONE ...G } fragment G on Mutation { MUTATION TWO }"),
    ("MUTATION ONE ...F ...F", "fragment F on Mutation { MUTATION TWO MUTATION TWO }"),
    ("MUTATION @skip(if: false) ONE MUTATION @include(if: true) TWO MUTATION @skip(if: true) ONE", ""),
];

fn document(mutation: &str, selections: &str, fragments: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    let (field, name) =
        (format!("{mutation}(input: $input)"), format!("{}{rest}Input", first.to_uppercase()));
    let text =
        format!("mutation($input: {name}!) {{ {selections} }} {fragments}").replace("MUTATION", &field);
    text.replace("ONE", "{ __typename }").replace("TWO", "{ userErrors { code } }")
}

/// The tables of the rows that went and of those that came; a changed row does both.
async fn changes(
    ward: &Ward,
    mutation: &str,
    transport: Transport,
    document: &str,
) -> (Value, [Vec<String>; 2]) {
    let rows = ward.rows(false).await;
    let mut input = rows.input(mutation);
    if mutation == "achieveMilestone" {
        input["milestoneId"] = json!(ward.clinic.milestone(&rows.goal, "Open", false).await.id);
    }
    let before: BTreeSet<_> = ward.clinic.everything().await.into_iter().collect();
    let person = &ward.people[if mutation.contains("Webhook") { 6 } else { 3 }];
    let answer = transport.asks(&ward.clinic, person, document, json!({ "input": input })).await;
    let after: BTreeSet<_> = ward.clinic.everything().await.into_iter().collect();
    (answer, [tables(&(&before - &after)), tables(&(&after - &before))])
}

fn tables(rows: &BTreeSet<String>) -> Vec<String> {
    rows.iter().map(|row| row.split(' ').next().expect("a table").to_owned()).collect()
}

both! {
    async fn a_mutation_selected_twice_by_any_way_writes_once(clinic) {
        let ward = Ward::open(clinic).await;
        for (mutation, ..) in TABLE {
            let single = document(mutation, "MUTATION TWO", "");
            let (_, wanted) = changes(&ward, mutation, Transport::Http, &single).await;
            assert!(wanted.iter().any(|tables| !tables.is_empty()), "{mutation} does nothing");
            for (selections, fragments) in TWICE {
                let twice = document(mutation, selections, fragments);
                let (answer, found) = changes(&ward, mutation, Transport::Http, &twice).await;
                assert_eq!(found, wanted, "{twice}");
                is_one_payload(&answer, &twice);
            }
        }
    }

    async fn a_mutation_selected_twice_writes_once_over_the_other_transports(clinic) {
        let ward = Ward::open(clinic).await;
        for (mutation, ..) in TABLE {
            let (_, wanted) = changes(&ward, mutation, Transport::Http, &document(mutation, "MUTATION TWO", "")).await;
            for transport in [Transport::Events, Transport::Socket] {
                let twice = document(mutation, "MUTATION ONE MUTATION TWO", "");
                let (answer, found) = changes(&ward, mutation, transport, &twice).await;
                assert_eq!(found, wanted, "{transport:?}: {twice}");
                is_one_payload(&answer, &twice);
            }
        }
    }

    async fn two_keys_are_two_mutations_in_order(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let document = "mutation($goal: ID!) { one: recordProgress(input: { goalId: $goal, value: 3 }) { entry { value } }
            ... { two: recordProgress(input: { goalId: $goal, value: 4 }) { entry { value } } }
            one: recordProgress(input: { goalId: $goal, value: 3 }) { goal { entries { totalCount } } }
            two: recordProgress(input: { goalId: $goal, value: 4 }) { goal { entries { totalCount } } } }";
        let answer = clinic.asks(&ann, document, json!({ "goal": goal })).await;
        let payload = |value, count| json!({ "entry": { "value": value }, "goal": { "entries": { "totalCount": count } } });
        assert_eq!(*answer.data(), json!({ "one": payload("3.00", 1), "two": payload("4.00", 2) }));
        assert_eq!(clinic.entries().await.len(), 2);
    }
}

/// Both selections in one object, and no problem.
fn is_one_payload(answer: &Value, document: &str) {
    assert_eq!(answer.get("errors"), None, "{document}: {answer}");
    let data = answer["data"].as_object().expect("data");
    let payload = data.values().next().expect("a payload");
    assert_eq!((data.len(), &payload["userErrors"]), (1, &json!([])), "{document}: {answer}");
    assert!(
        payload["__typename"].as_str().is_some_and(|name| name.ends_with("Payload")),
        "{document}: {answer}"
    );
}

// -- queries --------------------------------------------------------------------------------------

/// A field thirty times, in fragments of a type.
fn thirty(around: [&str; 2], owner: &str, field: &str) -> String {
    let every = |part: &dyn Fn(usize) -> String| (0..30).map(part).collect::<Vec<_>>().join(" ");
    let spreads = every(&|number| format!("...F{number}"));
    let fragments = every(&|number| format!("fragment F{number} on {owner} {{ {field} }}"));
    format!("{} {spreads} {} {fragments}", around[0], around[1])
}

/// What is selected, from a type, below the root.
const COSTS: &[([&str; 2], &str, &str)] = &[
    (["{", "}"], "Query", "goals { totalCount nodes { id } pageInfo { hasNextPage } }"),
    (["{", "}"], "Query", "goal(id: \"GOAL\") { id patient { id } }"),
    (["{", "}"], "Query", "viewer { goals { nodes { id } } }"),
    (
        ["{ goal(id: \"GOAL\") {", "} }"],
        "Goal",
        "patient { fullName } entries(first: 2) { totalCount nodes { id } }",
    ),
    (
        ["{ goal(id: \"GOAL\") {", "} }"],
        "Goal",
        "milestones { id stillMet } progress { percent streak { current } }",
    ),
    (
        ["{ goals { nodes {", "} } }"],
        "Goal",
        "tracking { id } assessments(first: 1) { nodes { interpretation { safety } } }",
    ),
    (
        ["{ goals { nodes { patient {", "} } } }"],
        "Person",
        "goals(first: 1) { totalCount nodes { id } } reminders { nextDueAt }",
    ),
];

both! {
    async fn a_key_selected_thirty_times_costs_what_it_costs_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.records(&ann, &goal, "5").await;
        for (around, owner, field) in COSTS {
            let [once, often] = [format!("{} {field} {}", around[0], around[1]), thirty(*around, owner, field)]
                .map(|document| document.replace("GOAL", &goal));
            let (once, answer) = (clinic.asks(&lee, &once, json!({})).await, clinic.asks(&lee, &often, json!({})).await);
            assert_eq!(answer.data(), once.data(), "{field}");
            assert_eq!((answer.statements, answer.rows), (once.statements, once.rows), "{field}");
        }
    }

    async fn a_failure_selected_thirty_times_is_told_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        for (around, owner, field, data) in [
            (["{", "}"], "Query", "goals(first: 101) { totalCount }", Value::Null),
            (["{", "}"], "Query", "goal(id: \"x\") { id }", json!({ "goal": null })),
            (["{ goal(id: \"GOAL\") {", "} }"], "Goal", "entries(first: 101) { totalCount }", json!({ "goal": null })),
        ] {
            let document = thirty(around, owner, field).replace("GOAL", &goal);
            for transport in TRANSPORTS {
                let answer = transport.asks(&clinic, &lee, &document, json!({})).await;
                assert_eq!(codes(&answer), ["BAD_USER_INPUT"], "{field} {transport:?}");
                assert_eq!(answer["data"], data, "{field} {transport:?}");
            }
        }
    }
}
