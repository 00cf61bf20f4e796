//! A corpus of documents and the answers to them, byte for byte. The documents are `documents/*.graphql`,
//! asked of a small practice that is the same in every run; the answers are recorded beside them, laid out
//! in lines and with names for ids, and are the same on both databases. To record what has changed on purpose:
//!
//!     INSTA_UPDATE=always cargo test -p tests documents::

use std::fmt::Write;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;

use crate::both;
use crate::support::{Clinic, Practice, documents_in, laid_out};

both! {
    async fn objects_show_all_their_fields(clinic) {
        are_answered(clinic, "objects").await;
    }

    async fn fragments_aliases_and_repeated_fields_are_merged(clinic) {
        are_answered(clinic, "fragments").await;
    }

    async fn conditions_leave_out_what_they_say(clinic) {
        are_answered(clinic, "conditions").await;
    }

    async fn lists_come_in_pages(clinic) {
        are_answered(clinic, "lists").await;
    }

    async fn each_viewer_sees_their_own(clinic) {
        are_answered(clinic, "viewers").await;
    }

    async fn failures_leave_null_and_a_path(clinic) {
        are_answered(clinic, "failures").await;
    }

    async fn figures_are_worked_out(clinic) {
        are_answered(clinic, "figures").await;
    }

    async fn the_schema_tells_of_itself(clinic) {
        are_answered(clinic, "introspection").await;
    }

    async fn mutations_answer_with_what_they_did(clinic) {
        are_answered(clinic, "mutations").await;
    }

    async fn generated_documents_are_answered(clinic) {
        are_answered(clinic, "generated").await;
    }
}

/// Every document of a file in order, as everyone it names.
async fn are_answered(clinic: Clinic, name: &str) {
    let practice = Practice::within(clinic).await;
    let text = std::fs::read_to_string(folder().join(format!("{name}.graphql"))).expect("documents");
    let mut record = String::new();
    for document in documents_in(&text) {
        record += &document.whole;
        for asking in document.asking() {
            let answer = practice.asked(asking, &document).await;
            assert_eq!(answer.status, StatusCode::OK, "{}{}", document.whole, answer.text);
            // What the issue of the language calls wrong is not to be recorded.
            assert!(
                !answer.text.contains(r#""line":0"#),
                "an error without a place: {}{}",
                document.whole,
                answer.text
            );
            let text = laid_out(&practice.named(&answer.text));
            write!(record, "\n{asking}: {text}\n").expect("text");
        }
        record += "\n";
    }
    insta::with_settings!({ snapshot_path => folder(), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, record);
    });
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("documents")
}
