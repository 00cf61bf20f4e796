//! The server as a process: what it prints, what it keeps, how it ends, and what it never logs.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use serde_json::{Value, json};
use server::store::open_writer;

use crate::both;
use crate::support::{Clinic, Kind, SECRET, Server, Waymark};

const PEOPLE: [&str; 3] = ["therapist@waymark.example", "patient@waymark.example", "admin@waymark.example"];

/// A server for a clinic of the tests.
async fn serving(clinic: &Clinic) -> Server {
    let secret = std::str::from_utf8(SECRET).expect("text");
    let waymark = Waymark::new(&["serve"]).env("DATABASE_URL", &clinic.database.url);
    waymark.env("WAYMARK_JWT_SECRET", secret).env("WAYMARK_LOG", "trace").listens().await
}

/// A demo in `folder`, and the tokens it prints.
async fn demo(folder: &std::path::Path) -> (Server, Vec<String>) {
    let mut server = Waymark::new(&[]).env("WAYMARK_DATA_DIR", folder).listens().await;
    assert_eq!(server.line().await, Some(format!("Playground: {}/", server.address)));
    let kept = format!("This is the demo clinic, kept in {}.", folder.display());
    assert_eq!(server.line().await, Some(kept));
    let mut tokens = Vec::new();
    for person in PEOPLE {
        assert_eq!(server.line().await.as_deref(), Some(""));
        assert_eq!(server.line().await.as_deref(), Some(person));
        tokens.push(server.line().await.expect("a token"));
    }
    (server, tokens)
}

#[tokio::test]
async fn without_a_setting_a_demo_clinic_is_made_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("made/on/the/way");
    let query = "{ viewer { role } goals(first: 100) { totalCount nodes { id updatedAt } } }";

    let (server, tokens) = demo(&data).await;
    let mut before = Vec::new();
    for (token, role) in tokens.iter().zip(["THERAPIST", "PATIENT", "ADMIN"]) {
        let answer = server.asks(token, query).await;
        assert_eq!(answer["data"]["viewer"]["role"], role);
        assert!(answer["data"]["goals"]["totalCount"].as_u64() > Some(0), "{answer}");
        before.push(answer);
    }
    let ended = server.stops().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    assert_private(&data.join("demo.key"));
    assert_private(&data.join("webhook.key"));

    let (server, _) = demo(&data).await;
    for (token, before) in tokens.iter().zip(&before) {
        assert_eq!(server.asks(token, query).await, *before, "the data or the key is another");
    }
    server.stops().await;

    let made = Waymark::new(&["token", "--user", PEOPLE[1]]).env("WAYMARK_DATA_DIR", &data).ends().await;
    let (server, _) = demo(&data).await;
    let answer = server.asks(made.stdout.trim_end(), query).await;
    assert_eq!(answer, before[1]);
}

#[cfg(unix)]
fn assert_private(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_token_for_the_demo_can_be_made_before_it_is_first_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Waymark::new(&["token", "--user", PEOPLE[0]]).env("WAYMARK_DATA_DIR", folder.path());
    let made = made.ends().await;
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    let (server, _) = demo(folder.path()).await;
    let answer = server.asks(made.stdout.trim_end(), "{ viewer { role } }").await;
    assert_eq!(answer, json!({ "data": { "viewer": { "role": "THERAPIST" } } }));
}

both! {
    async fn a_database_of_ones_own_never_gets_demo_data_or_demo_keys(clinic) {
        let mut server = serving(&clinic).await;
        assert_eq!(server.line().await, Some(format!("Playground: {}/", server.address)));
        let settings = reqwest::get(format!("{}/playground/settings.json", server.address)).await;
        let settings = settings.expect("an answer").json::<Value>().await.expect("JSON");
        assert_eq!(settings, json!({ "token": null, "examples": [], "trustedOnly": false }));

        let folder = tempfile::tempdir().expect("a folder");
        let demo = Waymark::new(&["token", "--user", PEOPLE[2]]).env("WAYMARK_DATA_DIR", folder.path());
        let token = demo.ends().await.stdout;
        let answer = server.asks(token.trim_end(), "{ viewer { id } }").await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");

        let ended = server.stops().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
        assert_eq!(count(&clinic, "users").await, 0);
        assert_eq!(count(&clinic, "treatment_goals").await, 0);
    }

    async fn the_log_holds_nothing_of_what_is_asked_or_answered(clinic) {
        let (ann, lee) = clinic.couple("Ann Markerly", "Dr. Markerlee").await;
        let goal = clinic.goal(&ann, &lee, "marker-description").await;
        clinic.entry_with(&goal, crate::support::day(2026, 2, 1), 3, |entry| {
            entry.notes = sea_orm::Set(Some("marker-notes".to_owned()));
        }).await;
        let server = serving(&clinic).await;

        let body = json!({
            "query": "query($s: String) { a: goals(filter: { search: $s }) { totalCount }
                b: goals(filter: { search: \"marker-literal\" }) { totalCount }
                goals { nodes { description patient { fullName } entries { nodes { notes } } } } }",
            "variables": { "s": "marker-variable" },
        });
        let answer = server.posts(&ann.token, &body).await;
        assert_eq!(answer["data"]["goals"]["nodes"][0]["entries"]["nodes"][0]["notes"], "marker-notes");
        for query in ["{ person(id: \"marker-id\") { id } }", "{ marker-parse ", "{ markerField }"] {
            assert!(server.asks(&ann.token, query).await["errors"].is_array());
        }
        let by_get = format!("{}/graphql?query=%7Bgoals(after:%22marker-get%22)%7BtotalCount%7D%7D", server.address);
        reqwest::Client::new().get(by_get).bearer_auth(&ann.token).send().await.expect("an answer");

        let log = server.stops().await.stderr;
        assert!(log.contains("operation") && log.contains(&ann.id.to_string()), "{log}");
        let told: Vec<&str> = log.lines().filter(|line| line.to_lowercase().contains("marker")).collect();
        assert_eq!(told, Vec::<&str>::new());
        assert!(!log.contains(&ann.token) && !log.contains(&clinic.database.url), "{log}");
    }
}

#[tokio::test]
async fn each_line_of_a_json_log_is_json() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let secret = std::str::from_utf8(SECRET).expect("text");
    let waymark = Waymark::new(&["serve", "--log-format", "json"]).env("DATABASE_URL", &clinic.database.url);
    let server = waymark.env("WAYMARK_JWT_SECRET", secret).listens().await;
    server.asks(&ann.token, "{ viewer { id } }").await;
    let log = server.stops().await.stderr;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let operation = lines.iter().find(|line| line["fields"]["message"] == "operation").expect("a line");
    assert_eq!(operation["fields"]["user"], json!(ann.id));
    assert_eq!(operation["fields"]["statements"], 0, "the viewer is known already");
    assert_eq!(operation["span"]["path"], "/graphql");
}

#[tokio::test]
async fn both_signals_end_it_at_once_though_a_client_keeps_its_connection() {
    for signal in ["TERM", "INT"] {
        let clinic = Clinic::open(Kind::Sqlite).await;
        let server = serving(&clinic).await;
        let client = reqwest::Client::new();
        let alive = client.get(format!("{}/healthz", server.address)).send().await.expect("an answer");
        assert_eq!(alive.text().await.expect("text"), "alive\n");

        let asked = Instant::now();
        server.signal(signal).await;
        let ended = server.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        drop(client);
    }
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_end() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let server = serving(&clinic).await;

    // Whoever reads goals waits for this transaction.
    let blocking = open_writer(&clinic.database.url).await.expect("the database");
    let lock = blocking.begin().await.expect("a transaction");
    lock.execute_unprepared("LOCK TABLE treatment_goals IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
    let (address, token) = (server.address.clone(), ann.token.clone());
    let waiting = tokio::spawn(async move {
        let request = reqwest::Client::new().post(format!("{address}/graphql")).bearer_auth(token);
        let answer = request.json(&json!({ "query": "{ goals { nodes { id } } }" })).send().await;
        answer.expect("an answer").json::<Value>().await.expect("JSON")
    });
    until(async || count(&clinic, "pg_locks WHERE NOT granted").await == 1).await;
    server.signal("TERM").await;
    let address = server.address.clone();
    until(async || reqwest::get(format!("{address}/healthz")).await.is_err()).await;
    assert!(!waiting.is_finished());

    lock.rollback().await.expect("the lock is given up");
    let answer = waiting.await.expect("an answer");
    assert_eq!(answer, json!({ "data": { "goals": { "nodes": [{ "id": goal.id }] } } }));
    assert_eq!(server.ended().await.code, Some(0));
}

/// Asks again and again until it holds.
async fn until(holds: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < Duration::from_secs(20), "it never came true");
        tokio::task::yield_now().await;
    }
}

async fn count(clinic: &Clinic, of: &str) -> i64 {
    let statement =
        Statement::from_string(clinic.db().get_database_backend(), format!("SELECT count(*) AS n FROM {of}"));
    let row = clinic.db().query_one_raw(statement).await.expect("an answer").expect("a row");
    row.try_get("", "n").expect("a number")
}

#[tokio::test]
async fn a_log_that_can_not_be_written_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let serving = Waymark::new(&[]).env("WAYMARK_DATA_DIR", folder.path()).env("WAYMARK_LOG", "trace");
    let mut server = serving.logs_to(full).listens().await;
    let token = loop {
        let line = server.line().await.expect("a token");
        if line.starts_with("eyJ") {
            break line;
        }
    };
    let goals = server.asks(&token, "{ goals(first: 1) { nodes { id } } }").await;
    let goal = goals["data"]["goals"]["nodes"][0]["id"].as_str().expect("a goal").to_owned();
    let rename = format!(
        r#"mutation {{ updateGoal(input: {{ goalId: "{goal}", category: "sleep" }}) {{ goal {{ category }} }} }}"#
    );
    let renamed = server.asks(&token, &rename).await;
    assert_eq!(renamed["data"]["updateGoal"]["goal"]["category"], "sleep");
    server.signal("TERM").await;
    assert_eq!(server.ended().await.code, Some(0));
}
