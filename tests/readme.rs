//! What the README shows is what one gets.

use serde_json::{Value, json};
use server::demo;

use crate::support::{Clinic, Kind, Person};

const README: &str = include_str!("../README.md");

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let rest = README.split_once(&format!("```{language}\n")).expect("a block").1;
    rest.split_once("\n```").expect("its end").0
}

#[tokio::test]
async fn the_first_query_has_the_answer_that_is_shown() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let clinic = Clinic::open(kind).await;
        demo::fill(clinic.db(), clinic.now().date()).await.expect("a clinic");
        let id = server::access::user_id(clinic.store(), demo::THERAPIST).await.expect("an answer");
        let id = id.expect("the therapist");
        let therapist = Person { id, name: "the demo's".to_owned(), token: clinic.token(id) };

        let answer = clinic.asks(&therapist, block("graphql"), json!({})).await;
        let shown: Value = serde_json::from_str(block("json")).expect("JSON");
        assert_eq!(answer.body, shown, "{kind:?}");
    }
}

#[test]
fn it_names_every_code_of_an_error() {
    for code in server::wire::Code::ALL {
        assert!(README.contains(&format!("`{}`", code.as_str())), "{code:?}");
    }
}

#[test]
fn it_can_be_read_in_one_sitting_and_names_no_machine() {
    assert!(README.lines().count() <= 290);
    for machine in ["/work", "/root", "/home", "/tmp"] {
        assert!(!README.contains(machine), "{machine}");
    }
}
