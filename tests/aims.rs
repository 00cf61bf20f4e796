//! The aim as it stood: a day or a period that is over is judged by what was aimed at then.

use chrono::{Days, NaiveDate, TimeDelta};
use entity::{aim, goal, progress};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Aim, Clinic, Kind, Person, SCALE, day, with};

const FIGURES: &str = "status percent raw degenerate currentValue baselineValue targetValue entryCount
    trend { class } pace projection { status date } streak { longest kind }";

async fn as_of(clinic: &Clinic, person: &Person, goal: &str, date: NaiveDate) -> Value {
    clinic.progress_as_of(person, goal.parse().expect("an id"), Some(date), FIGURES).await
}

async fn now(clinic: &Clinic, person: &Person, goal: &str, fields: &str) -> Value {
    clinic.progress_as_of(person, goal.parse().expect("an id"), None, fields).await
}

async fn updates(clinic: &Clinic, lee: &Person, goal: &str, fields: Value) {
    clinic.does(lee, "updateGoal", with(json!({ "goalId": goal }), fields), "goal { id }").await;
}

async fn history(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    let query = "query($id: ID!) { goal(id: $id) { aimHistory {
        since baselineValue targetValue targetDirection setBy { fullName } } } }";
    clinic.asks(person, query, json!({ "id": goal })).await.at("/goal/aimHistory").clone()
}

/// Somebody else's program changes the row of a goal.
async fn changes_elsewhere(clinic: &Clinic, goal: &str, target: i64, says_when: bool) {
    let mut update = goal::Entity::update_many()
        .col_expr(goal::Column::TargetValue, Expr::value(rust_decimal(target)))
        .filter(goal::Column::Id.eq(goal.parse::<uuid::Uuid>().expect("an id")));
    if says_when {
        update = update.col_expr(goal::Column::UpdatedAt, Expr::value(clinic.now()));
    }
    update.exec(clinic.db()).await.expect("an update");
}

fn rust_decimal(value: i64) -> sea_orm::prelude::Decimal {
    value.into()
}

/// Twice a day, on the seven days before today.
async fn twice_a_day(clinic: &Clinic, lee: &Person, ann: &Person) -> String {
    let fields = json!({ "baselineValue": null, "targetValue": "2",
        "tracking": { "method": "FREQUENCY", "frequency": "DAILY" } });
    let goal = clinic.sets_a_goal_with(lee, ann, fields).await;
    for date in 22..=28 {
        clinic.records_on(ann, &goal, "2", &format!("2026-02-{date}")).await;
    }
    goal
}

both! {
    async fn raising_a_target_changes_no_figure_of_a_day_before(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = twice_a_day(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "STREAK", "8").await;
        for later in [TimeDelta::zero(), TimeDelta::days(1)] {
            clinic.later(later);
            updates(&clinic, &lee, &goal, json!({ "targetValue": "5" })).await;
            let day_before = as_of(&clinic, &ann, &goal, day(2026, 2, 28)).await;
            assert_eq!((&day_before["percent"], &day_before["targetValue"]), (&json!(100.0), &json!("2.00")));
            assert_eq!(day_before["streak"], json!({ "longest": 7, "kind": "target" }));
            assert_eq!(now(&clinic, &ann, &goal, "targetValue streak { longest }").await, json!({
                "targetValue": "5.00", "streak": { "longest": 7 },
            }));
        }
        // The first day judged by the new aim is the one on which it was raised; two are too few now.
        let missed = clinic.records_on(&ann, &goal, "2", "2026-03-01").await;
        assert_eq!(missed["achievedMilestones"], json!([]));
        let met = clinic.records_on(&ann, &goal, "3", "2026-03-01").await;
        assert_eq!(met["achievedMilestones"], json!([{ "title": "STREAK 8" }]));
    }

    async fn a_week_is_judged_by_what_was_aimed_at_when_it_ended(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let weekly = json!({ "baselineValue": null, "targetValue": "2",
            "tracking": { "method": "FREQUENCY", "frequency": "WEEKLY" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, weekly).await;
        // Three weeks from Monday, 9 February; it is Sunday, 1 March.
        for date in ["2026-02-10", "2026-02-18", "2026-02-25"] {
            clinic.records_on(&ann, &goal, "2", date).await;
        }
        assert_eq!(now(&clinic, &ann, &goal, "streak { longest }").await, json!({ "streak": { "longest": 3 } }));
        updates(&clinic, &lee, &goal, json!({ "targetValue": "3" })).await;
        assert_eq!(now(&clinic, &ann, &goal, "streak { longest }").await, json!({ "streak": { "longest": 2 } }));
        clinic.later(TimeDelta::days(1));
        updates(&clinic, &lee, &goal, json!({ "targetValue": "2" })).await;
        let ended = now(&clinic, &ann, &goal, "streak { current longest }").await;
        assert_eq!(ended, json!({ "streak": { "current": 0, "longest": 2 } }), "the last week ended with 3 to reach");
    }

    async fn a_day_before_is_read_by_the_configuration_it_had(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.records_on(&ann, &goal, "5", "2026-02-28").await;
        let before = as_of(&clinic, &ann, &goal, day(2026, 2, 28)).await;
        assert_eq!(before["percent"], 50.0);
        clinic.later(TimeDelta::days(1));
        let minutes = json!({ "goalId": goal, "method": "DURATION", "frequency": "DAILY" });
        clinic.does(&lee, "configureTracking", minutes, "tracking { id }").await;
        assert_eq!(now(&clinic, &ann, &goal, "status").await, json!({ "status": "NO_DATA" }));
        assert_eq!(as_of(&clinic, &ann, &goal, day(2026, 2, 28)).await, before);
    }

    async fn the_history_of_an_aim_says_since_when_and_by_whom(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let scale = json!({ "baselineValue": null, "tracking": { "method": "SCALE" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, scale).await;
        clinic.later(TimeDelta::days(1));
        updates(&clinic, &lee, &goal, json!({ "baselineValue": "9", "targetValue": "3" })).await;
        updates(&clinic, &lee, &goal, json!({ "description": "Rest" })).await;
        clinic.later(TimeDelta::days(1));
        let root = clinic.admin("Root").await;
        let maintain = json!({ "goalId": goal, "method": "SCALE", "targetDirection": "DECREASE", "scaleMax": 9 });
        clinic.does(&root, "configureTracking", maintain, "tracking { id }").await;
        let clear = json!({ "baselineValue": null, "targetValue": null });
        clinic.does(&root, "updateGoal", with(json!({ "goalId": goal }), clear), "goal { id }").await;
        let version = |since: &str, way: [Value; 2], direction: &str, by: &str| json!({
            "since": since, "baselineValue": way[0], "targetValue": way[1], "targetDirection": direction,
            "setBy": { "fullName": by },
        });
        assert_eq!(history(&clinic, &root, &goal).await, json!([
            version("2026-03-03T12:00:00Z", [Value::Null, Value::Null], "DECREASE", "Root"),
            version("2026-03-02T12:00:00Z", [json!("9.00"), json!("3.00")], "DECREASE", "Dr. Lee"),
            version("2026-03-01T12:00:00Z", [Value::Null, json!("8.00")], "INCREASE", "Dr. Lee"),
        ]));
        // Whoever sees the goal sees it, and the names of those they work with.
        let seen = history(&clinic, &ann, &goal).await;
        assert_eq!((&seen[0]["setBy"], &seen[1]["setBy"]), (&Value::Null, &json!({ "fullName": "Dr. Lee" })));
    }

    async fn a_goal_of_which_no_version_is_known_always_had_its_present_aim(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        clinic.entry(&goal, day(2026, 2, 1), 5).await;
        let id = goal.id.to_string();
        let query = "query($id: ID!) { goal(id: $id) { updatedAt } }";
        let since = clinic.asks(&lee, query, json!({ "id": id })).await.at("/goal/updatedAt").clone();
        let present = json!({ "since": null, "baselineValue": "2.00", "targetValue": "8.00",
            "targetDirection": "INCREASE", "setBy": null });
        assert_eq!(history(&clinic, &lee, &id).await, json!([present]));
        // The first change through us keeps what stood before.
        clinic.later(TimeDelta::days(1));
        updates(&clinic, &lee, &id, json!({ "targetValue": "5" })).await;
        assert_eq!(as_of(&clinic, &ann, &id, day(2026, 2, 1)).await["percent"], 50.0);
        assert_eq!(now(&clinic, &ann, &id, "percent").await, json!({ "percent": 100.0 }));
        let versions = history(&clinic, &lee, &id).await;
        assert_eq!(versions[1], with(present, json!({ "since": since })));
    }

    async fn what_another_program_changes_stands_from_when_it_says_or_from_today(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for (says_when, yesterday) in [(true, 50.0), (false, 100.0)] {
            let goal = clinic.sets_a_goal_with(&lee, &ann, json!({ "targetValue": "5" })).await;
            let today = clinic.now().date();
            clinic.records_on(&ann, &goal, "5", &(today - Days::new(1)).to_string()).await;
            clinic.later(TimeDelta::days(1));
            changes_elsewhere(&clinic, &goal, 8, says_when).await;
            clinic.later(TimeDelta::days(1));
            let percents = async || {
                let mut percents = Vec::new();
                for ago in [3, 1, 0] {
                    let at = clinic.now().date() - Days::new(ago);
                    percents.push(as_of(&clinic, &ann, &goal, at).await["percent"].as_f64());
                }
                percents
            };
            let read = percents().await;
            assert_eq!(read, [Some(100.0), Some(yesterday), Some(50.0)], "says when: {says_when}");
            let since = history(&clinic, &lee, &goal).await[0]["since"].clone();
            assert_eq!(since.is_string(), says_when);
            // A write through us writes it down as it was read.
            updates(&clinic, &lee, &goal, json!({ "baselineValue": "1" })).await;
            assert_eq!(percents().await[..2], read[..2], "says when: {says_when}");
            assert_eq!(history(&clinic, &lee, &goal).await.as_array().map(Vec::len), Some(3));
        }
    }

    async fn a_streak_reads_the_aims_of_another_program_too(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = twice_a_day(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "STREAK", "8").await;
        changes_elsewhere(&clinic, &goal, 5, false).await;
        assert_eq!(now(&clinic, &ann, &goal, "streak { longest }").await, json!({ "streak": { "longest": 7 } }));
        let met = clinic.records_on(&ann, &goal, "5", "2026-03-01").await;
        assert_eq!(met["achievedMilestones"], json!([{ "title": "STREAK 8" }]));
    }

    async fn a_goal_takes_its_versions_with_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let versions = async || aim::Entity::find().all(clinic.store()).await.expect("versions").len();
        assert_eq!(versions().await, 1);
        clinic.does(&lee, "deleteGoal", json!({ "goalId": goal }), "deletedId").await;
        assert_eq!(versions().await, 0);
    }

    async fn what_stood_before_is_read_only_for_a_day_that_is_over(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let mut before = Vec::new();
        for goals in [1, 20] {
            for _ in 0..goals {
                clinic.sets_a_goal(&lee, &ann).await;
            }
            let mut statements = Vec::new();
            for (date, fields) in [("2026-03-01", "percent"), ("2026-02-28", "percent")] {
                let query = format!("{{ goals {{ nodes {{ progress(asOf: \"{date}\") {{ {fields} }} }} }} }}");
                statements.push(clinic.asks(&lee, &query, json!({})).await.statements);
            }
            let query = "{ goals { nodes { aimHistory { since } } } }";
            statements.push(clinic.asks(&lee, query, json!({})).await.statements);
            // Goals, zones, configurations; the last day; and versions.
            assert_eq!(statements, [4, 5, 4]);
            before.push(statements);
        }
        assert_eq!(before[0], before[1]);
    }
}

/// Versions are there from the step on that makes their table, with what stands then.
#[tokio::test]
async fn versions_begin_with_what_stands_when_their_table_is_made() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let clinic = Clinic::open(kind).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let plain: goal::Model = clinic.goal(&ann, &lee, "Walk").await;
        let down = Aim { baseline: Some(18), target: Some(5), direction: Some("decrease"), ..SCALE };
        let goal = clinic.aims(&ann, &lee, down).await;
        let mut newer = clinic.tracking(&goal, "scale").await.into_active_model();
        newer.target_direction = Set(Some("maintain".to_owned()));
        newer.created_at = Set(Some(clinic.now() + TimeDelta::hours(1)));
        newer.update(clinic.db()).await.expect("a configuration");
        migration::down(clinic.db(), 6).await.expect("without versions");
        let before = chrono::Utc::now().naive_utc() - TimeDelta::seconds(2);
        migration::up(clinic.db()).await.expect("with versions");

        let mut versions = aim::Entity::find().all(clinic.store()).await.expect("versions");
        versions.sort_by_key(|version| version.goal_id);
        let [first, second] = &versions[..] else { panic!("{versions:?}") };
        assert_eq!((first.goal_id, first.target_value, first.direction()), (plain.id, None, None));
        assert!(!first.direction_said && second.direction_said);
        let way = (second.baseline_value, second.target_value, second.direction());
        let maintain = entity::tracking::Direction::Maintain;
        assert_eq!(way, (Some(18.into()), Some(5.into()), Some(maintain)));
        assert!(versions.iter().all(|version| version.since >= before && version.set_by.is_none()));
        assert_eq!(history(&clinic, &lee, &goal.id.to_string()).await.as_array().map(Vec::len), Some(1));
    }
}

// -- the law ------------------------------------------------------------------------------------

/// A way to track, with a baseline and a target.
type Way = (&'static str, &'static str, Option<i64>, i64);

fn a_way() -> impl Strategy<Value = Way> {
    let method = prop_oneof![Just("scale"), Just("frequency"), Just("duration")];
    let frequency = prop_oneof![Just("daily"), Just("weekly"), Just("custom")];
    (method, frequency, proptest::option::of(1_i64..10), 1_i64..10)
}

/// Some values of the last weeks; how the aim is changed, how many days later, and whether it is turned too.
type Case = (Way, Vec<(u64, i64)>, Vec<(Option<i64>, i64, i64, &'static str)>);

fn a_case() -> impl Strategy<Value = Case> {
    let entries = proptest::collection::vec((0_u64..40, 1_i64..10), 0..12);
    let turn =
        prop_oneof![3 => Just(""), 1 => Just("INCREASE"), 1 => Just("DECREASE"), 1 => Just("MAINTAIN")];
    let change = (proptest::option::of(1_i64..10), 1_i64..10, 0_i64..9, turn);
    let changes = proptest::collection::vec(change, 1..4);
    (a_way(), entries, changes)
}

#[test]
fn a_new_aim_changes_no_figure_as_of_a_day_before() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let clinic = runtime.block_on(Clinic::open(kind));
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let tried = TestRunner::new(config).run(&a_case(), |case| runtime.block_on(holds(&clinic, case)));
        tried.unwrap_or_else(|failure| panic!("{failure}"));
    }
}

async fn holds(clinic: &Clinic, (way, entries, changes): Case) -> Result<(), TestCaseError> {
    let (method, frequency, baseline, target) = way;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let tracking = json!({ "method": method.to_uppercase(), "frequency": frequency.to_uppercase(),
        "customFrequencyDays": (frequency == "custom").then_some(3) });
    let fields = json!({ "baselineValue": baseline, "targetValue": target, "tracking": tracking.clone() });
    let goal = clinic.sets_a_goal_with(&lee, &ann, fields).await;
    let first = clinic.now().date();
    for (ago, value) in entries {
        let row = progress::ActiveModel {
            id: Set(clinic.next_id()),
            goal_id: Set(goal.parse().expect("an id")),
            entry_date: Set(first - Days::new(ago)),
            value: Set(value.into()),
            recorded_at: Set(Some(clinic.now())),
            ..Default::default()
        };
        row.insert(clinic.db()).await.expect("an entry");
    }
    for (baseline, target, later, turn) in changes {
        clinic.later(TimeDelta::days(later));
        let yesterday = clinic.now().date() - Days::new(1);
        let days = [yesterday, first - Days::new(3), first - Days::new(20)];
        let mut before = Vec::new();
        for date in days {
            before.push(as_of(clinic, &ann, &goal, date).await);
        }
        // What contradicts is refused, and changes nothing either.
        let input = json!({ "goalId": goal, "baselineValue": baseline, "targetValue": target });
        clinic.sends_input(&lee, "updateGoal", &input, "goal { id }").await;
        if !turn.is_empty() {
            let input = with(tracking.clone(), json!({ "goalId": goal, "targetDirection": turn }));
            clinic.sends_input(&lee, "configureTracking", &input, "goal { id }").await;
        }
        for (date, before) in days.into_iter().zip(before) {
            prop_assert_eq!(as_of(clinic, &ann, &goal, date).await, before, "{}", date);
        }
    }
    Ok(())
}
