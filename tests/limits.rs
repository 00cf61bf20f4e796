//! Each limit of what one request may ask for: a setting with a code of its own, tried at the limit and one beyond.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use server::graphql::Limits;
use server::http::connections::{self, Connections};
use server::http::router;
use tower::ServiceExt;

use crate::both;
use crate::support::{Answer, Clinic, Kind, Person, Socket};

const BODY: usize = 1024 * 1024;

/// A clinic with these limits, and somebody in it.
async fn clinic_with(limits: Limits) -> (Clinic, Person) {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app = clinic.app.with_document_limits(limits, BODY);
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

/// What is at the limit is answered; what is one beyond is refused before any statement.
#[track_caller]
fn assert_limit(answered: &Answer, refused: &Answer, code: &str) {
    assert_eq!(answered.body.get("errors"), None, "{}", answered.text);
    assert_eq!((refused.refusal(), refused.statements), (code, 0));
    assert_eq!(refused.body.get("data"), None);
}

async fn try_documents(limits: Limits, at: &str, beyond: &str, code: &str) {
    let (clinic, ann) = clinic_with(limits).await;
    let answered = clinic.asks(&ann, at, json!({})).await;
    assert_limit(&answered, &clinic.asks(&ann, beyond, json!({})).await, code);
}

#[tokio::test]
async fn bytes_of_a_document() {
    let limits = Limits { bytes: 17, ..Limits::default() };
    try_documents(limits, "{ viewer { id } }", "{ viewer { id  } }", "DOCUMENT_TOO_LONG").await;
}

#[tokio::test]
async fn fields_of_a_document() {
    let limits = Limits { fields: 3, ..Limits::default() };
    try_documents(
        limits.clone(),
        "{ viewer { id role } }",
        "{ viewer { id role timeZone } }",
        "TOO_MANY_FIELDS",
    )
    .await;
    let spread = "{ viewer { ...F } } fragment F on Person { id role }";
    try_documents(
        Limits { fields: 4, ..limits.clone() },
        spread,
        &spread.replace("id", "id timeZone"),
        "TOO_MANY_FIELDS",
    )
    .await;
}

#[tokio::test]
async fn aliases_of_a_document() {
    let limits = Limits { aliases: 1, ..Limits::default() };
    try_documents(limits, "{ viewer { a: id } }", "{ viewer { a: id b: id } }", "TOO_MANY_ALIASES").await;
}

#[tokio::test]
async fn directives_of_a_document() {
    let limits = Limits { directives: 2, ..Limits::default() };
    let at = "{ viewer @include(if: true) { ... @skip(if: false) { id } } }";
    try_documents(
        limits.clone(),
        at,
        &at.replace("{ id }", "{ id @skip(if: false) }"),
        "TOO_MANY_DIRECTIVES",
    )
    .await;
    let spread = "{ viewer { ...F ...F } } fragment F on Person { id @skip(if: false) }";
    let beyond = spread.replace("...F ...F", "...F ...F @skip(if: false)");
    try_documents(limits, spread, &beyond, "TOO_MANY_DIRECTIVES").await;
}

#[tokio::test]
async fn fragments_of_a_document() {
    let limits = Limits { fragments: 1, ..Limits::default() };
    let at = "{ viewer { ...F } } fragment F on Person { id }";
    let beyond = "{ viewer { ...F ...G } } fragment F on Person { id } fragment G on Person { id }";
    try_documents(limits.clone(), at, beyond, "TOO_MANY_FRAGMENTS").await;
    // Not those of one name as one.
    let (clinic, ann) = clinic_with(limits).await;
    let twice = "{ viewer { ...F } } fragment F on Person { id } fragment F on Person { id }";
    assert_eq!(clinic.asks(&ann, twice, json!({})).await.refusal(), "TOO_MANY_FRAGMENTS");
}

#[tokio::test]
async fn fields_at_the_root_of_an_operation() {
    let limits = Limits { roots: 2, ..Limits::default() };
    let at = "{ viewer { id } ... { viewer { role } goals { totalCount } } }";
    let beyond = "{ viewer { id } ... { __typename goals { totalCount } } }";
    try_documents(limits.clone(), at, beyond, "TOO_MANY_ROOT_FIELDS").await;
    let (clinic, ann) = clinic_with(limits).await;
    let other = "query A { __typename } query B { a: __typename b: __typename c: __typename }";
    let body = json!({ "query": other, "operationName": "A" });
    assert_eq!(
        *clinic.posts(Some(&ann.token), &body.to_string()).await.data(),
        json!({ "__typename": "Query" })
    );
}

#[tokio::test]
async fn depth_of_a_document() {
    let limits = Limits { depth: 2, ..Limits::default() };
    let beyond = "{ viewer { sessions { totalCount } } }";
    try_documents(limits, "{ viewer { id } }", beyond, "TOO_DEEP").await;
}

#[tokio::test]
async fn depth_of_introspection() {
    let limits = Limits { introspection_depth: 1, ..Limits::default() };
    let at = "{ __type(name: \"Node\") { fields { name } } }";
    let beyond = "{ __type(name: \"Node\") { possibleTypes { fields { name } } } }";
    try_documents(limits, at, beyond, "INTROSPECTION_TOO_DEEP").await;
}

#[tokio::test]
async fn items_of_a_list_in_a_document_and_in_a_variable() {
    let limits = Limits { list: 2, ..Limits::default() };
    let (clinic, ann) = clinic_with(limits).await;
    let ids = |count: usize| vec![ann.id; count];
    let literal = |count| format!("{{ nodes(ids: {}) {{ id }} }}", json!(ids(count)));
    let variable = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let inside = "query($filter: GoalFilter) { goals(filter: $filter) { totalCount } }";
    let filter = |count: usize| json!({ "filter": { "status": vec!["COMPLETED"; count] } });
    let default = "query($ids: [ID!]! = [\"a\", \"b\", \"c\"]) { nodes(ids: $ids) { id } }";
    assert_limit(
        &clinic.asks(&ann, &literal(2), json!({})).await,
        &clinic.asks(&ann, &literal(3), json!({})).await,
        "LIST_TOO_LONG",
    );
    assert_limit(
        &clinic.asks(&ann, variable, json!({ "ids": ids(2) })).await,
        &clinic.asks(&ann, variable, json!({ "ids": ids(3) })).await,
        "LIST_TOO_LONG",
    );
    assert_limit(
        &clinic.asks(&ann, inside, filter(2)).await,
        &clinic.asks(&ann, inside, filter(3)).await,
        "LIST_TOO_LONG",
    );
    assert_eq!(clinic.asks(&ann, default, json!({})).await.refusal(), "LIST_TOO_LONG");
}

#[tokio::test]
async fn errors_of_an_answer() {
    let (clinic, ann) = clinic_with(Limits { errors: 2, ..Limits::default() }).await;
    let answer = clinic.asks(&ann, "{ a b }", json!({})).await;
    assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED"; 2]);
    let answer = clinic.asks(&ann, "{ a b c }", json!({})).await;
    assert_eq!(answer.codes(), ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_VALIDATION_FAILED", "TOO_MANY_ERRORS"]);

    // The same of an operation that ran.
    let bad = |count: usize| {
        let field = |number| format!("a{number}: goal(id: \"x\") {{ id }}");
        format!("{{ {} }}", (0..count).map(field).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(clinic.asks(&ann, &bad(2), json!({})).await.codes(), ["BAD_USER_INPUT"; 2]);
    let codes = ["BAD_USER_INPUT", "BAD_USER_INPUT", "TOO_MANY_ERRORS"];
    assert_eq!(clinic.asks(&ann, &bad(3), json!({})).await.codes(), codes);
}

#[tokio::test]
async fn bytes_of_a_body() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    clinic.app = clinic.app.with_document_limits(Limits::default(), 100);
    let ann = clinic.patient("Ann").await;
    let padded = |bytes: usize| format!("{:bytes$}", r#"{"query":"{ viewer { id } }"}"#);
    assert_eq!(clinic.posts(Some(&ann.token), &padded(100)).await.body.get("errors"), None);
    let answer = clinic.posts(Some(&ann.token), &padded(101)).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::PAYLOAD_TOO_LARGE, vec!["BODY_TOO_LARGE"]));
}

// -- the size of an answer ----------------------------------------------------------------------

both! {
    async fn bytes_of_an_answer(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        for _ in 0..5 {
            clinic.goal(&ann, &lee, &"walk ".repeat(100)).await;
        }
        let document = "{ goals { edges { node { description patient { fullName goals { nodes { description } } } } } } }";
        let whole = clinic.asks(&lee, document, json!({})).await;
        let data = whole.data_text().len();
        assert!(data > 15_000);
        // What is counted is `{"data":` and the data.
        let size = data + 8;

        let limited = |answer| Limits { answer, ..Limits::default() };
        clinic.app = clinic.app.with_document_limits(limited(size), BODY);
        assert_eq!(clinic.asks(&lee, document, json!({})).await.text, whole.text);

        for (most, early) in [(size - 1, false), (3_000, true), (10, true)] {
            clinic.app = clinic.app.with_document_limits(limited(most), BODY);
            let answer = clinic.asks(&lee, document, json!({})).await;
            assert_eq!((answer.status, answer.refusal()), (StatusCode::OK, "ANSWER_TOO_LARGE"), "{most}");
            assert_eq!(answer.body["data"], Value::Null);
            assert!(answer.text.len() < 250, "{}", answer.text);
            // Given up on the way: what stands behind is not read any more.
            assert!(answer.statements <= whole.statements && (early || answer.statements == whole.statements));
        }
    }

    async fn what_stands_behind_an_answer_that_is_too_large_is_not_read(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        clinic.goal(&ann, &lee, &"walk ".repeat(1000)).await;
        let later = "a: goals { nodes { description } } b: goals { nodes { milestones { title } patient { id role } } }";
        let document = format!("{{ {later} c: goals {{ nodes {{ patient {{ goals {{ nodes {{ id }} }} }} }} }} }}");
        let whole = clinic.asks(&lee, &document, json!({})).await;
        clinic.app = clinic.app.with_document_limits(Limits { answer: 1000, ..Limits::default() }, BODY);
        let answer = clinic.asks(&lee, &document, json!({})).await;
        assert_eq!(answer.refusal(), "ANSWER_TOO_LARGE");
        assert!(answer.statements < whole.statements, "{} of {}", answer.statements, whole.statements);
    }

    async fn a_mutation_whose_answer_is_too_large_is_carried_out(clinic) {
        let mut clinic = clinic;
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, &"walk ".repeat(100)).await;
        clinic.app = clinic.app.with_document_limits(Limits { answer: 200, ..Limits::default() }, BODY);
        let document = "mutation($goal: ID!) { changeGoalStatus(input: { goalId: $goal, status: ON_HOLD }) {
            goal { description } userErrors { code } } }";
        assert_eq!(clinic.asks(&lee, document, json!({ "goal": goal.id })).await.refusal(), "ANSWER_TOO_LARGE");
        let status = "query($goal: ID!) { goal(id: $goal) { status } }";
        let answer = clinic.asks(&lee, status, json!({ "goal": goal.id })).await;
        assert_eq!(*answer.at("/goal/status"), json!("ON_HOLD"));
    }
}

#[tokio::test]
async fn the_schema_as_an_answer_is_measured_too() {
    let (clinic, ann) = clinic_with(Limits { answer: 10_000, ..Limits::default() }).await;
    let document = "{ __schema { types { name description fields { name description } } } }";
    assert_eq!(clinic.asks(&ann, document, json!({})).await.refusal(), "ANSWER_TOO_LARGE");
}

// -- operations at once -------------------------------------------------------------------------

#[tokio::test]
async fn operations_of_one_person_at_once() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let limits = connections::Limits { at_once: 2, ..connections::Limits::default() };
    clinic.app.connections = Connections::new(limits);
    let (ann, bob) = (clinic.patient("Ann").await, clinic.patient("Bob").await);
    let ask = async |person: &Person| clinic.asks(person, "{ viewer { fullName } }", json!({})).await;

    let one = clinic.app.connections.permit_operation(ann.id).expect("a permit");
    assert_eq!(*ask(&ann).await.data(), json!({ "viewer": { "fullName": "Ann" } }));
    let two = clinic.app.connections.permit_operation(ann.id).expect("a permit");
    let answer = ask(&ann).await;
    assert_eq!((answer.status, answer.refusal()), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_AT_ONCE"));
    assert_eq!(
        (&answer.headers["retry-after"], answer.statements),
        (&axum::http::HeaderValue::from_static("1"), 0)
    );
    assert_eq!(*ask(&bob).await.data(), json!({ "viewer": { "fullName": "Bob" } }));

    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    socket.subscribes("a", "{ viewer { fullName } }", json!({})).await;
    let told = socket.hears().await;
    assert_eq!(
        (&told["type"], &told["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("TOO_MANY_AT_ONCE"))
    );
    drop((one, two));
    assert_eq!(*ask(&ann).await.data(), json!({ "viewer": { "fullName": "Ann" } }));
}

#[tokio::test]
async fn an_operation_that_ended_or_was_given_up_no_longer_counts() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let limits = connections::Limits { at_once: 1, ..connections::Limits::default() };
    clinic.app.connections = Connections::new(limits);
    let ann = clinic.patient("Ann").await;
    for query in ["{ viewer { id } }", "{ nonsense }", "{ goal(id: \"x\") { id } }"] {
        for _ in 0..3 {
            assert!(
                !clinic.asks(&ann, query, json!({})).await.codes().contains(&"TOO_MANY_AT_ONCE"),
                "{query}"
            );
        }
    }
    // A client that goes away before its answer.
    let body = json!({ "query": "{ viewer { id } }" }).to_string();
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", ann.token))
        .body(Body::from(body))
        .expect("a request");
    drop(tokio::time::timeout(std::time::Duration::ZERO, router(clinic.app.clone()).oneshot(request)).await);
    let answer = clinic.asks(&ann, "{ viewer { id } }", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK);
}
