//! What figures cost: statements by the shape of the operation alone, and rows by what is asked for.

use entity::goal;
use serde_json::json;

use crate::both;
use crate::support::{Aim, Clinic, SCALE, day};

const PERCENT: &str = "percent raw status degenerate currentValue baselineValue baselineSource targetValue";
const ALL: &str = "asOf status percent raw degenerate currentValue periodOpen baselineValue baselineSource
    targetValue entryCount firstEntryDate lastEntryDate ruleVersion pace
    trend { class n } streak { current longest } projection { status date } series { date rollingMean7 }
    days: trend(days: 7) { n } january: series(to: \"2026-01-31\") { date }";

/// One goal of each way to track, each without a baseline, by session where that makes a difference.
fn aims() -> impl Iterator<Item = Aim> + Clone {
    let methods = ["scale", "frequency", "duration", "binary", "assessment"];
    methods.into_iter().map(|method| Aim { method, frequency: "session", baseline: None, ..SCALE })
}

async fn goal_with_everything(
    clinic: &Clinic,
    people: &(crate::support::Person, crate::support::Person),
    aim: Aim,
) -> goal::Model {
    let (ann, lee) = people;
    let goal = clinic.aims(ann, lee, aim).await;
    clinic.has_entries(&goal, day(2026, 2, 1), 3, &[1, 0, 1]).await;
    clinic.assessment(ann, Some(&goal), "PHQ-9", 12, day(2026, 2, 3)).await;
    clinic.achieved(&goal, "percentage", Some(10)).await;
    clinic.achieved(&goal, "streak", Some(1)).await;
    clinic.reminder(&goal, None).await;
    goal
}

/// Statements of a query below `goals`, for one goal of each kind and then for 100 goals.
async fn statements(clinic: &Clinic, fields: &str) -> (u32, u32) {
    let people = clinic.couple("Ann", "Dr. Lee").await;
    clinic.session(&people.0, &people.1, clinic.now()).await;
    let query = format!("{{ goals(first: 100) {{ nodes {{ id {fields} }} }} }}");
    for aim in aims() {
        goal_with_everything(clinic, &people, aim).await;
    }
    let few = clinic.asks(&people.0, &query, json!({})).await;
    assert_eq!(few.at("/goals/nodes").as_array().map(Vec::len), Some(5));
    for aim in aims().cycle().take(95) {
        goal_with_everything(clinic, &people, aim).await;
    }
    let many = clinic.asks(&people.0, &query, json!({})).await;
    assert_eq!(many.at("/goals/nodes").as_array().map(Vec::len), Some(100));
    (few.statements, many.statements)
}

both! {
    async fn percent_takes_as_many_statements_for_100_goals_as_for_few(clinic) {
        // Goals; time zones, configurations, instruments; last day, first day, sessions, sums.
        assert_eq!(statements(&clinic, &format!("progress {{ {PERCENT} }}")).await, (8, 8));
    }

    async fn all_figures_take_as_many_statements_for_100_goals_as_for_few(clinic) {
        // Those of percent, the extent, the days of windows in one, two for charts, and for streaks
        // entries, pauses, earlier aims and sessions.
        assert_eq!(statements(&clinic, &format!("progress {{ {ALL} }}")).await, (16, 16));
    }

    async fn what_hangs_on_goals_takes_as_many_statements_for_100_as_for_few(clinic) {
        // Goals and what hangs on them; their goals again, time zones, configurations, instruments; last
        // day, first day, sessions, sums; entries, pauses, earlier aims and sessions.
        assert_eq!(statements(&clinic, "milestones { stillMet }").await, (14, 14));
    }

    async fn reminders_of_100_goals_take_as_many_statements_as_those_of_few(clinic) {
        // Goals, reminders; goals, people, configurations.
        assert_eq!(statements(&clinic, "reminders { nextDueAt }").await, (5, 5));
    }

    async fn reminders_to_record_take_one_statement_more_for_any_number_of_goals(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for goals in [1, 30] {
            for _ in 0..goals {
                let goal = clinic.sets_a_goal(&lee, &ann).await;
                let reminder = json!({ "goalId": goal, "reminderType": "PROGRESS", "scheduledTime": "09:00" });
                clinic.does(&lee, "scheduleReminder", reminder, "reminder { id }").await;
            }
            let query = "{ goals(first: 100) { nodes { reminders { nextDueAt } } } }";
            assert_eq!(clinic.asks(&lee, query, json!({})).await.statements, 6);
        }
    }

    async fn scores_of_100_goals_take_as_many_statements_as_those_of_few(clinic) {
        let fields = "band { code } changeSinceFirst pointsSincePrevious safety";
        let query = format!("assessments {{ nodes {{ interpretation {{ {fields} }} }} }}");
        assert_eq!(statements(&clinic, &query).await, (3, 3));
    }

    async fn a_field_reads_what_it_needs(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        clinic.entry(&goal, day(2026, 2, 1), 5).await;
        // Goal, time zone and configuration come before everything.
        for (fields, more) in [
            ("targetValue baselineValue asOf", 0),
            ("percent raw status degenerate currentValue pace", 1),
            ("entryCount firstEntryDate lastEntryDate", 1),
            ("trend { class }", 1),
            ("projection { date }", 1),
            ("series { date }", 2),
            ("streak { current }", 3),
        ] {
            let query = format!("query($id: ID!) {{ goal(id: $id) {{ progress {{ {fields} }} }} }}");
            let answer = clinic.asks(&ann, &query, json!({ "id": goal.id })).await;
            answer.data();
            assert_eq!(answer.statements, 3 + more, "{fields}");
        }
    }

    async fn percent_does_not_read_a_long_history(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let values: Vec<_> = (0..10_000).map(|day| day % 2).collect();
        for aim in aims() {
            let goal = clinic.aims(&ann, &lee, aim).await;
            clinic.has_entries(&goal, day(1998, 10, 16), 1, &values).await;
            let rows = async |fields: &str| {
                let query = format!("query($id: ID!) {{ goal(id: $id) {{ progress {{ {fields} }} }} }}");
                let answer = clinic.asks(&ann, &query, json!({ "id": goal.id })).await;
                answer.data();
                answer.rows
            };
            let method = aim.method;
            assert!(rows(PERCENT).await <= 6, "percent of {method}");
            // The goal, its time zone and configuration, and what else stands before the figure itself.
            assert!(rows("entryCount firstEntryDate lastEntryDate").await <= 5, "extent of {method}");
            assert!(rows("trend { class slopePerDay }").await <= 5 + 90, "trend of {method}");
            assert!(rows("series { date }").await <= 5 + 406, "series of {method}");
        }
    }
}
