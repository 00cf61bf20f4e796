use axum::body::Body;
use axum::http::Request;

use super::{Answer, Clinic};

impl Clinic {
    /// A GET without a token.
    pub async fn gets(&self, path: &str) -> Answer {
        self.sends(Request::get(path).body(Body::empty()).expect("a request")).await
    }
}
