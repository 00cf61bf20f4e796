//! Documents as clients write them: answers in the order asked, variables that are not sent, and
//! documents that are refused before they cost anything.

use std::fmt::Write;

use axum::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Person, documents_in};

// -- the shape of an answer ---------------------------------------------------------------------

both! {
    async fn keys_stand_in_the_order_in_which_they_are_selected(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;

        // The patient takes a statement more than the scalars around it, and tracking another.
        let answer = asks_for(&clinic, &lee, &goal, "description patient { role fullName id } status
            tracking { id } z: category session { id } a: statusText").await;

        let patient = format!(r#"{{"role":"PATIENT","fullName":"Ann","id":"{}"}}"#, goal_patient(&answer));
        assert_eq!(answer.data_text(), format!(
            r#"{{"goal":{{"description":"Walk","patient":{patient},"status":"IN_PROGRESS","tracking":null,"z":null,"session":null,"a":"in_progress"}}}}"#
        ));
    }

    async fn keys_of_fragments_stand_where_the_fragment_is_spread(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;

        let document = "query($id: ID!) { first: goal(id: $id) { ...Slow status ... { description } ...Fast }
              second: goal(id: $id) { ...Fast ... @include(if: true) { patient { fullName } } } }
            fragment Slow on Goal { therapist { ...Name role } category }
            fragment Fast on Goal { statusText ...Late category }
            fragment Late on Goal { targetDate patient { role } }
            fragment Name on Person { fullName }";
        let answer = clinic.asks(&lee, document, json!({ "id": goal })).await;

        assert_eq!(answer.data_text(), concat!(
            r#"{"first":{"therapist":{"fullName":"Lee","role":"THERAPIST"},"category":null,"status":"IN_PROGRESS","#,
            r#""description":"Walk","statusText":"in_progress","targetDate":null,"patient":{"role":"PATIENT"}},"#,
            r#""second":{"statusText":"in_progress","targetDate":null,"patient":{"role":"PATIENT","fullName":"Ann"},"#,
            r#""category":null}}"#,
        ));
    }

    async fn fields_selected_twice_are_merged_where_they_stand_first(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;

        let answer = asks_for(&clinic, &lee, &goal, "patient { role } status
            patient { fullName role } ... on Goal { status patient { timeZone } } statusText").await;

        assert_eq!(answer.data_text(), concat!(
            r#"{"goal":{"patient":{"role":"PATIENT","fullName":"Ann","timeZone":"UTC"},"#,
            r#""status":"IN_PROGRESS","statusText":"in_progress"}}"#,
        ));
    }

    async fn lists_selected_twice_are_merged_row_by_row(clinic) {
        let (_, lee, _) = one_goal(&clinic).await;

        let document = "{ goals { nodes { status } } goals { totalCount nodes { patient { role } status } } }";
        let answer = clinic.asks(&lee, document, json!({})).await;

        assert_eq!(answer.data_text(), r#"{"goals":{"nodes":[{"status":"IN_PROGRESS","patient":{"role":"PATIENT"}}],"totalCount":1}}"#);
    }

    async fn a_node_has_the_keys_of_the_fragments_on_its_own_type(clinic) {
        let (ann, lee, goal) = one_goal(&clinic).await;

        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Person { role name: fullName }
            ... on Node { id } ... on Goal { name: description status } ...Both } }
            fragment Both on Node { __typename ... on Person { timeZone } ... on Goal { category } }";
        let answer = clinic.asks(&lee, document, json!({ "ids": [ann.id, goal] })).await;

        assert_eq!(answer.data_text(), format!(
            r#"{{"nodes":[{},{}]}}"#,
            format_args!(r#"{{"__typename":"Person","role":"PATIENT","name":"Ann","id":"{}","timeZone":"UTC"}}"#, ann.id),
            format_args!(r#"{{"__typename":"Goal","id":"{goal}","name":"Walk","status":"IN_PROGRESS","category":null}}"#),
        ));
    }

    async fn pages_have_their_keys_in_order_in_every_row(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        clinic.goal(&clinic.patient("Bob").await, &lee, "Sleep").await;

        let answer = clinic.asks(&lee, "query($goal: ID!) { goals { totalCount
            edges { node { patient { fullName } description } cursor } pageInfo { hasNextPage } }
            goal(id: $goal) { entries { pageInfo { endCursor hasPreviousPage } nodes { id } totalCount } } }",
            json!({ "goal": goal })).await;

        let cursors = ["/goals/edges/0/cursor", "/goals/edges/1/cursor"].map(|path| answer.at(path).clone());
        assert_eq!(answer.data_text(), format!(
            r#"{{"goals":{{"totalCount":2,"edges":[{},{}],"pageInfo":{{"hasNextPage":false}}}},"goal":{{"entries":{}}}}}"#,
            format_args!(r#"{{"node":{{"patient":{{"fullName":"Bob"}},"description":"Sleep"}},"cursor":{}}}"#, cursors[0]),
            format_args!(r#"{{"node":{{"patient":{{"fullName":"Ann"}},"description":"Walk"}},"cursor":{}}}"#, cursors[1]),
            r#"{"pageInfo":{"endCursor":null,"hasPreviousPage":false},"nodes":[],"totalCount":0}"#,
        ));
    }

    async fn an_object_whose_fields_are_all_skipped_is_empty_and_not_null(clinic) {
        let (ann, lee, goal) = one_goal(&clinic).await;

        let answer = clinic.asks(&lee, "query($goal: ID!, $ann: ID!, $no: Boolean!) {
            goal(id: $goal) { id @include(if: $no) patient { ...Nothing @include(if: $no) } }
            node(id: $ann) { ... on Goal { id } }
            goals { nodes { id @skip(if: true) } }
            hidden: viewer @include(if: $no) { id } }
            fragment Nothing on Person { id }",
            json!({ "goal": goal, "ann": ann.id, "no": false })).await;

        let wanted = r#"{"goal":{"patient":{}},"node":{},"goals":{"nodes":[{}]}}"#;
        assert_eq!(answer.data_text(), wanted);
        let nothing = clinic.asks(&lee, "{ viewer @skip(if: true) { id } }", json!({})).await;
        assert_eq!(nothing.data_text(), "{}");
    }
}

// -- variables that are not sent ----------------------------------------------------------------

both! {
    async fn a_variable_that_is_not_sent_is_as_if_its_argument_were_not_there(clinic) {
        let (_, lee, _) = one_goal(&clinic).await;
        let literal = clinic.asks(&lee, "{ goals { totalCount nodes { id } } }", json!({})).await;

        let document = "query($first: Int, $filter: GoalFilter, $order: GoalOrder, $after: String) {
            goals(first: $first, filter: $filter, orderBy: $order, after: $after) { totalCount nodes { id } } }";
        for sent in [
            json!({}),
            json!({ "filter": {} }),
            json!({ "first": null, "filter": null, "order": null, "after": null }),
            json!({ "first": 20, "filter": { "status": null, "search": null, "patientId": null } }),
        ] {
            assert_eq!(clinic.asks(&lee, document, sent).await.text, literal.text);
        }
    }

    async fn a_variable_that_is_not_sent_inside_a_filter_leaves_the_condition_out(clinic) {
        let (ann, lee, goal) = one_goal(&clinic).await;
        let bob = clinic.patient("Bob").await;
        let other = clinic.goal(&bob, &lee, "Sleep").await.id;

        let document = "query($patient: ID, $status: [GoalStatus!], $search: String, $from: Date) {
            goals(orderBy: CREATED_AT_ASC, filter: { patientId: $patient, status: $status, search: $search,
            targetFrom: $from }) { nodes { id } } }";
        let rows = async |sent: Value| clinic.asks(&lee, document, sent).await.ids("/goals/nodes");

        assert_eq!(rows(json!({})).await, [goal, other]);
        assert_eq!(rows(json!({ "patient": null, "status": null })).await, [goal, other]);
        assert_eq!(rows(json!({ "patient": ann.id })).await, [goal]);
        assert_eq!(rows(json!({ "search": "SLEEP" })).await, [other]);
        assert!(rows(json!({ "status": [] })).await.is_empty());
        assert!(rows(json!({ "from": "2026-01-01" })).await.is_empty());
    }

    async fn a_variable_that_is_not_sent_takes_its_default(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        clinic.goal(&clinic.patient("Bob").await, &lee, "Sleep").await;

        let document = "query($order: GoalOrder = CREATED_AT_ASC, $first: Int = 1) {
            goals(first: $first, orderBy: $order) { nodes { id } } }";

        assert_eq!(clinic.asks(&lee, document, json!({})).await.ids("/goals/nodes"), [goal]);
    }

    async fn a_variable_inside_a_fragment_may_be_left_out_too(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;

        let document = "query($n: Int, $done: Boolean) { ...Some goals { nodes { ...Goal } } }
            fragment Some on Query { few: goals(first: $n) { nodes { id } } }
            fragment Goal on Goal { milestones(achieved: $done) { id } }";

        let answer = clinic.asks(&lee, document, json!({})).await;
        assert_eq!(*answer.data(), json!({
            "few": { "nodes": [{ "id": goal }] }, "goals": { "nodes": [{ "milestones": [] }] },
        }));
    }

    async fn a_variable_that_is_needed_is_asked_for(clinic) {
        let (_, lee, _) = one_goal(&clinic).await;
        for (document, code) in [
            ("query($id: ID!) { goal(id: $id) { id } }", "BAD_USER_INPUT"),
            ("query($id: ID) { goal(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($status: GoalStatus) { goals(filter: { status: [$status] }) { totalCount } }",
                "GRAPHQL_VALIDATION_FAILED"),
            ("query($no: Boolean) { viewer { id @skip(if: $no) } }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            assert_eq!(unrun(&clinic.asks(&lee, document, json!({})).await), code, "{document}");
        }
    }

    async fn a_variable_of_another_type_is_refused_before_anything_runs(clinic) {
        let (_, lee, _) = one_goal(&clinic).await;
        for (kind, value) in [
            ("ID!", json!(null)), ("ID!", json!({})), ("ID!", json!([])), ("ID!", json!(true)), ("ID!", json!(1.5)),
        ] {
            let document = format!("query($value: {kind}) {{ viewer {{ id }} goal(id: $value) {{ id }} }}");
            let answer = clinic.asks(&lee, &document, json!({ "value": value })).await;
            assert!(["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&unrun(&answer)), "{value}");
        }
        for value in [json!("1"), json!(1.5), json!(true), json!([])] {
            let document = "query($value: Int) { viewer { id } goals(first: $value) { totalCount } }";
            let answer = clinic.asks(&lee, document, json!({ "value": value })).await;
            assert!(["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&unrun(&answer)), "{value}");
        }
    }

    async fn a_number_that_is_too_large_for_its_type_is_refused(clinic) {
        let (_, lee, _) = one_goal(&clinic).await;
        for number in [4_000_000_000_i64, -4_000_000_000] {
            let document = "query($first: Int) { goals(first: $first) { totalCount } }";
            let answer = clinic.asks(&lee, document, json!({ "first": number })).await;
            assert_eq!(answer.refusal(), "BAD_USER_INPUT");
            let answer = clinic.asks(&lee, &document.replace("$first)", &format!("{number})")).replace("($first: Int)", ""), json!({})).await;
            assert_eq!(answer.refusal(), "GRAPHQL_VALIDATION_FAILED");
        }
    }

    async fn operations_of_one_document_may_share_the_name_of_a_variable(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        let document = "query All($id: ID, $n: Int) { goals(first: $n, filter: { patientId: $id }) { nodes { id } } }
            query One($id: ID!, $n: Int) { goal(id: $id) { id entries(first: $n) { totalCount } } }";
        let runs = async |name: &str, variables: Value| {
            let body = json!({ "query": document, "operationName": name, "variables": variables });
            clinic.posts(Some(&lee.token), &body.to_string()).await
        };

        assert_eq!(runs("All", json!({})).await.ids("/goals/nodes"), [goal]);
        let one = runs("One", json!({ "id": goal })).await;
        assert_eq!(*one.data(), json!({ "goal": { "id": goal, "entries": { "totalCount": 0 } } }));
        assert_eq!(unrun(&runs("One", json!({})).await), "BAD_USER_INPUT");
    }
}

// -- documents that cost too much ---------------------------------------------------------------

#[tokio::test]
async fn a_fragment_bomb_is_refused_however_deep_it_is() {
    // With 12 levels the bomb would select 4,096 fields; with 60 it would never end.
    for levels in [12, 30, 60] {
        assert_eq!(refused(&bomb(levels, "id")).await, "TOO_MANY_FIELDS", "{levels} levels");
    }
    assert_eq!(refused(&bomb(500, "id")).await, "TOO_MANY_FRAGMENTS");
}

#[tokio::test]
async fn a_fragment_bomb_without_any_field_in_it_is_refused_too() {
    for levels in [12, 30, 60] {
        assert_eq!(refused(&bomb(levels, "...Nowhere")).await, "TOO_MANY_FIELDS", "{levels} levels");
    }
}

#[tokio::test]
async fn a_fragment_bomb_that_nothing_spreads_is_answered() {
    for levels in [12, 30, 60] {
        let document = bomb(levels, "id").replace("{ ...F0 }", "{ id }");
        assert_eq!(answer_to(&document).await.codes()[0], "GRAPHQL_VALIDATION_FAILED", "{levels} levels");
    }
}

#[tokio::test]
async fn a_fragment_bomb_in_an_operation_that_does_not_run_is_refused() {
    let document = bomb(30, "id")
        .replace("{ viewer { ...F0 } }", "query B { viewer { ...F0 } } query A { viewer { id } }");
    let body = json!({ "query": document, "operationName": "A" });
    let answer = posted(&body.to_string()).await;
    assert_eq!(answer.refusal(), "TOO_MANY_FIELDS");
}

#[tokio::test]
async fn fragments_that_spread_themselves_are_refused() {
    for document in [
        "{ viewer { ...A } } fragment A on Person { id ...A }",
        "{ viewer { ...A } } fragment A on Person { ...B } fragment B on Person { goals { nodes { patient { ...A } } } }",
        "{ viewer { id } } fragment A on Person { ...B } fragment B on Person { ...A }",
    ] {
        assert_eq!(refused(document).await, "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}

#[tokio::test]
async fn ten_thousand_aliases_are_refused() {
    let mut document = String::from("{ viewer {");
    (0..10_000).for_each(|number| write!(document, "a{number}:id ").expect("text"));
    assert_eq!(refused(&(document + "} }")).await, "DOCUMENT_TOO_LONG");
}

#[tokio::test]
async fn two_hundred_aliases_are_taken_and_one_more_is_not() {
    let aliased = |count: usize| {
        let fields = (0..count).fold(String::new(), |fields, number| format!("{fields} a{number}: id"));
        format!("{{ viewer {{ {fields} }} }}")
    };
    assert_eq!(answer_to(&aliased(200)).await.at("/viewer").as_object().map(serde_json::Map::len), Some(200));
    assert_eq!(refused(&aliased(201)).await, "TOO_MANY_ALIASES");
}

#[tokio::test]
async fn twenty_levels_are_taken_and_one_more_is_not() {
    let nested = |levels: usize| {
        let document = format!("{{ viewer {}", "{ goals(first: 1) { nodes { patient ".repeat(levels));
        format!("{document} {{ id }}{}", " } } }".repeat(levels) + "}")
    };
    // `viewer`, three for each turn, and `id`.
    assert_eq!(*answer_to(&nested(6)).await.data(), json!({ "viewer": { "goals": { "nodes": [] } } }));
    let one_more = nested(6).replace("{ id }", "{ sessions { totalCount } }");
    assert_eq!(refused(&one_more).await, "TOO_DEEP");
    assert_eq!(refused(&nested(12)).await, "TOO_DEEP");
}

#[tokio::test]
async fn depth_is_counted_through_fragments() {
    let document = "{ viewer { ...P goals { nodes { patient { ...P } } } } }
        fragment P on Person { goals { nodes { patient { ...Q } } } }
        fragment Q on Person { goals { nodes { patient { ...R } } } }
        fragment R on Person { goals { nodes { patient { ...S } } } }
        fragment S on Person { goals { nodes { patient { ...T } } } }
        fragment T on Person { goals { nodes { patient { sessions { totalCount } } } } }";
    assert_eq!(refused(document).await, "TOO_DEEP");
}

#[tokio::test]
async fn braces_and_brackets_without_end_are_refused() {
    for document in [
        "{a".repeat(16_000),
        "{a".repeat(12_000) + &"}".repeat(12_000),
        format!("{{ goal(id: {}{}) {{ id }} }}", "[".repeat(24_000), "]".repeat(24_000)),
        format!("{{ goal(id: {}1{}) {{ id }} }}", "{a:".repeat(12_000), "}".repeat(12_000)),
        format!("query($a: {}Int{}) {{ viewer {{ id }} }}", "[".repeat(24_000), "]".repeat(24_000)),
    ] {
        assert_eq!(refused(&document).await, "GRAPHQL_PARSE_FAILED");
    }
}

#[tokio::test]
async fn a_document_that_is_too_long_is_refused_unread() {
    let padded = |bytes: usize| format!("{{ viewer {{ id }} }}{}", " ".repeat(bytes - 17));
    assert_eq!(answer_to(&padded(50_000)).await.data().as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(refused(&padded(50_001)).await, "DOCUMENT_TOO_LONG");
    assert_eq!(refused(&"{".repeat(60_000)).await, "DOCUMENT_TOO_LONG");
}

#[tokio::test]
async fn thousands_of_wrong_fields_are_answered_briefly() {
    let wrong = (0..1900).fold(String::from("{"), |text, number| format!("{text} wrong{number}")) + "}";
    let answer = answer_to(&wrong).await;
    let mut expected = vec!["GRAPHQL_VALIDATION_FAILED"; 20];
    expected.push("TOO_MANY_ERRORS");
    assert_eq!(answer.codes(), expected);
}

// -- introspection ------------------------------------------------------------------------------

#[tokio::test]
async fn the_standard_introspection_query_is_answered() {
    let standard = documents_in(include_str!("documents/introspection.graphql")).next().expect("a document");
    let answer = answer_to(&standard.text).await;
    let types = answer.at("/__schema/types").as_array().expect("types");
    let goal = types.iter().find(|kind| kind["name"] == "Goal").expect("the type Goal");
    assert_eq!(goal["interfaces"], json!([{ "kind": "INTERFACE", "name": "Node", "ofType": null }]));
    assert_eq!(answer.data_text().find(r#""queryType""#), Some(r#"{"__schema":{"#.len()));
}

#[tokio::test]
async fn introspection_that_turns_in_circles_is_refused() {
    // Each turn has eight times as many rows: with nine of them the answer would be gigabytes.
    for turn in
        ["possibleTypes { interfaces {", "fields { type { ofType { fields {", "interfaces { possibleTypes {"]
    {
        let opened = turn.repeat(3);
        let closed = "}".repeat(opened.matches('{').count());
        let document = format!("{{ __schema {{ types {{ {opened} __typename {closed} }} }} }}");
        assert_eq!(refused(&document).await, "INTROSPECTION_TOO_DEEP", "{document}");
    }
    let hidden = "{ __type(name: \"Node\") { ...A } } fragment A on __Type { possibleTypes { ...B } }
        fragment B on __Type { interfaces { possibleTypes { name } } }";
    assert_eq!(refused(hidden).await, "INTROSPECTION_TOO_DEEP");
}

#[tokio::test]
async fn no_answer_suggests_another_name() {
    for document in [
        "{ goalz { totalCount } }",
        "{ viewer { fulName } }",
        "{ goals(filtre: {}) { totalCount } }",
        "{ goals(filter: { patientIds: 1 }) { totalCount } }",
        "{ goals(orderBy: CREATED_AT) { totalCount } }",
        "{ viewer { ... on Gaol { id } } }",
        "query($filter: GoalFiltre = {}) { goals(filter: $filter) { totalCount } }",
        "{ viewer { id @skipp(if: true) } }",
    ] {
        let answer = answer_to(document).await;
        assert_eq!(answer.codes().first(), Some(&"GRAPHQL_VALIDATION_FAILED"), "{document}");
        assert!(!answer.text.contains("Did you mean"), "{}", answer.text);
    }
}

// -- what goes wrong ----------------------------------------------------------------------------

both! {
    async fn a_fault_of_ours_is_masked(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        clinic.db().execute_unprepared("DROP TABLE waymark_closings; DROP TABLE progress_milestones").await.expect("a dropped table");

        let answer = asks_for(&clinic, &lee, &goal, "description milestones { id }").await;

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body["data"], json!({ "goal": null }));
        let error = &answer.body["errors"][0];
        assert_eq!(answer.codes(), ["INTERNAL"]);
        assert_eq!(error["path"], json!(["goal", "milestones"]));
        assert_eq!(error["message"], "Something went wrong on our side.");
        let id = error["extensions"]["errorId"].as_str().expect("an id");
        assert_eq!(id.parse::<uuid::Uuid>().map(|id| id.get_version_num()), Ok(4));
        for word in ["progress_milestones", "SELECT", "relation", "no such table"] {
            assert!(!answer.text.contains(word), "{word} in {}", answer.text);
        }
    }

    async fn a_fault_in_one_list_leaves_the_others_alone(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        clinic.db().execute_unprepared("DROP TABLE assessment_scores").await.expect("a dropped table");

        let answer = clinic.asks(&lee, "query($id: ID!) { assessment(id: $id) { id } goal(id: $id) { id } }",
            json!({ "id": goal })).await;

        assert_eq!(answer.body["data"], json!({ "assessment": null, "goal": { "id": goal } }));
        assert_eq!(answer.codes(), ["INTERNAL"]);
    }

    async fn what_cannot_be_read_is_refused_and_the_rest_is_answered(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        for id in ["", "1", "x", "../etc", "' OR 1=1 --", "00000000000a11ce0000000000000001", "\u{0}", "ü",
            "{00000000-000a-11ce-0000-000000000003}", "urn:uuid:00000000-000a-11ce-0000-000000000003"] {
            for field in ["goal", "person", "assessment", "node"] {
                let document = format!("query($bad: ID!, $id: ID!) {{ {field}(id: $bad) {{ id }} ok: goal(id: $id) {{ id }} }}");
                let answer = clinic.asks(&lee, &document, json!({ "bad": id, "id": goal })).await;
                assert_eq!(answer.body["data"], json!({ field: null, "ok": { "id": goal } }), "{field} {id:?}");
                assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
                assert_eq!(answer.statements, 1);
            }
        }
    }

    async fn words_that_are_no_days_or_moments_are_refused(clinic) {
        let (_, lee, goal) = one_goal(&clinic).await;
        let days = ["", "2026-02-30", "26-02-01", "2026-2-1", "2026-02-01T00:00:00Z", "0000-01-01", "10000-01-01",
            "-001-01-01", "2026-02-0\u{0}", "tomorrow"];
        for day in days {
            for filter in [json!({ "targetFrom": day }), json!({ "targetTo": day })] {
                assert_eq!(filtered(&clinic, &lee, filter).await.refusal(), "BAD_USER_INPUT", "{day:?}");
            }
            let document = "query($id: ID!, $day: Date) { goal(id: $id) { entries(from: $day) { totalCount } } }";
            let answer = clinic.asks(&lee, document, json!({ "id": goal, "day": day })).await;
            assert_eq!(answer.body["data"], json!({ "goal": null }), "{day:?}");
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"]);
        }
        let moments = ["", "2026-02-01", "2026-02-01T00:00:00", "2026-02-01T25:00:00Z", "2026-02-30T00:00:00Z",
            "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "1772366400"];
        for moment in moments {
            for filter in [json!({ "createdFrom": moment }), json!({ "createdTo": moment })] {
                assert_eq!(filtered(&clinic, &lee, filter).await.refusal(), "BAD_USER_INPUT", "{moment:?}");
            }
        }
    }

    async fn texts_that_cannot_be_stored_are_refused(clinic) {
        let (ann, lee, _) = one_goal(&clinic).await;
        for text in ["a\u{0}b".to_owned(), "x".repeat(201)] {
            for filter in [json!({ "search": text }), json!({ "category": text })] {
                assert_eq!(filtered(&clinic, &lee, filter).await.refusal(), "BAD_USER_INPUT");
            }
            let patients = "query($text: String) { patients(search: $text) { totalCount } }";
            assert_eq!(clinic.asks(&lee, patients, json!({ "text": text })).await.refusal(), "BAD_USER_INPUT");
            let assessments = "query($id: ID!, $text: String) { person(id: $id) {
                assessments(type: $text) { totalCount } } }";
            let answer = clinic.asks(&lee, assessments, json!({ "id": ann.id, "text": text })).await;
            assert_eq!((answer.body["data"].clone(), answer.codes()), (json!({ "person": null }), vec!["BAD_USER_INPUT"]));
        }
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_parsed_is_not_repeated_in_the_answer() {
    let answer = answer_to("{ goals(filter: { search: \"Ann Secret\" ) { totalCount } }").await;
    assert_eq!(answer.refusal(), "GRAPHQL_PARSE_FAILED");
    assert!(!answer.text.contains("Secret"), "{}", answer.text);
    assert_eq!(answer.body["errors"][0]["locations"], json!([{ "line": 1, "column": 40 }]));
}

// -- helpers ------------------------------------------------------------------------------------

/// Lee and her patient Ann, who wants to walk.
async fn one_goal(clinic: &Clinic) -> (Person, Person, uuid::Uuid) {
    let (ann, lee) = clinic.couple("Ann", "Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id;
    (ann, lee, goal)
}

async fn asks_for(clinic: &Clinic, person: &Person, goal: &uuid::Uuid, fields: &str) -> Answer {
    let document = format!("query($id: ID!) {{ goal(id: $id) {{ {fields} }} }}");
    clinic.asks(person, &document, json!({ "id": goal })).await
}

fn goal_patient(answer: &Answer) -> &str {
    answer.at("/goal/patient/id").as_str().expect("an id")
}

async fn filtered(clinic: &Clinic, person: &Person, filter: Value) -> Answer {
    let document = "query($filter: GoalFilter) { goals(filter: $filter) { totalCount } }";
    clinic.asks(person, document, json!({ "filter": filter })).await
}

/// The code of an operation that never ran, and so has no data.
fn unrun(answer: &Answer) -> &str {
    assert_eq!(answer.body.get("data"), None, "{}", answer.text);
    answer.refusal()
}

/// What an empty clinic answers.
async fn answer_to(document: &str) -> Answer {
    posted(&json!({ "query": document }).to_string()).await
}

async fn posted(body: &str) -> Answer {
    let clinic = Clinic::open(crate::support::Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    clinic.posts(Some(&ann.token), body).await
}

/// The code with which a document is refused before any statement.
async fn refused(document: &str) -> String {
    let answer = answer_to(document).await;
    assert_eq!(answer.statements, 0);
    answer.refusal().to_owned()
}

/// Fragments that each spread the next one twice.
fn bomb(levels: usize, core: &str) -> String {
    let mut document = String::from("{ viewer { ...F0 } }");
    for level in 0..levels {
        write!(document, "fragment F{level} on Person{{...F{0} ...F{0}}}", level + 1).expect("text");
    }
    document + &format!("fragment F{levels} on Person{{{core}}}")
}
