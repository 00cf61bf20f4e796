//! The language to the letter, over each transport: what a document means does not depend on the way it
//! is sent.

mod once;

use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, Socket, eventually};

/// How an operation is sent.
#[derive(Clone, Copy, Debug)]
enum Transport {
    Http,
    Events,
    Socket,
}

const TRANSPORTS: [Transport; 3] = [Transport::Http, Transport::Events, Transport::Socket];

impl Transport {
    /// The first answer to an operation.
    async fn asks(self, clinic: &Clinic, person: &Person, query: &str, variables: Value) -> Value {
        match self {
            Self::Http => clinic.asks(person, query, variables).await.body,
            Self::Events => {
                let mut listener = clinic.listens(person, query, variables).await;
                listener.event().await.expect("an answer").json()
            }
            Self::Socket => {
                let mut socket = Socket::of(&clinic.serves().await, person).await;
                socket.subscribes("one", query, variables).await;
                heard(&mut socket).await
            }
        }
    }
}

/// What the next message of a socket's one operation says.
async fn heard(socket: &mut Socket) -> Value {
    let message = socket.hears().await;
    match message["type"].as_str() {
        Some("next") => message["payload"].clone(),
        Some("error") => json!({ "errors": message["payload"] }),
        _ => panic!("instead of an answer: {message}"),
    }
}

/// What a subscription tells of the next entry, as server-sent event and over a socket.
async fn told(clinic: &Clinic, query: &str, variables: Value) -> [Value; 2] {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    socket.subscribes("one", query, variables.clone()).await;
    tokio::select! {
        refused = heard(&mut socket) => panic!("refused: {refused}"),
        () = eventually("it listens", async || clinic.app.feed.listeners() == 1) => {}
    }
    let mut events = clinic.listens(&ann, query, variables).await;
    clinic.reports(&ann, &goal, 5).await;
    [events.event().await.expect("an event").json(), heard(&mut socket).await]
}

fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect()
}

// -- conditions on variables ----------------------------------------------------------------------

const CAREFUL: &str = "mutation($goal: ID!, $dry: Boolean = true) {
    deleteGoal(input: { goalId: $goal }) @skip(if: $dry) { deletedId } }";
const WANTED: &str = "mutation($goal: ID!, $do: Boolean!) {
    updateGoal(input: { goalId: $goal, category: \"done\" }) @include(if: $do) { userErrors { code } } }";

both! {
    async fn a_mutation_that_a_default_skips_is_not_run(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await.id;
        let before = clinic.everything().await;
        for transport in TRANSPORTS {
            let answer = transport.asks(&clinic, &lee, CAREFUL, json!({ "goal": goal })).await;
            assert_eq!(answer, json!({ "data": {} }), "{transport:?}");
            let null = transport.asks(&clinic, &lee, CAREFUL, json!({ "goal": goal, "dry": null })).await;
            assert_ne!(codes(&null), [""; 0], "{transport:?}: {null}");
            assert_eq!(clinic.everything().await, before, "{transport:?}");
        }
        let answer = clinic.asks(&lee, CAREFUL, json!({ "goal": goal, "dry": false })).await;
        assert_eq!(*answer.data(), json!({ "deleteGoal": { "deletedId": goal } }));
    }

    async fn a_mutation_that_a_variable_includes_is_run(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for transport in TRANSPORTS {
            let goal = clinic.goal(&ann, &lee, "Walk").await.id;
            let before = clinic.everything().await;
            let without = transport.asks(&clinic, &lee, WANTED, json!({ "goal": goal, "do": false })).await;
            assert_eq!(without, json!({ "data": {} }), "{transport:?}");
            assert_eq!(clinic.everything().await, before, "{transport:?}");
            let done = transport.asks(&clinic, &lee, WANTED, json!({ "goal": goal, "do": true })).await;
            assert_eq!(done, json!({ "data": { "updateGoal": { "userErrors": [] } } }), "{transport:?}");
            assert_ne!(clinic.everything().await, before, "{transport:?}");
        }
    }

    async fn a_default_counts_in_every_condition(clinic) {
        let ann = clinic.patient("Ann").await;
        let document = "query($yes: Boolean = true, $no: Boolean! = false) { viewer {
            a: role @include(if: $yes) b: role @skip(if: $yes) c: role @include(if: $no) d: role @skip(if: $no)
            ... @include(if: $yes) { e: role } ... on Person @skip(if: $yes) { f: role } ...G @skip(if: $no) } }
            fragment G on Person { g: role ... @include(if: $no) { h: role } }";
        for transport in TRANSPORTS {
            let answer = transport.asks(&clinic, &ann, document, json!({})).await;
            let wanted = json!({ "a": "PATIENT", "d": "PATIENT", "e": "PATIENT", "g": "PATIENT" });
            assert_eq!(answer, json!({ "data": { "viewer": wanted } }), "{transport:?}");
            let answer = transport.asks(&clinic, &ann, document, json!({ "yes": false, "no": true })).await;
            let wanted = json!({ "b": "PATIENT", "c": "PATIENT", "f": "PATIENT" });
            assert_eq!(answer, json!({ "data": { "viewer": wanted } }), "{transport:?}");
        }
    }

    async fn a_default_counts_in_subscriptions_too(clinic) {
        let query = "subscription($yes: Boolean = true, $no: Boolean! = false) { progressRecorded {
            entry @include(if: $yes) { value } goal @skip(if: $yes) { id } ... @include(if: $no) { cursor } } }";
        for event in told(&clinic, query, json!({})).await {
            assert_eq!(event, json!({ "data": { "progressRecorded": { "entry": { "value": "5.00" } } } }));
        }
    }
}

// -- subscriptions --------------------------------------------------------------------------------

both! {
    async fn the_root_field_of_a_subscription_may_stand_in_a_fragment(clinic) {
        let query = "subscription { ...F } fragment F on Subscription { ... { progressRecorded { ...G } } }
            fragment G on ProgressRecorded { entry { value } }";
        for event in told(&clinic, query, json!({})).await {
            assert_eq!(event, json!({ "data": { "progressRecorded": { "entry": { "value": "5.00" } } } }));
        }
    }

    async fn the_root_field_of_a_subscription_is_one_field_however_often_it_is_selected(clinic) {
        let query = "subscription { progressRecorded { entry { value } } progressRecorded { goal { description } } }";
        for event in told(&clinic, query, json!({})).await {
            let wanted = json!({ "entry": { "value": "5.00" }, "goal": { "description": "Walk" } });
            assert_eq!(event, json!({ "data": { "progressRecorded": wanted } }));
        }
    }

    async fn the_root_field_of_a_subscription_may_be_selected_in_fragments_too(clinic) {
        let query = "subscription { progressRecorded { entry { value } } progressRecorded { goal { description } }
            ... on Subscription { progressRecorded { entry { notes } } } }";
        for event in told(&clinic, query, json!({})).await {
            let wanted = json!({ "entry": { "value": "5.00", "notes": null }, "goal": { "description": "Walk" } });
            assert_eq!(event, json!({ "data": { "progressRecorded": wanted } }));
        }
    }
}

// -- texts and numbers ----------------------------------------------------------------------------

/// How many goals a literal finds.
async fn found(clinic: &Clinic, transport: Transport, person: &Person, literal: &str) -> Value {
    let query = format!("{{ goals(filter: {{ search: {literal} }}) {{ totalCount }} }}");
    transport.asks(clinic, person, &query, json!({})).await
}

both! {
    async fn a_character_may_be_escaped_in_each_of_its_ways(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.goal(&ann, &lee, "Smile \u{1F600}").await;
        clinic.goal(&ann, &lee, "Walk").await;
        for transport in TRANSPORTS {
            for literal in [r#""\ud83d\ude00""#, r#""\uD83D\uDE00""#, r#""\u{1F600}""#, r#""\u{01f600}""#, "\"\u{1F600}\""] {
                let answer = found(&clinic, transport, &ann, literal).await;
                assert_eq!(answer, json!({ "data": { "goals": { "totalCount": 1 } } }), "{literal} {transport:?}");
            }
        }
    }

    async fn half_a_character_is_a_syntax_error_with_a_place(clinic) {
        let ann = clinic.patient("Ann").await;
        for transport in TRANSPORTS {
            for literal in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\ude00\ud83d""#, r#""\u{D83D}""#, r#""\u{110000}""#, r#""\u{}""#] {
                let answer = found(&clinic, transport, &ann, literal).await;
                assert_eq!(codes(&answer), ["GRAPHQL_PARSE_FAILED"], "{literal} {transport:?}");
                let place = &answer["errors"][0]["locations"][0];
                assert_eq!(place["line"], 1, "{literal} {answer}");
                assert!(place["column"].as_u64() >= Some(27), "{literal} {answer}");
            }
        }
    }

    async fn three_quotes_may_stand_in_a_block(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.goal(&ann, &lee, r#"say """ now"#).await;
        for transport in TRANSPORTS {
            let answer = found(&clinic, transport, &ann, r#""""say \""" now""""#).await;
            assert_eq!(answer, json!({ "data": { "goals": { "totalCount": 1 } } }), "{transport:?}");
        }
    }

    async fn a_long_number_is_an_id(clinic) {
        let ann = clinic.patient("Ann").await;
        for transport in TRANSPORTS {
            let answer = transport.asks(&clinic, &ann, "{ node(id: 12345678901234567890) { id } }", json!({})).await;
            assert_eq!(answer["data"], json!({ "node": null }), "{transport:?}: {answer}");
            assert_eq!(codes(&answer), ["BAD_USER_INPUT"], "{transport:?}");
        }
    }
}

// -- what is refused ------------------------------------------------------------------------------

both! {
    async fn an_invalid_document_is_refused_by_every_transport(clinic) {
        let ann = clinic.patient("Ann").await;
        for document in [
            "{ __typename @skip(if: false) @skip(if: false) }",
            "{ viewer { __typename @include(if: true) @include(if: true) } }",
            "{ goals(filter: { status: [\"ASSIGNED\"] }) { totalCount } }",
            "query($unused: Int) { viewer { id } }",
            "{ nodes(ids: []) { ... on Goal { x: description } ... on AssessmentScore { x: score } } }",
            "{ viewer { goals(first: 3) { totalCount } goals(first: 5) { totalCount } } }",
            "{ viewer { x: goals(first: 3) { nodes { id } } ...F } } fragment F on Person { x: goals(first: 5) { totalCount } }",
        ] {
            for transport in TRANSPORTS {
                let answer = transport.asks(&clinic, &ann, document, json!({})).await;
                let codes = codes(&answer);
                assert!(!codes.is_empty(), "{transport:?}: {answer}");
                assert!(codes.iter().all(|code| *code == "GRAPHQL_VALIDATION_FAILED"), "{transport:?}: {answer}");
                assert_eq!(answer.get("data"), None, "{transport:?}");
            }
        }
    }

    async fn ten_thousand_unknown_directives_are_refused_briefly(clinic) {
        let ann = clinic.patient("Ann").await;
        let document = format!("{{ __typename {} }}", "@a ".repeat(10_000));
        for transport in TRANSPORTS {
            let answer = transport.asks(&clinic, &ann, &document, json!({})).await;
            assert!((1..=20).contains(&codes(&answer).len()), "{transport:?}");
            assert_eq!(answer.get("data"), None, "{transport:?}");
        }
    }

    async fn an_error_without_a_place_has_none(clinic) {
        let ann = clinic.patient("Ann").await;
        for body in [
            json!({ "query": "query A { viewer { id } } query B { viewer { id } }" }),
            json!({ "query": "query A { viewer { id } }", "operationName": "C" }),
            json!({ "query": "query($id: ID!) { goal(id: $id) { id } }" }),
            json!({ "query": "query($id: ID!) { goal(id: $id) { id } }", "variables": { "id": [] } }),
            json!({ "query": " ".repeat(50_001) }),
            json!({ "query": "{ viewer { ...A } } fragment A on Person { id ...A }" }),
            json!({ "query": "" }),
        ] {
            let answer = clinic.posts(Some(&ann.token), &body.to_string()).await;
            has_no_place_of_nothing(&answer.body);
        }
        for transport in [Transport::Events, Transport::Socket] {
            for query in [
                "subscription { progressRecorded(after: \"x\") { cursor } }",
                "subscription { goalChanged(goalId: \"x\") { cursor } }",
                "subscription A { goalChanged { cursor } } subscription B { goalChanged { cursor } }",
            ] {
                has_no_place_of_nothing(&transport.asks(&clinic, &ann, query, json!({})).await);
            }
        }
    }
}

/// Each error tells a place in the document, or none.
fn has_no_place_of_nothing(answer: &Value) {
    let errors = answer["errors"].as_array().expect("errors");
    assert!(!errors.is_empty());
    for place in errors.iter().filter_map(|error| error.get("locations")) {
        let known = |name: &str| place[0][name].as_u64() > Some(0);
        assert!(known("line") && known("column"), "{answer}");
    }
}
