//! Rows that another program wrote and that cannot be served as they stand. They are counted and
//! told, never changed. Nothing but counts and words of closed lists is told of them.

use entity::value;
use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{ConnectionTrait, QueryResult};

use crate::schema::ask;
use crate::spec::{self, Kind};

/// The words that a goal's status may be without being shown as unknown.
const STATUS: &str = "'assigned', 'in_progress', 'on_hold', 'completed', 'abandoned'";
const ROLES: &str = "'patient', 'therapist', 'admin'";

/// Rows of a table for which a condition holds, and what to say of them.
struct Question {
    table: &'static str,
    postgres: String,
    sqlite: String,
    what: String,
}

impl Question {
    fn new(table: &'static str, condition: impl Into<String>, what: impl Into<String>) -> Self {
        let condition = condition.into();
        Self { table, postgres: condition.clone(), sqlite: condition, what: what.into() }
    }
}

/// What is odd in the rows, one sentence a kind, with its count.
pub(crate) async fn notes(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut notes = words(connection, "treatment_goals", "status", STATUS).await?;
    notes.extend(words(connection, "users", "role", ROLES).await?);
    for Question { table, postgres, sqlite, what } in questions() {
        let count = |condition: &str| format!("SELECT count(*) FROM {table} WHERE {condition}");
        let answer = ask(connection, &count(&postgres), &count(&sqlite)).await?;
        let rows: i64 = answer.iter().try_fold(0, |_, row| row.try_get_by_index(0))?;
        if rows > 0 {
            notes.push(format!("{table}: {} {what}", counted(rows)));
        }
    }
    Ok(notes)
}

/// The words outside a list, each with its count.
async fn words(
    connection: &impl ConnectionTrait,
    table: &str,
    column: &str,
    known: &str,
) -> Result<Vec<String>, DbErr> {
    let query = format!(
        "SELECT CAST({column} AS TEXT) AS word, count(*) AS number FROM {table} \
        WHERE lower(CAST({column} AS TEXT)) NOT IN ({known}) GROUP BY {column} ORDER BY {column}"
    );
    let note = |row: &QueryResult| {
        let rows = counted(value(row, "number")?);
        Ok(match value::<String>(row, "word") {
            Ok(word) => format!("{table}: {rows} with the unknown {column} '{word}'"),
            Err(_) => format!("{table}: {rows} with a {column} that is no text"),
        })
    };
    ask(connection, &query, &query).await?.iter().map(note).collect()
}

fn counted(rows: i64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

fn questions() -> Vec<Question> {
    let by_table = spec::TABLES.iter().flat_map(|table| {
        let columns = table.columns.iter().flat_map(|column| of_column(table.name, column));
        columns.chain(table.checks.iter().map(|check| broken(table.name, check)))
    });
    by_table.chain(of_neighbours()).collect()
}

fn of_column(table: &'static str, column: &spec::Column) -> impl Iterator<Item = Question> {
    let name = column.name;
    let absent =
        || Question::new(table, format!("{name} IS NULL"), format!("without {name}, which has a default"));
    let strange = match column.kind {
        Kind::Integers => Some(strange_weekdays(table, name)),
        _ => None,
    };
    column.default.map(|_| absent()).into_iter().chain(strange)
}

fn strange_weekdays(table: &'static str, column: &str) -> Question {
    let strange =
        |days: &str| format!("EXISTS (SELECT 1 FROM {days} WHERE coalesce(value NOT BETWEEN 0 AND 6, true))");
    Question {
        table,
        postgres: strange(&format!("unnest({column}) AS day (value)")),
        // What is no JSON is told of as a value that can't be read.
        sqlite: strange(&format!("json_each(CASE WHEN json_valid({column}) THEN {column} END)")),
        what: format!("with {column} outside 0 (Sunday) to 6 (Saturday)"),
    }
}

fn broken(table: &'static str, check: &str) -> Question {
    Question::new(table, format!("NOT ({check})"), format!("against the check {check}"))
}

fn of_neighbours() -> [Question; 5] {
    let of_another = "patient_id <> (SELECT g.patient_id FROM treatment_goals g WHERE g.id = goal_id)";
    let beyond =
        "NOT isfinite(session_date) OR session_date < '4713-01-01 BC' OR session_date >= '100000-01-01'";
    let undated = "with a session_date that can't be read, which are left out of lists";
    [
        Question { sqlite: "false".to_owned(), ..Question::new("therapy_sessions", beyond, undated) },
        Question::new("users", "role IS NULL", "without a role"),
        Question::new("therapy_sessions", "patient_id IS NULL", "without a patient"),
        Question::new("therapy_sessions", "therapist_id IS NULL", "without a therapist"),
        Question::new("goal_reminders", of_another, "for a patient who is not the goal's"),
    ]
}
