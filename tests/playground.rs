//! The playground in a real browser that can reach nothing but this server.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Value, json};
use server::http::playground::Settings;

use crate::support::{Clinic, Kind, Waymark, node};

const POLICY: &str = "default-src 'self'; \
    style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; \
    img-src 'self' data:; font-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn the_demos_playground_runs_its_examples_and_a_typed_query_without_a_network() {
    let mut demo = Waymark::new(&[]).listens().await;
    assert_eq!(demo.line().await, Some(format!("Playground: {}/", demo.address)));
    let seen = node::run("playground.mjs", &format!("{}/", demo.address), None).await;

    for quiet in ["foreignRequests", "cspViolations", "consoleErrors"] {
        assert_eq!(seen[quiet], json!([]), "{quiet}");
    }
    assert_eq!(seen["policy"], POLICY);
    assert_eq!(seen["introspection"], 200);
    assert!(
        seen["headerEditor"].as_str().is_some_and(|text| text.contains("\"Authorization\": \"Bearer ey"))
    );
    assert_examples_show_something(&seen["examples"]);
    assert_news_comes_each_time(&seen["news"]);

    assert_eq!(seen["query"], "query Typed { viewer { fullName role } }");
    assert_eq!(seen["result"]["data"]["viewer"]["role"], "THERAPIST");
    assert!(!seen["stored"].to_string().contains("Bearer"), "a token stays in the browser");
    assert_eq!(demo.stops().await.code, Some(0));
}

#[track_caller]
fn assert_examples_show_something(examples: &Value) {
    let [queries @ .., trigger] = examples.as_array().expect("a list").as_slice() else { panic!("none") };
    assert_eq!(queries.len(), 3);
    let mut result = trigger["result"].clone();
    let achieved = result["data"]["achieveMilestone"]["milestone"]["achievedAt"].take();
    assert!(achieved.is_string(), "{trigger}");
    let milestone = json!({ "title": "Used it in a difficult moment", "achievedAt": null });
    assert_eq!(
        result,
        json!({ "data": {
        "revokeMilestone": { "userErrors": [] },
        "achieveMilestone": { "milestone": milestone, "userErrors": [] },
    } })
    );
    for example in queries {
        let result = &example["result"];
        assert_eq!(result.get("errors"), None, "{example}");
        let lists = result["data"].as_object().expect("data").values();
        let filled = |list: &Value| list["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty());
        assert!(lists.into_iter().any(filled), "an empty clinic is no example: {example}");
    }
}

/// In the window of the subscription, as often as the other window triggered it, and each with a cursor of
/// its own.
#[track_caller]
fn assert_news_comes_each_time(news: &Value) {
    let news = news.as_array().expect("a list");
    let mut cursors = std::collections::HashSet::new();
    for told in news {
        let told = &told["data"]["milestoneAchieved"];
        assert_eq!(told["milestone"], json!({ "title": "Used it in a difficult moment" }), "{told}");
        assert!(cursors.insert(told["cursor"].to_string()), "{told}");
    }
    assert_eq!(cursors.len(), 3);
}

#[tokio::test]
async fn the_page_and_all_that_it_names_come_from_this_server() {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let settings = Settings { token: Some(ann.token.clone()), examples: vec![], trusted_only: false };
    clinic.app = clinic.app.with_playground(settings);

    let page = clinic.gets("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers[CONTENT_SECURITY_POLICY], POLICY);
    assert_eq!(page.headers["x-content-type-options"], "nosniff");

    let html = page.body.as_str().expect("a page");
    let named: Vec<&str> =
        html.split(['"']).filter(|text| text.starts_with("playground/") && text.contains('.')).collect();
    assert_eq!(named.len(), 8, "{named:?}");
    for file in named {
        let file = clinic.gets(&format!("/{file}")).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
    }
    let settings = clinic.gets("/playground/settings.json").await;
    assert_eq!(settings.body, json!({ "token": ann.token, "examples": [], "trustedOnly": false }));
    assert_eq!(settings.headers["cache-control"], "no-store");
    assert_eq!(clinic.gets("/playground/absent.js").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_playground_can_be_turned_off() {
    let mut demo = Waymark::new(&["serve", "--playground", "off"]).listens().await;
    assert!(demo.line().await.is_some_and(|line| line.starts_with("This is the demo clinic")));
    for path in ["/", "/playground/settings.json"] {
        let answer = reqwest::get(format!("{}{path}", demo.address)).await.expect("an answer");
        assert_eq!(answer.status(), 404);
        assert_eq!(
            answer.json::<Value>().await.expect("JSON"),
            json!({ "errors": [{
            "message": "There is nothing here.", "extensions": { "code": "BAD_USER_INPUT" },
        }] })
        );
    }
}
