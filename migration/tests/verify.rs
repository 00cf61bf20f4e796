//! Every kind of damage is named, and what means the same passes. The same on PostgreSQL is in the
//! tests of the whole.

use migration::{Error, adopt, down, up, verify};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};

type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn migrated() -> Result<DatabaseConnection, Error> {
    let db = Database::connect("sqlite::memory:").await?;
    up(&db).await?;
    Ok(db)
}

/// Writes a table anew with another text, as `ALTER TABLE` on SQLite cannot.
async fn rewrite(db: &DatabaseConnection, table: &str, from: &str, to: &str) -> Result<(), DbErr> {
    let escape = |text: &str| text.replace('\'', "''");
    let (from, to) = (escape(from), escape(to));
    let statement = format!(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = '{table}';
         PRAGMA writable_schema = RESET;"
    );
    db.execute_unprepared(&statement).await.map(|_| ())
}

async fn differences(db: &DatabaseConnection) -> Result<Vec<String>, Error> {
    Ok(verify(db).await?.differences.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn our_own_tables_are_the_specification() -> Outcome {
    let report = verify(&migrated().await?).await?;
    assert!(report.holds(), "{report}");
    assert_eq!(report.summary(), "6 tables, 67 columns, 14 foreign keys, 11 indexes");
    assert_eq!(report.to_string(), report.summary());
    Ok(())
}

#[tokio::test]
async fn an_empty_database_lacks_six_tables() -> Outcome {
    let db = Database::connect("sqlite::memory:").await?;
    let differences = differences(&db).await?;
    assert_eq!(differences.len(), 6);
    assert_eq!(differences[0], "treatment_goals: table is missing");
    Ok(())
}

#[tokio::test]
async fn a_changed_column_is_named() -> Outcome {
    let goals = "treatment_goals";
    for (from, to, expected) in [
        ("status         TEXT NOT NULL", "status TEXT", "status: is nullable, should be NOT NULL"),
        ("target_date    TEXT", "target_date TEXT NOT NULL", "target_date: is NOT NULL, should be nullable"),
        ("target_date    TEXT", "target_date BLOB", "target_date: is BLOB, should be TEXT (DATE)"),
        ("'assigned'", "'new'", "status: has the default 'new', should have 'assigned'"),
        (" DEFAULT 'assigned'", "", "status: has no default, should have 'assigned'"),
        (
            "description    TEXT NOT NULL",
            "description TEXT NOT NULL DEFAULT ''",
            "description: has the default '', should have none",
        ),
    ] {
        let db = migrated().await?;
        rewrite(&db, goals, from, to).await?;
        assert_eq!(differences(&db).await?, [format!("{goals}.{expected}")]);
    }
    Ok(())
}

#[tokio::test]
async fn a_missing_and_an_extra_column_are_named() -> Outcome {
    let db = migrated().await?;
    db.execute_unprepared("ALTER TABLE progress_entries DROP COLUMN notes").await?;
    db.execute_unprepared("ALTER TABLE progress_entries ADD COLUMN mood TEXT").await?;
    let expected = [
        "progress_entries.notes: column is missing",
        "progress_entries.mood: column is not in the specification",
    ];
    assert_eq!(differences(&db).await?, expected);
    Ok(())
}

#[tokio::test]
async fn a_table_whose_rows_have_no_numbers_is_named() -> Outcome {
    let db = migrated().await?;
    rewrite(&db, "goal_reminders", ") STRICT", ") STRICT, WITHOUT ROWID").await?;
    assert_eq!(differences(&db).await?, ["goal_reminders: is made WITHOUT ROWID, should have row numbers"]);
    Ok(())
}

#[tokio::test]
async fn a_changed_constraint_is_named() -> Outcome {
    for (from, to, expected) in [
        (
            "REFERENCES treatment_goals (id) ON DELETE CASCADE",
            "CHECK (true)",
            ".goal_id: foreign key to treatment_goals(id) is missing",
        ),
        (
            "REFERENCES treatment_goals (id) ON DELETE CASCADE",
            "REFERENCES treatment_goals (id) ON DELETE SET NULL",
            ".goal_id: foreign key is ON DELETE SET NULL, should be ON DELETE CASCADE",
        ),
        (
            "reminder_enabled      INTEGER",
            "reminder_enabled      INTEGER REFERENCES users (id)",
            ": foreign key (reminder_enabled) to users(id) is not in the specification",
        ),
        ("PRIMARY KEY", "UNIQUE", ": primary key is missing, should be (id)"),
        ("scale_min >= 1", "scale_min >= 0", ": check is missing: scale_min >= 1"),
        (
            "length(frequency_unit) <= 20",
            "length(frequency_unit) <= 20 AND scale_min <> 3",
            ": check is not in the specification: length(frequency_unit) <= 20 AND scale_min <> 3",
        ),
    ] {
        let db = migrated().await?;
        rewrite(&db, "goal_tracking_config", from, to).await?;
        let expected = format!("goal_tracking_config{expected}");
        assert!(differences(&db).await?.contains(&expected), "{expected}");
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_index_is_named() -> Outcome {
    let db = migrated().await?;
    db.execute_unprepared(
        "DROP INDEX idx_goal_reminders_patient;
         DROP INDEX idx_progress_entries_goal_date;
         CREATE INDEX idx_progress_entries_goal_date ON progress_entries (goal_id, entry_date);
         DROP INDEX idx_progress_milestones_goal_achieved;
         CREATE INDEX idx_progress_milestones_goal_achieved ON progress_milestones (goal_id, achieved_at DESC);
         CREATE UNIQUE INDEX one_config ON goal_tracking_config (goal_id)",
    )
    .await?;
    let expected = [
        "goal_tracking_config.one_config: index UNIQUE (goal_id) is not in the specification",
        "progress_entries.idx_progress_entries_goal_date: index is (goal_id, entry_date), \
         should be (goal_id, entry_date DESC)",
        "progress_milestones.idx_progress_milestones_goal_achieved: index is (goal_id, achieved_at DESC), \
         should be (goal_id, achieved_at DESC) WHERE achieved_at IS NOT NULL",
        "goal_reminders.idx_goal_reminders_patient: index is missing, should be (patient_id)",
    ];
    assert_eq!(differences(&db).await?, expected);
    Ok(())
}

#[tokio::test]
async fn an_adopted_database_keeps_its_tables() -> Outcome {
    let db = migrated().await?;
    db.execute_unprepared(
        "DROP TABLE waymark_migrations; DROP TABLE waymark_created; DROP TABLE waymark_settings;
         DROP TABLE waymark_events; DROP TABLE waymark_requests; DROP TABLE waymark_pauses; DROP TABLE waymark_closings;
         DROP TABLE waymark_aims; DROP TABLE waymark_weeks; DROP TABLE waymark_transfers;
         DROP TABLE waymark_agenda; DROP TABLE waymark_reminder_deliveries; DROP TABLE waymark_webhooks;
         DROP TABLE waymark_webhook_deliveries;
         DROP INDEX idx_goal_reminders_patient",
    )
    .await?;
    assert!(matches!(up(&db).await, Err(Error::Unadopted(tables)) if tables.len() == 6));

    let first = adopt(&db).await?;
    assert_eq!(first.recorded.len(), 7);
    let ours = [
        "agenda",
        "aims",
        "closings",
        "created",
        "events",
        "migrations",
        "pauses",
        "reminder_deliveries",
        "requests",
        "settings",
        "transfers",
        "webhook_deliveries",
        "webhooks",
        "weeks",
    ];
    assert_eq!(first.created, ours.map(|table| format!("waymark_{table}")));
    assert_eq!(
        first.notes,
        ["goal_reminders.idx_goal_reminders_patient: index is missing, should be (patient_id)"]
    );

    let second = adopt(&db).await?;
    assert!(second.recorded.is_empty() && second.created.is_empty());
    assert!(up(&db).await?.is_empty());
    assert!(matches!(down(&db, 99).await, Err(Error::Adopted(tables)) if tables.len() == 6));
    assert_eq!(down(&db, 1).await?, ["m19_webhooks"]);
    Ok(())
}

#[tokio::test]
async fn a_database_that_cannot_be_served_is_not_adopted() -> Outcome {
    let db = migrated().await?;
    db.execute_unprepared(
        "DROP TABLE waymark_migrations; DROP TABLE waymark_created; DROP TABLE waymark_settings;
         DROP TABLE waymark_events; DROP TABLE waymark_requests; DROP TABLE waymark_pauses; DROP TABLE waymark_closings;
         DROP TABLE waymark_aims; DROP TABLE waymark_weeks; DROP TABLE waymark_transfers;
         DROP TABLE waymark_agenda; DROP TABLE waymark_reminder_deliveries; DROP TABLE waymark_webhooks;
         DROP TABLE waymark_webhook_deliveries;
         DROP TABLE therapist_patients; ALTER TABLE goal_reminders DROP COLUMN message",
    )
    .await?;
    let refusal = adopt(&db).await.expect_err("must refuse").to_string();
    assert!(refusal.contains("\n- therapist_patients: table is missing"), "{refusal}");
    assert!(refusal.contains("\n- goal_reminders.message: column is missing"), "{refusal}");
    let left = db.execute_unprepared("SELECT 1 FROM waymark_migrations").await;
    assert!(left.is_err(), "nothing of ours is left behind");
    Ok(())
}
