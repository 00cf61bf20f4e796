//! Connections that die, by every hand: what was given up half way is never used again, reads are sent once
//! more, and afterwards the pool is whole.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde_json::json;
use server::store::Sizes;

use crate::support::{Answer, Clinic, Database, Kind, Person, Proxy, eventually, problems};

const GOALS: &str = "{ goals { nodes { id patient { fullName } milestones { title } } } }";
const OTHER_SESSIONS: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
/// After so long a connection is asked whether it is alive before it is used.
const RESTED: Duration = Duration::from_millis(1100);

/// Somebody beside the server, with connections of their own.
async fn operator(clinic: &Clinic) -> DatabaseConnection {
    sea_orm::Database::connect(&clinic.database.url).await.expect("the database")
}

async fn ends_sessions(operator: &DatabaseConnection) {
    let end = format!("SELECT pg_terminate_backend(pid) {OTHER_SESSIONS}");
    operator.execute_unprepared(&end).await.expect("ended sessions");
}

/// A recorded entry, or whatever came instead.
async fn records(clinic: &Clinic, person: &Person, goal: &str) -> Answer {
    let input = json!({ "goalId": goal, "value": "5" });
    clinic.sends_input(person, "recordProgress", &input, "entry { id }").await
}

fn is_done(answer: &Answer) -> bool {
    answer.body["errors"].is_null() && problems(answer.at("/payload")) == [""; 0]
}

/// Far more writes at once than there are connections are all done, and no session is left in a transaction.
async fn assert_whole(clinic: &Clinic, person: &Person, goal: &str) {
    let all = futures_util::future::join_all((0..40).map(|_| records(clinic, person, goal))).await;
    assert!(
        all.iter().all(is_done),
        "{:?}",
        all.iter().find(|answer| !is_done(answer)).map(|answer| &answer.text)
    );
    let operator = operator(clinic).await;
    let open = format!("SELECT 1 {OTHER_SESSIONS} AND state LIKE 'idle in transaction%'");
    eventually("no session is left in a transaction", async || {
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, &open);
        operator.query_one_raw(statement).await.expect("an answer").is_none()
    })
    .await;
}

#[tokio::test]
async fn a_read_whose_connection_was_ended_is_answered_all_the_same() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let operator = operator(&clinic).await;
    for _ in 0..3 {
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
        ends_sessions(&operator).await;
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
    }
}

#[tokio::test]
async fn a_write_is_done_when_the_idle_connections_were_ended_before_it() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id.to_string();
    assert_whole(&clinic, &lee, &goal).await;
    let operator = operator(&clinic).await;
    ends_sessions(&operator).await;
    tokio::time::sleep(RESTED).await;
    for _ in 0..3 {
        let answer = records(&clinic, &lee, &goal).await;
        assert!(is_done(&answer), "{}", answer.text);
    }
    assert_whole(&clinic, &lee, &goal).await;
}

#[tokio::test]
async fn reads_that_are_given_up_take_no_place_in_the_pool() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let lock = clinic.db().begin().await.expect("a transaction");
    lock.execute_unprepared("LOCK TABLE treatment_goals IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
    // More than there are connections for reading.
    for _ in 0..30 {
        let gone = tokio::time::timeout(Duration::from_millis(20), clinic.asks(&lee, GOALS, json!({}))).await;
        assert!(gone.is_err(), "it was answered in spite of the lock");
    }
    lock.rollback().await.expect("the lock is gone");
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
}

#[tokio::test]
async fn writes_that_are_given_up_while_they_wait_for_a_lock_leave_the_pool_whole() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id.to_string();
    let operator = operator(&clinic).await;
    for _ in 0..3 {
        let lock = operator.begin().await.expect("a transaction");
        lock.execute_unprepared("SELECT 1 FROM treatment_goals FOR UPDATE").await.expect("a lock");
        let gone =
            (0..14).map(|_| tokio::time::timeout(Duration::from_millis(50), records(&clinic, &lee, &goal)));
        let gone = futures_util::future::join_all(gone).await;
        assert!(gone.iter().all(Result::is_err), "it was answered in spite of the lock");
        lock.rollback().await.expect("the lock is gone");
    }
    assert_whole(&clinic, &lee, &goal).await;
}

#[tokio::test]
async fn statements_that_reach_their_limit_leave_the_pool_whole() {
    let sizes = Sizes { statement: Duration::from_millis(100), ..Sizes::default() };
    let clinic = Clinic::with_sizes(Database::migrated(Kind::Postgres).await, sizes).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id.to_string();
    let operator = operator(&clinic).await;
    for _ in 0..3 {
        let lock = operator.begin().await.expect("a transaction");
        lock.execute_unprepared("SELECT 1 FROM treatment_goals FOR UPDATE").await.expect("a lock");
        let late = futures_util::future::join_all((0..14).map(|_| records(&clinic, &lee, &goal))).await;
        assert!(!late.iter().any(is_done), "it was done in spite of the lock");
        lock.rollback().await.expect("the lock is gone");
    }
    let one = records(&clinic, &lee, &goal).await;
    assert!(is_done(&one), "{}", one.text);
}

#[tokio::test]
async fn clients_that_hang_up_at_any_moment_disturb_nobody() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id.to_string();
    let hang_ups = (0..600_u64).map(|number| {
        let patience = Duration::from_micros(number * 97 % 20_000);
        tokio::time::timeout(patience, records(&clinic, &lee, &goal))
    });
    let others = (0..40).map(|_| records(&clinic, &lee, &goal));
    let (_, others) =
        tokio::join!(futures_util::future::join_all(hang_ups), futures_util::future::join_all(others));
    assert!(others.iter().all(is_done), "somebody who stayed was not answered");
    assert_whole(&clinic, &lee, &goal).await;
}

#[tokio::test]
async fn a_column_that_another_program_makes_longer_is_read_on() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id;
    assert_whole(&clinic, &lee, &goal.to_string()).await;
    let alter = "ALTER TABLE treatment_goals ALTER status TYPE varchar(40)";
    operator(&clinic).await.execute_unprepared(alter).await.expect("a longer column");
    for _ in 0..3 {
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal]);
    }
    // Each connection may fail once, for a write is not sent again.
    for _ in 0..20 {
        records(&clinic, &lee, &goal.to_string()).await;
    }
    assert_whole(&clinic, &lee, &goal.to_string()).await;
}

async fn behind_proxy() -> (Clinic, Proxy) {
    let (database, proxy) = Database::behind_proxy().await;
    let sizes = Sizes { statement: Duration::from_secs(1), ..Sizes::default() };
    (Clinic::with_sizes(database, sizes).await, proxy)
}

#[tokio::test]
async fn connections_that_went_silent_are_thrown_away() {
    let (clinic, proxy) = behind_proxy().await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id;
    assert_whole(&clinic, &lee, &goal.to_string()).await;
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal]);

    // While they are in use: the read is sent once more when its time is up.
    proxy.silence();
    let begun = Instant::now();
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal]);
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());

    // After they have rested: nobody notices more than a moment.
    proxy.silence();
    tokio::time::sleep(RESTED).await;
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal]);
    assert_whole(&clinic, &lee, &goal.to_string()).await;
    assert_eq!(clinic.status_of("/readyz").await, 200);
}

#[tokio::test]
async fn connections_that_are_reset_are_replaced() {
    let (clinic, proxy) = behind_proxy().await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await.id;
    assert_whole(&clinic, &lee, &goal.to_string()).await;
    for _ in 0..3 {
        proxy.reset();
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal]);
    }
    tokio::time::sleep(RESTED).await;
    assert_whole(&clinic, &lee, &goal.to_string()).await;
}
