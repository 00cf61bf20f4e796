//! What goes wrong is told in codes of one list, and nothing of the inside is told with it.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use server::wire::Code;
use uuid::Uuid;

use crate::both;
use crate::support::{Answer, Clinic, Kind, Person, day};

#[test]
fn each_code_has_a_name_of_its_own_and_a_sentence() {
    let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!(code.as_str().chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'), "{code:?}");
        assert!(code.meaning().ends_with(['.', ')', ']']) && code.meaning().len() > 15, "{code:?}");
    }
}

#[test]
fn all_codes_in_recorded_answers_are_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("documents");
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "snap") {
            let text = std::fs::read_to_string(&path).expect("a text");
            let codes = text.split(r#""extensions":{"code":""#).skip(1);
            seen.extend(codes.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()));
        }
    }
    assert!(seen.contains("BAD_USER_INPUT"), "{seen:?}");
    for code in seen {
        assert!(Code::ALL.iter().any(|listed| listed.as_str() == code), "{code}");
    }
}

// -- a broken database --------------------------------------------------------------------------

both! {
    async fn whatever_table_is_missing_no_answer_tells_of_the_inside(clinic) {
        let ward = Ward::open(clinic).await;
        let tables = ward.tables().await;
        assert!(tables.len() > 12, "{tables:?}");
        for (document, variables) in ward.operations() {
            ward.clinic.asks(&ward.lee, &document, variables).await.data();
        }
        let mut faults = 0;
        for table in &tables {
            ward.rename(table, "gone").await;
            for (document, variables) in ward.operations() {
                let answer = ward.clinic.asks(&ward.lee, &document, variables).await;
                assert_tells_nothing(&answer, &tables);
                faults += answer.codes().iter().filter(|code| **code == "INTERNAL").count();
            }
            ward.rename("gone", table).await;
        }
        assert!(faults > tables.len(), "{faults} faults");
    }

    async fn whatever_column_is_missing_no_answer_tells_of_the_inside(clinic) {
        let ward = Ward::open(clinic).await;
        let tables = ward.tables().await;
        let broken = [
            ("treatment_goals", "description"), ("progress_entries", "value"), ("progress_milestones", "title"),
            ("goal_reminders", "scheduled_time"), ("assessment_scores", "score"), ("goal_tracking_config", "tracking_method"),
            ("waymark_events", "kind"), ("waymark_requests", "answer"),
        ];
        let mut faults = 0;
        for (table, column) in broken {
            let rename = async |from: &str, to: &str| {
                let sql = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
                ward.clinic.db().execute_unprepared(&sql).await.is_ok()
            };
            if !rename(column, "gone").await {
                continue; // another name than here
            }
            for (document, variables) in ward.operations() {
                let answer = ward.clinic.asks(&ward.lee, &document, variables).await;
                assert_tells_nothing(&answer, &tables);
                faults += answer.codes().len();
            }
            assert!(rename("gone", column).await);
        }
        assert!(faults > 10, "{faults} faults");
    }

    async fn a_database_that_is_gone_is_not_named(clinic) {
        let ward = Ward::open(clinic).await;
        let tables = ward.tables().await;
        ward.clinic.store().clone().close().await.expect("an end");
        for (document, variables) in ward.operations() {
            let answer = ward.clinic.asks(&ward.lee, &document, variables).await;
            assert_tells_nothing(&answer, &tables);
            assert!(!answer.codes().is_empty(), "{}", answer.text);
        }
        assert_tells_nothing(&ward.clinic.gets("/readyz").await, &tables);
    }
}

/// Words of the inside: SQL, drivers, addresses, paths and the names of tables.
#[track_caller]
fn assert_tells_nothing(answer: &Answer, tables: &[String]) {
    let words = [
        "SELECT",
        "INSERT",
        "UPDATE ",
        "DELETE ",
        "relation",
        "no such",
        "syntax",
        "does not exist",
        "sqlx",
        "sea_orm",
        "SeaORM",
        "rusqlite",
        "ostgres",
        "qlite",
        "127.0.0.1",
        "localhost",
        "/tmp",
        "waymark_",
        "panicked",
        ".rs",
        "gone",
        "pool",
        "timed out",
    ];
    let lost =
        words.into_iter().chain(tables.iter().map(String::as_str)).find(|word| answer.text.contains(word));
    assert_eq!(lost, None, "{}", answer.text);
    answer.codes();
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        let known: BTreeSet<_> = ["code", "errorId"].into();
        let told: BTreeSet<_> =
            error["extensions"].as_object().expect("extensions").keys().map(String::as_str).collect();
        assert!(told.is_subset(&known), "{error}");
    }
}

/// Lee, and all that hangs on her goal.
struct Ward {
    clinic: Clinic,
    ann: Person,
    lee: Person,
    goal: Uuid,
    entry: Uuid,
    milestone: Uuid,
    score: Uuid,
    reminder: Uuid,
}

impl Ward {
    async fn open(clinic: Clinic) -> Self {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.tracking(&goal, "scale").await;
        let entry = clinic.entry(&goal, day(2026, 2, 1), 5).await.id;
        let milestone = clinic.milestone(&goal, "Half way", false).await.id;
        let score = clinic.assessment(&ann, Some(&goal), "PHQ-9", 9, day(2026, 2, 2)).await.id;
        let reminder = clinic.reminder(&goal, None).await.id;
        clinic.session(&ann, &lee, day(2026, 2, 3).into()).await;
        Self { clinic, ann, lee, goal: goal.id, entry, milestone, score, reminder }
    }

    async fn tables(&self) -> Vec<String> {
        let (backend, sql) = match self.clinic.database.kind {
            Kind::Sqlite => {
                (sea_orm::DatabaseBackend::Sqlite, "SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            Kind::Postgres => (
                sea_orm::DatabaseBackend::Postgres,
                "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
            ),
        };
        let rows =
            self.clinic.db().query_all_raw(Statement::from_string(backend, sql)).await.expect("tables");
        let names = rows.iter().map(|row| row.try_get::<String>("", "name").expect("a name"));
        names.filter(|name| !name.starts_with("sqlite_") && name != "seaql_migrations").collect()
    }

    async fn rename(&self, from: &str, to: &str) {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        self.clinic.db().execute_unprepared(&sql).await.expect("another name");
    }

    /// Reads of every kind, and every mutation.
    fn operations(&self) -> Vec<(String, Value)> {
        let Self { ann, goal, entry, milestone, score, reminder, .. } = self;
        let goal_fields = "id description status patient { fullName } therapist { id } session { id } tracking { id }
            trackingHistory { id } aimHistory { since } entries { totalCount nodes { id session { id } recordedBy { id } } }
            milestones { id stillMet } assessments { nodes { id interpretation { caseness } } }
            reminders { id nextDueAt deliveries { totalCount } }
            progress { percent streak { current } trend { class } projection { date } series { value } pace }";
        let reads = [
            "{ viewer { id fullName timeZone weekStart } }".to_owned(),
            format!("{{ goals {{ totalCount nodes {{ {goal_fields} }} }} }}"),
            format!("{{ goal(id: \"{goal}\") {{ {goal_fields} }} node(id: \"{entry}\") {{ id }} }}"),
            format!(
                "{{ patients {{ totalCount nodes {{ id sessions {{ totalCount }} }} }} person(id: \"{}\") {{
                goals {{ totalCount }} upcomingReminders {{ dueAt }} reminders {{ id }} }} }}",
                ann.id
            ),
            format!("{{ assessment(id: \"{score}\") {{ id goal {{ id }} }} reminderCounts {{ sent }} }}"),
        ];
        let acts = [
            ("createGoal", json!({ "patientId": ann.id, "description": "Run" })),
            ("updateGoal", json!({ "goalId": goal, "category": "Body" })),
            ("changeGoalStatus", json!({ "goalId": goal, "status": "ON_HOLD" })),
            ("configureTracking", json!({ "goalId": goal, "method": "SCALE" })),
            ("transferGoal", json!({ "goalId": goal, "therapistId": self.lee.id })),
            ("recordProgress", json!({ "goalId": goal, "value": "4", "idempotencyKey": "k" })),
            (
                "importProgress",
                json!({ "goalId": goal, "entries": [{ "value": "4", "entryDate": "2026-02-01" }] }),
            ),
            ("updateProgress", json!({ "entryId": entry, "value": "4" })),
            ("addMilestone", json!({ "goalId": goal, "title": "There" })),
            ("updateMilestone", json!({ "milestoneId": milestone, "title": "There" })),
            ("achieveMilestone", json!({ "milestoneId": milestone })),
            ("revokeMilestone", json!({ "milestoneId": milestone })),
            ("recordAssessment", json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 3 })),
            ("updateAssessment", json!({ "assessmentId": score, "score": 4 })),
            ("scheduleReminder", json!({ "goalId": goal })),
            ("updateReminder", json!({ "reminderId": reminder, "isActive": false })),
            ("updatePersonSettings", json!({ "personId": ann.id, "timeZone": "Europe/Berlin" })),
        ];
        let act = |(mutation, input): (&str, Value)| {
            let (first, rest) = mutation.split_at(1);
            let document = format!(
                "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message }} }} }}",
                first.to_uppercase()
            );
            (document, json!({ "input": input }))
        };
        reads.into_iter().map(|document| (document, json!({}))).chain(acts.into_iter().map(act)).collect()
    }
}
