//! Behind `PgBouncer`: in session mode as without it, in transaction mode with `pooler=transaction` in the address.
//! Its sessions change hands between two servers all the time here.

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{
    Clinic, Database, Ended, Kind, Person, PgBouncer, SECRET, Server, Socket, Waymark, eventually,
};

const GOALS: &str = "{ goals { nodes { id patient { fullName } milestones { title } } } }";
/// Each with the address that is needed behind it.
const MODES: [(&str, &str); 2] = [("session", ""), ("transaction", "?pooler=transaction")];

/// Two servers on the database of a clinic, behind a pooler.
struct Pooled {
    clinic: Clinic,
    servers: Vec<Server>,
    _pgbouncer: PgBouncer,
}

impl Pooled {
    /// A statement may take so many seconds.
    async fn of(mode: &str, more: &str, limit: &str) -> Self {
        let clinic = Clinic::open(Kind::Postgres).await;
        let pgbouncer = PgBouncer::start(mode).await;
        let url = format!("{}{more}", pgbouncer.url(&clinic.database));
        let mut servers = Vec::new();
        for _ in 0..2 {
            servers.push(waymark(&["serve"], &url).env("WAYMARK_STATEMENT_SECONDS", limit).listens().await);
        }
        Self { clinic, servers, _pgbouncer: pgbouncer }
    }

    async fn records(&self, number: usize, person: &Person, goal: &str) -> Value {
        let query = "mutation($input: RecordProgressInput!) {
            recordProgress(input: $input) { entry { id } userErrors { message } } }";
        let input = json!({ "goalId": goal, "value": "5" });
        let body = json!({ "query": query, "variables": { "input": input } });
        self.servers[number % 2].posts(&person.token, &body).await
    }
}

fn waymark(arguments: &[&str], url: &str) -> Waymark {
    let secret = std::str::from_utf8(SECRET).expect("text");
    Waymark::new(arguments).env("DATABASE_URL", url).env("WAYMARK_JWT_SECRET", secret)
}

#[tokio::test]
async fn what_is_asked_and_written_through_it_is_answered() {
    for (mode, more) in MODES {
        let pooled = Pooled::of(mode, more, "10").await;
        let (ann, lee) = pooled.clinic.couple("Ann", "Dr. Lee").await;
        let goal = pooled.clinic.goal(&ann, &lee, "Walk").await.id.to_string();
        let mut ids = Vec::new();
        let writes = join_all((0..24).map(|number| pooled.records(number, &lee, &goal)));
        let reads = join_all((0..60).map(|number| pooled.servers[number % 2].asks(&lee.token, GOALS)));
        let (writes, reads) = tokio::join!(writes, reads);
        for answer in &writes {
            let id = answer["data"]["recordProgress"]["entry"]["id"].as_str();
            ids.push(id.unwrap_or_else(|| panic!("{mode}: {answer}")).to_owned());
        }
        for answer in &reads {
            assert_eq!(answer["data"]["goals"]["nodes"][0]["id"], json!(goal), "{mode}: {answer}");
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 24);
        for server in pooled.servers {
            assert_eq!(server.stops().await.code, Some(0));
        }
    }
}

#[tokio::test]
async fn a_statement_has_its_limit_there_too() {
    for (mode, more) in MODES {
        let pooled = Pooled::of(mode, more, "1").await;
        let (ann, lee) = pooled.clinic.couple("Ann", "Dr. Lee").await;
        let goal = pooled.clinic.goal(&ann, &lee, "Walk").await.id.to_string();
        let locker = sea_orm::Database::connect(&pooled.clinic.database.url).await.expect("the database");
        let lock = sea_orm::TransactionTrait::begin(&locker).await.expect("a transaction");
        lock.execute_unprepared("LOCK TABLE treatment_goals IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
        // The lock is held until all have come back: none could without a limit.
        let reads = join_all((0..6).map(|number| pooled.servers[number % 2].asks(&lee.token, GOALS)));
        let writes = join_all((0..6).map(|number| pooled.records(number, &lee, &goal)));
        let (reads, writes) = tokio::join!(reads, writes);
        for answer in reads.iter().chain(&writes) {
            assert!(answer["errors"][0]["message"].is_string(), "{mode}: {answer}");
        }
        lock.rollback().await.expect("the lock is gone");
        eventually("all is well again", async || {
            pooled.records(0, &lee, &goal).await["data"]["recordProgress"]["entry"]["id"].is_string()
        })
        .await;
        let idle = format!("{} AND state LIKE 'idle in transaction%'", sessions_of("waymark"));
        eventually("no session is left in a transaction", async || count(&locker, &idle).await == 0).await;
    }
}

fn sessions_of(application: &str) -> String {
    format!(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = '{application}'"
    )
}

async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await.expect("an answer").expect("a row");
    row.try_get("", "count").expect("a number")
}

#[tokio::test]
async fn what_one_server_commits_is_heard_at_the_other() {
    for (mode, more) in MODES {
        let pooled = Pooled::of(mode, more, "10").await;
        let (ann, lee) = pooled.clinic.couple("Ann", "Dr. Lee").await;
        let goal = pooled.clinic.goal(&ann, &lee, "Walk").await.id.to_string();
        let mut socket = Socket::of(&pooled.servers[0].address, &ann).await;
        socket.subscribes("1", "subscription { progressRecorded { entry { id } } }", json!({})).await;
        let mut written = Vec::new();
        eventually("it is subscribed", async || {
            written
                .push(pooled.records(1, &lee, &goal).await["data"]["recordProgress"]["entry"]["id"].clone());
            let heard = tokio::time::timeout(std::time::Duration::from_millis(300), socket.hears()).await;
            heard.is_ok_and(|heard| {
                written.contains(&heard["payload"]["data"]["progressRecorded"]["entry"]["id"])
            })
        })
        .await;
    }
}

#[tokio::test]
async fn a_database_is_migrated_and_verified_through_it() {
    for (mode, more) in MODES {
        let database = Database::empty(Kind::Postgres).await;
        let pgbouncer = PgBouncer::start(mode).await;
        let url = format!("{}{more}", pgbouncer.url(&database));
        // Others have left statements of the driver's names in the sessions.
        for _ in 0..2 {
            let url = pgbouncer.url(&database);
            let neighbour = server::store::open_writer(&url).await.expect("the database");
            let one = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SELECT 1");
            // Where another one of them was before, it fails.
            let _ = neighbour.query_one_raw(one).await;
            neighbour.close().await.expect("closing");
        }
        let ups = join_all((0..3).map(|_| waymark(&["migrate", "up"], &url).ends())).await;
        for up in &ups {
            assert_eq!((up.code, up.stderr.as_str()), (Some(0), ""), "{mode}");
        }
        assert_eq!(ups.iter().filter(|up| up.stdout.contains("applied  m01_created")).count(), 1);
        let verified = waymark(&["migrate", "verify"], &url).ends().await;
        assert_eq!(verified.code, Some(0), "{mode}: {verified:?}");
        let status = waymark(&["migrate", "status"], &url).ends().await;
        assert!(status.code == Some(0) && !status.stdout.contains("missing"), "{mode}: {status:?}");
        let adopted: Ended = waymark(&["migrate", "adopt"], &url).ends().await;
        assert_eq!(adopted.code, Some(0), "{mode}: {adopted:?}");
    }
}
