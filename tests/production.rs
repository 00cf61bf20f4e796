//! In production the schema is not told and there is no playground, unless each is turned on by itself.

use serde_json::{Value, json};
use server::graphql::Limits;

use crate::support::{Clinic, Kind, Waymark};

#[tokio::test]
async fn without_introspection_the_schema_is_not_told_in_any_way() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    assert_eq!(clinic.gets("/schema.graphql").await.status, 200);
    clinic.app = clinic.app.with_document_limits(Limits { introspection: false, ..Limits::default() }, 1024);
    for document in [
        "{ __schema { queryType { name } } }",
        "{ viewer { id } a: __type(name: \"Goal\") { name } }",
        "{ ...Q } fragment Q on Query { __schema { types { name } } }",
        "query A { __typename } query B { __schema { types { name } } }",
    ] {
        let answer = clinic.asks(&ann, document, json!({})).await;
        assert_eq!((answer.refusal(), answer.statements), ("INTROSPECTION_DISABLED", 0), "{document}");
    }
    let own = clinic.asks(&ann, "{ __typename viewer { __typename } }", json!({})).await;
    assert_eq!(*own.data(), json!({ "__typename": "Query", "viewer": { "__typename": "Person" } }));
    let sdl = clinic.gets("/schema.graphql").await;
    assert_eq!((sdl.status.as_u16(), sdl.refusal()), (404, "INTROSPECTION_DISABLED"));
}

/// Whether a server with these settings tells its schema, and has a playground.
async fn is_open(settings: &[(&str, &str)]) -> (bool, bool) {
    let mut demo = Waymark::new(&[]);
    for (name, value) in settings {
        demo = demo.env(name, value);
    }
    let demo = demo.listens().await;
    let status =
        async |path: &str| reqwest::get(format!("{}{path}", demo.address)).await.expect("an answer").status();
    let told = (status("/schema.graphql").await == 200, status("/").await == 200);
    demo.stops().await;
    told
}

#[tokio::test]
async fn production_turns_both_off_and_each_can_be_turned_on() {
    let production = ("WAYMARK_PRODUCTION", "on");
    assert_eq!(is_open(&[]).await, (true, true));
    assert_eq!(is_open(&[production]).await, (false, false));
    assert_eq!(is_open(&[production, ("WAYMARK_INTROSPECTION", "on")]).await, (true, false));
    assert_eq!(is_open(&[production, ("WAYMARK_PLAYGROUND", "on")]).await, (false, true));
    assert_eq!(
        is_open(&[("WAYMARK_INTROSPECTION", "off"), ("WAYMARK_PLAYGROUND", "off")]).await,
        (false, false)
    );
}

#[tokio::test]
async fn the_settings_of_limits_reach_the_server() {
    for (name, value, document, code) in [
        ("WAYMARK_MAX_DOCUMENT_BYTES", "20", "{ viewer { id role } }", "DOCUMENT_TOO_LONG"),
        ("WAYMARK_MAX_FIELDS", "2", "{ viewer { id role } }", "TOO_MANY_FIELDS"),
        ("WAYMARK_MAX_ALIASES", "0", "{ viewer { a: id } }", "TOO_MANY_ALIASES"),
        ("WAYMARK_MAX_DIRECTIVES", "0", "{ viewer { id @skip(if: false) } }", "TOO_MANY_DIRECTIVES"),
        (
            "WAYMARK_MAX_FRAGMENTS",
            "0",
            "{ viewer { ...F } } fragment F on Person { id }",
            "TOO_MANY_FRAGMENTS",
        ),
        ("WAYMARK_MAX_ROOT_FIELDS", "1", "{ viewer { id } __typename }", "TOO_MANY_ROOT_FIELDS"),
        ("WAYMARK_MAX_DEPTH", "1", "{ viewer { id } }", "TOO_DEEP"),
        (
            "WAYMARK_MAX_INTROSPECTION_DEPTH",
            "0",
            "{ __type(name: \"Goal\") { fields { name } } }",
            "INTROSPECTION_TOO_DEEP",
        ),
        ("WAYMARK_MAX_LIST_ITEMS", "1", "{ nodes(ids: [\"a\", \"b\"]) { id } }", "LIST_TOO_LONG"),
        ("WAYMARK_MAX_ERRORS", "0", "{ nonsense }", "TOO_MANY_ERRORS"),
        ("WAYMARK_MAX_COST", "1", "{ viewer { id } }", "COST_LIMIT_EXCEEDED"),
        ("WAYMARK_MAX_ANSWER_BYTES", "20", "{ viewer { id } }", "ANSWER_TOO_LARGE"),
        ("WAYMARK_OPERATIONS_PER_PERSON", "0", "{ viewer { id } }", "TOO_MANY_AT_ONCE"),
    ] {
        let demo = Waymark::new(&[]).env(name, value).listens().await;
        let settings =
            reqwest::get(format!("{}/playground/settings.json", demo.address)).await.expect("an answer");
        let settings: Value = settings.json().await.expect("JSON");
        let answer = demo.asks(settings["token"].as_str().expect("a token"), document).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
        demo.stops().await;
    }
}
