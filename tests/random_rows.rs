//! Whatever another program stores in a column, nothing panics, and what stands beside it is served as before: the
//! field shows what is stored, or the row is left out and an error says so.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Clinic, Database, Kind, Person, day};

#[test]
fn any_value_of_any_column_leaves_its_neighbours_alone_on_sqlite() {
    any_value(Kind::Sqlite, sqlite_values());
}

#[test]
fn any_value_of_any_column_leaves_its_neighbours_alone_on_postgres() {
    any_value(Kind::Postgres, postgres_values());
}

/// The tables and their columns, but for the ids that lead to other rows.
const COLUMNS: &[(&str, &str)] = &[
    (
        "treatment_goals",
        "description category status baseline_value target_value target_date created_at updated_at \
         completed_at",
    ),
    (
        "goal_tracking_config",
        "tracking_method tracking_frequency custom_frequency_days scale_min scale_max scale_labels \
         frequency_unit duration_unit target_direction reminder_enabled created_at",
    ),
    (
        "progress_entries",
        "tracking_config_id entry_date entry_time value value_label notes context recorded_by recorded_at",
    ),
    (
        "assessment_scores",
        "assessment_type score severity subscores administered_date administered_by notes created_at",
    ),
    ("progress_milestones", "milestone_type title description target_value achieved_at created_at"),
    (
        "goal_reminders",
        "reminder_type scheduled_time scheduled_days message is_active last_sent_at created_at",
    ),
    ("users", "full_name role"),
    ("therapy_sessions", "session_date"),
];

fn any_value(kind: Kind, values: BoxedStrategy<String>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ward = runtime.block_on(Ward::open(kind));
    let places: Vec<_> = COLUMNS
        .iter()
        .flat_map(|(table, columns)| columns.split_whitespace().map(|column| (*table, column)))
        .collect();
    let hurt = RefCell::new(BTreeSet::new());
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&(any::<Index>(), values), |(place, value)| {
        let (table, column) = places[place.index(places.len())];
        if let Some(left_out) = runtime.block_on(ward.holds(table, column, &value))? {
            hurt.borrow_mut().extend(left_out.then_some((table, column)));
        }
        Ok(())
    });
    outcome.expect("the neighbours are served");
    assert!(hurt.borrow().len() >= 8, "hardly anything could not be read: {hurt:?}");
}

/// Two goals with all that hangs on one: one of them is spared.
struct Ward {
    clinic: Clinic,
    admin: Person,
    before: Value,
}

const EVERYTHING: &str = "{ patients { nodes { fullName
    goals { nodes { id description category statusText baselineValue targetValue targetDate createdAt updatedAt
        completedAt session { sessionDate }
        tracking { method frequency scaleMin scaleMax scaleLabels reminderEnabled createdAt }
        entries { nodes { entryDate entryTime value valueLabel notes context recordedAt recordedBy { fullName } } }
        milestones { milestoneType title description targetValue achievedAt createdAt }
        reminders { reminderType scheduledTime scheduledDays message isActive lastSentAt nextDueAt }
        assessments { nodes { assessmentType score severity subscores administeredDate notes createdAt } }
        progress { asOf percent currentValue runningTotal baselineValue } } }
    sessions { nodes { sessionDate } } } } }";

impl Ward {
    async fn open(kind: Kind) -> Self {
        let mut clinic = Clinic::on(loose(kind).await).await;
        // It asks for everything at once, which is more than one operation may cost.
        let limits = server::graphql::Limits { cost: u64::MAX, ..Default::default() };
        clinic.app = clinic.app.with_document_limits(limits, 1024 * 1024);
        let therapist = clinic.therapist("Theo").await;
        let admin = clinic.admin("Ada").await;
        for name in ["odd", "spared"] {
            let patient = clinic.patient(name).await;
            clinic.treats(&therapist, &patient).await;
            let session = clinic.session(&patient, &therapist, clinic.now()).await;
            let goal = clinic
                .goal_with(&patient, &therapist, name, |goal| goal.session_id = sea_orm::Set(Some(session)))
                .await;
            clinic.tracking(&goal, "scale").await;
            clinic.entry(&goal, day(2026, 2, 27), 5).await;
            clinic.entry(&goal, day(2026, 2, 28), 6).await;
            clinic.milestone(&goal, name, true).await;
            clinic.reminder(&goal, Some(vec![1])).await;
            clinic.assessment(&patient, Some(&goal), "PHQ-9", 7, day(2026, 2, 27)).await;
        }
        for (table, _) in COLUMNS {
            let copy = format!("CREATE TABLE copy_of_{table} AS SELECT * FROM {table}");
            clinic.db().execute_unprepared(&copy).await.expect(&copy);
        }
        let mut ward = Self { clinic, admin, before: Value::Null };
        ward.before = Self::spared(&ward.everything().await);
        assert_ne!(ward.before, Value::Null);
        ward
    }

    /// Stores a value in the row of one table that is not spared. Whether an error has told of it; `None` when the
    /// database does not take the value.
    async fn holds(&self, table: &str, column: &str, value: &str) -> Result<Option<bool>, TestCaseError> {
        let db = self.clinic.db();
        let which = format!("id = (SELECT id FROM copy_of_{table} WHERE {} LIMIT 1)", odd(table));
        let stored =
            db.execute_unprepared(&format!("UPDATE {table} SET {column} = {value} WHERE {which}")).await;
        if stored.is_err() {
            return Ok(None);
        }
        let answer = self.everything().await;
        let back = format!(
            "UPDATE {table} SET {column} = (SELECT {column} FROM copy_of_{table} c WHERE c.id = {table}.id) WHERE {which}"
        );
        db.execute_unprepared(&back).await.expect(&back);
        let at = format!("{table}.{column} = {value}");
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        for error in &errors {
            let code = &error["extensions"]["code"];
            prop_assert!(code == "UNREADABLE_ROW", "{}: {}", at, error);
            prop_assert!(error["extensions"]["errorId"].is_string() && error["path"].is_array(), "{}", at);
        }
        prop_assert_eq!(Self::spared(&answer), self.before.clone(), "{}: {}", at, answer);
        prop_assert!(!errors.is_empty() || odds(&answer), "{}: left out without a word: {}", at, answer);
        Ok(Some(!errors.is_empty()))
    }

    async fn everything(&self) -> Value {
        self.clinic.asks(&self.admin, EVERYTHING, json!({})).await.body
    }

    fn spared(answer: &Value) -> Value {
        let patients = answer["data"]["patients"]["nodes"].as_array().cloned().unwrap_or_default();
        patients.into_iter().find(|patient| patient["fullName"] == "spared").unwrap_or_default()
    }
}

/// Of each table one row that hangs on the first patient.
fn odd(table: &str) -> &'static str {
    match table {
        "users" => "full_name = 'odd'",
        "treatment_goals" => "description = 'odd'",
        "therapy_sessions" | "assessment_scores" => {
            "patient_id = (SELECT id FROM copy_of_users WHERE full_name = 'odd')"
        }
        _ => "goal_id = (SELECT id FROM copy_of_treatment_goals WHERE description = 'odd')",
    }
}

/// Whether all is there of the one that is not spared, which may be shown under another name or role.
fn odds(answer: &Value) -> bool {
    let patients = answer["data"]["patients"]["nodes"].as_array().cloned().unwrap_or_default();
    let Some(odd) = patients.iter().find(|patient| patient["fullName"] != "spared") else { return true };
    let goal = &odd["goals"]["nodes"][0];
    let length = |list: &Value| list.as_array().map_or(0, Vec::len);
    length(&odd["sessions"]["nodes"]) == 1
        && length(&goal["entries"]["nodes"]) == 2
        && [&goal["milestones"], &goal["reminders"], &goal["assessments"]["nodes"]].map(length) == [1, 1, 1]
}

/// Tables as another tool may have made them: on SQLite of no strict types, on PostgreSQL with numbers of any size.
async fn loose(kind: Kind) -> Database {
    let database = Database::migrated(kind).await;
    let db = server::store::open_writer(&database.url).await.expect("the database");
    let sql = match kind {
        Kind::Sqlite => {
            "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name NOT LIKE 'waymark_%';
             PRAGMA writable_schema = RESET"
        }
        Kind::Postgres => {
            "ALTER TABLE treatment_goals ALTER baseline_value TYPE numeric, ALTER target_value TYPE numeric;
             ALTER TABLE progress_entries ALTER value TYPE numeric;
             ALTER TABLE progress_milestones ALTER target_value TYPE numeric"
        }
    };
    db.execute_unprepared(sql).await.expect("other tables");
    db.close().await.expect("closing");
    database
}

fn sqlite_values() -> BoxedStrategy<String> {
    let known = [
        "NULL",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "2147483648",
        "9e999",
        "-9e999",
        "1e300",
        "1e25",
        "0.30000000000000004",
        "12345.678901234567",
        "3.5",
        "''",
        "'9999-99-99'",
        "'infinity'",
        "'24:00'",
        "'+262142-12-31 23:59:59'",
        "'-262143-01-01'",
        "'10000-01-01'",
        "'0000-00-00 00:00:00'",
        "'2026-02-30'",
        "'2026-02-27T24:00:00Z'",
        "'NaN'",
        "'12'",
        "'0,5'",
        "'[1,2'",
        "'[null, 9e99, \"x\"]'",
        "'{\"q1\": 1e400}'",
        "CAST(x'ff00fe' AS TEXT)",
        "x''",
        "x'00'",
        "x'0102030405060708090a0b0c0d0e0f10'",
        "'a11ce000-0000-0000-0000-000000000001'",
        "char(0)",
        "CURRENT_TIMESTAMP",
        "2461000.5",
    ];
    let bytes = prop::collection::vec(any::<u8>(), 0..24).prop_map(|bytes| hex(&bytes));
    let blob = bytes.clone().prop_map(|hex| format!("x'{hex}'"));
    let text = bytes.prop_map(|hex| format!("CAST(x'{hex}' AS TEXT)"));
    let number = any::<f64>().prop_map(|number| format!("{number:e}"));
    let whole = any::<i64>().prop_map(|number| number.to_string());
    prop_oneof![6 => select(known.to_vec()).prop_map(str::to_owned), 1 => blob, 1 => text, 1 => number, 1 => whole].boxed()
}

fn postgres_values() -> BoxedStrategy<String> {
    let known = [
        "NULL",
        "0",
        "-1",
        "2147483647",
        "-2147483648",
        "'infinity'",
        "'-infinity'",
        "'NaN'",
        "1e25",
        "1e40",
        "-1e1000",
        "1e-40",
        "123456789012345678901234567890.12345678901234567890",
        "'294276-12-31 23:59:59.999999'",
        "'290000-01-01'",
        "'4713-01-01 BC'",
        "'4714-11-24 BC'",
        "'5874897-12-31'",
        "'100000-01-01'",
        "'99999-12-31'",
        "'24:00'",
        "'00:00'",
        "'{}'",
        "'{NULL}'",
        "'{{1,2},{3,4}}'",
        "'{2147483647,-2147483648}'",
        "'[0:1]={1,2}'",
        "'null'",
        "'{\"q1\": 1e400}'",
        "'[1e999]'",
        "'\"text\"'",
        "true",
        "false",
        "''",
        "E'\\u0001\\uFFFF'",
        "repeat('[', 200)::text",
        "(repeat('[', 200) || repeat(']', 200))::jsonb",
        "repeat('x', 19)",
        "now()",
        "gen_random_uuid()",
    ];
    let days = any::<i32>().prop_map(|days| format!("date '2000-01-01' + {days}"));
    let moment = any::<i64>()
        .prop_map(|micros| format!("timestamp '2000-01-01' + {micros} * interval '1 microsecond'"));
    let number = (any::<i128>(), -60..60_i32).prop_map(|(digits, exponent)| format!("{digits}e{exponent}"));
    prop_oneof![6 => select(known.to_vec()).prop_map(str::to_owned), 1 => days, 1 => moment, 1 => number]
        .boxed()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
