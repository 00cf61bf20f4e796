//! The database itself refuses what the specification forbids, and lets go as it says, on both stores.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, day};

/// One row of each table, all connected.
struct Rows {
    clinic: Clinic,
    ids: Vec<(&'static str, Uuid)>,
}

impl Rows {
    async fn in_every_table(clinic: Clinic) -> Self {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let recorder = clinic.admin("Robin").await;
        let session = clinic.session(&ann, &lee, day(2026, 1, 5).and_time(chrono::NaiveTime::MIN)).await;
        let goal =
            clinic.goal_with(&ann, &lee, "Walk", |goal| goal.session_id = sea_orm::Set(Some(session))).await;
        let tracking = clinic.tracking(&goal, "scale").await;
        let entry = clinic
            .entry_with(&goal, day(2026, 1, 6), 3, |entry| {
                entry.tracking_config_id = sea_orm::Set(Some(tracking.id));
                entry.session_id = sea_orm::Set(Some(session));
                entry.recorded_by = sea_orm::Set(Some(recorder.id));
            })
            .await;
        let milestone = clinic.milestone(&goal, "Halfway", false).await;
        let score = clinic.assessment(&ann, Some(&goal), "PHQ-9", 12, day(2026, 1, 7)).await;
        let reminder = clinic.reminder(&goal, None).await;
        let ids = vec![
            ("patient", ann.id),
            ("therapist", lee.id),
            ("recorder", recorder.id),
            ("therapy_sessions", session),
            ("treatment_goals", goal.id),
            ("goal_tracking_config", tracking.id),
            ("progress_entries", entry.id),
            ("progress_milestones", milestone.id),
            ("assessment_scores", score.id),
            ("goal_reminders", reminder.id),
        ];
        let rows = Self { clinic, ids };
        let administered = rows.set("assessment_scores", "administered_by", Expr::val(recorder.id));
        administered.await.expect("an update");
        rows
    }

    fn id(&self, name: &str) -> Uuid {
        self.ids.iter().find(|(known, _)| *known == name).expect("a row").1
    }

    /// Sets one column of the row of a table.
    async fn set(&self, table: &'static str, column: &'static str, value: Expr) -> Result<(), DbErr> {
        let mut update = Query::update();
        update.table(table).value(column, value).and_where(Expr::col("id").eq(self.id(table)));
        self.clinic.db().execute(&update).await.map(|_| ())
    }

    /// Deletes the row of a table; `name` where that is another.
    async fn delete(&self, table: &'static str, name: &str) {
        let mut delete = Query::delete();
        delete.from_table(table).and_where(Expr::col("id").eq(self.id(name)));
        self.clinic.db().execute(&delete).await.expect("a deletion");
    }

    /// Whether the row of a table is there, and whether it has a value in `column`.
    async fn has(&self, table: &'static str, column: &'static str) -> Option<bool> {
        let mut select = Query::select();
        select.expr_as(Expr::col(column).is_not_null(), Alias::new("has")).from(table);
        select.and_where(Expr::col("id").eq(self.id(table)));
        let row = self.clinic.db().query_one(&select).await.expect("an answer");
        row.map(|row| row.try_get("", "has").expect("a truth"))
    }

    /// What the row of a table holds, as the database's own text.
    async fn text(&self, table: &'static str, column: &'static str) -> Option<String> {
        let mut select = Query::select();
        select.expr_as(Expr::col(column).cast_as("text"), Alias::new("text")).from(table);
        select.and_where(Expr::col("id").eq(self.id(table)));
        let row = self.clinic.db().query_one(&select).await.expect("an answer").expect("a row");
        row.try_get("", "text").expect("a text")
    }
}

/// Values that a named check refuses: table, column, SQL, check.
const CHECKS: &[(&str, &str, &str, &str)] = &[
    ("goal_tracking_config", "tracking_method", "'guess'", "ck_goal_tracking_config_tracking_method"),
    ("goal_tracking_config", "tracking_frequency", "'hourly'", "ck_goal_tracking_config_tracking_frequency"),
    ("goal_tracking_config", "scale_min", "10", "ck_goal_tracking_config_scale_order"),
    ("goal_tracking_config", "scale_min", "0", "ck_goal_tracking_config_scale_min"),
    ("goal_tracking_config", "scale_max", "11", "ck_goal_tracking_config_scale_max"),
    ("goal_tracking_config", "target_direction", "'sideways'", "ck_goal_tracking_config_target_direction"),
    ("progress_entries", "context", "'hearsay'", "ck_progress_entries_context"),
    ("assessment_scores", "score", "-1", "ck_assessment_scores_score"),
    ("progress_milestones", "milestone_type", "'wish'", "ck_progress_milestones_milestone_type"),
    ("goal_reminders", "reminder_type", "'nagging'", "ck_goal_reminders_reminder_type"),
    ("users", "role", "'nobody'", "ck_users_role"),
];

/// Columns that let a reference go when its row is deleted: table, column, table of the row, its name.
const SET_NULL: &[(&str, &str, &str, &str)] = &[
    ("treatment_goals", "session_id", "therapy_sessions", "therapy_sessions"),
    ("progress_entries", "session_id", "therapy_sessions", "therapy_sessions"),
    ("progress_entries", "tracking_config_id", "goal_tracking_config", "goal_tracking_config"),
    ("progress_entries", "recorded_by", "users", "recorder"),
    ("assessment_scores", "goal_id", "treatment_goals", "treatment_goals"),
    ("assessment_scores", "administered_by", "users", "recorder"),
];

/// Rows that go with the row they refer to: table, column, table of the row, its name.
const CASCADES: &[(&str, &str, &str, &str)] = &[
    ("treatment_goals", "patient_id", "users", "patient"),
    ("treatment_goals", "therapist_id", "users", "therapist"),
    ("goal_tracking_config", "goal_id", "treatment_goals", "treatment_goals"),
    ("progress_entries", "goal_id", "treatment_goals", "treatment_goals"),
    ("assessment_scores", "patient_id", "users", "patient"),
    ("progress_milestones", "goal_id", "treatment_goals", "treatment_goals"),
    ("goal_reminders", "goal_id", "treatment_goals", "treatment_goals"),
    ("goal_reminders", "patient_id", "users", "other"),
];

both! {
    async fn each_check_refuses_what_it_forbids_under_its_own_name(clinic) {
        let mut rows = Rows::in_every_table(clinic).await;
        rows.ids.push(("users", rows.id("patient")));
        for (table, column, value, check) in CHECKS {
            let before = rows.text(table, column).await;
            let refused = rows.set(table, column, Expr::cust(*value)).await.expect_err(check);
            assert!(refused.to_string().contains(check), "{check}: {refused}");
            assert_eq!(rows.text(table, column).await, before, "{check}");
        }
    }

    async fn a_check_takes_every_word_of_its_list_and_null(clinic) {
        let rows = Rows::in_every_table(clinic).await;
        for (table, column, words) in [
            ("goal_tracking_config", "tracking_method", "scale frequency duration binary assessment"),
            ("goal_tracking_config", "tracking_frequency", "daily weekly session custom"),
            ("goal_tracking_config", "target_direction", "increase decrease maintain"),
            ("progress_entries", "context", "session self_report assessment"),
            ("progress_milestones", "milestone_type", "percentage value streak custom"),
            ("goal_reminders", "reminder_type", "check_in progress motivation"),
        ] {
            for word in words.split(' ') {
                rows.set(table, column, Expr::val(word)).await.expect(word);
            }
            let null = rows.set(table, column, Expr::cust("NULL")).await;
            assert_eq!(null.is_ok(), !column.starts_with("tracking"), "{column}");
        }
    }

    async fn a_text_or_number_that_is_too_long_is_refused_and_not_cut(clinic) {
        let rows = Rows::in_every_table(clinic).await;
        for (table, column, length) in [
            ("treatment_goals", "category", 50),
            ("treatment_goals", "status", 20),
            ("goal_tracking_config", "frequency_unit", 20),
            ("goal_tracking_config", "duration_unit", 20),
            ("progress_entries", "value_label", 100),
            ("assessment_scores", "assessment_type", 50),
            ("assessment_scores", "severity", 20),
            ("progress_milestones", "title", 200),
        ] {
            rows.set(table, column, Expr::val("ä".repeat(length))).await.expect(column);
            assert!(rows.set(table, column, Expr::val("a".repeat(length + 1))).await.is_err(), "{column}");
        }
        for (table, column) in [
            ("treatment_goals", "baseline_value"),
            ("treatment_goals", "target_value"),
            ("progress_entries", "value"),
            ("progress_milestones", "target_value"),
        ] {
            for largest in ["99999999.99", "-99999999.99"] {
                rows.set(table, column, Expr::cust(largest)).await.expect(column);
            }
            assert!(rows.set(table, column, Expr::cust("100000000")).await.is_err(), "{column}");
        }
    }

    async fn a_reference_to_nothing_is_refused(clinic) {
        let rows = Rows::in_every_table(clinic).await;
        for (table, column, ..) in SET_NULL.iter().chain(CASCADES) {
            let nothing = Expr::val(Uuid::from_u128(0xDEAD));
            assert!(rows.set(table, column, nothing).await.is_err(), "{table}.{column}");
        }
    }
}

/// A clinic for each key, since what a deletion takes along is gone.
macro_rules! on_both {
    ($($name:ident: $run:ident),+) => { $(
        mod $name {
            use crate::support::{Clinic, Kind};

            #[tokio::test]
            async fn sqlite() {
                super::$run(async || Clinic::open(Kind::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$run(async || Clinic::open(Kind::Postgres).await).await;
            }
        }
    )+ };
}

on_both! {
    each_reference_that_may_be_empty_is_emptied_when_its_row_goes: set_null,
    each_row_goes_with_the_row_it_belongs_to: cascade,
    all_of_a_patient_goes_with_them: all_of_a_patient
}

async fn set_null(open: impl AsyncFn() -> Clinic) {
    for (table, column, target, name) in SET_NULL {
        let rows = Rows::in_every_table(open().await).await;
        assert_eq!(rows.has(table, column).await, Some(true), "{table}.{column}");
        rows.delete(target, name).await;
        assert_eq!(rows.has(table, column).await, Some(false), "{table}.{column}");
    }
}

async fn cascade(open: impl AsyncFn() -> Clinic) {
    for (table, column, target, name) in CASCADES {
        let mut rows = Rows::in_every_table(open().await).await;
        // Somebody with whom nothing but this one row would go.
        let other = rows.clinic.patient("Other").await;
        rows.ids.push(("other", other.id));
        if *target == "users" {
            rows.ids.retain(|(known, _)| known != name);
            rows.ids.push((name, other.id));
            rows.set(table, column, Expr::val(other.id)).await.expect("an update");
        }
        rows.delete(target, name).await;
        assert_eq!(rows.has(table, "id").await, None, "{table}.{column}");
    }
}

async fn all_of_a_patient(open: impl AsyncFn() -> Clinic) {
    let rows = Rows::in_every_table(open().await).await;
    rows.delete("users", "patient").await;
    for table in [
        "therapy_sessions",
        "treatment_goals",
        "goal_tracking_config",
        "progress_entries",
        "progress_milestones",
        "assessment_scores",
        "goal_reminders",
    ] {
        assert_eq!(rows.has(table, "id").await, None, "{table}");
    }
    let statement = "SELECT count(*) AS n FROM therapist_patients";
    let db = rows.clinic.db();
    let pairs = db.query_one_raw(Statement::from_string(db.get_database_backend(), statement)).await;
    assert_eq!(pairs.expect("an answer").expect("a row").try_get::<i64>("", "n"), Ok(0));
}
