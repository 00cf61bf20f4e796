//! The steps on PostgreSQL: there and back is the same schema, several at once take turns, and every
//! kind of damage is named. (The same on SQLite is in the tests of the crate itself.)

use futures_util::future::try_join_all;
use migration::{down, up, verify};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use server::store::open_writer;

use crate::support::{Database, Ended, Kind, Waymark};

const SPECIFICATION: &str = include_str!("fixtures/specification.sql");
const SUMMARY: &str = "6 tables, 67 columns, 14 foreign keys, 11 indexes";

async fn open(database: &Database) -> DatabaseConnection {
    open_writer(&database.url).await.expect("the database")
}

async fn verified(database: &Database) -> Ended {
    Waymark::new(&["migrate", "verify"]).env("DATABASE_URL", &database.url).ends().await
}

#[tokio::test]
async fn there_and_back_and_there_again_is_the_same_schema() {
    let database = Database::empty(Kind::Postgres).await;
    let db = open(&database).await;
    let schema = async || database.dump_without("waymark_migrations");

    up(&db).await.expect("up");
    let whole = schema().await;
    for steps in [1, 6, 19] {
        assert_eq!(down(&db, steps).await.expect("down").len(), steps as usize);
        assert_eq!(up(&db).await.expect("up").len(), steps as usize);
        assert!(schema().await == whole, "after {steps} steps back it is another");
    }
    assert_eq!(verify(&db).await.expect("a report").to_string(), SUMMARY);
}

#[tokio::test]
async fn the_way_back_leaves_nothing_but_the_bookkeeping() {
    let database = Database::empty(Kind::Postgres).await;
    let db = open(&database).await;
    let nothing = database.dump();
    up(&db).await.expect("up");
    down(&db, 99).await.expect("down");
    assert!(database.dump_without("waymark_migrations") == nothing);
}

#[tokio::test]
async fn of_several_that_start_at_once_one_applies_the_steps() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = Database::empty(kind).await;
        let servers = try_join_all((0..6).map(|_| open_writer(&database.url))).await.expect("connections");
        let applied = try_join_all(servers.iter().map(up)).await.expect("no failure");
        let mut counts: Vec<usize> = applied.iter().map(Vec::len).collect();
        counts.sort_unstable();
        assert_eq!(counts, [0, 0, 0, 0, 0, 19], "{kind:?}");
        assert!(verify(&servers[0]).await.expect("a report").holds(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_database_made_by_hand_from_the_specification_verifies() {
    let database = Database::empty(Kind::Postgres).await;
    open(&database).await.execute_unprepared(SPECIFICATION).await.expect("the specification");
    let ended = verified(&database).await;
    assert_eq!(ended, Ended { code: Some(0), stdout: format!("{SUMMARY}\n"), stderr: String::new() });
}

/// Does the damage to a database of its own, and asks for exactly these lines.
async fn assert_named(damages: &[(&str, &str)]) {
    for (damage, expected) in damages {
        let database = Database::migrated(Kind::Postgres).await;
        open(&database).await.execute_unprepared(damage).await.expect(damage);
        let expected = Ended { code: Some(1), stdout: format!("{expected}\n"), stderr: String::new() };
        assert_eq!(verified(&database).await, expected, "{damage}");
    }
}

#[tokio::test]
async fn a_table_that_is_missing_is_named() {
    assert_named(&[("DROP TABLE goal_reminders", "goal_reminders: table is missing")]).await;
}

#[tokio::test]
async fn a_column_that_is_missing_or_too_many_is_named() {
    assert_named(&[
        ("ALTER TABLE progress_entries DROP COLUMN notes", "progress_entries.notes: column is missing"),
        (
            "ALTER TABLE progress_entries ADD COLUMN mood TEXT",
            "progress_entries.mood: column is not in the specification",
        ),
        (
            "ALTER TABLE progress_entries ADD COLUMN mood TEXT NOT NULL",
            "progress_entries.mood: column is not in the specification, and is NOT NULL without a default",
        ),
        (
            "ALTER TABLE progress_milestones RENAME COLUMN title TO name",
            "progress_milestones.title: column is missing\n\
             progress_milestones.name: column is not in the specification, and is NOT NULL without a default",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_column_of_another_type_or_length_is_named() {
    assert_named(&[
        (
            "ALTER TABLE treatment_goals ALTER COLUMN category TYPE VARCHAR(40)",
            "treatment_goals.category: is VARCHAR(40), should be VARCHAR(50)",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN category TYPE TEXT",
            "treatment_goals.category: is TEXT, should be VARCHAR(50)",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN target_value TYPE NUMERIC(12,4)",
            "treatment_goals.target_value: is NUMERIC(12,4), should be NUMERIC(10,2)",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN target_value TYPE DOUBLE PRECISION",
            "treatment_goals.target_value: is DOUBLE PRECISION, should be NUMERIC(10,2)",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN completed_at TYPE TIMESTAMPTZ",
            "treatment_goals.completed_at: is TIMESTAMP WITH TIME ZONE, should be TIMESTAMP",
        ),
        (
            "ALTER TABLE progress_entries ALTER COLUMN entry_date TYPE TIMESTAMP",
            "progress_entries.entry_date: is TIMESTAMP, should be DATE",
        ),
        (
            "ALTER TABLE assessment_scores ALTER COLUMN subscores TYPE JSON",
            "assessment_scores.subscores: is JSON, should be JSONB",
        ),
        (
            "ALTER TABLE goal_reminders ALTER COLUMN scheduled_days TYPE BIGINT[]",
            "goal_reminders.scheduled_days: is BIGINT[], should be INTEGER[]",
        ),
        (
            "ALTER TABLE goal_reminders ALTER COLUMN scheduled_days TYPE JSONB USING to_jsonb(scheduled_days)",
            "goal_reminders.scheduled_days: is JSONB, should be INTEGER[]",
        ),
    ])
    .await;
}

#[tokio::test]
async fn another_default_or_nullability_is_named() {
    assert_named(&[
        (
            "ALTER TABLE treatment_goals ALTER COLUMN status DROP NOT NULL",
            "treatment_goals.status: is nullable, should be NOT NULL",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN target_date SET NOT NULL",
            "treatment_goals.target_date: is NOT NULL, should be nullable",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN status SET DEFAULT 'new'",
            "treatment_goals.status: has the default 'new'::character varying, should have 'assigned'",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN status DROP DEFAULT",
            "treatment_goals.status: has no default, should have 'assigned'",
        ),
        (
            "ALTER TABLE treatment_goals ALTER COLUMN description SET DEFAULT ''",
            "treatment_goals.description: has the default ''::text, should have none",
        ),
        (
            "ALTER TABLE goal_tracking_config ALTER COLUMN scale_max SET DEFAULT 100",
            "goal_tracking_config.scale_max: has the default 100, should have 10",
        ),
        (
            "ALTER TABLE goal_reminders ALTER COLUMN is_active SET DEFAULT false",
            "goal_reminders.is_active: has the default false, should have true",
        ),
        (
            "ALTER TABLE goal_reminders ALTER COLUMN created_at SET DEFAULT clock_timestamp()",
            "goal_reminders.created_at: has the default clock_timestamp(), should have now()",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_key_that_is_missing_or_leads_elsewhere_is_named() {
    assert_named(&[
        (
            "ALTER TABLE progress_milestones DROP CONSTRAINT pk_progress_milestones CASCADE",
            "progress_milestones: primary key is missing, should be (id)",
        ),
        (
            "ALTER TABLE progress_milestones DROP CONSTRAINT fk_progress_milestones_goal",
            "progress_milestones.goal_id: foreign key to treatment_goals(id) is missing",
        ),
        (
            "ALTER TABLE progress_milestones DROP CONSTRAINT fk_progress_milestones_goal;
             ALTER TABLE progress_milestones ADD FOREIGN KEY (goal_id) REFERENCES users (id) ON DELETE CASCADE",
            "progress_milestones.goal_id: foreign key to treatment_goals(id) is missing\n\
             progress_milestones: foreign key (goal_id) to users(id) is not in the specification",
        ),
        (
            "ALTER TABLE progress_milestones DROP CONSTRAINT fk_progress_milestones_goal;
             ALTER TABLE progress_milestones ADD FOREIGN KEY (goal_id) REFERENCES treatment_goals (id)",
            "progress_milestones.goal_id: foreign key is ON DELETE NO ACTION, should be ON DELETE CASCADE",
        ),
        (
            "ALTER TABLE progress_entries DROP CONSTRAINT fk_progress_entries_session;
             ALTER TABLE progress_entries ADD FOREIGN KEY (session_id) REFERENCES therapy_sessions (id)
                 ON DELETE CASCADE ON UPDATE CASCADE",
            "progress_entries.session_id: foreign key is ON DELETE CASCADE, should be ON DELETE SET NULL\n\
             progress_entries.session_id: foreign key is ON UPDATE CASCADE, should be ON UPDATE NO ACTION",
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_index_that_is_missing_or_another_is_named() {
    assert_named(&[
        (
            "DROP INDEX idx_goal_reminders_patient",
            "goal_reminders.idx_goal_reminders_patient: index is missing, should be (patient_id)",
        ),
        (
            "DROP INDEX idx_progress_entries_goal_date;
             CREATE INDEX idx_progress_entries_goal_date ON progress_entries (goal_id, entry_date)",
            "progress_entries.idx_progress_entries_goal_date: index is (goal_id, entry_date), \
             should be (goal_id, entry_date DESC)",
        ),
        (
            "DROP INDEX idx_progress_entries_goal_date;
             CREATE INDEX idx_progress_entries_goal_date ON progress_entries (goal_id, entry_date DESC NULLS LAST)",
            "progress_entries.idx_progress_entries_goal_date: index is (goal_id, entry_date DESC NULLS LAST), \
             should be (goal_id, entry_date DESC)",
        ),
        (
            "DROP INDEX idx_treatment_goals_therapist_status;
             CREATE INDEX idx_treatment_goals_therapist_status ON treatment_goals (status, therapist_id)",
            "treatment_goals.idx_treatment_goals_therapist_status: index is (status, therapist_id), \
             should be (therapist_id, status)",
        ),
        (
            "DROP INDEX idx_progress_milestones_goal_achieved;
             CREATE INDEX idx_progress_milestones_goal_achieved
                 ON progress_milestones (goal_id, achieved_at DESC)",
            "progress_milestones.idx_progress_milestones_goal_achieved: index is (goal_id, achieved_at DESC), \
             should be (goal_id, achieved_at DESC) WHERE achieved_at IS NOT NULL",
        ),
        (
            "DROP INDEX idx_progress_milestones_goal_achieved;
             CREATE INDEX idx_progress_milestones_goal_achieved
                 ON progress_milestones (goal_id, achieved_at DESC) WHERE achieved_at IS NULL",
            "progress_milestones.idx_progress_milestones_goal_achieved: index is (goal_id, achieved_at DESC) \
             WHERE achieved_at IS NULL, should be (goal_id, achieved_at DESC) WHERE achieved_at IS NOT NULL",
        ),
        (
            "CREATE UNIQUE INDEX one_config ON goal_tracking_config (goal_id)",
            "goal_tracking_config.one_config: index UNIQUE (goal_id) is not in the specification",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_check_that_is_missing_or_another_is_named() {
    assert_named(&[
        (
            "ALTER TABLE assessment_scores DROP CONSTRAINT ck_assessment_scores_score",
            "assessment_scores: check is missing: score >= 0",
        ),
        (
            "ALTER TABLE assessment_scores DROP CONSTRAINT ck_assessment_scores_score;
             ALTER TABLE assessment_scores ADD CHECK (score > 0)",
            "assessment_scores: check is not in the specification: (score > 0)",
        ),
        (
            "ALTER TABLE goal_tracking_config DROP CONSTRAINT ck_goal_tracking_config_scale_max;
             ALTER TABLE goal_tracking_config ADD CHECK (scale_max <= 100)",
            "goal_tracking_config: check is missing: scale_max <= 10",
        ),
        (
            "ALTER TABLE treatment_goals ADD CHECK (description ~ '^[A-Z]')",
            "treatment_goals: check is not in the specification: (description ~ '^[A-Z]'::text)",
        ),
        (
            "ALTER TABLE goal_reminders DROP CONSTRAINT ck_goal_reminders_reminder_type;
             ALTER TABLE goal_reminders ADD CHECK (reminder_type IN ('check_in', 'progress'))",
            "goal_reminders: check is not in the specification: ((reminder_type)::text = ANY \
             ((ARRAY['check_in'::character varying, 'progress'::character varying])::text[]))",
        ),
    ])
    .await;
}
