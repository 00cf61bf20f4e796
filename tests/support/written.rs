//! Documents as they are written down in files, each below a line of `###` that says what it is.

use serde_json::{Value, json};

use super::{Answer, Practice};

pub struct Document<'t> {
    /// As it stands in its file, with what is said of it.
    pub whole: String,
    pub title: &'t str,
    /// To be sent.
    pub text: String,
    pub variables: Value,
    pub operation: Option<&'t str>,
}

/// A document begins with its title; lines of `###` after that are variables, or the operation to run.
pub fn documents_in(text: &str) -> impl Iterator<Item = Document<'_>> {
    text.split("\n\n### ").map(Document::read)
}

impl<'t> Document<'t> {
    fn read(block: &'t str) -> Self {
        let block = block.trim_start_matches("### ").trim_end();
        let (title, rest) = block.split_once('\n').expect("a document");
        let (mut variables, mut operation, mut text) = (json!({}), None, Vec::new());
        for line in rest.lines() {
            match line.strip_prefix("### ").map(|note| note.strip_prefix("operation ").ok_or(note)) {
                Some(Ok(name)) => operation = Some(name),
                Some(Err(note)) => variables = serde_json::from_str(note).expect("variables"),
                None => text.push(line),
            }
        }
        Self { whole: format!("### {block}\n"), title, text: text.join("\n"), variables, operation }
    }

    /// Who asks, where the title begins with that: "ann, lee: a list".
    pub fn asking(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.title.split_once(": ").expect("who asks").0.split(", ")
    }

    /// What is expected, where the title ends with that: "a list: valid".
    pub fn expected(&self) -> &'t str {
        self.title.rsplit_once(": ").expect("what is expected").1
    }
}

impl Practice {
    /// A document asked by one of its people.
    pub async fn asked(&self, person: &str, document: &Document<'_>) -> Answer {
        let Document { text, variables, operation, .. } = document;
        let body = json!({ "query": text, "variables": variables, "operationName": operation });
        let token = &self.people[person].token;
        self.clinic.posts(Some(token), &self.filled(&body.to_string())).await
    }
}
