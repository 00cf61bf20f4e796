//! Rows that another program has written and that can't be read: what needs one is null, a list goes on without it,
//! an error says so with its path and an id for the log, and everything beside it is served.

use entity::goal;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Kind, Person, day};

/// Sets a column of the rows that meet a condition to what no rule of ours would write: SQL for PostgreSQL, and for
/// SQLite.
pub async fn spoils(clinic: &Clinic, table: &str, column: &str, [postgres, sqlite]: [&str; 2], which: &str) {
    let value = if clinic.database.kind == Kind::Postgres { postgres } else { sqlite };
    if clinic.database.kind == Kind::Sqlite {
        clinic.db().execute_unprepared("PRAGMA ignore_check_constraints = ON").await.expect("no checks");
    }
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE {which}");
    let done = clinic.db().execute_unprepared(&sql).await.expect(&sql);
    assert_ne!(done.rows_affected(), 0, "{sql}");
}

/// A moment without end, and one that is no moment.
const ENDLESS: [&str; 2] = ["'infinity'", "'9999-99-99 00:00:00'"];

fn with_id(clinic: &Clinic, id: uuid::Uuid) -> String {
    match clinic.database.kind {
        Kind::Postgres => format!("id = '{id}'"),
        Kind::Sqlite => format!("id = x'{}'", id.simple()),
    }
}

/// The errors as `code at path`, each with an id for the log.
fn errors(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let shown = |error: &Value| {
        let extensions = &error["extensions"];
        assert!(extensions["errorId"].as_str().is_some_and(|id| id.len() == 36), "{error}");
        format!("{} at {}", extensions["code"].as_str().expect("a code"), error["path"])
    };
    let mut shown: Vec<_> = errors.iter().map(shown).collect();
    shown.sort();
    shown
}

async fn three_goals(clinic: &Clinic) -> (Person, Person, [goal::Model; 3]) {
    let (patient, therapist) = clinic.couple("Paula", "Theo").await;
    let mut goals = Vec::new();
    for description in ["first", "second", "third"] {
        goals.push(clinic.goal(&patient, &therapist, description).await);
    }
    (patient, therapist, goals.try_into().expect("three"))
}

both! {
    async fn a_goal_that_cant_be_read_is_left_out_and_the_rest_is_served(clinic) {
        let (_, therapist, [first, second, third]) = three_goals(&clinic).await;
        spoils(&clinic, "treatment_goals", "completed_at", ENDLESS, &with_id(&clinic, second.id)).await;
        let query = "query ($id: ID!, $ids: [ID!]!) {
            goals { totalCount pageInfo { hasNextPage } nodes { description } }
            patients { nodes { goals { edges { node { description } } } } }
            goal(id: $id) { description }
            nodes(ids: $ids) { id }
        }";
        let variables = json!({ "id": second.id, "ids": [first.id, second.id, third.id] });
        let answer = clinic.asks(&therapist, query, variables).await;
        assert_eq!(answer.body["data"], json!({
            "goals": {
                "totalCount": 3, "pageInfo": { "hasNextPage": false },
                "nodes": [{ "description": "third" }, { "description": "first" }],
            },
            "patients": { "nodes": [{ "goals": { "edges": [
                { "node": { "description": "third" } }, { "node": { "description": "first" } },
            ] } }] },
            "goal": null,
            "nodes": [{ "id": first.id }, null, { "id": third.id }],
        }));
        assert_eq!(errors(&answer), [
            r#"UNREADABLE_ROW at ["goal"]"#,
            r#"UNREADABLE_ROW at ["goals","nodes"]"#,
            r#"UNREADABLE_ROW at ["nodes",1]"#,
            r#"UNREADABLE_ROW at ["patients","nodes",0,"goals","edges"]"#,
        ]);
    }

    async fn pages_go_on_behind_rows_that_cant_be_read(clinic) {
        let (patient, therapist) = clinic.couple("Paula", "Theo").await;
        for number in 0..40 {
            clinic.goal(&patient, &therapist, &format!("goal {number}")).await;
        }
        // The newest 25, which fill whole pages, and one of the oldest.
        let odd = "CAST(substr(description, 6) AS INTEGER) >= 15 OR description = 'goal 3'";
        spoils(&clinic, "treatment_goals", "updated_at", ENDLESS, odd).await;
        for (name, query) in [
            ("top", "query ($after: String) { page: goals(first: 4, after: $after) {
                nodes { description } pageInfo { hasNextPage endCursor } } }"),
            ("below", "query ($after: String) { viewer { page: goals(first: 4, after: $after) {
                nodes { description } pageInfo { hasNextPage endCursor } } } }"),
        ] {
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            loop {
                let answer = clinic.asks(&therapist, query, json!({ "after": after })).await;
                let data = &answer.body["data"];
                let page = data.get("page").unwrap_or(&data["viewer"]["page"]);
                let nodes = page["nodes"].as_array().expect("nodes");
                seen.extend(nodes.iter().map(|node| node["description"].clone()));
                assert!(seen.len() <= 40, "{name} goes round in a circle");
                if page["pageInfo"]["hasNextPage"] == false { break }
                assert_eq!(nodes.len(), 4, "{name}: a page is full");
                after = page["pageInfo"]["endCursor"].clone();
            }
            let expected = (0..15).rev().filter(|number| *number != 3);
            let expected: Vec<_> = expected.map(|number| json!(format!("goal {number}"))).collect();
            assert_eq!(seen, expected, "{name}");
        }
    }

    async fn a_list_goes_on_without_what_hangs_on_a_row_that_cant_be_read(clinic) {
        let (patient, therapist, [first, second, _]) = three_goals(&clinic).await;
        let spared = clinic.reminder(&first, None).await;
        clinic.reminder(&second, None).await;
        clinic.milestone(&first, "spared", false).await;
        let milestone = clinic.milestone(&first, "odd", false).await;
        spoils(&clinic, "treatment_goals", "completed_at", ENDLESS, &with_id(&clinic, second.id)).await;
        spoils(&clinic, "progress_milestones", "achieved_at", ENDLESS, &with_id(&clinic, milestone.id)).await;
        let query = "query ($id: ID!, $patient: ID!) {
            goal(id: $id) { milestones { title } }
            person(id: $patient) { reminders { id goal { description } } upcomingReminders { reminder { id } } }
        }";
        let variables = json!({ "id": first.id, "patient": patient.id });
        let answer = clinic.asks(&therapist, query, variables).await;
        assert_eq!(answer.body["data"], json!({
            "goal": { "milestones": [{ "title": "spared" }] },
            "person": {
                "reminders": [{ "id": spared.id, "goal": { "description": "first" } }],
                "upcomingReminders": [{ "reminder": { "id": spared.id } }],
            },
        }));
        assert_eq!(errors(&answer), [
            r#"UNREADABLE_ROW at ["goal","milestones"]"#,
            r#"UNREADABLE_ROW at ["person","reminders"]"#,
            r#"UNREADABLE_ROW at ["person","upcomingReminders"]"#,
        ]);
    }

    async fn no_figure_is_worked_out_without_an_entry_that_cant_be_read(clinic) {
        let (_, therapist, [odd, whole, _]) = three_goals(&clinic).await;
        for goal in [&odd, &whole] {
            clinic.tracking(goal, "frequency").await;
            for date in [26, 27, 28] {
                clinic.entry(goal, day(2026, 2, date), 2).await;
            }
        }
        let of_odd = with_id(&clinic, odd.id).replace("id =", "goal_id =");
        spoils(&clinic, "progress_entries", "value", ["'NaN'", "9e999"], &of_odd).await;
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Goal { progress {
            percent currentValue runningTotal entryCount firstEntryDate series { value } } } } }";
        let nullable = query.replace(" entryCount firstEntryDate series { value }", "");
        let ids = json!({ "ids": [odd.id, whole.id] });
        let answer = clinic.asks(&therapist, &nullable, ids.clone()).await;
        let none = json!({ "progress": { "percent": null, "currentValue": null, "runningTotal": null } });
        assert_eq!(answer.body["data"]["nodes"][0], none, "{}", answer.text);
        assert_eq!(answer.body["data"]["nodes"][1]["progress"]["currentValue"], "2.00");
        let all = ["percent", "currentValue", "runningTotal"];
        let mut expected = all.map(|field| format!(r#"UNREADABLE_ROW at ["nodes",0,"progress","{field}"]"#));
        expected.sort();
        assert_eq!(errors(&answer), expected);

        let answer = clinic.asks(&therapist, query, ids).await;
        let nodes = answer.body["data"]["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), 2, "{}", answer.text);
        assert_eq!(nodes[0], Value::Null, "a figure that may not be null");
        assert_eq!(nodes[1]["progress"]["entryCount"], 3);
        assert_eq!(nodes[1]["progress"]["series"].as_array().map(Vec::len), Some(3));
    }

    async fn the_configuration_before_one_that_cant_be_read_is_not_taken_for_it(clinic) {
        let (_, therapist, [odd, whole, _]) = three_goals(&clinic).await;
        for goal in [&odd, &whole] {
            clinic.tracking(goal, "binary").await;
        }
        let newest = clinic.tracking(&odd, "scale").await;
        spoils(&clinic, "goal_tracking_config", "created_at", ENDLESS, &with_id(&clinic, newest.id)).await;
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Goal { tracking { method }
            trackingHistory { method } progress { percent } } } }";
        let answer = clinic.asks(&therapist, query, json!({ "ids": [odd.id, whole.id] })).await;
        let nodes = &answer.body["data"]["nodes"];
        assert_eq!(nodes[0], Value::Null, "its progress may not be null: {}", answer.text);
        assert_eq!(nodes[1], json!({ "tracking": { "method": "BINARY" }, "trackingHistory": [{ "method": "BINARY" }],
            "progress": { "percent": null } }));
        let query = query.replace("progress { percent }", "");
        let answer = clinic.asks(&therapist, &query, json!({ "ids": [odd.id] })).await;
        assert_eq!(answer.body["data"]["nodes"], json!([{ "tracking": null, "trackingHistory": [{ "method": "BINARY" }] }]));
        assert_eq!(errors(&answer), [
            r#"UNREADABLE_ROW at ["nodes",0,"tracking"]"#, r#"UNREADABLE_ROW at ["nodes",0,"trackingHistory"]"#,
        ]);
    }

    async fn what_can_be_done_to_a_row_that_cant_be_read_is_refused_with_an_error_that_says_why(clinic) {
        let (_, therapist, [odd, whole, _]) = three_goals(&clinic).await;
        let entry = clinic.entry(&whole, day(2026, 2, 27), 5).await;
        spoils(&clinic, "treatment_goals", "created_at", ENDLESS, &with_id(&clinic, odd.id)).await;
        spoils(&clinic, "progress_entries", "recorded_at", ENDLESS, &with_id(&clinic, entry.id)).await;
        for (mutation, input) in [
            ("updateGoal", json!({ "goalId": odd.id, "description": "other" })),
            ("changeGoalStatus", json!({ "goalId": odd.id, "status": "COMPLETED" })),
            ("recordProgress", json!({ "goalId": odd.id, "value": "1" })),
            ("deleteGoal", json!({ "goalId": odd.id })),
            ("updateProgress", json!({ "entryId": entry.id, "value": "1" })),
            ("deleteProgress", json!({ "entryId": entry.id })),
        ] {
            let answer = clinic.sends_input(&therapist, mutation, &input, "__typename").await;
            assert_eq!(answer.body["data"], Value::Null, "{mutation}");
            assert_eq!(errors(&answer), [r#"UNREADABLE_ROW at ["payload"]"#], "{mutation}: {}", answer.text);
        }
        clinic.does(&therapist, "recordProgress", json!({ "goalId": whole.id, "value": "6" }), "__typename").await;
    }

    async fn reminders_are_sent_beside_rows_that_cant_be_read(clinic) {
        let (_, _, goals) = three_goals(&clinic).await;
        for goal in &goals {
            clinic.reminder(goal, None).await;
        }
        spoils(&clinic, "treatment_goals", "target_date", ["'-infinity'", "'soon'"], &with_id(&clinic, goals[1].id)).await;
        clinic.catches_up().await;
        clinic.later(chrono::TimeDelta::hours(21));
        clinic.catches_up().await;
        assert_eq!(clinic.events_of("reminder_due").await.len(), 2);
    }

    async fn the_end_of_a_day_is_shown_as_what_it_is(clinic) {
        let (_, therapist, [goal, ..]) = three_goals(&clinic).await;
        clinic.tracking(&goal, "scale").await;
        for (value, time) in [(3, "'24:00'"), (4, "'23:59:59'"), (5, "'00:00'")] {
            let entry = clinic.entry(&goal, day(2026, 2, 27), value).await;
            spoils(&clinic, "progress_entries", "entry_time", [time; 2], &with_id(&clinic, entry.id)).await;
        }
        let reminder = clinic.reminder(&goal, None).await;
        spoils(&clinic, "goal_reminders", "scheduled_time", ["'24:00'"; 2], &with_id(&clinic, reminder.id)).await;
        let query = "query ($id: ID!, $after: String) { goal(id: $id) { progress { currentValue }
            entries(first: 1, after: $after) { nodes { value entryTime } pageInfo { endCursor } }
            reminders { scheduledTime nextDueAt } } }";
        let answer = clinic.asks(&therapist, query, json!({ "id": goal.id })).await;
        assert_eq!(answer.at("/goal/entries/nodes"), &json!([{ "value": "3.00", "entryTime": "24:00:00" }]));
        assert_eq!(answer.at("/goal/progress/currentValue"), "3.00", "the last of its day");
        assert_eq!(answer.at("/goal/reminders"), &json!([
            { "scheduledTime": "24:00:00", "nextDueAt": "2026-03-02T00:00:00Z" },
        ]));
        let after = answer.at("/goal/entries/pageInfo/endCursor").clone();
        let answer = clinic.asks(&therapist, query, json!({ "id": goal.id, "after": after })).await;
        assert_eq!(answer.at("/goal/entries/nodes"), &json!([{ "value": "4.00", "entryTime": "23:59:59" }]));
    }

    async fn verify_names_the_rows_that_cant_be_read(clinic) {
        let (_, _, [first, second, _]) = three_goals(&clinic).await;
        let entry = clinic.entry(&first, day(2026, 2, 27), 5).await;
        spoils(&clinic, "treatment_goals", "completed_at", ENDLESS, "description <> 'third'").await;
        spoils(&clinic, "progress_entries", "value", ["'NaN'", "-9e999"], &with_id(&clinic, entry.id)).await;
        let report = migration::verify(clinic.db()).await.expect("a report").to_string();
        let lowest = first.id.min(second.id);
        assert_eq!(report, format!(
            "treatment_goals.completed_at: can't be read in 2 rows, which are left out of lists: the first is that \
             with the id {lowest}\n\
             progress_entries.value: can't be read in 1 row, which is left out of lists: that with the id {}",
            entry.id,
        ));
        let notes = migration::adopt(clinic.db()).await.expect("adopted").notes;
        assert_eq!(notes.join("\n"), report);
    }
}
