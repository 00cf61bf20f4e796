//! GraphQL over HTTP as the ecosystem audits it: every server audit of the npm package `graphql-http`
//! against a server that really listens.

use serde_json::json;

use crate::both;
use crate::support::{Clinic, node};

both! {
    async fn every_audit_of_graphql_over_http_passes(clinic) {
        let ann = clinic.patient("Ann").await;
        let url = format!("{}/graphql", listening(&clinic).await);
        let report = node::run("audit.mjs", &url, Some(&ann.token)).await;
        let expected = json!({ "ok": 60, "notice": 0, "warn": 0, "error": 0, "total": 60, "failures": [] });
        assert_eq!(report, expected);
    }
}

/// Serves the clinic on a free port until the test ends.
async fn listening(clinic: &Clinic) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let router = server::http::router(clinic.app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
