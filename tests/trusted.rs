//! Trusted documents only: what a manifest lists is run, and nothing else.

use serde_json::{Value, json};
use server::graphql::{Engine, Limits, Manifest, NoManifest};

use crate::support::{Answer, Clinic, Kind, Person, Socket, Waymark};

const ME: &str = "query Me { viewer { fullName } }";
const NEWS: &str = "subscription News { progressRecorded { entry { id } } }";

fn apollos() -> Value {
    json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        { "id": "me", "name": "Me", "type": "query", "body": ME, "clientName": "web" },
        { "id": "news", "name": "News", "type": "subscription", "body": NEWS },
    ] })
}

async fn clinic_that_trusts(manifest: &Value) -> (Clinic, Person) {
    let mut clinic = Clinic::open(Kind::Sqlite).await;
    let manifest = Manifest::read(&manifest.to_string()).expect("a manifest");
    let engine = Engine::new(Limits::default()).trusting(&manifest).expect("valid documents");
    clinic.app = clinic.app.with_engine(engine, 1024 * 1024);
    let ann = clinic.patient("Ann").await;
    (clinic, ann)
}

fn named(id: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": id } })
}

async fn posts(clinic: &Clinic, person: &Person, body: Value) -> Answer {
    clinic.posts(Some(&person.token), &body.to_string()).await
}

#[tokio::test]
async fn a_listed_document_runs_by_its_id_and_by_its_text() {
    for manifest in [apollos(), json!({ "me": ME, "news": NEWS })] {
        let (clinic, ann) = clinic_that_trusts(&manifest).await;
        for body in [
            json!({ "extensions": named("me") }),
            json!({ "query": ME }),
            json!({ "query": ME, "extensions": named("me") }),
        ] {
            let answer = posts(&clinic, &ann, body).await;
            assert_eq!(*answer.data(), json!({ "viewer": { "fullName": "Ann" } }));
        }
    }
}

#[tokio::test]
async fn everything_else_is_refused_before_it_is_looked_at() {
    let (clinic, ann) = clinic_that_trusts(&apollos()).await;
    for body in [
        json!({ "query": "{ viewer { fullName } }" }),
        json!({ "query": format!("{ME} ") }),
        json!({ "query": "{ __schema { queryType { name } } }" }),
        json!({ "query": "{ nonsense" }),
        json!({ "extensions": named("other") }),
        json!({ "extensions": named("ME") }),
        json!({ "query": "{ __typename }", "extensions": named("me") }),
        json!({ "query": NEWS, "extensions": named("me") }),
        json!({ "query": ME, "extensions": named("other") }),
    ] {
        let answer = posts(&clinic, &ann, body.clone()).await;
        assert_eq!((answer.refusal(), answer.statements), ("DOCUMENT_NOT_TRUSTED", 0), "{body}");
    }
    // What an automatic persisted query would register stays out as well.
    let other = "{ __typename }";
    let hash = "cd63f2b1e4b3ec38a1a7a6e0d1d2b6a3d2e0d5a3e6c0f5a5b2f0d8c7c6b5a4f3";
    posts(&clinic, &ann, json!({ "query": other, "extensions": named(hash) })).await;
    assert_eq!(posts(&clinic, &ann, json!({ "query": other })).await.refusal(), "DOCUMENT_NOT_TRUSTED");
}

#[tokio::test]
async fn sockets_run_listed_documents_only() {
    let (clinic, ann) = clinic_that_trusts(&apollos()).await;
    let mut socket = Socket::of(&clinic.serves().await, &ann).await;
    socket.says(json!({ "id": "a", "type": "subscribe", "payload": { "extensions": named("me") } })).await;
    assert_eq!(socket.hears().await["payload"]["data"], json!({ "viewer": { "fullName": "Ann" } }));
    assert_eq!(socket.hears().await["type"], "complete");
    socket.subscribes("b", "subscription { progressRecorded { cursor } }", json!({})).await;
    assert_eq!(socket.hears().await["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");
}

#[test]
fn what_is_no_manifest_is_refused() {
    let apollo = |change: &dyn Fn(&mut Value)| {
        let mut manifest = apollos();
        change(&mut manifest);
        manifest.to_string()
    };
    for text in [
        String::new(),
        "[]".to_owned(),
        "\"me\"".to_owned(),
        json!({ "me": 1 }).to_string(),
        apollo(&|manifest| manifest["version"] = json!(2)),
        apollo(&|manifest| manifest["format"] = json!("relay")),
        apollo(&|manifest| manifest["operations"][0]["body"] = json!(null)),
    ] {
        assert_eq!(Manifest::read(&text).err(), Some(NoManifest::Format), "{text}");
    }
    assert_eq!(Manifest::read("{}").err(), Some(NoManifest::Empty));
    assert_eq!(Manifest::read(&apollo(&|it| it["operations"] = json!([]))).err(), Some(NoManifest::Empty));
    let twice = apollo(&|manifest| manifest["operations"][1]["id"] = json!("me"));
    assert_eq!(Manifest::read(&twice).err(), Some(NoManifest::Twice("me".to_owned())));
}

#[tokio::test]
async fn a_server_says_at_its_start_what_is_wrong_with_its_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("manifest.json");
    let starts = async || Waymark::new(&["serve"]).env("WAYMARK_TRUSTED_DOCUMENTS", &file).ends().await;
    let absent = starts().await;
    assert_eq!(absent.code, Some(2));
    assert!(
        absent.stderr.starts_with("waymark: WAYMARK_TRUSTED_DOCUMENTS can't be read: "),
        "{}",
        absent.stderr
    );
    std::fs::write(&file, json!({ "bad": "{ nonsense }" }).to_string()).expect("a file");
    let invalid = starts().await;
    assert_eq!(invalid.code, Some(2));
    let wanted = "waymark: WAYMARK_TRUSTED_DOCUMENTS: the document bad is not valid: ";
    assert!(invalid.stderr.starts_with(wanted), "{}", invalid.stderr);
    std::fs::write(&file, "{").expect("a file");
    assert_eq!(starts().await.code, Some(2));
}

#[tokio::test]
async fn the_playground_says_that_only_trusted_documents_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("manifest.json");
    std::fs::write(&file, apollos().to_string()).expect("a file");
    for (set, wanted) in [(true, true), (false, false)] {
        let mut demo = Waymark::new(&[]);
        if set {
            demo = demo.env("WAYMARK_TRUSTED_DOCUMENTS", &file);
        }
        let demo = demo.listens().await;
        let settings =
            reqwest::get(format!("{}/playground/settings.json", demo.address)).await.expect("an answer");
        let settings: Value = settings.json().await.expect("JSON");
        assert_eq!(settings["trustedOnly"], wanted);
        let token = settings["token"].as_str().expect("a token");
        let answer = demo.asks(token, "{ viewer { id } }").await;
        assert_eq!(answer["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED", wanted, "{answer}");
        demo.stops().await;
    }
}
