//! The database's own constraints: one that a rule should have kept from being reached becomes a problem
//! with a field, and never says how it is called.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Kind, Person, SECRET, Waymark, with};

/// A stricter check than any rule knows: table, its name, and the field it is about.
const CHECKS: &[(&str, &str, &str)] = &[
    ("treatment_goals", "ck_treatment_goals_category_words", "input.category"),
    ("treatment_goals", "ck_treatment_goals_baseline_value_more", "input.baselineValue"),
    ("treatment_goals", "ck_treatment_goals_target_value_more", "input.targetValue"),
    ("treatment_goals", "ck_treatment_goals_somehow", "input"),
    ("goal_tracking_config", "ck_goal_tracking_config_tracking_method_more", "input.method"),
    ("goal_tracking_config", "ck_goal_tracking_config_tracking_frequency_more", "input.frequency"),
    ("goal_tracking_config", "ck_goal_tracking_config_scale_min_more", "input.scaleMin"),
    ("goal_tracking_config", "ck_goal_tracking_config_scale_max_more", "input.scaleMax"),
    ("goal_tracking_config", "ck_goal_tracking_config_scale_labels_more", "input.scaleLabels"),
    ("goal_tracking_config", "ck_goal_tracking_config_frequency_unit_more", "input.frequencyUnit"),
    ("goal_tracking_config", "ck_goal_tracking_config_duration_unit_more", "input.durationUnit"),
    ("goal_tracking_config", "ck_goal_tracking_config_target_direction_more", "input.targetDirection"),
    ("progress_entries", "ck_progress_entries_value_more", "input.value"),
    ("progress_entries", "ck_progress_entries_value_label_more", "input.valueLabel"),
    ("progress_entries", "ck_progress_entries_context_more", "input.context"),
    ("progress_milestones", "ck_progress_milestones_milestone_type_more", "input.milestoneType"),
    ("progress_milestones", "ck_progress_milestones_title_more", "input.title"),
    ("assessment_scores", "ck_assessment_scores_score_more", "input.score"),
    ("assessment_scores", "ck_assessment_scores_assessment_type_more", "input.assessmentType"),
    ("goal_reminders", "ck_goal_reminders_reminder_type_more", "input.reminderType"),
    ("goal_reminders", "ck_goal_reminders_scheduled_days_more", "input.scheduledDays"),
];

both! {
    /// So that we hear of it, and of nothing that was sent.
    async fn a_missing_rule_is_logged(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let strict = "ALTER TABLE treatment_goals ADD COLUMN strict INTEGER CONSTRAINT \
                      ck_treatment_goals_category_words CHECK (category <> 'Secret')";
        clinic.db().execute_unprepared(strict).await.expect("a check");
        let secret = std::str::from_utf8(SECRET).expect("text");
        let waymark = Waymark::new(&["serve"]).env("DATABASE_URL", &clinic.database.url);
        let server = waymark.env("WAYMARK_JWT_SECRET", secret).listens().await;

        let query = "mutation($input: CreateGoalInput!) \
                     { createGoal(input: $input) { userErrors { code field } } }";
        let input = json!({ "patientId": ann.id, "description": "Walk", "category": "Secret" });
        let body = json!({ "query": query, "variables": { "input": input } });
        let answer = server.posts(&lee.token, &body).await;

        let problem = json!([{ "code": "INVALID", "field": ["input", "category"] }]);
        assert_eq!(answer["data"]["createGoal"]["userErrors"], problem, "{answer}");
        let log = server.stops().await.stderr;
        let expected = "a rule is missing: the database refused a row \
                        constraint=\"ck_treatment_goals_category_words\"";
        assert_eq!(log.matches(expected).count(), 1, "{log}");
        assert!(!log.contains("Secret"), "{log}");
    }

    async fn a_check_that_no_rule_knows_becomes_a_problem_with_its_field(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = json!({ "goalId": clinic.sets_a_goal(&lee, &ann).await });
        clinic.later(chrono::TimeDelta::hours(1));
        for (number, (table, check, field)) in CHECKS.iter().enumerate() {
            // Refuses every row that is made from now on.
            let moment = if *table == "progress_entries" { "recorded_at" } else { "created_at" };
            let strict = format!(
                "ALTER TABLE {table} ADD COLUMN strict_{number} INTEGER CONSTRAINT {check} \
                 CHECK (strict_{number} IS NULL AND {moment} < '2026-03-01 12:30:00')"
            );
            clinic.db().execute_unprepared(&strict).await.expect("a check");
            let (mutation, input) = writes(table, &ann, &goal);
            assert_eq!(
                clinic.is_refused(&lee, mutation, input).await,
                [format!("INVALID {field}")],
                "{check}"
            );
            clinic
                .db()
                .execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN strict_{number}"))
                .await
                .expect("gone");
        }
    }

    async fn a_text_longer_than_its_column_becomes_a_problem(clinic) {
        // SQLite's columns have checks of their length, which are tried above.
        if clinic.database.kind == Kind::Sqlite {
            return;
        }
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic
            .db()
            .execute_unprepared("ALTER TABLE treatment_goals ALTER category TYPE VARCHAR(3)")
            .await
            .expect("short");
        let input = json!({ "patientId": ann.id, "description": "Walk", "category": "Body" });
        assert_eq!(clinic.is_refused(&lee, "createGoal", input).await, ["INVALID input"]);
    }

    /// The session is deleted by another program after it was looked up.
    async fn what_is_referred_to_and_gone_meanwhile_is_not_found(clinic) {
        // On SQLite there is one writer at a time, so nothing can go meanwhile.
        if clinic.database.kind == Kind::Sqlite {
            return;
        }
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let session = clinic.session(&ann, &lee, clinic.now()).await;
        let mut options = sea_orm::ConnectOptions::new(&clinic.database.url);
        options.max_connections(1).sqlx_logging(false);
        let other = sea_orm::Database::connect(options).await.expect("a connection");
        other.execute_unprepared("BEGIN; DELETE FROM therapy_sessions").await.expect("a deletion");
        let clinic = Arc::new(clinic);
        let asking = clinic.clone();
        let input = json!({ "goalId": goal, "value": "5", "sessionId": session });
        let refused = tokio::spawn(async move { asking.is_refused(&lee, "recordProgress", input).await });

        until_somebody_waits(&other).await;
        other.execute_unprepared("COMMIT").await.expect("a commit");

        assert_eq!(refused.await.expect("an answer"), ["NOT_FOUND input.sessionId"]);
    }
}

/// A mutation that inserts a row into the table.
fn writes(table: &str, patient: &Person, goal: &Value) -> (&'static str, Value) {
    let of_goal = |fields: Value| with(goal.clone(), fields);
    match table {
        "treatment_goals" => ("createGoal", json!({ "patientId": patient.id, "description": "Run" })),
        "goal_tracking_config" => ("configureTracking", of_goal(json!({ "method": "SCALE" }))),
        "progress_entries" => ("recordProgress", of_goal(json!({ "value": "5" }))),
        "progress_milestones" => ("addMilestone", of_goal(json!({ "title": "One" }))),
        "goal_reminders" => ("scheduleReminder", goal.clone()),
        _ => ("recordAssessment", json!({ "patientId": patient.id, "assessmentType": "PHQ-9", "score": 3 })),
    }
}

/// Asks PostgreSQL until a transaction waits for a lock.
async fn until_somebody_waits(db: &DatabaseConnection) {
    let sql = "SELECT count(*) AS waiting FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
               OR l.database IS NULL WHERE NOT l.granted AND d.datname = current_database()";
    loop {
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("locks");
        if row.expect("a row").try_get::<i64>("", "waiting").expect("a count") > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}
