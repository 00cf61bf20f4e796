//! Databases that are not as ours would be: in another encoding, with time zones in their columns, with views where
//! tables are meant, with rows that policies hide, and files that can only be read.

use std::os::unix::fs::PermissionsExt;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Database, Ended, Kind, Person, SECRET, Waymark, day, id_at};

#[tokio::test]
async fn a_character_that_the_encoding_does_not_know_is_found_nowhere_and_refused() {
    let clinic = Clinic::on(Database::of_latin1().await).await;
    let (patient, therapist) = clinic.couple("Jürgen Groß", "Theo").await;
    clinic.goal(&patient, &therapist, "Eine ÜBUNG am Tag").await;
    let query = "query ($text: String!) {
        goals(filter: { search: $text }) { totalCount nodes { description } pageInfo { hasNextPage } }
        patients(search: $text) { totalCount nodes { fullName } }
        category: goals(filter: { category: $text }) { totalCount }
        person: viewer { goals(filter: { search: $text }) { totalCount nodes { id } } } }";
    let none = clinic.asks(&therapist, query, json!({ "text": "Übung 😀" })).await;
    assert_eq!(
        none.data(),
        &json!({
            "goals": { "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } },
            "patients": { "totalCount": 0, "nodes": [] },
            "category": { "totalCount": 0 },
            "person": { "goals": { "totalCount": 0, "nodes": [] } },
        })
    );
    let found = clinic.asks(&therapist, query, json!({ "text": "übung" })).await;
    assert_eq!(found.at("/goals/nodes"), &json!([{ "description": "Eine ÜBUNG am Tag" }]));

    let goal = clinic.sets_a_goal(&therapist, &patient).await;
    for (mutation, input) in [
        (
            "createGoal",
            json!({ "patientId": patient.id, "description": "Smile 😀",
            "tracking": { "method": "SCALE", "frequency": "DAILY" } }),
        ),
        ("updateGoal", json!({ "goalId": goal, "category": "😀" })),
        ("recordProgress", json!({ "goalId": goal, "value": "5", "notes": "well 😀" })),
        ("addMilestone", json!({ "goalId": goal, "milestoneType": "CUSTOM", "title": "😀" })),
        ("scheduleReminder", json!({ "goalId": goal, "scheduledTime": "08:00", "message": "😀" })),
        (
            "recordAssessment",
            json!({ "patientId": patient.id, "assessmentType": "GAD-7", "score": 5, "notes": "😀" }),
        ),
    ] {
        let problems = clinic.is_refused(&therapist, mutation, input).await;
        assert_eq!(problems.len(), 1, "{mutation}");
        assert!(problems[0].contains("INVALID"), "{mutation}: {problems:?}");
    }
}

/// What is done and asked in a database of any make, with the answers.
async fn acts(clinic: &Clinic) -> Value {
    let (patient, therapist) = clinic.couple("Paula", "Theo").await;
    let goal = clinic.sets_a_goal(&therapist, &patient).await;
    let goal_id = json!(goal);
    clinic.adds_milestone(&therapist, &goal, "VALUE", "5").await;
    clinic.records_on(&patient, &goal, "4", "2026-02-27").await;
    let entry = clinic.records(&patient, &goal, "6").await;
    clinic.later(chrono::TimeDelta::minutes(90));
    let entry = id_at(&entry, "/entry/id");
    clinic.does(&patient, "updateProgress", json!({ "entryId": entry, "value": "7" }), "__typename").await;
    let known = clinic.asks(&therapist, "{ goals { nodes { updatedAt } } }", json!({})).await;
    let known = known.at("/goals/nodes/0/updatedAt").clone();
    let change = json!({ "goalId": goal_id, "description": "other", "expectedUpdatedAt": known });
    clinic.does(&therapist, "updateGoal", change, "goal { id }").await;
    let reminder = json!({ "goalId": goal_id, "scheduledTime": "20:00", "scheduledDays": [1, 3] });
    clinic.does(&therapist, "scheduleReminder", reminder, "reminder { id }").await;
    let score = json!({ "patientId": patient.id, "assessmentType": "GAD-7", "score": 5 });
    clinic.does(&therapist, "recordAssessment", score, "assessment { id }").await;
    let zone = json!({ "personId": patient.id, "timeZone": "Asia/Tokyo" });
    clinic.does(&patient, "updatePersonSettings", zone, "person { timeZone }").await;
    clinic
        .does(
            &therapist,
            "changeGoalStatus",
            json!({ "goalId": goal_id, "status": "COMPLETED" }),
            "goal { id }",
        )
        .await;
    clinic.catches_up().await;
    clinic.sets_a_goal_with(&therapist, &patient, json!({ "description": "second" })).await;
    let query = "{ viewer { role }
        patients { nodes { fullName timeZone sessions { totalCount } } }
        early: goals(filter: { createdTo: \"2026-03-01T11:59:59Z\" }) { nodes { description createdAt } }
        first: goals(first: 1) { nodes { description } pageInfo { hasNextPage } }
        goals(orderBy: UPDATED_AT_DESC) { nodes { description createdAt updatedAt completedAt
            entries { nodes { value entryDate recordedAt recordedBy { fullName } } }
            milestones { title achievedAt createdAt } tracking { createdAt }
            reminders { createdAt lastSentAt nextDueAt } assessments { nodes { createdAt } }
            progress { status percent currentValue streak { current } } aimHistory { since } } } }";
    clinic.asks(&therapist, query, json!({})).await.data().clone()
}

#[tokio::test]
async fn moments_with_a_time_zone_are_read_and_written_as_utc() {
    let plain = acts(&Clinic::open(Kind::Postgres).await).await;
    let database = Database::migrated(Kind::Postgres).await;
    let db = server::store::open_writer(&database.url).await.expect("the database");
    let moments = "SELECT format('ALTER TABLE %I ALTER %I TYPE timestamptz USING %I AT TIME ZONE ''UTC''', \
        table_name, column_name, column_name) FROM information_schema.columns \
        WHERE table_schema = 'public' AND data_type = 'timestamp without time zone' AND table_name NOT LIKE 'waymark%'";
    let statement = format!(
        "DO $$ DECLARE one text; BEGIN FOR one IN {moments} LOOP EXECUTE one; END LOOP; \
         EXECUTE format('ALTER DATABASE %I SET timezone = ''America/St_Johns''', current_database()); END $$"
    );
    db.execute_unprepared(&statement).await.expect("time zones");
    let report = migration::verify(&db).await.expect("a report");
    assert!(report.differences.iter().all(|difference| difference.servable), "{report}");
    let named = "treatment_goals.created_at: is TIMESTAMP WITH TIME ZONE, should be TIMESTAMP";
    assert!(report.to_string().contains(named), "{report}");
    migration::adopt(&db).await.expect("adopted");
    db.close().await.expect("closing");
    assert_eq!(acts(&Clinic::on(database).await).await, plain);
}

both! {
    async fn views_in_place_of_the_products_tables_are_served(clinic) {
        let kind = clinic.database.kind;
        let plain = acts(&clinic).await;
        let database = Database::migrated(kind).await;
        let db = server::store::open_writer(&database.url).await.expect("the database");
        for ours in ["settings", "weeks", "requests", "closings", "pauses", "aims", "transfers", "events", "agenda",
            "reminder_deliveries", "webhook_deliveries", "webhooks", "created", "migrations"] {
            db.execute_unprepared(&format!("DROP TABLE waymark_{ours}")).await.expect(ours);
        }
        for table in ["users", "therapy_sessions", "therapist_patients"] {
            let view = format!("ALTER TABLE {table} RENAME TO all_{table}; \
                CREATE VIEW {table} AS SELECT * FROM all_{table}");
            db.execute_unprepared(&view).await.expect(&view);
        }
        let adoption = migration::adopt(&db).await.expect("adopted");
        assert!(adoption.created.contains(&"waymark_settings".to_owned()));
        if kind == Kind::Sqlite {
            // Tests write people into the view.
            for (table, columns) in [("users", "id, email, full_name, role"), ("therapist_patients", "therapist_id, patient_id")] {
                let values: Vec<_> = columns.split(", ").map(|column| format!("NEW.{column}")).collect();
                let trigger = format!("CREATE TRIGGER into_{table} INSTEAD OF INSERT ON {table} BEGIN \
                    INSERT INTO all_{table} ({columns}) VALUES ({}); END", values.join(", "));
                db.execute_unprepared(&trigger).await.expect(&trigger);
            }
        }
        db.close().await.expect("closing");
        assert_eq!(acts(&Clinic::on(database).await).await, plain);
    }
}

#[tokio::test]
async fn rows_that_policies_hide_are_noted() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let sql = "ALTER TABLE treatment_goals ENABLE ROW LEVEL SECURITY; ALTER TABLE treatment_goals FORCE ROW LEVEL SECURITY;
        ALTER TABLE users ENABLE ROW LEVEL SECURITY;
        CREATE ROLE hidden_from LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO hidden_from";
    clinic.db().execute_unprepared(sql).await.expect("policies");
    let notes = migration::adopt(clinic.db()).await.expect("adopted").notes;
    let unforced =
        "has row-level security, which is not in force for this role: a role that serves must see all rows";
    assert_eq!(notes, [format!("users: {unforced}"), format!("treatment_goals: {unforced}")]);
    let url = clinic.database.url.replace("//postgres@", "//hidden_from@");
    let db = server::store::open_existing(&url).await.expect("the database");
    let report = migration::verify(&db).await.expect("a report").to_string();
    assert_eq!(
        report,
        "treatment_goals: has row-level security, which is in force for this role: what its policies hide is not \
         there for Waymark"
    );
    db.close().await.expect("closing");
}

/// A clinic in a file, all of it written; nobody has it open.
async fn left_behind() -> (Database, Person, Person) {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let (patient, therapist) = clinic.couple("Paula", "Theo").await;
    let goal = clinic.goal(&patient, &therapist, "Walk").await;
    clinic.tracking(&goal, "scale").await;
    clinic.entry(&goal, day(2026, 2, 27), 5).await;
    clinic.reminder(&goal, None).await;
    clinic.store().close().await.expect("closing");
    (clinic.database, patient, therapist)
}

async fn call(database: &Database, arguments: &[&str]) -> Ended {
    bound(database, arguments).ends().await
}

fn bound(database: &Database, arguments: &[&str]) -> Waymark {
    let waymark = Waymark::bound_by_rights(arguments).env("DATABASE_URL", &database.url);
    waymark.env("WAYMARK_JWT_SECRET", std::str::from_utf8(SECRET).expect("text"))
}

#[tokio::test]
async fn a_file_or_folder_that_can_only_be_read_is_served_for_reading() {
    for (what, file, folder) in [("file", 0o444, 0o755), ("folder", 0o644, 0o555), ("both", 0o444, 0o555)] {
        let (database, _, therapist) = left_behind().await;
        let home = database.file().parent().expect("a folder").to_path_buf();
        let before = std::fs::read(database.file()).expect("the file");
        let rights = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(database.file(), rights(file)).expect("rights");
        std::fs::set_permissions(&home, rights(folder)).expect("rights");

        let status = call(&database, &["migrate", "status"]).await;
        assert_eq!((status.code, status.stderr.as_str()), (Some(0), ""), "{what}");
        let verify = call(&database, &["migrate", "verify"]).await;
        assert_eq!((verify.code, verify.stderr.as_str()), (Some(0), ""), "{what}: {}", verify.stdout);
        let up = call(&database, &["migrate", "up"]).await;
        assert_eq!((up.code, up.stdout.as_str()), (Some(0), "Nothing to apply.\n"), "{what}: {}", up.stderr);

        let server = bound(&database, &["serve"]).listens().await;
        let query =
            "{ goals { totalCount nodes { description patient { fullName } progress { entryCount } } } }";
        let answer = server.asks(&therapist.token, query).await;
        assert_eq!(
            answer,
            json!({ "data": { "goals": { "totalCount": 1, "nodes": [
            { "description": "Walk", "patient": { "fullName": "Paula" }, "progress": { "entryCount": 1 } },
        ] } } }),
            "{what}"
        );
        let mutation = format!(
            "mutation {{ updatePersonSettings(input: {{ personId: \"{}\", timeZone: \"Asia/Tokyo\" }}) {{ __typename }} }}",
            therapist.id
        );
        let refused = server.asks(&therapist.token, &mutation).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{what}: {refused}");
        let message = "The database can only be read here: nothing can be changed.";
        assert_eq!(refused["errors"][0]["message"], message, "{what}");
        let ended = server.stops().await;
        assert_eq!(ended.code, Some(0), "{what}: {}", ended.stderr);
        assert_eq!(
            ended.stderr.matches("no reminders are sent from here").count(),
            1,
            "{what}: {}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("ERROR"), "{what}: {}", ended.stderr);
        std::fs::set_permissions(&home, rights(0o755)).expect("rights");
        assert!(std::fs::read(database.file()).expect("the file") == before, "{what}: the file has changed");
    }
}
