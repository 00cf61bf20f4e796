//! Connections that die: a read is sent once more, and what was given up half way is never used again.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{Clinic, Kind};

const GOALS: &str = "{ goals { nodes { id patient { fullName } milestones { title } } } }";
const OTHER_SESSIONS: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_read_whose_connection_was_ended_is_answered_all_the_same() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let operator = sea_orm::Database::connect(&clinic.database.url).await.expect("the database");
    for _ in 0..3 {
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
        let end = format!("SELECT pg_terminate_backend(pid) {OTHER_SESSIONS}");
        operator.execute_unprepared(&end).await.expect("ended sessions");
        assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
    }
}

#[tokio::test]
async fn reads_that_are_given_up_take_no_place_in_the_pool() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let lock = sea_orm::TransactionTrait::begin(clinic.db()).await.expect("a transaction");
    lock.execute_unprepared("LOCK TABLE treatment_goals IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
    // More than there are connections for reading.
    for _ in 0..30 {
        let gone = tokio::time::timeout(Duration::from_millis(20), clinic.asks(&lee, GOALS, json!({}))).await;
        assert!(gone.is_err(), "it was answered in spite of the lock");
    }
    lock.rollback().await.expect("the lock is gone");
    assert_eq!(clinic.asks(&lee, GOALS, json!({})).await.ids("/goals/nodes"), [goal.id]);
}
