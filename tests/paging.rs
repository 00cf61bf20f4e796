//! Lists in pages: the same rows in the same order whichever way they are turned over.

use std::cmp::Reverse;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use entity::{goal, progress};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ConnectionTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both;
use crate::support::{Answer, Clinic, Kind, Person, day};

// -- turning pages over -------------------------------------------------------------------------

/// A list somewhere in the graph, as one person sees it.
struct List<'c> {
    clinic: &'c Clinic,
    viewer: &'c Person,
    document: String,
    /// The row below which the list is; unused by a list of the root.
    parent: Uuid,
    path: &'static str,
}

#[derive(Debug, PartialEq)]
struct Page {
    ids: Vec<Uuid>,
    cursors: Vec<String>,
    has_previous: bool,
    has_next: bool,
}

const PAGING: &str = "first: $first, after: $after, last: $last, before: $before";

impl<'c> List<'c> {
    /// `field` has `$PAGING` where the arguments belong.
    fn of_root(clinic: &'c Clinic, viewer: &'c Person, field: &str) -> Self {
        Self { clinic, viewer, document: document("", field), parent: Uuid::nil(), path: "/list" }
    }

    fn below(clinic: &'c Clinic, viewer: &'c Person, parent: (&str, Uuid), field: &str) -> Self {
        let document = document(parent.0, field);
        Self { clinic, viewer, document, parent: parent.1, path: "/parent/list" }
    }

    async fn answer(&self, mut arguments: Value) -> Answer {
        arguments["parent"] = json!(self.parent);
        self.clinic.asks(self.viewer, &self.document, arguments).await
    }

    async fn page(&self, arguments: Value) -> Page {
        let answer = self.answer(arguments).await;
        let list = answer.at(self.path);
        let edges = list["edges"].as_array().expect("edges");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let page = Page {
            ids: edges.iter().map(|edge| text(&edge["node"]["id"]).parse().expect("an id")).collect(),
            cursors: edges.iter().map(|edge| text(&edge["cursor"])).collect(),
            has_previous: list["pageInfo"]["hasPreviousPage"].as_bool().expect("a flag"),
            has_next: list["pageInfo"]["hasNextPage"].as_bool().expect("a flag"),
        };
        assert_eq!(answer.ids(&format!("{}/nodes", self.path)), page.ids);
        let ends = [page.cursors.first(), page.cursors.last()].map(|cursor| json!(cursor));
        assert_eq!([&list["pageInfo"]["startCursor"], &list["pageInfo"]["endCursor"]], [&ends[0], &ends[1]]);
        page
    }

    /// All rows by pages of `size`, and that every page knows where it stands.
    async fn forward(&self, size: usize) -> Vec<Uuid> {
        let (mut ids, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.page(json!({ "first": size, "after": after })).await;
            assert_eq!(page.has_previous, after.is_some(), "before {after:?}");
            assert!(page.ids.len() == size || !page.has_next);
            ids.extend(page.ids);
            if !page.has_next {
                return ids;
            }
            after = page.cursors.last().cloned();
        }
    }

    async fn backward(&self, size: usize) -> Vec<Uuid> {
        let (mut ids, mut before) = (Vec::new(), None::<String>);
        loop {
            let page = self.page(json!({ "last": size, "before": before })).await;
            assert_eq!(page.has_next, before.is_some(), "behind {before:?}");
            assert!(page.ids.len() == size || !page.has_previous);
            ids.splice(0..0, page.ids);
            if !page.has_previous {
                return ids;
            }
            before = page.cursors.first().cloned();
        }
    }

    /// One big page, and pages of every small size both ways, all give `wanted`.
    async fn gives(&self, wanted: &[Uuid]) {
        assert_eq!(self.page(json!({ "first": 100 })).await.ids, wanted, "{}", self.document);
        assert_eq!(self.page(json!({ "last": 100 })).await.ids, wanted);
        let answer = self.answer(json!({ "first": 0 })).await;
        assert_eq!(answer.at(self.path)["totalCount"], wanted.len());
        for size in [1, 3, wanted.len().max(1)] {
            assert_eq!(self.forward(size).await, wanted, "forward by {size}");
            assert_eq!(self.backward(size).await, wanted, "backward by {size}");
        }
    }
}

fn document(parent: &str, field: &str) -> String {
    let list = field.replace("$PAGING", PAGING);
    let fields = "edges { cursor node { id } } nodes { id } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let list = format!("list: {list} {{ {fields} }}");
    let (variable, body) = match parent {
        "" => ("", list),
        parent => ("$parent: ID!, ", format!("parent: {parent}(id: $parent) {{ {list} }}")),
    };
    format!("query({variable}$first: Int, $after: String, $last: Int, $before: String) {{ {body} }}")
}

fn moment(minutes: i64) -> NaiveDateTime {
    day(2026, 2, 1).and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes)
}

// -- every order --------------------------------------------------------------------------------

/// Nine goals with ties in each order, and some without a target date.
async fn goals_with_ties(clinic: &Clinic) -> (Person, Person, Vec<goal::Model>) {
    let (ann, lee) = clinic.couple("Ann", "Lee").await;
    let mut goals = Vec::new();
    for (created, updated, target) in [
        (5, 9, None),
        (5, 9, Some(3)),
        (1, 9, Some(3)),
        (5, 2, Some(1)),
        (3, 3, None),
        (3, 4, Some(2)),
        (9, 9, Some(3)),
        (1, 1, None),
        (7, 8, Some(1)),
    ] {
        let change = |row: &mut goal::ActiveModel| {
            row.created_at = Set(Some(moment(created)));
            row.updated_at = Set(Some(moment(updated)));
            row.target_date = Set(target.map(|target| day(2026, 5, target)));
        };
        goals.push(clinic.goal_with(&ann, &lee, "Tied", change).await);
    }
    (ann, lee, goals)
}

/// The ids in the order of `key`.
fn sorted<R, K: Ord>(rows: &[R], key: impl Fn(&R) -> K, id: impl Fn(&R) -> Uuid) -> Vec<Uuid> {
    let mut rows: Vec<&R> = rows.iter().collect();
    rows.sort_by_key(|row| key(row));
    rows.into_iter().map(id).collect()
}

fn in_order(goals: &[goal::Model], order: &str) -> Vec<Uuid> {
    let id = |goal: &goal::Model| goal.id;
    match order {
        "CREATED_AT_DESC" => sorted(goals, |goal| Reverse((goal.created_at, goal.id)), id),
        "CREATED_AT_ASC" => sorted(goals, |goal| (goal.created_at, goal.id), id),
        "UPDATED_AT_DESC" => sorted(goals, |goal| Reverse((goal.updated_at, goal.id)), id),
        _ => sorted(goals, |goal| (goal.target_date.is_none(), goal.target_date, goal.id), id),
    }
}

const ORDERS: [&str; 4] = ["CREATED_AT_DESC", "CREATED_AT_ASC", "UPDATED_AT_DESC", "TARGET_DATE_ASC"];

both! {
    async fn goals_come_in_every_order_whichever_way_they_are_turned(clinic) {
        let (_, lee, goals) = goals_with_ties(&clinic).await;
        for order in ORDERS {
            let field = format!("goals($PAGING, orderBy: {order})");
            List::of_root(&clinic, &lee, &field).gives(&in_order(&goals, order)).await;
        }
    }

    async fn the_goals_of_a_person_come_in_every_order_too(clinic) {
        let (ann, lee, goals) = goals_with_ties(&clinic).await;
        for order in ORDERS {
            let field = format!("goals($PAGING, orderBy: {order})");
            for person in [&ann, &lee] {
                let list = List::below(&clinic, &lee, ("person", person.id), &field);
                list.gives(&in_order(&goals, order)).await;
            }
        }
    }

    async fn goals_are_newest_first_unless_said(clinic) {
        let (_, lee, goals) = goals_with_ties(&clinic).await;
        List::of_root(&clinic, &lee, "goals($PAGING)").gives(&in_order(&goals, "CREATED_AT_DESC")).await;
    }

    async fn entries_are_newest_first_and_those_without_a_time_last_in_their_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut entries = Vec::new();
        for (date, time, recorded) in [
            (2, None, 1), (2, Some("08:30:00"), 1), (1, Some("21:00:00"), 5), (2, None, 1), (3, None, 9),
            (2, Some("08:30:00.5"), 1), (2, Some("08:30:00"), 2), (2, Some("08:30:00"), 1), (1, None, 7),
            (2, Some("08:30:00.500001"), 0), (2, None, 0), (2, Some("00:00:00"), 0), (2, Some("23:59:59.999999"), 0),
        ] {
            let entry = clinic.entry_with(&goal, day(2026, 2, date), 3, |row| {
                row.entry_time = Set(time.map(|time| time.parse().expect("a time")));
                row.recorded_at = Set(Some(moment(recorded)));
            });
            entries.push(entry.await);
        }
        let list = List::below(&clinic, &ann, ("goal", goal.id), "entries($PAGING)");
        list.gives(&newest_first(&entries)).await;
    }

    async fn assessments_are_newest_first_below_a_goal_and_below_a_person(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut scores = Vec::new();
        for (date, created) in [(1, 1), (3, 1), (3, 2), (3, 2), (2, 9), (3, 0), (1, 1)] {
            let score = clinic.assessment_with(&ann, Some(&goal), "PHQ-9", |row| {
                row.administered_date = Set(day(2026, 2, date));
                row.created_at = Set(Some(moment(created)));
            });
            scores.push(score.await);
        }
        let wanted = sorted(&scores, |row| Reverse((row.administered_date, row.created_at, row.id)), |row| row.id);
        List::below(&clinic, &lee, ("goal", goal.id), "assessments($PAGING)").gives(&wanted).await;
        List::below(&clinic, &lee, ("person", ann.id), "assessments($PAGING)").gives(&wanted).await;
    }

    async fn sessions_are_newest_first_below_patient_and_therapist(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let mut sessions = Vec::new();
        for at in [1, 5, 5, 3, 5, 9, 1] {
            sessions.push((moment(at), clinic.session(&ann, &lee, moment(at)).await));
        }
        let wanted = sorted(&sessions, |session| Reverse(*session), |session| session.1);
        for person in [&ann, &lee] {
            let list = List::below(&clinic, &lee, ("person", person.id), "sessions($PAGING)");
            list.gives(&wanted).await;
        }
    }

    async fn patients_come_by_name(clinic) {
        let lee = clinic.therapist("Lee").await;
        let mut patients = Vec::new();
        for name in ["Cleo", "Ann", "Bob", "Ann", "Ann B", "Zoe", "Bob", "O'Hara"] {
            let patient = clinic.patient(name).await;
            clinic.treats(&lee, &patient).await;
            patients.push(patient);
        }
        let wanted = sorted(&patients, |patient| (patient.name.clone(), patient.id), |patient| patient.id);
        List::of_root(&clinic, &lee, "patients($PAGING)").gives(&wanted).await;
        let admin = clinic.admin("Root").await;
        List::of_root(&clinic, &admin, "patients($PAGING)").gives(&wanted).await;
    }

    async fn a_list_without_rows_is_an_empty_page(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        List::of_root(&clinic, &lee, "goals($PAGING)").gives(&[]).await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)").gives(&[]).await;
    }
}

fn newest_first(entries: &[progress::Model]) -> Vec<Uuid> {
    let key = |row: &progress::Model| Reverse((row.entry_date, row.entry_time, row.recorded_at, row.id));
    sorted(entries, key, |row| row.id)
}

// -- where a page stands ------------------------------------------------------------------------

both! {
    async fn both_flags_are_right_wherever_a_page_stands(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let empty = clinic.goal(&ann, &lee, "Sleep").await;
        for number in 1..=5 {
            clinic.entry(&goal, day(2026, 2, 6 - number), 3).await;
            if number > 2 {
                clinic.goal(&ann, &lee, "More").await;
            }
        }
        for list in [
            List::of_root(&clinic, &lee, "goals($PAGING)"),
            List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)"),
            List::below(&clinic, &lee, ("person", ann.id), "goals($PAGING)"),
        ] {
            let all = list.page(json!({})).await;
            assert_eq!(all.ids.len(), 5);
            for (arguments, rows, has_previous, has_next) in POSITIONS {
                let page = list.page(with_cursors(arguments, &all.cursors)).await;
                let ids: Vec<_> = rows.iter().map(|row| all.ids[row - 1]).collect();
                assert_eq!((page.ids, page.has_previous, page.has_next), (ids, *has_previous, *has_next),
                    "{arguments} of {}", list.document);
            }
        }
        let none = List::below(&clinic, &lee, ("goal", empty.id), "entries($PAGING)");
        let cursors = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)").page(json!({})).await.cursors;
        for (arguments, ..) in POSITIONS {
            let page = none.page(with_cursors(arguments, &cursors)).await;
            assert_eq!(page, Page { ids: vec![], cursors: vec![], has_previous: false, has_next: false });
        }
    }

    async fn a_page_is_told_by_its_neighbours_even_when_the_row_of_its_cursor_is_gone(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut entries = Vec::new();
        for date in 1..=4 {
            entries.push(clinic.entry(&goal, day(2026, 2, 5 - date), 3).await.id);
        }
        let list = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)");
        let cursors = list.page(json!({})).await.cursors;
        delete_entry(&clinic, entries[0]).await;

        let page = list.page(json!({ "first": 2, "after": cursors[0] })).await;
        assert_eq!((page.ids, page.has_previous, page.has_next), (entries[1..3].to_vec(), false, true));
        delete_entry(&clinic, entries[1]).await;
        let page = list.page(json!({ "first": 2, "after": cursors[1] })).await;
        assert_eq!((page.ids, page.has_previous, page.has_next), (entries[2..4].to_vec(), false, false));
    }

    async fn pages_neither_skip_nor_repeat_a_row_while_others_are_written(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut entries = Vec::new();
        for date in [9, 7, 5, 5, 3] {
            entries.push(clinic.entry(&goal, day(2026, 2, date), 3).await);
        }
        let wanted = newest_first(&entries);
        let list = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)");
        let first = list.page(json!({ "first": 3 })).await;
        assert_eq!(first.ids, wanted[..3]);

        clinic.entry(&goal, day(2026, 2, 20), 3).await;
        clinic.entry(&goal, day(2026, 2, 8), 3).await;
        let late = clinic.entry(&goal, day(2026, 2, 4), 3).await.id;
        let second = list.page(json!({ "first": 3, "after": first.cursors[2] })).await;

        assert_eq!(second.ids, [wanted[3], late, wanted[4]]);
        assert_eq!((second.has_previous, second.has_next), (true, false));
        let back = list.page(json!({ "last": 10, "before": second.cursors[0] })).await;
        assert_eq!(back.ids.len(), 5);
    }

    async fn twenty_rows_come_unless_said(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        for number in 0..21 {
            clinic.entry(&goal, day(2026, 1, 1) + TimeDelta::days(number), 3).await;
        }
        let page = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)").page(json!({})).await;
        assert_eq!((page.ids.len(), page.has_previous, page.has_next), (20, false, true));
    }
}

/// Arguments, in which a digit stands for the cursor of that row; the rows they give out of five; whether
/// there are rows before and behind.
const POSITIONS: &[(&str, &[usize], bool, bool)] = &[
    ("{}", &[1, 2, 3, 4, 5], false, false),
    (r#"{ "first": 0 }"#, &[], false, true),
    (r#"{ "first": 2 }"#, &[1, 2], false, true),
    (r#"{ "first": 5 }"#, &[1, 2, 3, 4, 5], false, false),
    (r#"{ "first": 6 }"#, &[1, 2, 3, 4, 5], false, false),
    (r#"{ "last": 0 }"#, &[], true, false),
    (r#"{ "last": 2 }"#, &[4, 5], true, false),
    (r#"{ "last": 5 }"#, &[1, 2, 3, 4, 5], false, false),
    (r#"{ "first": 2, "after": "1" }"#, &[2, 3], true, true),
    (r#"{ "first": 2, "after": "3" }"#, &[4, 5], true, false),
    (r#"{ "first": 2, "after": "5" }"#, &[], true, false),
    (r#"{ "first": 0, "after": "2" }"#, &[], true, true),
    (r#"{ "first": 0, "after": "5" }"#, &[], true, false),
    (r#"{ "last": 2, "before": "5" }"#, &[3, 4], true, true),
    (r#"{ "last": 2, "before": "3" }"#, &[1, 2], false, true),
    (r#"{ "last": 2, "before": "1" }"#, &[], false, true),
    (r#"{ "last": 0, "before": "3" }"#, &[], true, true),
    (r#"{ "first": 1, "before": "3" }"#, &[1], false, true),
    (r#"{ "first": 2, "before": "3" }"#, &[1, 2], false, true),
    (r#"{ "first": 9, "before": "3" }"#, &[1, 2], false, true),
    (r#"{ "last": 1, "after": "3" }"#, &[5], true, false),
    (r#"{ "last": 2, "after": "3" }"#, &[4, 5], true, false),
    (r#"{ "last": 9, "after": "3" }"#, &[4, 5], true, false),
    (r#"{ "first": 9, "after": "1", "before": "5" }"#, &[2, 3, 4], true, true),
    (r#"{ "first": 2, "after": "1", "before": "5" }"#, &[2, 3], true, true),
    (r#"{ "last": 2, "after": "1", "before": "5" }"#, &[3, 4], true, true),
    (r#"{ "first": 9, "after": "4", "before": "2" }"#, &[], true, true),
    (r#"{ "after": "2" }"#, &[3, 4, 5], true, false),
    (r#"{ "before": "2" }"#, &[1], false, true),
];

fn with_cursors(arguments: &str, cursors: &[String]) -> Value {
    let mut arguments: Value = serde_json::from_str(arguments).expect("JSON");
    for side in ["after", "before"] {
        if let Some(number) = arguments[side].as_str() {
            arguments[side] = json!(cursors[number.parse::<usize>().expect("a row") - 1]);
        }
    }
    arguments
}

async fn delete_entry(clinic: &Clinic, id: Uuid) {
    use sea_orm::sea_query::{Expr, ExprTrait, Query};
    let mut delete = Query::delete();
    delete.from_table("progress_entries").and_where(Expr::col("id").eq(id));
    clinic.db().execute(&delete).await.expect("a deleted entry");
}

// -- what is refused ----------------------------------------------------------------------------

both! {
    async fn sizes_out_of_bounds_are_refused_and_not_cut(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        for size in [
            json!({ "first": 101 }), json!({ "first": -1 }), json!({ "last": 101 }), json!({ "last": -1 }),
            json!({ "first": 1, "last": 1 }), json!({ "first": 0, "last": 0 }),
            json!({ "first": i32::MAX }), json!({ "last": i32::MIN }),
        ] {
            for field in ["goals", "patients"] {
                let list = List::of_root(&clinic, &lee, &format!("{field}($PAGING)"));
                assert_eq!(list.answer(size.clone()).await.refusal(), "BAD_USER_INPUT", "{field} {size}");
            }
            for field in ["goals", "assessments", "sessions"] {
                let list = List::below(&clinic, &lee, ("person", ann.id), &format!("{field}($PAGING)"));
                assert_eq!(nothing_below(&list.answer(size.clone()).await), "BAD_USER_INPUT", "{field} {size}");
            }
            let goal = clinic.goal(&ann, &lee, "Walk").await.id;
            for field in ["entries", "assessments"] {
                let list = List::below(&clinic, &lee, ("goal", goal), &format!("{field}($PAGING)"));
                assert_eq!(nothing_below(&list.answer(size.clone()).await), "BAD_USER_INPUT", "{field} {size}");
            }
        }
    }

    async fn a_cursor_of_another_list_or_order_is_refused(clinic) {
        let (ann, lee, goals) = goals_with_ties(&clinic).await;
        clinic.entry(&goals[0], day(2026, 2, 1), 3).await;
        clinic.assessment(&ann, Some(&goals[0]), "PHQ-9", 9, day(2026, 2, 1)).await;
        clinic.session(&ann, &lee, moment(1)).await;
        let below = |parent, field: &str| List::below(&clinic, &lee, parent, field);
        let (goal, person) = (("goal", goals[0].id), ("person", ann.id));
        let mut lists = vec![
            List::of_root(&clinic, &lee, "patients($PAGING)"),
            below(goal, "entries($PAGING)"), below(goal, "assessments($PAGING)"),
            below(person, "assessments($PAGING)"), below(person, "sessions($PAGING)"),
        ];
        for order in ORDERS {
            let field = format!("goals($PAGING, orderBy: {order})");
            lists.push(List::of_root(&clinic, &lee, &field));
            lists.push(below(person, &field));
        }
        for (here, list) in lists.iter().enumerate() {
            let cursor = &list.page(json!({ "first": 1 })).await.cursors[0];
            for (there, other) in lists.iter().enumerate().filter(|(there, _)| *there != here) {
                for side in ["after", "before"] {
                    let answer = other.answer(json!({ side: cursor })).await;
                    assert_eq!(nothing_below(&answer), "BAD_USER_INPUT", "of {here} for {there}");
                }
            }
        }
    }

    async fn texts_that_are_no_cursors_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.entry(&goal, day(2026, 2, 1), 3).await;
        let entries = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)");
        let goals = List::of_root(&clinic, &lee, "goals($PAGING)");
        let patients = List::of_root(&clinic, &lee, "patients($PAGING)");
        let id = Uuid::nil();
        for (list, cursor) in [
            (&goals, String::new()),
            (&goals, "x".to_owned()),
            (&goals, "%%%".to_owned()),
            (&goals, "\u{0}".to_owned()),
            (&goals, "ü".to_owned()),
            (&goals, "A".repeat(100_000)),
            (&goals, cursor(&json!([]))),
            (&goals, cursor(&json!({}))),
            (&goals, cursor(&json!(null))),
            (&goals, cursor(&json!(["goals"]))),
            (&goals, cursor(&json!(["goals", "created_at_desc"]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0, id, 0]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", "0", id]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0.5, id]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0, "x"]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0, 1]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", 0, null]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", i64::MAX, id]))),
            (&goals, cursor(&json!(["goals", "created_at_desc", -8_000_000_000_000_000_000_i64, id]))),
            (&goals, cursor(&json!(["goals", "created_at_desc' OR 1=1 --", 0, id]))),
            (&goals, cursor(&json!([["goals"], "created_at_desc", 0, id]))),
            (&patients, cursor(&json!(["patients", "name", "a\u{0}b", id]))),
            (&patients, cursor(&json!(["patients", "name", null, id]))),
            (&entries, cursor(&json!(["goal.entries", "newest", "2026-02-30", null, 0, id]))),
            (&entries, cursor(&json!(["goal.entries", "newest", "-200000-01-01", null, 0, id]))),
            (&entries, cursor(&json!(["goal.entries", "newest", null, null, 0, id]))),
            (&entries, cursor(&json!(["goal.entries", "newest", "2026-02-01", "25:00:00", 0, id]))),
            (&entries, cursor(&json!(["goal.entries", "newest", "2026-02-01", "08:00:00", -8_000_000_000_000_000_000_i64, id]))),
        ] {
            for side in ["after", "before"] {
                let answer = list.answer(json!({ side: cursor })).await;
                let shown: String = cursor.chars().take(200).collect();
                assert_eq!(nothing_below(&answer), "BAD_USER_INPUT", "{side} {shown}: {}", answer.text);
            }
        }
    }
}

/// The code of the only error; the list, and so whatever holds it, is null.
fn nothing_below(answer: &Answer) -> &str {
    let data = &answer.body["data"];
    assert!(data.is_null() || *data == json!({ "parent": null }), "data in {}", answer.text);
    assert_eq!(answer.codes().len(), 1, "{}", answer.text);
    answer.codes()[0]
}

/// What a client would send that knows how cursors are made.
fn cursor(parts: &Value) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let text = parts.to_string();
    let encode = |chunk: &[u8]| {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |digit| char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]))
    };
    text.as_bytes().chunks(3).flat_map(encode).collect()
}

// -- filters ------------------------------------------------------------------------------------

/// What makes a goal different from others.
struct Traits(&'static str, &'static str, Option<&'static str>, Option<NaiveDate>);

both! {
    async fn every_condition_of_the_filter_holds(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let (bob, kim) = clinic.couple("Bob", "Kim").await;
        let root = clinic.admin("Root").await;
        let session = clinic.session(&ann, &lee, moment(0)).await;
        let mut goals = Vec::new();
        for (number, (patient, therapist, Traits(description, status, category, target))) in [
            (&ann, &lee, Traits("Walk every day", "assigned", Some("body"), Some(day(2026, 5, 1)))),
            (&ann, &lee, Traits("Sleep well", "in_progress", Some("sleep"), Some(day(2026, 5, 2)))),
            (&ann, &kim, Traits("Call a friend", "IN_PROGRESS", None, None)),
            (&bob, &kim, Traits("Walk home", "completed", Some("Body"), Some(day(2026, 5, 3)))),
            (&bob, &kim, Traits("Rest", "paused", Some("body"), None)),
        ].into_iter().enumerate() {
            let change = |row: &mut goal::ActiveModel| {
                row.status = Set(Some(status.to_owned()));
                row.category = Set(category.map(str::to_owned));
                row.target_date = Set(target);
                row.session_id = Set((number == 1).then_some(session));
                row.created_at = Set(Some(moment(i64::try_from(number).expect("small"))));
            };
            goals.push(clinic.goal_with(patient, therapist, description, change).await.id);
        }
        for (filter, numbers) in [
            (json!({}), vec![0, 1, 2, 3, 4]),
            (json!({ "patientId": ann.id }), vec![0, 1, 2]),
            (json!({ "patientId": lee.id }), vec![]),
            (json!({ "therapistId": kim.id }), vec![2, 3, 4]),
            (json!({ "sessionId": session }), vec![1]),
            (json!({ "status": ["ASSIGNED"] }), vec![0]),
            (json!({ "status": "IN_PROGRESS" }), vec![1, 2]),
            (json!({ "status": ["COMPLETED", "ASSIGNED"] }), vec![0, 3]),
            (json!({ "status": ["UNKNOWN"] }), vec![4]),
            (json!({ "status": ["UNKNOWN", "ASSIGNED"] }), vec![0, 4]),
            (json!({ "status": ["ASSIGNED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "ABANDONED", "UNKNOWN"] }), vec![0, 1, 2, 3, 4]),
            (json!({ "status": [] }), vec![]),
            (json!({ "status": ["ABANDONED", "ON_HOLD"] }), vec![]),
            (json!({ "category": "body" }), vec![0, 4]),
            (json!({ "category": "bod" }), vec![]),
            (json!({ "category": "" }), vec![]),
            (json!({ "createdFrom": "2026-02-01T00:02:00Z" }), vec![2, 3, 4]),
            (json!({ "createdFrom": "2026-02-01T00:02:00.000001Z" }), vec![3, 4]),
            (json!({ "createdTo": "2026-02-01T00:02:00Z" }), vec![0, 1, 2]),
            (json!({ "createdTo": "2026-02-01T01:01:59+01:00" }), vec![0, 1]),
            (json!({ "createdFrom": "2026-02-01T00:01:00Z", "createdTo": "2026-02-01T00:03:00Z" }), vec![1, 2, 3]),
            (json!({ "targetFrom": "2026-05-02" }), vec![1, 3]),
            (json!({ "targetTo": "2026-05-02" }), vec![0, 1]),
            (json!({ "targetFrom": "2026-05-02", "targetTo": "2026-05-02" }), vec![1]),
            (json!({ "targetFrom": "2026-05-03", "targetTo": "2026-05-01" }), vec![]),
            (json!({ "targetFrom": "0001-01-01", "targetTo": "9999-12-31" }), vec![0, 1, 3]),
            (json!({ "search": "walk" }), vec![0, 3]),
            (json!({ "search": "" }), vec![0, 1, 2, 3, 4]),
            (json!({ "search": "walk", "patientId": ann.id }), vec![0]),
            (json!({ "search": "e", "category": "body", "status": ["ASSIGNED", "UNKNOWN"], "therapistId": kim.id }), vec![4]),
            (json!({ "patientId": ann.id, "therapistId": kim.id, "targetFrom": "2026-01-01" }), vec![]),
        ] {
            let ids: Vec<_> = numbers.iter().map(|number: &usize| goals[*number]).collect();
            let document = "query($filter: GoalFilter) {
                goals(orderBy: CREATED_AT_ASC, filter: $filter) { totalCount nodes { id } }
                viewer { goals(filter: $filter) { totalCount } } }";
            let answer = clinic.asks(&root, document, json!({ "filter": filter })).await;
            assert_eq!(answer.ids("/goals/nodes"), ids, "{filter}");
            assert_eq!(answer.at("/goals/totalCount"), numbers.len(), "{filter}");
            assert_eq!(answer.at("/viewer/goals/totalCount"), 0);

            let document = "query($id: ID!, $filter: GoalFilter) { person(id: $id) {
                goals(orderBy: CREATED_AT_ASC, filter: $filter) { totalCount nodes { id } } } }";
            let answer = clinic.asks(&root, document, json!({ "id": kim.id, "filter": filter })).await;
            let kims: Vec<_> = ids.iter().filter(|id| goals[2..].contains(id)).copied().collect();
            assert_eq!(answer.ids("/person/goals/nodes"), kims, "{filter} of Kim");
            assert_eq!(answer.at("/person/goals/totalCount"), kims.len());
        }
    }

    async fn a_search_takes_every_character_as_it_is(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let texts = ["100% done", "a_b", r"back\slash", "it's", "\"quoted\"", "Über Äpfel", "ÅNGSTRÖM", "100 done", "axb"];
        for text in texts {
            clinic.goal(&ann, &lee, text).await;
        }
        for (search, found) in [
            ("%", vec!["100% done"]), ("0%", vec!["100% done"]), ("100% D", vec!["100% done"]), ("_", vec!["a_b"]),
            ("A_B", vec!["a_b"]), ("\\", vec![r"back\slash"]), (r"K\S", vec![r"back\slash"]), ("\\\\", vec![]),
            (r"\%", vec![]), ("'", vec!["it's"]), ("\"", vec!["\"quoted\""]), ("' OR 1=1 --", vec![]),
            ("DONE", vec!["100% done", "100 done"]), ("äpfel", vec!["Über Äpfel"]), ("über", vec!["Über Äpfel"]),
            ("ÜBER ÄPFEL", vec!["Über Äpfel"]), ("ångström", vec!["ÅNGSTRÖM"]), ("*", vec![]), ("[a]", vec![]),
        ] {
            let document = "query($text: String!) { goals(orderBy: CREATED_AT_ASC, filter: { search: $text }) { nodes { description } } }";
            let answer = clinic.asks(&lee, document, json!({ "text": search })).await;
            let nodes: Vec<_> = found.iter().map(|text| json!({ "description": text })).collect();
            assert_eq!(answer.at("/goals/nodes"), &json!(nodes), "{search:?}");
        }
    }

    async fn patients_are_found_by_any_part_of_their_name(clinic) {
        let lee = clinic.therapist("Lee").await;
        for name in ["Ann Smith", "Bob_Smith", "Zoë Ölund", "Cleo 50%"] {
            clinic.treats(&lee, &clinic.patient(name).await).await;
        }
        for (search, found) in [
            ("SMITH", vec!["Ann Smith", "Bob_Smith"]), ("b_s", vec!["Bob_Smith"]), ("%", vec!["Cleo 50%"]),
            ("n s", vec!["Ann Smith"]), ("zoë ölund", vec!["Zoë Ölund"]), ("x", vec![]),
        ] {
            let document = "query($text: String) { patients(search: $text) { totalCount nodes { fullName } } }";
            let answer = clinic.asks(&lee, document, json!({ "text": search })).await;
            let nodes: Vec<_> = found.iter().map(|name| json!({ "fullName": name })).collect();
            assert_eq!(*answer.data(), json!({ "patients": { "totalCount": found.len(), "nodes": nodes } }), "{search:?}");
        }
    }

    async fn entries_are_narrowed_by_day_and_context(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut entries = Vec::new();
        for (date, context) in [(1, Some("session")), (2, Some("self_report")), (3, None), (4, Some("self_report"))] {
            let change = |row: &mut progress::ActiveModel| row.context = Set(context.map(str::to_owned));
            entries.push(clinic.entry_with(&goal, day(2026, 2, date), 3, change).await.id);
        }
        for (arguments, numbers) in [
            ("from: \"2026-02-02\"", vec![3, 2, 1]), ("to: \"2026-02-02\"", vec![1, 0]),
            ("from: \"2026-02-02\", to: \"2026-02-03\"", vec![2, 1]), ("context: SELF_REPORT", vec![3, 1]),
            ("context: ASSESSMENT", vec![]), ("context: SELF_REPORT, to: \"2026-02-03\"", vec![1]), ("context: null", vec![3, 2, 1, 0]),
        ] {
            let list = List::below(&clinic, &lee, ("goal", goal.id), &format!("entries($PAGING, {arguments})"));
            list.gives(&numbers.iter().map(|number: &usize| entries[*number]).collect::<Vec<_>>()).await;
        }
    }

    async fn assessments_are_narrowed_by_instrument(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let phq = clinic.assessment(&ann, None, "PHQ-9", 9, day(2026, 2, 1)).await.id;
        clinic.assessment(&ann, None, "GAD-7", 9, day(2026, 2, 1)).await;
        for (kind, ids) in [("PHQ-9", vec![phq]), ("phq-9", vec![]), ("", vec![])] {
            let field = format!("assessments($PAGING, type: \"{kind}\")");
            List::below(&clinic, &lee, ("person", ann.id), &field).gives(&ids).await;
        }
    }
}

// -- any entries at all -------------------------------------------------------------------------

/// An entry's day, time, minute of recording and id; few of each, so that there are many ties.
type Drawn = (u32, Option<usize>, Option<i64>, u128);

const TIMES: [&str; 5] = ["00:00:00", "08:30:00", "08:30:00.5", "08:30:00.500001", "23:59:59.999999"];

fn entries() -> impl Strategy<Value = Vec<Drawn>> {
    let entry =
        (1..4_u32, proptest::option::of(0..TIMES.len()), proptest::option::of(0..3_i64), any::<u128>());
    proptest::collection::vec(entry, 0..12)
}

/// Turns random entries over in random pages and compares them with what Rust sorts.
fn try_random_pages(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (clinic, ann, lee) = runtime.block_on(async {
        let clinic = Clinic::open(kind).await;
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        if kind == Kind::Postgres {
            // As in an adopted database, whose column may lack its NOT NULL.
            let lift = "ALTER TABLE progress_entries ALTER COLUMN recorded_at DROP NOT NULL";
            clinic.db().execute_unprepared(lift).await.expect("no check");
        }
        (clinic, ann, lee)
    });
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(entries(), 1..6_usize), |(drawn, size)| {
        runtime.block_on(async {
            let goal = clinic.goal(&ann, &lee, "Walk").await;
            let mut rows = Vec::new();
            for entry in drawn {
                rows.push(record(&clinic, &goal, entry).await);
            }
            let list = List::below(&clinic, &lee, ("goal", goal.id), "entries($PAGING)");
            let wanted = newest_first(&rows);
            prop_assert_eq!(list.forward(size).await, wanted.clone());
            prop_assert_eq!(list.backward(size).await, wanted);
            Ok(())
        })
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn record(clinic: &Clinic, goal: &goal::Model, (date, time, recorded, id): Drawn) -> progress::Model {
    let recorded = recorded.or((clinic.database.kind == Kind::Sqlite).then_some(0));
    let change = |row: &mut progress::ActiveModel| {
        row.id = Set(Uuid::from_u128(id));
        row.entry_time = Set(time.map(|time| TIMES[time].parse().expect("a time")));
        row.recorded_at = Set(recorded.map(moment));
    };
    clinic.entry_with(goal, day(2026, 2, date), 3, change).await
}

#[test]
fn random_entries_come_in_order_on_sqlite() {
    try_random_pages(Kind::Sqlite, 48);
}

#[test]
fn random_entries_come_in_order_on_postgres() {
    try_random_pages(Kind::Postgres, 16);
}
