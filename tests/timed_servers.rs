//! Several servers as real processes on one database, on the system's own clock: one of them is killed in
//! the middle of its work, and each reminder is sent once all the same.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::{NaiveTime, TimeDelta, Timelike, Utc};
use entity::{goal, reminder};
use sea_orm::{EntityTrait, Set};

use crate::support::{Clinic, Kind, SECRET, Server, Waymark};

/// A claim that died is taken up after half a minute, and a server looks every few seconds.
const PATIENCE: Duration = Duration::from_secs(90);

async fn serving(clinic: &Clinic) -> Server {
    let secret = std::str::from_utf8(SECRET).expect("text");
    let waymark = Waymark::new(&["serve"]).env("DATABASE_URL", &clinic.database.url);
    waymark.env("WAYMARK_JWT_SECRET", secret).listens().await
}

/// Reminders that are due every day at this time.
async fn reminders(clinic: &Clinic, goal: &goal::Model, count: usize, time: NaiveTime) {
    let now = chrono::DateTime::<Utc>::from(std::time::SystemTime::now()).naive_utc();
    let row = |_| reminder::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal.id),
        patient_id: Set(goal.patient_id),
        scheduled_time: Set(Some(time)),
        is_active: Set(Some(true)),
        created_at: Set(Some(now)),
        ..Default::default()
    };
    for rows in (0..count).collect::<Vec<_>>().chunks(500) {
        reminder::Entity::insert_many(rows.iter().map(row)).exec(clinic.db()).await.expect("reminders");
    }
}

async fn sent(clinic: &Clinic) -> Vec<uuid::Uuid> {
    clinic.events_of("reminder_due").await.iter().map(|event| event.subject_id).collect()
}

/// Waits until so many were sent.
async fn until_sent(clinic: &Clinic, count: usize) {
    let started = Instant::now();
    while sent(clinic).await.len() < count {
        assert!(started.elapsed() < PATIENCE, "{} of {count} were sent", sent(clinic).await.len());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The time of day in a moment, by the clock that the servers have.
fn soon() -> NaiveTime {
    let now = chrono::DateTime::<Utc>::from(std::time::SystemTime::now()).time();
    (now.with_nanosecond(0).expect("a time")) + TimeDelta::seconds(4)
}

async fn of_three_servers_one_is_killed(kind: Kind) {
    const COUNT: usize = 3000;
    let clinic = Clinic::open(kind).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    reminders(&clinic, &goal, COUNT, soon()).await;
    let (first, second, third) = (serving(&clinic).await, serving(&clinic).await, serving(&clinic).await);
    until_sent(&clinic, 1).await;
    first.signal("KILL").await;
    first.ended().await;
    assert!(sent(&clinic).await.len() < COUNT, "it was killed too late to show anything");
    until_sent(&clinic, COUNT).await;
    // Whoever claimed what was sent already finds that out.
    second.stops().await;
    third.stops().await;
    let last = serving(&clinic).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    last.stops().await;
    let sent = sent(&clinic).await;
    assert_eq!((sent.len(), sent.iter().collect::<BTreeSet<_>>().len()), (COUNT, COUNT));
}

#[tokio::test]
async fn of_three_servers_one_is_killed_at_work_and_each_reminder_is_sent_once_sqlite() {
    of_three_servers_one_is_killed(Kind::Sqlite).await;
}

#[tokio::test]
async fn of_three_servers_one_is_killed_at_work_and_each_reminder_is_sent_once_postgres() {
    of_three_servers_one_is_killed(Kind::Postgres).await;
}

/// A server that is told to stop finishes what it is at: nothing waits for a claim to end.
#[tokio::test]
async fn a_server_that_is_told_to_stop_leaves_no_claim_behind() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    reminders(&clinic, &goal, 2000, soon()).await;
    let server = serving(&clinic).await;
    until_sent(&clinic, 1).await;
    let ended = server.stops().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let agenda = clinic.agenda(entity::agenda::Kind::Reminder).await;
    assert!(agenda.iter().all(|row| row.claimed_by.is_none()));
    let sent = sent(&clinic).await.len();
    assert!(sent < 2000, "it stopped too late to show anything");
    assert!(ended.stderr.contains(&format!("sent={sent}")), "{}", ended.stderr);
}
