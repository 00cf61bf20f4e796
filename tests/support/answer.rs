use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// What came back over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
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

    /// The codes of the errors, in order.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("none")).collect()
    }

    /// The value at a path such as `/goals/nodes/0/id` below the data.
    #[track_caller]
    pub fn at(&self, path: &str) -> &Value {
        self.data().pointer(path).unwrap_or_else(|| panic!("nothing at {path} in {}", self.body))
    }
}
