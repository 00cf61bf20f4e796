//! What the figures of a goal cost: `progress` with 20 and with 10,000 entries, one field and all, on both
//! databases. Prints statements, rows, the median and the 95th percentile of an operation, and how much
//! the long history costs over the short one. Through the router, without a network.
//!
//!     cargo run --release -p tests --example figures

#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "what only tests use")]
mod support;

use std::time::{Duration, Instant};

use chrono::Days;
use entity::goal;
use serde_json::json;
use support::{Clinic, Kind, Person, SCALE, day};

const TIMES: usize = 200;
const ENTRIES: [u64; 2] = [20, 10_000];

const FIELDS: &[(&str, &str)] = &[
    ("percent", "percent raw status"),
    ("trend", "trend { class slopePerDay }"),
    ("series", "series { date value rollingMean7 }"),
    ("streak", "streak { current longest }"),
    ("projection", "projection { status date }"),
    (
        "all",
        "percent raw status pace entryCount trend { class } streak { current } projection { status } \
         series { date rollingMean7 }",
    ),
];

struct Cost {
    statements: u32,
    rows: u32,
    median: Duration,
    late: Duration,
}

#[tokio::main]
async fn main() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        println!("\n{kind:?}, {TIMES} times each: statements, rows, median and 95th percentile in ms");
        let clinic = Clinic::open(kind).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let mut goals = Vec::new();
        for entries in ENTRIES {
            goals.push(goal_with(&clinic, &ann, &lee, entries).await);
        }
        for (name, fields) in FIELDS {
            let short = cost(&clinic, &ann, &goals[0], fields).await;
            let long = cost(&clinic, &ann, &goals[1], fields).await;
            let ratio = long.median.as_secs_f64() / short.median.as_secs_f64();
            println!("{name:10}  20: {}   10,000: {}   ratio {ratio:.2}", shown(&short), shown(&long));
        }
    }
}

/// A goal with an entry a day up to yesterday.
async fn goal_with(clinic: &Clinic, patient: &Person, therapist: &Person, entries: u64) -> goal::Model {
    let goal = clinic.aims(patient, therapist, SCALE).await;
    let values: Vec<_> = (0..entries).map(|number| i64::try_from(number % 7).expect("small") + 1).collect();
    clinic.has_entries(&goal, day(2026, 3, 1) - Days::new(entries), 1, &values).await;
    goal
}

async fn cost(clinic: &Clinic, person: &Person, goal: &goal::Model, fields: &str) -> Cost {
    let query = format!("query($id: ID!) {{ goal(id: $id) {{ progress {{ {fields} }} }} }}");
    let (mut times, mut statements, mut rows) = (Vec::new(), 0, 0);
    for _ in 0..TIMES + 10 {
        let started = Instant::now();
        let answer = clinic.asks(person, &query, json!({ "id": goal.id })).await;
        times.push(started.elapsed());
        answer.data();
        (statements, rows) = (answer.statements, answer.rows);
    }
    // The first ones warm up.
    let times = &mut times[10..];
    times.sort_unstable();
    Cost { statements, rows, median: times[TIMES / 2], late: times[TIMES * 95 / 100] }
}

fn shown(cost: &Cost) -> String {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (median, late) = (milliseconds(cost.median), milliseconds(cost.late));
    format!("{:2} {:5} {median:7.2} {late:7.2}", cost.statements, cost.rows)
}
