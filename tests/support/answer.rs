use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use server::wire::Code;
use uuid::Uuid;

/// What came back over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    /// The body as it came, for the order of its keys and for comparing answers byte by byte.
    pub text: String,
    /// How many SQL statements the operation took.
    pub statements: u32,
    /// How many rows it read in lists.
    pub rows: u32,
}

impl Answer {
    /// The data of an operation that had no error.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert_eq!(self.body.get("errors"), None, "errors in {}", self.body);
        self.body.get("data").expect("data")
    }

    /// The codes of the errors, in order; each stands in the server's list.
    #[track_caller]
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let codes: Vec<_> =
            errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("none")).collect();
        let unlisted = codes.iter().find(|code| !Code::ALL.iter().any(|listed| listed.as_str() == **code));
        assert_eq!(unlisted, None, "{}", self.text);
        codes
    }

    /// The only error's code; nothing may be known of what the field would have answered.
    #[track_caller]
    pub fn refusal(&self) -> &str {
        assert!(self.body["data"].is_null(), "data in {}", self.text);
        assert_eq!(self.codes().len(), 1, "not one error in {}", self.text);
        self.codes()[0]
    }

    /// The data as it came, text by text.
    #[track_caller]
    pub fn data_text(&self) -> &str {
        self.data();
        self.text.strip_prefix(r#"{"data":"#).and_then(|text| text.strip_suffix('}')).expect("only data")
    }

    /// The ids at a path to a list of objects that have one.
    #[track_caller]
    pub fn ids(&self, path: &str) -> Vec<Uuid> {
        let rows = self.at(path).as_array().expect("a list");
        rows.iter().map(|row| row["id"].as_str().expect("an id").parse().expect("a UUID")).collect()
    }

    /// The value at a path such as `/goals/nodes/0/id` below the data.
    #[track_caller]
    pub fn at(&self, path: &str) -> &Value {
        self.data().pointer(path).unwrap_or_else(|| panic!("nothing at {path} in {}", self.body))
    }
}
