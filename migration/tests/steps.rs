//! Up, down and up again on SQLite, as promised in the documentation of the library.

use migration::{Error, Step, down, is_current, status, up};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};

type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn empty() -> Result<DatabaseConnection, DbErr> {
    Database::connect("sqlite::memory:").await
}

/// Every statement that made the database, for comparing one with another.
async fn statements(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let query = "SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[tokio::test]
async fn up_down_up_is_up() -> Outcome {
    let db = empty().await?;
    let applied = up(&db).await?;
    let once = statements(&db).await?;

    let undone = down(&db, 99).await?;
    assert!(undone.iter().eq(applied.iter().rev()));
    let left = statements(&db).await?.join("\n");
    assert!(!left.contains("users") && !left.contains("waymark_created"), "{left}");

    assert_eq!(up(&db).await?, applied);
    assert_eq!(statements(&db).await?, once);
    Ok(())
}

#[tokio::test]
async fn the_second_up_has_nothing_to_do() -> Outcome {
    let db = empty().await?;
    assert!(!is_current(&db).await?);
    assert!(!up(&db).await?.is_empty());
    assert!(is_current(&db).await?);
    assert_eq!(up(&db).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn status_names_every_step_and_changes_nothing() -> Outcome {
    let db = empty().await?;
    assert!(status(&db).await?.iter().all(|step| !step.applied));
    assert!(statements(&db).await?.is_empty());
    up(&db).await?;
    down(&db, 1).await?;
    let last = Step { name: "m19_webhooks".to_owned(), applied: false };
    assert_eq!(status(&db).await?.last(), Some(&last));
    Ok(())
}

#[tokio::test]
async fn the_products_neighbours_survive_the_way_back() -> Outcome {
    let db = empty().await?;
    db.execute_unprepared("CREATE TABLE users (id BLOB PRIMARY KEY, email TEXT, role TEXT)").await?;
    up(&db).await?;
    down(&db, 99).await?;
    let left = statements(&db).await?.join("\n");
    assert!(left.contains("CREATE TABLE users"), "{left}");
    assert!(!left.contains("therapy_sessions"), "{left}");
    Ok(())
}

#[tokio::test]
async fn tables_of_another_tool_are_not_overrun() -> Outcome {
    let db = empty().await?;
    db.execute_unprepared("CREATE TABLE progress_entries (id BLOB PRIMARY KEY)").await?;
    let refusal = up(&db).await.expect_err("must refuse");
    assert!(matches!(&refusal, Error::Unadopted(tables) if *tables == ["progress_entries"]));
    assert!(refusal.to_string().contains("`waymark migrate adopt`"), "{refusal}");
    assert_eq!(statements(&db).await?.len(), 2, "the table and its key, nothing of ours");
    Ok(())
}

#[tokio::test]
async fn steps_of_a_newer_program_are_not_touched() -> Outcome {
    let db = empty().await?;
    up(&db).await?;
    let newer = "INSERT INTO waymark_migrations (version, applied_at) VALUES ('m98_later', 0)";
    db.execute_unprepared(newer).await?;
    for refusal in [up(&db).await.err(), down(&db, 1).await.err(), status(&db).await.err()] {
        assert!(matches!(refusal, Some(Error::Newer(steps)) if steps == ["m98_later"]));
    }
    assert!(is_current(&db).await?, "the old program goes on serving");
    Ok(())
}
