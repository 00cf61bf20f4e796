//! What timed work costs: 100,000 active reminders and 100,000 periods to close, of patients in 30 zones, on
//! both databases. Prints how what is due is found, what an idle scheduler costs, and how long 20,000 that
//! are due at once take, with queries answered in the meantime.
//!
//!     cargo run --release -p tests --example timed

#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "what only tests use")]
mod support;

use std::time::{Duration, Instant};

use chrono::{NaiveTime, TimeDelta};
use entity::agenda::Kind as Timed;
use entity::{goal, milestone, reminder, setting, tracking};
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement};
use serde_json::json;
use support::{Clinic, Kind, Person};
use uuid::Uuid;

const COUNT: usize = 100_000;
/// Due at the same moment.
const AT_ONCE: usize = 20_000;
const PATIENTS: usize = 30;
/// With their minutes ahead of UTC on that day.
const ZONES: [(&str, i32); PATIENTS] = [
    ("UTC", 0),
    ("Europe/Vienna", 60),
    ("Europe/London", 0),
    ("Europe/Athens", 120),
    ("Europe/Istanbul", 180),
    ("Asia/Dubai", 240),
    ("Asia/Karachi", 300),
    ("Asia/Kolkata", 330),
    ("Asia/Kathmandu", 345),
    ("Asia/Dhaka", 360),
    ("Asia/Bangkok", 420),
    ("Asia/Shanghai", 480),
    ("Asia/Tokyo", 540),
    ("Australia/Brisbane", 600),
    ("Australia/Adelaide", 630),
    ("Australia/Lord_Howe", 660),
    ("Pacific/Auckland", 780),
    ("Pacific/Chatham", 825),
    ("Pacific/Honolulu", -600),
    ("America/Anchorage", -540),
    ("America/Los_Angeles", -480),
    ("America/Denver", -420),
    ("America/Chicago", -360),
    ("America/New_York", -300),
    ("America/Halifax", -240),
    ("America/St_Johns", -210),
    ("America/Sao_Paulo", -180),
    ("Atlantic/Azores", -60),
    ("Africa/Lagos", 60),
    ("Africa/Nairobi", 180),
];

#[tokio::main]
async fn main() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        println!("\n{kind:?}");
        let clinic = Clinic::open(kind).await;
        let goals = fill(&clinic).await;
        plans_all(&clinic).await;
        explain(&clinic).await;
        idle(&clinic).await;
        ends_of_periods(&clinic).await;
        top_of_the_hour(&clinic, &goals).await;
    }
}

/// Goals with a reminder each, a fifth of them due at one moment, and a milestone each that waits for the end of
/// a period.
async fn fill(clinic: &Clinic) -> Vec<(Person, Uuid)> {
    let mut patients = Vec::new();
    let lee = clinic.therapist("Dr. Lee").await;
    for (zone, _) in ZONES {
        let patient = clinic.patient(&format!("Patient in {zone}")).await;
        clinic.treats(&lee, &patient).await;
        let row = setting::ActiveModel {
            user_id: Set(patient.id),
            time_zone: Set(zone.to_owned()),
            updated_at: Set(clinic.now()),
        };
        setting::Entity::insert(row).exec(clinic.db()).await.expect("a setting");
        patients.push(patient);
    }
    let ids: Vec<_> = (0..COUNT).map(|_| clinic.next_id()).collect();
    let owned: Vec<_> =
        ids.iter().enumerate().map(|(number, id)| (patients[number % PATIENTS].clone(), *id)).collect();
    for rows in owned.chunks(1000) {
        let goals = rows.iter().map(|(patient, id)| goal_row(clinic, patient, lee.id, *id));
        goal::Entity::insert_many(goals).exec(clinic.db()).await.expect("goals");
    }
    for (chunk, rows) in owned.chunks(1000).enumerate() {
        let place = |number: usize| chunk * 1000 + number;
        let reminders = rows
            .iter()
            .enumerate()
            .map(|(number, (patient, id))| reminder_row(clinic, patient, *id, place(number)));
        reminder::Entity::insert_many(reminders).exec(clinic.db()).await.expect("reminders");
        let limits = rows.iter().enumerate();
        let limits = limits.map(|(number, (_, goal))| limit_row(clinic, *goal, place(number)));
        tracking::Entity::insert_many(limits).exec(clinic.db()).await.expect("configurations");
        let milestones = rows.iter().map(|(_, goal)| milestone_row(clinic, *goal));
        milestone::Entity::insert_many(milestones).exec(clinic.db()).await.expect("milestones");
    }
    owned
}

/// At most four in a period of one to four weeks' days, so that some end at each midnight.
fn limit_row(clinic: &Clinic, goal: Uuid, number: usize) -> tracking::ActiveModel {
    let days = i32::try_from(1 + number % 28).expect("small");
    tracking::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal),
        tracking_method: Set(tracking::Method::Frequency.as_str().to_owned()),
        tracking_frequency: Set(Some(tracking::Frequency::Custom.as_str().to_owned())),
        custom_frequency_days: Set(Some(days)),
        target_direction: Set(Some(tracking::Direction::Decrease.as_str().to_owned())),
        created_at: Set(Some(clinic.now())),
        ..Default::default()
    }
}

/// It waits for a period under the limit.
fn milestone_row(clinic: &Clinic, goal: Uuid) -> milestone::ActiveModel {
    milestone::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal),
        milestone_type: Set(Some(milestone::Kind::Streak.as_str().to_owned())),
        title: Set("Under the limit".to_owned()),
        target_value: Set(Some(1.into())),
        created_at: Set(Some(clinic.now())),
        ..Default::default()
    }
}

fn goal_row(clinic: &Clinic, patient: &Person, therapist: Uuid, id: Uuid) -> goal::ActiveModel {
    goal::ActiveModel {
        id: Set(id),
        patient_id: Set(patient.id),
        therapist_id: Set(therapist),
        description: Set("Smoke less".to_owned()),
        baseline_value: Set(Some(20.into())),
        target_value: Set(Some(4.into())),
        status: Set(Some("in_progress".to_owned())),
        created_at: Set(Some(clinic.now())),
        updated_at: Set(Some(clinic.now())),
        ..Default::default()
    }
}

/// A fifth at 9 o'clock in UTC, the others in the three hours after that.
fn reminder_row(clinic: &Clinic, patient: &Person, goal: Uuid, number: usize) -> reminder::ActiveModel {
    let at_once = (number / PATIENTS).is_multiple_of(COUNT / AT_ONCE);
    let utc = if at_once { 9 * 60 } else { 9 * 60 + 30 + i32::try_from(number % 150).expect("small") };
    let minute = (utc + ZONES[number % PATIENTS].1).rem_euclid(1440);
    let seconds = u32::try_from(minute * 60).expect("a time");
    reminder::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal),
        patient_id: Set(patient.id),
        reminder_type: Set(Some("check_in".to_owned())),
        scheduled_time: Set(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)),
        is_active: Set(Some(true)),
        created_at: Set(Some(clinic.now())),
        ..Default::default()
    }
}

async fn plans_all(clinic: &Clinic) {
    let (started, scheduler) = (Instant::now(), clinic.scheduler());
    let mut pages = 0;
    while counted(clinic, "TRUE").await < COUNT {
        scheduler.catch_up().await.expect("the scheduler");
        clinic.later(TimeDelta::seconds(5));
        pages += 1;
        assert!(pages < 300, "{} are planned", counted(clinic, "TRUE").await);
    }
    println!("adoption: all planned after {} s of the clock, {:?} of work", pages * 5, started.elapsed());
    let analyze = if clinic.database.kind == Kind::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" };
    clinic.db().execute_unprepared(analyze).await.expect("statistics");
}

/// How many reminders in the agenda are like this.
async fn counted(clinic: &Clinic, condition: &str) -> usize {
    in_agenda(clinic, Timed::Reminder, condition).await
}

async fn in_agenda(clinic: &Clinic, kind: Timed, condition: &str) -> usize {
    let kind = kind.as_str();
    let sql = format!("SELECT COUNT(*) FROM waymark_agenda WHERE kind = '{kind}' AND {condition}");
    let statement = Statement::from_string(clinic.db().get_database_backend(), sql);
    let row = clinic.db().query_one_raw(statement).await.expect("a number").expect("a row");
    usize::try_from(row.try_get_by_index::<i64>(0).expect("a number")).expect("small")
}

async fn explain(clinic: &Clinic) {
    let (explain, lock) = match clinic.database.kind {
        Kind::Sqlite => ("EXPLAIN QUERY PLAN", ""),
        Kind::Postgres => ("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)", " FOR UPDATE SKIP LOCKED"),
    };
    for sql in [
        "SELECT MIN(next_try_at) FROM waymark_agenda WHERE kind = 'reminder'".to_owned(),
        format!(
            "SELECT subject_id FROM waymark_agenda WHERE kind = 'reminder' AND next_try_at <= '2026-03-02' \
             ORDER BY next_try_at LIMIT 100{lock}"
        ),
    ] {
        println!("{sql}");
        let statement =
            Statement::from_string(clinic.db().get_database_backend(), format!("{explain} {sql}"));
        for row in clinic.db().query_all_raw(statement).await.expect("a plan") {
            let line: Option<String> = row.try_get("", "detail").or_else(|_| row.try_get_by_index(0)).ok();
            println!("    {}", line.unwrap_or_default());
        }
    }
}

/// Processor time of this process, in which the server runs.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat
        .rsplit(')')
        .next()
        .into_iter()
        .flat_map(|rest| rest.split_whitespace().skip(11).take(2))
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// One look with nothing due, which happens every five seconds, and one page of the sweep.
async fn idle(clinic: &Clinic) {
    let scheduler = clinic.scheduler();
    scheduler.catch_up().await.expect("the scheduler");
    let (started, before) = (Instant::now(), cpu());
    for _ in 0..500 {
        scheduler.catch_up().await.expect("the scheduler");
    }
    let (look, used) = (started.elapsed() / 500, cpu().saturating_sub(before) / 500);
    println!("idle: a look takes {look:?} ({used:?} of the processor), every 5 s");
    // The next time through all goals begins.
    clinic.later(TimeDelta::minutes(5));
    let (started, before) = (Instant::now(), cpu());
    for _ in 0..20 {
        clinic.later(TimeDelta::seconds(5));
        scheduler.catch_up().await.expect("the scheduler");
    }
    let (page, used) = (started.elapsed() / 20, cpu().saturating_sub(before) / 20);
    println!("sweep: a page takes {page:?} ({used:?} of the processor), every 5 s");
}

/// At midnight in each zone a part of the periods ends.
async fn ends_of_periods(clinic: &Clinic) {
    for moment in ["2026-03-01T23:59:59", "2026-03-02T00:00:00"] {
        let ended = format!("due_at <= '{}'", moment.replace('T', " "));
        let number = in_agenda(clinic, Timed::Closing, &ended).await;
        let (started, before) = (Instant::now(), cpu());
        clinic.catches_up_at(moment).await;
        let (took, used) = (started.elapsed(), cpu().saturating_sub(before));
        println!("ends of periods: {number} up to {moment} settled in {took:?}, {used:?} of the processor");
    }
}

async fn top_of_the_hour(clinic: &Clinic, goals: &[(Person, Uuid)]) {
    let at_nine = counted(clinic, "due_at = '2026-03-02 09:00:00'").await;
    clinic.catches_up_at("2026-03-02T08:59:59").await;
    let alone = queries(clinic, goals, 200).await;
    clinic.later(TimeDelta::seconds(1));
    let stop = tokio_util::sync::CancellationToken::new();
    let (started, before) = (Instant::now(), cpu());
    let runner = tokio::spawn(clinic.scheduler().run(stop.clone()));
    let mut beside = Vec::new();
    while counted(clinic, "next_try_at <= '2026-03-02 09:01:00'").await > 0 {
        beside.extend(queries(clinic, goals, 100).await);
    }
    println!(
        "top of the hour: {at_nine} due at once (at least {AT_ONCE}) done in {:?}, {:?} of the processor with the queries beside",
        started.elapsed(),
        cpu().saturating_sub(before)
    );
    println!("queries: alone {}, beside {}", shown(alone), shown(beside));
    stop.cancel();
    runner.await.expect("an end");
}

async fn queries(clinic: &Clinic, goals: &[(Person, Uuid)], count: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for (person, goal) in goals.iter().step_by(97).take(count) {
        let started = Instant::now();
        let query = "query($id: ID!) { goal(id: $id) { description reminders { nextDueAt } } }";
        clinic.asks(person, query, json!({ "id": goal })).await.data();
        times.push(started.elapsed());
    }
    times
}

fn shown(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    format!("{} of them, median {:?}, 95th percentile {:?}", times.len(), at(50), at(95))
}
