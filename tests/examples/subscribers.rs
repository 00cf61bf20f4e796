//! How many may listen: subscribers on one server process, and 100 events a second on their goals. Prints
//! deliveries, losses, repetitions, delay, and what it costs.
//!
//!     cargo build --release
//!     DATABASE_URL=postgres://... cargo run --release -p tests --example subscribers -- 1 1000 5000
//!
//! The database is migrated and filled by this program: give it an empty one of its own. Both processes
//! need a file a socket: `ulimit -n 20000`.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use entity::{event, goal, progress};
use futures_util::{SinkExt, StreamExt};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};
use serde_json::{Value, json};
use server::http::token::Keys;
use server::store::{Sizes, Store, connect, open_writer};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

const SECRET: &str = "a secret for measuring, long enough for HS256";
const ADDRESS: &str = "127.0.0.1:18473";
const GOALS: usize = 100;
const EVENTS: usize = 1_000;
const EVENTS_A_SECOND: u64 = 100;
/// Until the last delivery is given up.
const PATIENCE: Duration = Duration::from_secs(20);

type Sent = Arc<Mutex<HashMap<String, Instant>>>;

/// One delivery: which entry, and how long after its commit.
type Delivery = (usize, String, Instant);

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL, of an empty database");
    let db = open_writer(&url).await.expect("the database");
    migration::up(&db).await.expect("migrations");
    let store = connect(&url, Sizes::default()).await.expect("the database");
    let goals = fill(&store).await;
    for count in std::env::args().skip(1).map(|count| count.parse().expect("a number of subscribers")) {
        measure(&store, &url, &goals, count).await;
    }
}

async fn fill(store: &Store) -> Vec<goal::Model> {
    let mut goals = Vec::new();
    let therapist = person(store, "therapist").await;
    for _ in 0..GOALS {
        let patient = person(store, "patient").await;
        let row = goal::ActiveModel {
            id: Set(Uuid::now_v7()),
            patient_id: Set(patient),
            therapist_id: Set(therapist),
            description: Set("Walk every day".to_owned()),
            ..Default::default()
        };
        goals.push(row.insert(store.writer()).await.expect("a goal"));
    }
    goals
}

async fn person(store: &Store, role: &str) -> Uuid {
    let id = Uuid::now_v7();
    let mut insert = Query::insert();
    insert.into_table("users").columns(["id", "email", "full_name", "role"]);
    insert.values_panic([id.into(), format!("{id}@clinic.example").into(), "Somebody".into(), role.into()]);
    store.writer().execute(&insert).await.expect("a person");
    id
}

async fn measure(store: &Store, url: &str, goals: &[goal::Model], count: usize) {
    // Every event is on a goal that somebody listens to.
    let goals = &goals[..goals.len().min(count)];
    let server = Server::start(url).await;
    let keys = Keys::secret(SECRET.as_bytes());
    let (deliveries, mut delivered) = mpsc::unbounded_channel();
    let mut one = 0;
    for number in 0..count {
        let goal = &goals[number % goals.len()];
        let token = keys.sign(goal.patient_id, 4_000_000_000).expect("a token");
        subscribe(number, token, goal.id, deliveries.clone()).await;
        if number == 0 {
            // The first brings the feed and its connections along.
            tokio::time::sleep(Duration::from_secs(2)).await;
            one = server.memory();
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let all = server.memory();

    let (cpu, statements) = (server.cpu(), commits(store).await);
    let started = Instant::now();
    let sent = Sent::default();
    let writer = tokio::spawn(write(store.clone(), goals.to_vec(), sent.clone()));
    let expected: usize = (0..EVENTS).map(|event| hearers(count, goals.len(), event)).sum();
    let mut heard: HashMap<(usize, String), u32> = HashMap::new();
    let mut delays = Vec::new();
    let mut repeated = 0;
    let mut seconds = 0.0;
    loop {
        // What comes after the last is a repetition.
        let patience = if heard.len() < expected { PATIENCE } else { Duration::from_secs(1) };
        let Ok(Some((number, entry, at))) = tokio::time::timeout(patience, delivered.recv()).await else {
            break;
        };
        let times = heard.entry((number, entry.clone())).or_default();
        *times += 1;
        repeated += u32::from(*times > 1);
        seconds = started.elapsed().as_secs_f64();
        if let Some(committed) = sent.lock().expect("no panic").get(&entry) {
            delays.push(at.saturating_duration_since(*committed));
        }
    }
    let cpu = server.cpu() - cpu;
    writer.await.expect("the writer");
    let statements = commits(store).await - statements;
    delays.sort_unstable();
    let at = |part: usize| delays.get(delays.len() * part / 100).copied().unwrap_or_default();
    println!("{count} subscribers, {EVENTS} events in {seconds:.1} s");
    println!(
        "  deliveries {} of {expected}, lost {}, repeated {repeated}",
        heard.len(),
        expected - heard.len()
    );
    println!("  delay from commit: p50 {:?}, p99 {:?}, longest {:?}", at(50), at(99), delays.last());
    let others = f64::from(u32::try_from(count - 1).expect("few"));
    let afterwards = server.memory();
    println!(
        "  memory: {one} kB with one socket, {all} kB with all: {:.1} kB a socket; {afterwards} kB afterwards",
        f64::from(all - one) / others.max(1.0)
    );
    println!("  CPU: {:.0} % of one core", cpu / seconds * 100.0);
    println!(
        "  statements of the server an event: {:.1}",
        // Each of the server's is a transaction, and so are all of the writer's together.
        statements / f64::from(u32::try_from(EVENTS).expect("few")) - 1.0
    );
}

/// How many listen to the goal of an event.
fn hearers(count: usize, goals: usize, event: usize) -> usize {
    (0..count).filter(|number| number % goals == event % goals).count()
}

async fn subscribe(number: usize, token: String, goal: Uuid, deliveries: mpsc::UnboundedSender<Delivery>) {
    let mut request = format!("ws://{ADDRESS}/graphql").into_client_request().expect("a request");
    let protocol = "graphql-transport-ws".parse().expect("a value");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("a socket; is `ulimit -n` large enough?");
    let query = "subscription($goal: ID) { progressRecorded(goalId: $goal) { cursor entry { id value } goal { description } } }";
    let payload = json!({ "query": query, "variables": { "goal": goal } });
    for message in [
        json!({ "type": "connection_init", "payload": { "token": token } }),
        json!({ "type": "subscribe", "id": "1", "payload": payload }),
    ] {
        socket.send(Message::text(message.to_string())).await.expect("to be taken");
        if message["type"] == "connection_init" {
            socket.next().await.expect("an answer").expect("an acknowledgement");
        }
    }
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let at = Instant::now();
            let said: Value = serde_json::from_str(&text).expect("JSON");
            let entry = &said["payload"]["data"]["progressRecorded"]["entry"]["id"];
            let entry = entry.as_str().unwrap_or_else(|| panic!("{said}"));
            let _ = deliveries.send((number, entry.to_owned(), at));
        }
    });
}

async fn write(store: Store, goals: Vec<goal::Model>, sent: Sent) {
    let mut pace = tokio::time::interval(Duration::from_millis(1_000 / EVENTS_A_SECOND));
    for number in 0..EVENTS {
        pace.tick().await;
        let goal = &goals[number % goals.len()];
        let id = Uuid::now_v7();
        let at = chrono::DateTime::from_timestamp(1_772_366_400, 0).expect("a moment").naive_utc();
        let db = store.begin().await.expect("a transaction");
        let entry = progress::ActiveModel {
            id: Set(id),
            goal_id: Set(goal.id),
            entry_date: Set(at.date()),
            value: Set(3.into()),
            ..Default::default()
        };
        entry.insert(&db).await.expect("an entry");
        let event = event::ActiveModel {
            kind: Set("progress_recorded".to_owned()),
            patient_id: Set(goal.patient_id),
            therapist_id: Set(Some(goal.therapist_id)),
            goal_id: Set(Some(goal.id)),
            subject_id: Set(id),
            created_at: Set(at),
            ..Default::default()
        };
        event.insert(&db).await.expect("an event");
        sent.lock().expect("no panic").insert(id.to_string(), Instant::now());
        db.commit_with_events().await.expect("a commit");
    }
}

/// Each statement outside a transaction counts as one, and so does each transaction.
async fn commits(store: &Store) -> f64 {
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sql = "SELECT CAST(xact_commit AS float8) AS commits FROM pg_stat_database WHERE datname = current_database()";
    let statement = sea_orm::Statement::from_string(store.get_database_backend(), sql);
    let row = store.query_one_raw(statement).await.expect("PostgreSQL").expect("a row");
    row.try_get("", "commits").expect("a number")
}

/// The real server, one process.
struct Server(Child);

impl Server {
    async fn start(url: &str) -> Self {
        let own = std::env::current_exe().expect("a path");
        let folder = own.parent().and_then(std::path::Path::parent).expect("the folder of examples");
        let mut command = Command::new(folder.join("waymark"));
        command.env("DATABASE_URL", url).env("WAYMARK_JWT_SECRET", SECRET).env("WAYMARK_LISTEN", ADDRESS);
        command.env("WAYMARK_LOG", "warn").stdout(Stdio::null());
        let server = Self(command.spawn().expect("waymark: run `cargo build --release` first"));
        while tokio::net::TcpStream::connect(ADDRESS).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// Resident, in kB.
    fn memory(&self) -> i32 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Seconds of processor time so far.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("Linux");
        let fields: Vec<_> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
        (ticks(11) + ticks(12)) / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
