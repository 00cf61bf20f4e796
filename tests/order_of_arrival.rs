//! Laws of milestones, for any rows: how and in which order they arrive makes no difference, what more can take
//! back is never met while more may come, and what was revoked returns by something new alone.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};
use entity::progress;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use server::service::closing::settle;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::support::{Clinic, Kind, Person};

/// What is tracked: method, frequency, direction, baseline and target.
type Aim = (&'static str, &'static str, &'static str, Option<u32>, Option<u32>);

/// What only more can come of.
const GROWING: [Aim; 11] = [
    ("SCALE", "DAILY", "INCREASE", Some(2), Some(9)),
    ("SCALE", "WEEKLY", "DECREASE", Some(9), Some(2)),
    ("SCALE", "DAILY", "MAINTAIN", Some(5), Some(5)),
    ("FREQUENCY", "DAILY", "INCREASE", Some(0), Some(9)),
    ("FREQUENCY", "WEEKLY", "INCREASE", Some(0), Some(15)),
    ("DURATION", "CUSTOM", "INCREASE", Some(3), Some(12)),
    ("DURATION", "SESSION", "INCREASE", Some(0), Some(12)),
    ("BINARY", "DAILY", "INCREASE", Some(0), Some(1)),
    ("BINARY", "WEEKLY", "INCREASE", None, None),
    ("BINARY", "DAILY", "INCREASE", Some(0), Some(6)),
    ("ASSESSMENT", "WEEKLY", "DECREASE", Some(9), Some(3)),
];

/// What more can take back.
const RESTRAINED: [Aim; 7] = [
    ("FREQUENCY", "DAILY", "DECREASE", Some(20), Some(6)),
    ("FREQUENCY", "WEEKLY", "DECREASE", Some(20), Some(9)),
    ("DURATION", "CUSTOM", "DECREASE", Some(30), Some(8)),
    ("FREQUENCY", "WEEKLY", "MAINTAIN", Some(0), Some(10)),
    ("DURATION", "DAILY", "MAINTAIN", Some(0), Some(5)),
    ("BINARY", "DAILY", "DECREASE", None, None),
    ("BINARY", "WEEKLY", "DECREASE", Some(1), Some(0)),
];

/// Titles and targets, of each kind; several of one kind differ in their targets.
const MILESTONES: [(&str, &[u32]); 3] =
    [("PERCENTAGE", &[10, 50, 100, 115]), ("VALUE", &[1, 4, 6, 8]), ("STREAK", &[1, 2, 3, 5])];

/// A row to be recorded: so many days from the first, at a time of its own, a value of its own.
#[derive(Clone, Debug)]
struct Row {
    day: u64,
    second: u32,
    value: u32,
}

/// What was achieved: its title, the day, and the day, time and value of the entry.
type Achieved = (String, NaiveDate, Option<(NaiveDate, String, String)>);

struct Ward {
    runtime: Runtime,
    clinic: Clinic,
    ann: Person,
    lee: Person,
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let row = (0_u64..25, 0_u32..86_400, 0_u32..10);
    proptest::collection::vec(row, 1..most).prop_map(|rows| {
        let mut rows: Vec<_> =
            rows.into_iter().map(|(day, second, value)| Row { day, second, value }).collect();
        // One moment, one row.
        rows.sort_by_key(|row| (row.day, row.second));
        rows.dedup_by_key(|row| (row.day, row.second));
        rows
    })
}

fn runner(cases: u32) -> TestRunner {
    let seed = std::env::var("WAYMARK_TEST_SEED").map_or(0, |seed| seed.parse().expect("0 to 255"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

impl Ward {
    fn open(kind: Kind) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (clinic, ann, lee) = runtime.block_on(async {
            let clinic = Clinic::open(kind).await;
            let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
            for back in [24, 17, 9, 3] {
                clinic.session(&ann, &lee, clinic.now() - TimeDelta::days(back)).await;
            }
            (clinic, ann, lee)
        });
        Self { runtime, clinic, ann, lee }
    }

    fn today(&self) -> NaiveDate {
        self.clinic.now().date()
    }

    async fn goal(&self, (method, frequency, direction, baseline, target): Aim) -> Uuid {
        let milestones = MILESTONES.iter().flat_map(|(kind, targets)| {
            targets.iter().map(move |target| {
                json!({ "milestoneType": kind, "title": format!("{kind} {target}"), "targetValue": target.to_string() })
            })
        });
        // A value that a yes or no can have.
        let is_possible = |milestone: &Value| {
            method != "BINARY" || milestone["milestoneType"] != "VALUE" || milestone["targetValue"] == "1"
        };
        let input = json!({
            "patientId": self.ann.id, "description": "Anything",
            "baselineValue": baseline.map(|value| value.to_string()),
            "targetValue": target.map(|value| value.to_string()),
            "tracking": { "method": method, "frequency": frequency, "targetDirection": direction,
                "customFrequencyDays": (frequency == "CUSTOM").then_some(3) },
            "milestones": milestones.filter(is_possible).collect::<Vec<_>>(),
        });
        let goal = self.clinic.does(&self.lee, "createGoal", input, "goal { id }").await;
        goal["goal"]["id"].as_str().expect("an id").parse().expect("an id")
    }

    fn entry(aim: Aim, first: NaiveDate, row: &Row) -> Value {
        let value = match aim.0 {
            "BINARY" => u32::from(row.value > 3),
            "SCALE" => row.value.max(1),
            _ => row.value,
        };
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(row.second, 0).expect("a time");
        json!({ "value": value.to_string(), "entryDate": first + Days::new(row.day), "entryTime": time })
    }

    async fn records(&self, goal: Uuid, entry: &Value) {
        let input = crate::support::with(json!({ "goalId": goal }), entry.clone());
        self.clinic.does(&self.lee, "recordProgress", input, "entry { id }").await;
    }

    async fn imports(&self, goal: Uuid, entries: &[Value]) {
        let input = json!({ "goalId": goal, "entries": entries });
        self.clinic.does(&self.lee, "importProgress", input, "entries { id }").await;
    }

    async fn settles(&self, goal: Uuid) {
        settle(self.clinic.store(), &self.clinic.app.clock, goal).await.expect("a database");
    }

    async fn achieved(&self, goal: Uuid) -> Vec<Achieved> {
        let (milestones, entries) = (self.clinic.milestones().await, self.clinic.entries().await);
        let told = self.clinic.events_of("milestone_achieved").await;
        let shown = |row: &progress::Model| {
            let time = row.entry_time.map(|time| time.to_string()).unwrap_or_default();
            (row.entry_date, time, row.value.normalize().to_string())
        };
        let one = told.iter().filter(|event| event.goal_id == Some(goal)).map(|event| {
            let milestone = milestones.iter().find(|row| row.id == event.subject_id).expect("a milestone");
            let entry = entries.iter().find(|row| Some(row.id) == event.entry_id).map(shown);
            (milestone.title.clone(), event.effective_date.expect("a day"), entry)
        });
        let mut achieved: Vec<_> = one.collect();
        achieved.sort();
        achieved
    }

    async fn titles(&self, goal: Uuid) -> BTreeSet<String> {
        self.achieved(goal).await.into_iter().map(|(title, ..)| title).collect()
    }
}

/// The same rows in an order that a number stands for.
fn shuffled(entries: &[Value], order: u64) -> Vec<Value> {
    let mut shuffled: Vec<_> = (1_u64..).zip(entries.iter().cloned()).collect();
    shuffled.sort_by_key(|(number, _)| {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_mul(order | 1).rotate_left(17)
    });
    shuffled.into_iter().map(|(_, entry)| entry).collect()
}

fn order_and_batching_change_nothing(kind: Kind) {
    let ward = Ward::open(kind);
    let any = (proptest::sample::select(&GROWING[..]), rows(9), any::<u64>(), 1_usize..5);
    let law = |(aim, rows, order, batch): (Aim, Vec<Row>, u64, usize)| {
        ward.runtime.block_on(async {
            let first = ward.today() - Days::new(24);
            let entries: Vec<_> = rows.iter().map(|row| Ward::entry(aim, first, row)).collect();
            let (at_once, in_order) = (ward.goal(aim).await, ward.goal(aim).await);
            let (mixed, batched) = (ward.goal(aim).await, ward.goal(aim).await);
            ward.imports(at_once, &entries).await;
            for entry in &entries {
                ward.records(in_order, entry).await;
            }
            for entry in shuffled(&entries, order) {
                ward.records(mixed, &entry).await;
            }
            for some in shuffled(&entries, !order).chunks(batch) {
                ward.imports(batched, some).await;
            }
            // In their own order the same days and entries too.
            prop_assert_eq!(ward.achieved(at_once).await, ward.achieved(in_order).await);
            let titles = ward.titles(at_once).await;
            prop_assert_eq!(&titles, &ward.titles(mixed).await);
            prop_assert_eq!(&titles, &ward.titles(batched).await);
            Ok(())
        })
    };
    runner(24).run(&any, law).expect("the law");
}

/// By hand on the days themselves, with the end of each day; and all of it imported afterwards.
fn by_hand_and_imported_is_the_same(kind: Kind) {
    let ward = Ward::open(kind);
    let aims = GROWING.iter().chain(&RESTRAINED).filter(|aim| aim.1 != "SESSION").copied();
    let any = (proptest::sample::select(aims.collect::<Vec<_>>()), rows(12));
    let law = |(aim, rows): (Aim, Vec<Row>)| {
        ward.runtime.block_on(async {
            let first = ward.today();
            let (by_hand, imported) = (ward.goal(aim).await, ward.goal(aim).await);
            let entries: Vec<_> = rows.iter().map(|row| Ward::entry(aim, first, row)).collect();
            for day in 0..28 {
                for (row, entry) in rows.iter().zip(&entries).filter(|(row, _)| row.day == day) {
                    assert_eq!(row.day, day);
                    ward.records(by_hand, entry).await;
                }
                ward.clinic.later(TimeDelta::days(1));
                ward.settles(by_hand).await;
            }
            ward.imports(imported, &entries).await;
            ward.settles(imported).await;
            ward.settles(by_hand).await;
            // Weeks that are still open at the end make no difference: nothing is recorded in them.
            prop_assert_eq!(ward.achieved(by_hand).await, ward.achieved(imported).await);
            Ok(())
        })
    };
    runner(24).run(&any, law).expect("the law");
}

fn what_more_can_take_back_is_not_met_while_more_may_come(kind: Kind) {
    let ward = Ward::open(kind);
    let values = proptest::collection::vec((0_u64..3, 0_u32..10), 1..6);
    let any = (proptest::sample::select(&RESTRAINED[..]), values, 0_u64..7);
    let law = |(aim, values, weekday): (Aim, Vec<(u64, u32)>, u64)| {
        ward.runtime.block_on(async {
            ward.clinic.later(TimeDelta::days(i64::try_from(weekday).expect("a day")));
            let (goal, today) = (ward.goal(aim).await, ward.today());
            for (second, (back, value)) in (0..).zip(values) {
                // Only days of the running period.
                let days = if aim.1 == "DAILY" { 0 } else { back };
                let day = today - Days::new(days);
                if !in_running_period(aim, day, today) {
                    continue;
                }
                let row = Row { day: 0, second, value };
                ward.records(goal, &Ward::entry(aim, day, &row)).await;
            }
            prop_assert_eq!(ward.achieved(goal).await, []);
            let shown = ward.clinic.progress_as_of(&ward.ann, goal, None, "status streak { longest }").await;
            prop_assert_eq!(shown, json!({ "status": "NO_DATA", "streak": { "longest": 0 } }));
            Ok(())
        })
    };
    runner(32).run(&any, law).expect("the law");
}

/// Weeks begin on Monday; custom periods on the day on which the goal was set, which is today.
fn in_running_period(aim: Aim, day: NaiveDate, today: NaiveDate) -> bool {
    use chrono::Datelike;
    match aim.1 {
        "WEEKLY" => day.iso_week() == today.iso_week(),
        _ => day == today,
    }
}

fn what_was_revoked_returns_by_something_new(kind: Kind) {
    let ward = Ward::open(kind);
    let daily = GROWING.iter().filter(|aim| aim.1 == "DAILY").copied().collect::<Vec<_>>();
    let any = (proptest::sample::select(daily), rows(9), rows(2));
    let law = |(aim, rows, last): (Aim, Vec<Row>, Vec<Row>)| {
        ward.runtime.block_on(async {
            let first = ward.today() - Days::new(24);
            let goal = ward.goal(aim).await;
            let entries: Vec<_> = rows.iter().map(|row| Ward::entry(aim, first, row)).collect();
            ward.imports(goal, &entries).await;
            let before = ward.achieved(goal).await;
            let milestones = ward.clinic.milestones().await;
            for milestone in milestones.iter().filter(|row| row.goal_id == goal && row.achieved_at.is_some())
            {
                let input = json!({ "milestoneId": milestone.id });
                ward.clinic.does(&ward.lee, "revokeMilestone", input, "goal { id }").await;
            }
            let day = first + Days::new(last[0].day);
            let had = rows.iter().any(|row| row.day == last[0].day);
            ward.records(goal, &Ward::entry(aim, first, &last[0])).await;

            let mut again = ward.achieved(goal).await;
            for old in &before {
                let place = again.iter().position(|one| one == old).expect("what was told stays told");
                again.remove(place);
            }
            let counts = aim.4 == Some(6);
            for (title, effective, _) in again {
                if title.starts_with("STREAK") {
                    let checks_in = aim.0 == "SCALE";
                    prop_assert!(!(checks_in && had), "{} by a day that was met", title);
                } else {
                    prop_assert!(
                        effective == day || (counts && effective > day),
                        "{} on {}",
                        title,
                        effective
                    );
                }
            }
            Ok(())
        })
    };
    runner(48).run(&any, law).expect("the law");
}

macro_rules! on_both {
    ($($law:ident)+) => { $(
        mod $law {
            use crate::support::Kind;

            #[test]
            fn sqlite() {
                super::$law(Kind::Sqlite);
            }

            #[test]
            fn postgres() {
                super::$law(Kind::Postgres);
            }
        }
    )+ };
}

on_both! {
    order_and_batching_change_nothing
    by_hand_and_imported_is_the_same
    what_more_can_take_back_is_not_met_while_more_may_come
    what_was_revoked_returns_by_something_new
}
