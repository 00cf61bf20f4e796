//! `waymark migrate` as a person runs it, on both databases.

use crate::support::{Database, Ended, Kind, Waymark};

const STEPS: [&str; 19] = [
    "m01_created",
    "m02_neighbours",
    "m03_treatment_goals",
    "m04_goal_tracking_config",
    "m05_progress_entries",
    "m06_assessment_scores",
    "m07_progress_milestones",
    "m08_goal_reminders",
    "m09_settings",
    "m10_events",
    "m11_requests",
    "m12_pauses",
    "m13_closings",
    "m14_aims",
    "m15_weeks",
    "m16_transfers",
    "m17_agenda",
    "m18_reminder_deliveries",
    "m19_webhooks",
];
const SUMMARY: &str = "6 tables, 67 columns, 14 foreign keys, 11 indexes\n";

async fn migrate(database: &Database, arguments: &[&str]) -> Ended {
    Waymark::new(&[&["migrate"], arguments].concat()).env("DATABASE_URL", &database.url).ends().await
}

#[track_caller]
fn assert_prints(ended: &Ended, code: i32, stdout: &str) {
    assert_eq!(*ended, Ended { code: Some(code), stdout: stdout.to_owned(), stderr: String::new() });
}

/// A line for each step.
fn lines<'s>(word: &str, steps: impl IntoIterator<Item = &'s str>) -> String {
    steps.into_iter().flat_map(|step| [word, "  ", step, "\n"]).collect()
}

async fn along_the_steps_and_back(database: Database) {
    let missing = lines("missing", STEPS);
    assert_prints(&migrate(&database, &["status"]).await, 0, &missing);
    assert_prints(&migrate(&database, &["down"]).await, 0, "Nothing to take back.\n");
    assert_prints(&migrate(&database, &["up"]).await, 0, &lines("applied", STEPS));
    assert_prints(&migrate(&database, &["up"]).await, 0, "Nothing to apply.\n");
    assert_prints(&migrate(&database, &["verify"]).await, 0, SUMMARY);

    let newest = lines("taken back", STEPS[7..].iter().rev().copied());
    assert_prints(&migrate(&database, &["down", "--steps", "12"]).await, 0, &newest);
    let seven = lines("applied", STEPS[..7].iter().copied());
    let others = lines("missing", STEPS[7..].iter().copied());
    assert_prints(&migrate(&database, &["status"]).await, 0, &format!("{seven}{others}"));
    let difference = "goal_reminders: table is missing\n";
    assert_prints(&migrate(&database, &["verify"]).await, 1, difference);

    let rest = lines("taken back", STEPS[..7].iter().rev().copied());
    assert_prints(&migrate(&database, &["down", "--steps", "99"]).await, 0, &rest);
    assert_prints(&migrate(&database, &["status"]).await, 0, &missing);
    assert_prints(&migrate(&database, &["up"]).await, 0, &lines("applied", STEPS));
    assert_prints(&migrate(&database, &["verify"]).await, 0, SUMMARY);
}

#[tokio::test]
async fn sqlite_goes_along_the_steps_and_back() {
    along_the_steps_and_back(Database::empty(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn postgres_goes_along_the_steps_and_back() {
    along_the_steps_and_back(Database::empty(Kind::Postgres).await).await;
}

#[tokio::test]
async fn an_empty_database_differs_by_all_six_tables() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let tables = STEPS[2..8].iter().map(|step| format!("{}: table is missing\n", &step[4..]));
        let ended = migrate(&Database::empty(kind).await, &["verify"]).await;
        assert_prints(&ended, 1, &tables.collect::<String>());
    }
}

#[tokio::test]
async fn a_step_back_is_at_least_one() {
    let database = Database::empty(Kind::Sqlite).await;
    for steps in ["0", "-1", "all"] {
        assert_eq!(migrate(&database, &["down", "--steps", steps]).await.code, Some(2), "{steps}");
    }
}
