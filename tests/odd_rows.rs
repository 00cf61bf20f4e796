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
}
