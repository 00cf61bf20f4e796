//! A network that fails at every stage of a request, in every way: reads and writes end in time, what is said to be
//! stored is stored and nothing else, and afterwards the pool is whole.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::json;
use server::store::Sizes;

use crate::support::{
    Answer, Clinic, DEADLINE, Database, Fault, Kind, Person, Proxy, SECRET, Stage, Waymark, eventually,
    problems,
};

const GOALS: &str = "{ goals { nodes { id patient { fullName } milestones { title } } } }";
const SESSIONS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// A clinic whose server has a bad network, and somebody beside it with a good one.
struct Away {
    clinic: Clinic,
    proxy: Proxy,
    operator: DatabaseConnection,
    lee: Person,
    goal: String,
}

impl Away {
    async fn open() -> Self {
        Self::with_limit(Sizes::default().statement).await
    }

    async fn with_limit(statement: Duration) -> Self {
        let (database, proxy) = Database::behind_proxy().await;
        let name = database.url.rsplit_once('/').expect("a name").1.to_owned();
        let direct = crate::support::Cluster::running().url(&name);
        let sizes = Sizes { statement, ..Sizes::default() };
        let clinic = Clinic::with_sizes(database, sizes).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await.id.to_string();
        let operator = sea_orm::Database::connect(direct).await.expect("the database");
        let away = Self { clinic, proxy, operator, lee, goal };
        away.until_whole().await;
        away
    }

    async fn records(&self) -> Answer {
        let input = json!({ "goalId": self.goal, "value": "5" });
        let answer = self.clinic.sends_input(&self.lee, "recordProgress", &input, "entry { id }");
        tokio::time::timeout(DEADLINE, answer).await.expect("an answer in time")
    }

    async fn reads(&self) -> Answer {
        let answer = self.clinic.asks(&self.lee, GOALS, json!({}));
        tokio::time::timeout(DEADLINE, answer).await.expect("an answer in time")
    }

    async fn count(&self, what: &str) -> i64 {
        let statement =
            Statement::from_string(DbBackend::Postgres, format!("SELECT count(*) AS count {what}"));
        let row = self.operator.query_one_raw(statement).await.expect("an answer").expect("a row");
        row.try_get("", "count").expect("a number")
    }

    async fn entries(&self) -> i64 {
        self.count("FROM progress_entries").await
    }

    /// How long until as many writes as there are connections are done at once, and as many reads. Afterwards no
    /// session is left in a transaction.
    async fn until_whole(&self) -> Duration {
        let begun = Instant::now();
        eventually("writes are done again", async || {
            join_all((0..8).map(|_| self.records())).await.iter().all(is_done)
                && join_all((0..10).map(|_| self.reads())).await.iter().all(is_read)
        })
        .await;
        let whole = begun.elapsed();
        let open = format!("{SESSIONS} AND state LIKE 'idle in transaction%'");
        eventually("no session is left in a transaction", async || self.count(&open).await == 0).await;
        whole
    }
}

fn is_done(answer: &Answer) -> bool {
    answer.body["errors"].is_null() && problems(answer.at("/payload")) == [""; 0]
}

fn is_read(answer: &Answer) -> bool {
    answer.body["errors"].is_null()
}

/// What may be said of what was not done.
#[track_caller]
fn assert_refused_well(answer: &Answer) {
    let code = &answer.body["errors"][0]["extensions"]["code"];
    assert!(*code == "INTERNAL" || *code == "TIMEOUT", "{}", answer.text);
}

const STAGES: [Stage; 7] = [
    Stage::Connecting,
    Stage::LoggingIn,
    Stage::Begin,
    Stage::Statement,
    Stage::Answer,
    Stage::Commit,
    Stage::Committed,
];

/// How many connections fail.
const TIMES: usize = 2;

/// A read and a write beside each other, with a few connections that fail at this stage.
async fn fails_at(stage: Stage, fault: Fault) {
    // What went silent is waited for no longer than a statement may take.
    let limit = if fault == Fault::Silence { Duration::from_secs(3) } else { Sizes::default().statement };
    let away = Away::with_limit(limit).await;
    let (before, begun) = (away.entries().await, Instant::now());
    if [Stage::Connecting, Stage::LoggingIn].contains(&stage) {
        // Only new ones come there.
        away.proxy.reset();
    }
    away.proxy.fails_at(stage, fault, TIMES);
    let writes = join_all((0..5).map(|_| away.records()));
    let reads = join_all((0..5).map(|_| away.reads()));
    let (writes, reads) = tokio::join!(writes, reads);
    let under_way = begun.elapsed();
    assert!(away.proxy.failed() > 0, "nothing failed at {stage:?}");
    writes.iter().filter(|answer| !is_done(answer)).for_each(assert_refused_well);
    reads.iter().filter(|answer| !is_read(answer)).for_each(assert_refused_well);
    let done = i64::try_from(writes.iter().filter(|answer| is_done(answer)).count()).expect("few");
    eventually("nothing is under way", async || {
        away.count(&format!("{SESSIONS} AND state = 'active'")).await == 0
    })
    .await;
    let stored = away.entries().await - before;
    // A commit whose answer is lost may have been done.
    let lost = if stage == Stage::Committed { i64::try_from(TIMES).expect("few") } else { 0 };
    assert!((done..=done + lost).contains(&stored), "{stored} stored, {done} said to be");
    let whole = away.until_whole().await;
    println!("{stage:?} {fault:?}: answered after {under_way:?}, whole {whole:?} later");
}

async fn fails_everywhere(fault: Fault) {
    for stage in STAGES {
        fails_at(stage, fault).await;
    }
}

#[tokio::test]
async fn connections_that_are_closed_at_any_stage_harm_nothing() {
    fails_everywhere(Fault::Close).await;
}

#[tokio::test]
async fn connections_that_are_reset_at_any_stage_harm_nothing() {
    fails_everywhere(Fault::Reset).await;
}

#[tokio::test]
async fn connections_that_go_silent_at_any_stage_harm_nothing() {
    // Most of it is waiting.
    join_all(STAGES.map(|stage| fails_at(stage, Fault::Silence))).await;
}

#[tokio::test]
async fn connections_that_are_slow_at_any_stage_are_waited_for() {
    fails_everywhere(Fault::Delay(Duration::from_millis(700))).await;
}

#[tokio::test]
async fn thousands_that_hang_up_at_a_slow_database_disturb_nobody() {
    let away = Away::open().await;
    away.proxy.is_away(Duration::from_millis(2));
    let hangs_up = async |number: u64| {
        let patience = Duration::from_micros(number * 7919 % 60_000);
        let _ = tokio::time::timeout(patience, away.records()).await;
        let _ = tokio::time::timeout(patience / 2, away.reads()).await;
    };
    for wave in 0..25 {
        let hang_ups = join_all((0..40).map(|number| hangs_up(wave * 40 + number)));
        let (_, stayed) = tokio::join!(hang_ups, away.records());
        assert!(is_done(&stayed), "{}", stayed.text);
    }
    away.until_whole().await;
}

#[tokio::test]
async fn sessions_that_are_ended_one_by_one_under_load_harm_nothing_else() {
    let away = Away::open().await;
    let before = away.entries().await;
    let one = format!(
        "SELECT pg_terminate_backend(pid) FROM (SELECT pid {SESSIONS} AND application_name = 'waymark'
         ORDER BY random() LIMIT 1) AS one"
    );
    let (mut done, mut failed) = (0, 0);
    for _ in 0..40 {
        let ends = async { away.operator.execute_unprepared(&one).await.expect("an ended session") };
        let writes = join_all((0..8).map(|_| away.records()));
        let reads = join_all((0..8).map(|_| away.reads()));
        let (writes, reads, _) = tokio::join!(writes, reads, ends);
        for answer in &writes {
            if is_done(answer) {
                done += 1;
            } else {
                assert_refused_well(answer);
                failed += 1;
            }
        }
        assert!(reads.iter().all(is_read), "a read is sent once more");
    }
    let stored = away.entries().await - before;
    // A session may end between its commit and the answer.
    assert!((done..=done + failed).contains(&stored), "{stored} stored, {done} said to be");
    assert!(failed <= 40, "each ended session fails one write at most, and {failed} failed");
    away.until_whole().await;
}

#[tokio::test]
async fn a_connection_that_listens_is_made_again_however_it_is_lost() {
    let away = Away::open().await;
    let listens = format!("{SESSIONS} AND query ILIKE 'LISTEN%' AND state = 'idle'");
    let _hearer = away.clinic.listens(&away.lee, "subscription { goalChanged { cursor } }", json!({})).await;
    for fault in [Fault::Close, Fault::Reset] {
        away.proxy.fails_at(Stage::Listen, fault, 1);
        let end = format!("SELECT pg_terminate_backend(pid) {listens}");
        eventually("the connection that listens is ended", async || {
            away.count(&listens).await == 1 && away.operator.execute_unprepared(&end).await.is_ok()
        })
        .await;
        eventually("it fails once more", async || away.proxy.failed() > 0).await;
        eventually("it listens again", async || away.count(&listens).await == 1).await;
    }
    // The silent one stays at the database, which is not told either.
    away.proxy.silence();
    let begun = Instant::now();
    eventually("it listens again", async || away.count(&listens).await == 2).await;
    println!("Listen Silence: heard again after {:?}", begun.elapsed());
}

#[tokio::test]
async fn the_scheduler_goes_on_after_its_connections_were_lost() {
    let away = Away::open().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(away.clinic.scheduler().run(stop.clone()));
    for number in 0..3 {
        match number {
            0 => away.proxy.silence(),
            1 => away.proxy.reset(),
            _ => away.proxy.fails_at(Stage::Commit, Fault::Silence, 2),
        }
        let begun = Instant::now();
        // What is written beside the server is found, too.
        let due = "UPDATE waymark_agenda SET next_try_at = '2026-01-01', due_at = '2026-01-01' WHERE kind = 'sweep'";
        away.operator.execute_unprepared(due).await.expect("something due");
        let left = "FROM waymark_agenda WHERE kind = 'sweep' AND next_try_at < '2026-02-01'";
        away.clinic.store().wake_scheduler();
        eventually("it is done", async || away.count(left).await == 0).await;
        println!("scheduler, fault {number}: done after {:?}", begun.elapsed());
    }
    stop.cancel();
    tokio::time::timeout(DEADLINE, running).await.expect("an end in time").expect("no panic");
}

#[tokio::test]
async fn a_server_whose_database_went_silent_ends_when_it_is_told_to() {
    let away = Away::open().await;
    let secret = std::str::from_utf8(SECRET).expect("text");
    let server = Waymark::new(&["serve"]).env("DATABASE_URL", &away.clinic.database.url);
    let server = server.env("WAYMARK_JWT_SECRET", secret).listens().await;
    let reads = join_all((0..10).map(|_| server.asks(&away.lee.token, GOALS)));
    assert!(reads.await.iter().all(|answer| answer["errors"].is_null()));
    away.proxy.silence();
    away.proxy.fails_at(Stage::Connecting, Fault::Silence, usize::MAX);
    let begun = Instant::now();
    // Whether this one is still let in does not matter.
    let request = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let request = request.bearer_auth(&away.lee.token).json(&json!({ "query": GOALS })).send();
    let (_, ()) = tokio::join!(request, server.signal("TERM"));
    assert_eq!(server.ended().await.code, Some(0));
    println!("SIGTERM with a silent database: ended after {:?}", begun.elapsed());
}

#[tokio::test]
async fn connections_that_nobody_uses_are_closed() {
    let sizes = Sizes { idle: Duration::from_millis(300), ..Sizes::default() };
    let clinic = Clinic::with_sizes(Database::migrated(Kind::Postgres).await, sizes).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    clinic.goal(&ann, &lee, "Walk").await;
    let operator = sea_orm::Database::connect(&clinic.database.url).await.expect("the database");
    let count = async || {
        let sql = format!("SELECT count(*) AS count {SESSIONS} AND application_name = 'waymark'");
        let row = operator.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        row.expect("an answer").expect("a row").try_get::<i64>("", "count").expect("a number")
    };
    join_all((0..10).map(|_| clinic.asks(&lee, GOALS, json!({})))).await;
    // The driver keeps those by which the rows were made.
    eventually("all others are closed", async || count().await <= 2).await;
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.body["errors"], json!(null));
}
