//! A server that is killed outright: what it had committed is there whole, with its news, and a retry
//! gets the first answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person, SECRET, Server, Waymark, eventually};

const MUTATION: &str = "mutation($input: RecordProgressInput!) { recordProgress(input: $input) {
    userErrors { code } entry { id } achievedMilestones { title } } }";

async fn serving(clinic: &Clinic) -> Server {
    let secret = std::str::from_utf8(SECRET).expect("text");
    let waymark = Waymark::new(&["serve"]).env("DATABASE_URL", &clinic.database.url);
    waymark.env("WAYMARK_JWT_SECRET", secret).listens().await
}

fn body(goal: &str, key: &str) -> Value {
    let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": key });
    json!({ "query": MUTATION, "variables": { "input": input } })
}

/// The payload, unless the server is gone.
async fn tries(server: &Server, person: &Person, body: &Value) -> Option<Value> {
    let request = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let answer = request.bearer_auth(&person.token).json(body).send().await.ok()?;
    let answer: Value = answer.json().await.ok()?;
    Some(answer["data"]["recordProgress"].clone())
}

both! {
    /// Nobody reads the answer: as soon as the entry is there, the server is killed.
    async fn between_commit_and_answer_a_retry_gets_the_first_answer(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let body = body(&goal, "one");
        let server = serving(&clinic).await;
        let _unread = is_sent(&server, &ann, &body).await;
        eventually("it commits", async || !clinic.entries().await.is_empty()).await;
        server.signal("KILL").await;
        server.ended().await;
        let [entry] = &clinic.entries().await[..] else { panic!("not one entry") };

        let server = serving(&clinic).await;
        let retried = tries(&server, &ann, &body).await.expect("an answer");

        let first = json!({ "userErrors": [], "entry": { "id": entry.id },
            "achievedMilestones": [{ "title": "VALUE 5" }] });
        assert_eq!(retried, first);
        assert_eq!(clinic.entries().await.len(), 1);
        assert_told_of_all(&clinic).await;
        assert_eq!(clinic.events_of("milestone_achieved").await.len(), 1);
        server.stops().await;
    }

    async fn in_a_burst_each_write_is_there_with_its_news_or_not_at_all(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let server = serving(&clinic).await;
        let answered = AtomicUsize::new(0);
        let writes = (0..40).map(|number| {
            let (body, server, ann, answered) = (body(&goal, &number.to_string()), &server, &ann, &answered);
            async move {
                let payload = tries(server, ann, &body).await?;
                // In the middle of the others.
                if answered.fetch_add(1, Ordering::Relaxed) == 9 {
                    server.signal("KILL").await;
                }
                Some((number, payload))
            }
        });
        let firsts: HashMap<_, _> = join_all(writes).await.into_iter().flatten().collect();
        server.ended().await;
        assert_told_of_all(&clinic).await;

        let server = serving(&clinic).await;
        for number in 0..40 {
            let retried = tries(&server, &ann, &body(&goal, &number.to_string())).await.expect("an answer");
            assert_eq!(firsts.get(&number).unwrap_or(&retried), &retried, "{number}");
        }

        assert_eq!(clinic.entries().await.len(), 40);
        assert_told_of_all(&clinic).await;
        server.stops().await;
    }
}

/// Sends a request and leaves it at that. The connection is kept: whoever hangs up is not answered.
async fn is_sent(server: &Server, person: &Person, body: &Value) -> TcpStream {
    let host = server.address.trim_start_matches("http://");
    let body = body.to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        person.token,
        body.len()
    );
    let mut socket = TcpStream::connect(host).await.expect("a connection");
    socket.write_all(request.as_bytes()).await.expect("a request");
    socket
}

/// Every entry has its one event, and no event is of an entry that is not there.
async fn assert_told_of_all(clinic: &Clinic) {
    let mut entries: Vec<Uuid> = clinic.entries().await.iter().map(|entry| entry.id).collect();
    let told = clinic.events_of("progress_recorded").await;
    let mut told: Vec<Uuid> = told.iter().map(|event| event.subject_id).collect();
    entries.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, entries);
}
