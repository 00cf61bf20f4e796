//! What reading costs: the number of statements is that of the operation's shape, and a page reads its
//! own rows, however long the history behind it.

use chrono::TimeDelta;
use entity::{goal, milestone, progress, tracking};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, EntityTrait, Order, Set, Statement};
use serde_json::{Value, json};
use server::access::Viewer;
use server::store::dialect;
use server::store::page::{Key, Ordering, Slice};
use server::store::span::{BEGINNING, END, Span};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, DASHBOARD, DEEP, Kind, ONE_GOAL, Person, RECORD, Workload, day};

// -- statements ---------------------------------------------------------------------------------

/// Shapes of operations below a list of goals, and their statements: one for the goals and one for each
/// list, count, flag and reference below.
const SHAPES: &[(u32, &str)] = &[
    (1, "id description status"),
    (2, "patient { fullName }"),
    // Patient and therapist are both people, asked for at the same time.
    (2, "patient { fullName } therapist { fullName }"),
    (2, "tracking { method }"),
    (2, "trackingHistory { method }"),
    (2, "session { sessionDate }"),
    (2, "reminders { message }"),
    (3, "entries(first: 10) { nodes { value } } milestones { title }"),
    (4, "entries(first: 10) { nodes { value recordedBy { fullName } } } milestones { title }"),
    (5, "entries(first: 10) { nodes { value session { patient { fullName } } } } milestones { title }"),
    (5, "entries(first: 10) { nodes { goal { milestones { goal { id } } } } }"),
    // Two windows or filters of one list are two lists.
    (3, "newest: entries(first: 3) { nodes { value } } oldest: entries(last: 3) { nodes { value } }"),
    (3, "done: milestones(achieved: true) { title } open: milestones(achieved: false) { title }"),
    (2, "a: entries(first: 3) { nodes { value } } b: entries(first: 3) { edges { cursor } }"),
    (2, "entries(first: 3) { edges { node { value } } nodes { value } }"),
    // A count, and a flag that the page itself does not tell, are one statement each.
    (2, "entries(first: 3) { nodes { value } pageInfo { hasNextPage hasPreviousPage startCursor } }"),
    (3, "entries(first: 3) { totalCount nodes { value } }"),
    (3, "entries(first: 3, from: \"2026-01-02\", context: SELF_REPORT) { totalCount nodes { value } }"),
    (2, "entries(first: 1, after: $entry) { nodes { value } pageInfo { hasNextPage } }"),
    (3, "entries(first: 1, after: $entry) { nodes { value } pageInfo { hasPreviousPage } }"),
    (3, "entries(last: 1, before: $entry) { nodes { value } pageInfo { hasNextPage } }"),
    (
        4,
        "entries(first: 1, after: $entry) { totalCount nodes { value } pageInfo { hasNextPage hasPreviousPage } }",
    ),
    (4, "assessments(first: 1) { totalCount nodes { score administeredBy { role } } }"),
];

both! {
    async fn statements_depend_on_the_shape_of_an_operation_and_not_on_its_rows(clinic) {
        // More rows than an operation may ask for otherwise.
        let limits = server::graphql::Limits { cost: u64::MAX, ..Default::default() };
        let mut clinic = clinic;
        clinic.app = clinic.app.with_document_limits(limits, 1024 * 1024);
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let mut filled = 0;
        for goals in [1, 2, 20, 100] {
            fill(&clinic, &ann, &lee, filled..goals).await;
            filled = goals;
            let entry = clinic.asks(&lee, "{ goals(first: 1) { nodes {
                entries(first: 1) { pageInfo { endCursor } } } } }", json!({})).await;
            let entry = entry.at("/goals/nodes/0/entries/pageInfo/endCursor");
            for (statements, fields) in SHAPES {
                let entry_variable = if fields.contains("$entry") { ", $entry: String" } else { "" };
                let document = format!("query($n: Int{entry_variable}) {{ goals(first: $n) {{ nodes {{ {fields} }} }} }}");
                let answer = clinic.asks(&lee, &document, json!({ "n": goals, "entry": entry })).await;
                let rows = answer.at("/goals/nodes").as_array().map_or(0, Vec::len);
                assert_eq!((rows, answer.statements), (goals, *statements), "{fields}");
            }
        }
    }

    async fn lists_below_people_take_one_statement_each(clinic) {
        let lee = clinic.therapist("Lee").await;
        for patients in [1, 20] {
            for number in 0..patients {
                let patient = clinic.patient(&format!("Patient {number}")).await;
                clinic.treats(&lee, &patient).await;
                clinic.goal(&patient, &lee, "Walk").await;
                clinic.assessment(&patient, None, "PHQ-9", 9, day(2026, 2, 1)).await;
                clinic.session(&patient, &lee, day(2026, 2, 1).into()).await;
            }
            for (statements, fields) in [
                (1, "fullName timeZone"),
                (2, "goals { nodes { id } }"),
                (3, "goals(filter: { status: IN_PROGRESS }) { totalCount nodes { id } }"),
                (2, "assessments(type: \"PHQ-9\") { nodes { id } }"),
                (2, "sessions { nodes { id } }"),
                (3, "sessions { nodes { therapist { fullName } patient { fullName } } }"),
                (2, "reminders { id }"),
                (5, "goals { nodes { id } } assessments { nodes { id } } sessions { nodes { id } } reminders { id }"),
            ] {
                let document = format!("{{ patients {{ nodes {{ {fields} }} }} }}");
                assert_eq!(clinic.asks(&lee, &document, json!({})).await.statements, statements, "{fields}");
            }
        }
    }

    async fn any_number_of_nodes_takes_a_statement_a_kind(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        fill(&clinic, &ann, &lee, 0..50).await;
        let goals = clinic.asks(&lee, "{ goals(first: 50) { nodes { id } } }", json!({})).await.ids("/goals/nodes");
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        for count in [1, 2, 50] {
            let answer = clinic.asks(&lee, document, json!({ "ids": goals[..count] })).await;
            assert_eq!(answer.ids("/nodes"), goals[..count]);
            assert_eq!(answer.statements, 8);
        }
        let one = clinic.asks(&lee, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": goals[0] })).await;
        assert_eq!(one.statements, 8);
        let hundred = vec![goals[0]; 100];
        assert_eq!(clinic.asks(&lee, document, json!({ "ids": hundred })).await.statements, 8);
        let more = vec![goals[0]; 101];
        assert_eq!(clinic.asks(&lee, document, json!({ "ids": more })).await.refusal(), "BAD_USER_INPUT");
        assert_eq!(clinic.asks(&lee, document, json!({ "ids": [] })).await.statements, 0);
    }

    async fn a_wide_level_is_asked_for_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        for _ in 0..100 {
            let goal = clinic.goal(&ann, &lee, "Walk").await;
            history(&clinic, &goal, 30).await;
        }
        let document = "{ goals(first: 100) { nodes { entries(first: 30) { nodes { goal { tracking { id } } } } } } }";
        let answer = clinic.asks(&lee, document, json!({})).await;
        assert_eq!(answer.at("/goals/nodes/99/entries/nodes/29/goal"), &json!({ "tracking": null }));
        assert_eq!(answer.statements, 4);
    }

    async fn a_count_is_made_only_when_it_is_selected(clinic) {
        let lee = clinic.therapist("Lee").await;
        for (statements, fields) in [
            (1, "nodes { id }"),
            (1, "nodes { id } pageInfo { hasNextPage hasPreviousPage }"),
            (2, "nodes { id } totalCount"),
            (1, "nodes { id } totalCount @skip(if: true)"),
        ] {
            for list in ["goals", "patients"] {
                let answer = clinic.asks(&lee, &format!("{{ {list} {{ {fields} }} }}"), json!({})).await;
                answer.data();
                assert_eq!(answer.statements, statements, "{list} {fields}");
            }
        }
    }
}

#[tokio::test]
async fn the_operations_of_the_benchmark_take_the_same_statements_and_rows_everywhere() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let workload = Workload::open(kind).await;
        // A list reads one row more than its page, which tells whether there is another.
        for (query, expected) in
            [(DASHBOARD, (3, 301)), (ONE_GOAL, (5, 56)), (DEEP, (5, 1252)), (RECORD, (7, 1))]
        {
            let (statements, rows, bytes) = workload.runs(query).await;
            assert!(bytes > 100, "{bytes} bytes are no answer");
            assert_eq!((statements, rows), expected, "{kind:?}: {query}");
        }
    }
}

/// Goals with a configuration, three entries, two milestones, a reminder, a session and two assessments.
async fn fill(clinic: &Clinic, patient: &Person, therapist: &Person, goals: std::ops::Range<usize>) {
    let session = clinic.session(patient, therapist, day(2026, 1, 1).into()).await;
    for _ in goals {
        let in_session = |row: &mut goal::ActiveModel| row.session_id = Set(Some(session));
        let goal = clinic.goal_with(patient, therapist, "Walk", in_session).await;
        clinic.tracking(&goal, "scale").await;
        for date in 1..=3 {
            let told = |row: &mut progress::ActiveModel| {
                row.recorded_by = Set(Some(patient.id));
                row.session_id = Set(Some(session));
                row.context = Set(Some("self_report".to_owned()));
            };
            clinic.entry_with(&goal, day(2026, 1, date), 3, told).await;
        }
        let first: milestone::Model = clinic.milestone(&goal, "Started", true).await;
        let second = clinic.milestone(&goal, "Half way", false).await;
        assert!(first.id < second.id);
        clinic.reminder(&goal, None).await;
        for date in 1..=2 {
            let by = |row: &mut entity::assessment::ActiveModel| {
                row.administered_by = Set(Some(therapist.id));
                row.administered_date = Set(day(2026, 1, date));
            };
            clinic.assessment_with(patient, Some(&goal), "PHQ-9", by).await;
        }
    }
}

// -- the first rows of each ---------------------------------------------------------------------

both! {
    async fn each_goal_has_its_own_first_entries(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let mut histories = Vec::new();
        // The longest is the oldest, so that its entries come last among those of one day.
        for length in [250, 0, 1, 3, 4, 5] {
            let goal = clinic.goal(&ann, &lee, "Walk").await;
            histories.push(history(&clinic, &goal, length).await);
        }
        for (arguments, window) in [
            ("first: 4", Window { skip: 0, size: 4, backward: false }),
            ("last: 4", Window { skip: 0, size: 4, backward: true }),
            ("first: 100", Window { skip: 0, size: 100, backward: false }),
            ("first: 0", Window { skip: 0, size: 0, backward: false }),
            ("first: 2, after: $cursor", Window { skip: 2, size: 2, backward: false }),
        ] {
            // The second row of the longest history; the others begin on the same day.
            let longest = clinic.asks(&lee, "{ goals(last: 1) { nodes {
                entries(first: 2) { pageInfo { endCursor } } } } }", json!({})).await;
            let cursor = longest.at("/goals/nodes/0/entries/pageInfo/endCursor");
            let document = format!("query($cursor: String) {{ goals(orderBy: CREATED_AT_ASC) {{ nodes {{
                entries({arguments}) {{ nodes {{ id }} totalCount pageInfo {{ hasNextPage hasPreviousPage }} }} }} }} }}");
            let document = if arguments.contains('$') { document } else { document.replace("($cursor: String)", "") };
            let answer = clinic.asks(&lee, &document, json!({ "cursor": cursor })).await;
            for (index, history) in histories.iter().enumerate() {
                let path = format!("/goals/nodes/{index}/entries");
                let (ids, has_previous, has_next) = window.of(history);
                assert_eq!(answer.ids(&format!("{path}/nodes")), ids, "{arguments} of {}", history.len());
                let list = answer.at(&path);
                assert_eq!(list["totalCount"], history.len());
                assert_eq!(list["pageInfo"], json!({ "hasNextPage": has_next, "hasPreviousPage": has_previous }),
                    "{arguments} of {}", history.len());
            }
        }
    }
}

/// A page of a history, for comparison.
struct Window {
    skip: usize,
    size: usize,
    backward: bool,
}

impl Window {
    fn of(&self, history: &[Uuid]) -> (Vec<Uuid>, bool, bool) {
        let rows = &history[self.skip.min(history.len())..];
        let start = if self.backward { rows.len().saturating_sub(self.size) } else { 0 };
        let page = &rows[start..rows.len().min(start + self.size)];
        let has_previous = start + self.skip.min(history.len()) > 0;
        (page.to_vec(), has_previous, start + page.len() < rows.len())
    }
}

/// Entries one day before the other from New Year's Eve 2025 on, newest first.
async fn history(clinic: &Clinic, goal: &goal::Model, length: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    let rows: Vec<_> = (0..i64::try_from(length).expect("small"))
        .map(|age| {
            let id = clinic.next_id();
            ids.push(id);
            progress::ActiveModel {
                id: Set(id),
                goal_id: Set(goal.id),
                entry_date: Set(day(2025, 12, 31) - TimeDelta::days(age)),
                value: Set(3.into()),
                recorded_at: Set(Some(clinic.now())),
                ..Default::default()
            }
        })
        .collect();
    for rows in rows.chunks(1000) {
        let insert = progress::Entity::insert_many(rows.to_vec());
        insert.exec_without_returning(clinic.db()).await.expect("entries");
    }
    ids
}

// -- rows read ----------------------------------------------------------------------------------

/// A goal with a long history beside one with a short, and whoever reads them.
async fn long_and_short(clinic: &Clinic) -> (Viewer, [Uuid; 2], Vec<Uuid>) {
    let (ann, lee) = clinic.couple("Ann", "Lee").await;
    let long = clinic.goal(&ann, &lee, "Long").await;
    let short = clinic.goal(&ann, &lee, "Short").await;
    let entries = history(clinic, &long, 10_000).await;
    history(clinic, &short, 20).await;
    clinic.db().execute_unprepared("ANALYZE").await.expect("statistics");
    let viewer = Viewer::identify(clinic.store().clone(), lee.id).await.expect("a database").expect("Lee");
    (viewer, [long.id, short.id], entries)
}

/// As the graph sorts entries.
fn newest() -> Ordering<progress::Entity> {
    use progress::Column::{EntryDate, EntryTime, Id, RecordedAt};
    let keys = [EntryDate, EntryTime, RecordedAt, Id].map(|column| Key::descending(column).nulls_last());
    Ordering { name: "newest", keys: keys.to_vec() }
}

/// The first page, one deep in the history, and the last.
fn slices(entries: &[Uuid], clinic: &Clinic) -> [(&'static str, Slice); 4] {
    let at = |row: usize| {
        let date = day(2025, 12, 31) - TimeDelta::days(i64::try_from(row).expect("small"));
        let time: Option<chrono::NaiveTime> = None;
        Some(vec![date.into(), time.into(), clinic.now().into(), entries[row].into()])
    };
    [
        ("first", Slice::first(10)),
        ("deep", Slice { after: at(5000), ..Slice::first(10) }),
        ("deep, backward", Slice { before: at(5000), backward: true, ..Slice::first(10) }),
        ("last", Slice { backward: true, ..Slice::first(10) }),
    ]
}

#[tokio::test]
async fn a_page_of_a_long_history_reads_no_more_rows_than_it_shows_on_postgres() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (viewer, goals, entries) = long_and_short(&clinic).await;
    for (name, slice) in slices(&entries, &clinic) {
        let family = viewer.under_goals::<progress::Entity>(&goals).slices(&newest(), &slice);
        let select = dialect::slices(sea_orm::DbBackend::Postgres, family);
        let read = rows_read(&clinic, &select).await;
        assert!(read <= 100, "{name}: {read} rows of 10,020 read");
    }
}

#[tokio::test]
async fn the_last_day_of_a_long_history_is_found_without_reading_it_on_postgres() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (viewer, goals, _) = long_and_short(&clinic).await;
    let spans = goals.map(|goal| Span::new(goal, BEGINNING, END));
    for method in [None, Some(tracking::Method::Scale)] {
        let spans = spans.map(|span| Span { method, ..span });
        for days in [Order::Desc, Order::Asc] {
            let edge = viewer.within(&spans).edge_entries(days.clone());
            let read = rows_read(&clinic, &edge).await;
            assert!(read <= 10, "{method:?} {days:?}: {read} rows of 10,020 read");
        }
    }
}

#[tokio::test]
async fn a_page_of_a_long_history_is_found_by_the_index_on_sqlite() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let (viewer, goals, entries) = long_and_short(&clinic).await;
    for (name, slice) in slices(&entries, &clinic) {
        let family = viewer.under_goals::<progress::Entity>(&goals).slices(&newest(), &slice);
        let select = dialect::slices(sea_orm::DbBackend::Sqlite, family);
        let plan = plan(&clinic, &select).await;
        let range = match name {
            "deep" => " AND entry_date<?",
            "deep, backward" => " AND entry_date>?",
            _ => "",
        };
        let search =
            format!("SEARCH progress_entries USING INDEX idx_progress_entries_goal_date (goal_id=?{range})");
        assert!(plan.contains(&search), "{name}: {plan:#?}");
        // The day is in order already, so only a day's entries are sorted.
        assert!(
            plan.contains(&"USE TEMP B-TREE FOR LAST 3 TERMS OF ORDER BY".to_owned()),
            "{name}: {plan:#?}"
        );
        assert!(!plan.iter().any(|step| step.starts_with("SCAN progress_entries")), "{name}: {plan:#?}");
    }
}

/// How many rows of the entries a statement takes out of table and indexes.
async fn rows_read(clinic: &Clinic, select: &SelectStatement) -> u64 {
    let statement = explaining(clinic, "EXPLAIN (ANALYZE, FORMAT JSON)", select);
    let row = clinic.db().query_one_raw(statement).await.expect("a plan").expect("a row");
    let plan: Value = row.try_get_by_index(0).expect("JSON");
    entries_in(&plan[0]["Plan"])
}

fn entries_in(node: &Value) -> u64 {
    let below = node["Plans"].as_array().into_iter().flatten().map(entries_in).sum::<u64>();
    if node["Relation Name"] != "progress_entries" {
        return below;
    }
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let rows =
        number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small, whole number")]
    let read = (rows * number("Actual Loops")) as u64;
    below + read
}

async fn plan(clinic: &Clinic, select: &SelectStatement) -> Vec<String> {
    let statement = explaining(clinic, "EXPLAIN QUERY PLAN", select);
    let rows = clinic.db().query_all_raw(statement).await.expect("a plan");
    rows.iter().map(|row| row.try_get("", "detail").expect("a text")).collect()
}

fn explaining(clinic: &Clinic, how: &str, select: &SelectStatement) -> Statement {
    let statement = clinic.db().get_database_backend().build(select);
    Statement { sql: format!("{how} {}", statement.sql), ..statement }
}
