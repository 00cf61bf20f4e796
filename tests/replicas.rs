//! Several servers on one PostgreSQL: real processes, killed and cut off in the middle of a burst, while
//! clients go on with their cursors. Together they hear every event exactly once, in the one order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::support::{Clinic, Cluster, Database, Kind, Person, SECRET, Server, Socket, Waymark, eventually};

/// The value of the entry that ends a test.
const LAST: &str = "9.00";

struct Replicas {
    clinic: Clinic,
    ann: Person,
    goal: Uuid,
    servers: Vec<Server>,
}

impl Replicas {
    async fn of(clinic: Clinic) -> Self {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await.id;
        let secret = std::str::from_utf8(SECRET).expect("text");
        let mut servers = Vec::new();
        for _ in 0..2 {
            let waymark = Waymark::new(&["serve"]).env("DATABASE_URL", &clinic.database.url);
            servers.push(waymark.env("WAYMARK_JWT_SECRET", secret).listens().await);
        }
        Self { clinic, ann, goal, servers }
    }

    fn addresses(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.address.clone()).collect()
    }

    /// Tries to record a value; a server may be gone, or its database.
    async fn tries_to_record(&self, server: usize, value: &str) -> bool {
        let query =
            "mutation($input: RecordProgressInput!) { recordProgress(input: $input) { entry { id } } }";
        let input = json!({ "goalId": self.goal, "value": value });
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = reqwest::Client::new().post(format!("{}/graphql", self.servers[server].address));
        let request = request.bearer_auth(&self.ann.token).json(&body).timeout(Duration::from_secs(15));
        let Ok(answer) = request.send().await else { return false };
        let answer: Value = answer.json().await.unwrap_or_default();
        answer["data"]["recordProgress"]["entry"]["id"].is_string()
    }

    /// Clients on both servers, each of which has heard something.
    async fn clients(&self, count: usize) -> Vec<JoinHandle<Vec<Uuid>>> {
        let begun = Arc::new(AtomicUsize::new(0));
        let client = |number: usize| {
            let mut addresses = self.addresses();
            addresses.rotate_left(number % 2);
            tokio::spawn(hears_until_the_last(addresses, self.ann.clone(), begun.clone()))
        };
        let clients = (0..count).map(client).collect();
        eventually("all clients hear", async || {
            self.tries_to_record(1, "1").await;
            begun.load(Ordering::Relaxed) == count
        })
        .await;
        clients
    }

    /// Every client has heard all that there is since its first, once and in order.
    async fn assert_all_heard(&self, clients: Vec<JoinHandle<Vec<Uuid>>>) {
        eventually("the last is recorded", async || self.tries_to_record(1, LAST).await).await;
        let sql = "SELECT subject_id FROM waymark_events WHERE kind = 'progress_recorded' \
                   ORDER BY transaction_id, id";
        let mut all: Vec<Uuid> = Vec::new();
        eventually("the outbox can be read", async || {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            let Ok(rows) = self.clinic.db().query_all_raw(statement).await else { return false };
            all = rows.iter().map(|row| row.try_get("", "subject_id").expect("an id")).collect();
            true
        })
        .await;
        for client in clients {
            let heard = client.await.expect("a client");
            let from = all.iter().position(|id| *id == heard[0]).expect("the first it heard");
            // A last entry that failed half way may be followed by another.
            assert_eq!(heard, all[from..from + heard.len()]);
            assert!(from + heard.len() + 3 >= all.len(), "it heard {} of {}", heard.len(), all.len() - from);
        }
    }
}

/// Goes from server to server with its cursor until it hears the last value.
async fn hears_until_the_last(addresses: Vec<String>, person: Person, begun: Arc<AtomicUsize>) -> Vec<Uuid> {
    let (mut heard, mut cursor) = (Vec::new(), None::<String>);
    for address in addresses.iter().cycle() {
        let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
        let Ok(mut socket) = Socket::open_with(address, &[protocol]).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let query =
            "subscription($after: String) { progressRecorded(after: $after) { cursor entry { id value } } }";
        let payload = json!({ "query": query, "variables": { "after": cursor } });
        let messages = [
            json!({ "type": "connection_init", "payload": { "token": person.token } }),
            json!({ "type": "subscribe", "id": "1", "payload": payload }),
        ];
        if futures_util::SinkExt::send(&mut socket.stream, Message::text(messages[0].to_string()))
            .await
            .is_err()
        {
            continue;
        }
        while let Some(Ok(message)) = socket.stream.next().await {
            let Message::Text(text) = message else { continue };
            let said: Value = serde_json::from_str(&text).expect("JSON");
            if said["type"] == "connection_ack" {
                let _ =
                    futures_util::SinkExt::send(&mut socket.stream, Message::text(messages[1].to_string()))
                        .await;
                continue;
            }
            let news = &said["payload"]["data"]["progressRecorded"];
            let Some(id) = news["entry"]["id"].as_str() else { break };
            if heard.is_empty() {
                begun.fetch_add(1, Ordering::Relaxed);
            }
            heard.push(id.parse().expect("an id"));
            cursor = news["cursor"].as_str().map(str::to_owned);
            if news["entry"]["value"] == LAST {
                return heard;
            }
        }
    }
    heard
}

#[tokio::test]
async fn a_server_that_is_killed_in_a_burst_loses_and_repeats_nothing() {
    let mut replicas = Replicas::of(Clinic::open(Kind::Postgres).await).await;
    let clients = replicas.clients(6).await;
    for number in 0..60 {
        if number == 30 {
            replicas.servers[0].signal("KILL").await;
        }
        replicas.tries_to_record(number % 2, "2").await;
    }
    replicas.assert_all_heard(clients).await;
    let survivor = replicas.servers.pop().expect("the other");
    assert_eq!(survivor.stops().await.code, Some(0));
}

#[tokio::test]
async fn a_database_that_restarts_under_load_is_found_again() {
    let mut cluster = Cluster::start();
    let clinic = Clinic::on(Database::alone_in(&cluster).await).await;
    let mut replicas = Replicas::of(clinic).await;
    let clients = replicas.clients(4).await;
    for number in 0..60 {
        if number == 20 {
            cluster.restart();
        }
        replicas.tries_to_record(number % 2, "2").await;
    }
    replicas.assert_all_heard(clients).await;
    for server in replicas.servers.drain(..) {
        eventually("it is ready", async || {
            let answer = reqwest::get(format!("{}/readyz", server.address)).await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        assert_eq!(server.stops().await.code, Some(0));
    }
}
