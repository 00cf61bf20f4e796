//! A database that another tool built is taken over as it is, and then served: what it holds that no
//! rule of ours would write is shown as far as it goes, and nothing in it is changed.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use server::store::open_writer;

use crate::support::{Database, Ended, Kind, Server, Waymark};

const ALEMBIC: &str = include_str!("fixtures/alembic.sql");
const SECRET: &str = "a secret of more than thirty-two bytes";
const DESK: &str = "desk@product.example";

/// What is told when the fixture is taken over.
const NOTES: &str = "\
note: treatment_goals.id: has the default gen_random_uuid(), should have none
note: treatment_goals.status: is nullable, should be NOT NULL
note: treatment_goals.created_at: is nullable, should be NOT NULL
note: treatment_goals.updated_at: is nullable, should be NOT NULL
note: goal_tracking_config.id: has the default gen_random_uuid(), should have none
note: goal_tracking_config.tracking_frequency: is nullable, should be NOT NULL
note: goal_tracking_config.scale_min: is nullable, should be NOT NULL
note: goal_tracking_config.scale_max: is nullable, should be NOT NULL
note: goal_tracking_config.reminder_enabled: is nullable, should be NOT NULL
note: goal_tracking_config.created_at: is nullable, should be NOT NULL
note: progress_entries.id: has the default gen_random_uuid(), should have none
note: progress_entries.recorded_at: is nullable, should be NOT NULL
note: assessment_scores.id: has the default gen_random_uuid(), should have none
note: assessment_scores.created_at: is nullable, should be NOT NULL
note: progress_milestones.id: has the default gen_random_uuid(), should have none
note: progress_milestones.created_at: is nullable, should be NOT NULL
note: goal_reminders.id: has the default gen_random_uuid(), should have none
note: goal_reminders.is_active: is nullable, should be NOT NULL
note: goal_reminders.created_at: is nullable, should be NOT NULL
note: treatment_goals: 1 row with the unknown status 'Done!'
note: treatment_goals: 1 row with the unknown status 'paused'
note: users: 1 row with the unknown role 'receptionist'
note: treatment_goals: 1 row without status, which has a default
note: treatment_goals: 1 row without created_at, which has a default
note: treatment_goals: 2 rows without updated_at, which has a default
note: goal_tracking_config: 1 row without tracking_frequency, which has a default
note: goal_tracking_config: 1 row without scale_min, which has a default
note: goal_tracking_config: 1 row without scale_max, which has a default
note: goal_tracking_config: 1 row without reminder_enabled, which has a default
note: goal_tracking_config: 1 row without created_at, which has a default
note: progress_entries: 1 row without recorded_at, which has a default
note: goal_reminders: 1 row with scheduled_days outside 0 (Sunday) to 6 (Saturday)
note: goal_reminders: 1 row without is_active, which has a default
note: therapy_sessions: 1 row without a patient
note: therapy_sessions: 1 row without a therapist
note: goal_reminders: 1 row for a patient who is not the goal's
";

async fn product() -> Database {
    let database = Database::empty(Kind::Postgres).await;
    let db = open_writer(&database.url).await.expect("the database");
    db.execute_unprepared(ALEMBIC).await.expect("the fixture");
    db.close().await.expect("closing");
    database
}

async fn call(database: &Database, arguments: &[&str]) -> Ended {
    let waymark = Waymark::new(arguments).env("DATABASE_URL", &database.url);
    waymark.env("WAYMARK_JWT_SECRET", SECRET).ends().await
}

#[tokio::test]
async fn taking_over_changes_nothing_of_the_products_and_may_be_repeated() {
    let database = product().await;
    let before = database.dump();

    let up = call(&database, &["migrate", "up"]).await;
    assert_eq!(up.code, Some(1));
    assert!(
        up.stderr.contains("run `waymark migrate adopt` to take the database over as it is"),
        "{}",
        up.stderr
    );
    assert!(database.dump() == before, "`up` has changed something");

    let first = call(&database, &["migrate", "adopt"]).await;
    let (done, notes) = first.stdout.split_at(first.stdout.find("note:").expect("notes"));
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        done,
        "\
recorded  m02_neighbours
recorded  m03_treatment_goals
recorded  m04_goal_tracking_config
recorded  m05_progress_entries
recorded  m06_assessment_scores
recorded  m07_progress_milestones
recorded  m08_goal_reminders
created  waymark_agenda
created  waymark_aims
created  waymark_closings
created  waymark_created
created  waymark_events
created  waymark_migrations
created  waymark_pauses
created  waymark_reminder_deliveries
created  waymark_requests
created  waymark_settings
created  waymark_transfers
created  waymark_webhook_deliveries
created  waymark_webhooks
created  waymark_weeks
"
    );
    assert_eq!(notes, NOTES);
    assert!(database.dump_without("waymark_*") == before, "the product's tables are not as they were");

    let after = database.dump();
    let second = call(&database, &["migrate", "adopt"]).await;
    assert_eq!(second.code, Some(0));
    assert_eq!(second.stdout, format!("Nothing new to record.\nNothing to create.\n{NOTES}"));
    assert!(database.dump() == after, "the second time has changed something");
}

#[tokio::test]
async fn what_was_taken_over_is_not_dropped() {
    let database = product().await;
    call(&database, &["migrate", "adopt"]).await;
    let before = database.dump_without("waymark_*");
    let down = call(&database, &["migrate", "down", "--steps", "99"]).await;
    assert_eq!((down.code, down.stdout.as_str()), (Some(1), ""));
    assert!(down.stderr.contains("came from another tool: waymark does not drop what it did not create"));
    assert!(database.dump_without("waymark_*") == before);
}

#[tokio::test]
async fn a_database_that_was_taken_over_is_served() {
    let database = product().await;
    call(&database, &["migrate", "adopt"]).await;
    let serving = Waymark::new(&["serve"]).env("DATABASE_URL", &database.url);
    let server = serving.env("WAYMARK_JWT_SECRET", SECRET).listens().await;

    the_patient_sees_their_goals(&database, &server).await;
    the_therapist_sees_their_caseload(&database, &server).await;
    the_admin_sees_odd_rows_as_far_as_they_go(&database, &server).await;

    let desk = asks(&database, &server, DESK, "{ viewer { id } }").await;
    assert_eq!(desk["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "no role of ours, no door");
    let log = server.stops().await.stderr;
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn the_right_to_read_is_enough_to_be_served() {
    let mut database = product().await;
    call(&database, &["migrate", "adopt"]).await;
    let db = open_writer(&database.url).await.expect("the database");
    let grant = "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader";
    db.execute_unprepared(grant).await.expect("a role");
    database.url = database.url.replace("//postgres@", "//reader@");

    let serving = Waymark::new(&["serve"]).env("DATABASE_URL", &database.url);
    let server = serving.env("WAYMARK_JWT_SECRET", SECRET).listens().await;
    the_therapist_sees_their_caseload(&database, &server).await;
    assert_eq!(server.stops().await.code, Some(0));
}

async fn asks(database: &Database, server: &Server, user: &str, query: &str) -> Value {
    let token = call(database, &["token", "--user", user]).await;
    assert_eq!(token.code, Some(0), "{}", token.stderr);
    server.asks(token.stdout.trim_end(), query).await
}

async fn the_patient_sees_their_goals(database: &Database, server: &Server) {
    let query = "{ viewer { fullName role timeZone }
        goals(orderBy: CREATED_AT_ASC) { nodes { description status statusText category targetValue updatedAt
            session { sessionDate } therapist { fullName }
            tracking { method frequency scaleMin scaleMax scaleLabels reminderEnabled }
            entries { nodes { value context recordedAt recordedBy { fullName } } }
            milestones { title milestoneType } reminders { scheduledTime scheduledDays isActive }
            assessments { nodes { assessmentType score subscores } } } } }";
    let answer = asks(database, server, "first@product.example", query).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    assert_eq!(
        answer["data"]["viewer"],
        json!({ "fullName": "Fay First", "role": "PATIENT", "timeZone": "UTC" })
    );
    let goals = &answer["data"]["goals"]["nodes"];
    assert_eq!(
        goals[0],
        json!({
            "description": "Walk every day", "status": "IN_PROGRESS", "statusText": "in_progress",
            "category": "activity", "targetValue": "8.00", "updatedAt": "2025-02-03T11:00:00Z",
            "session": { "sessionDate": "2025-02-03T10:00:00Z" }, "therapist": { "fullName": "Terry Therapist" },
            "tracking": { "method": "SCALE", "frequency": "DAILY", "scaleMin": 1, "scaleMax": 10,
                "scaleLabels": { "1": "hardly", "10": "fully" }, "reminderEnabled": true },
            "entries": { "nodes": [
                { "value": "5.50", "context": null, "recordedAt": "1970-01-01T00:00:00Z", "recordedBy": null },
                { "value": "4.00", "context": "SELF_REPORT", "recordedAt": "2025-02-04T08:15:00Z",
                  "recordedBy": { "fullName": "Fay First" } },
            ] },
            "milestones": [
                { "title": "Halfway", "milestoneType": "VALUE" }, { "title": "All the way", "milestoneType": null },
            ],
            "reminders": [{ "scheduledTime": "09:00:00", "scheduledDays": [1, 3, 5], "isActive": true }],
            "assessments": { "nodes": [{ "assessmentType": "GAD-7", "score": 9, "subscores": { "q1": 2, "q2": 1 } }] },
        })
    );
    assert_eq!(goals[1]["statusText"], "paused");
    assert_eq!(goals[1]["status"], "UNKNOWN");
    assert_eq!(goals[1]["session"], Value::Null, "a session without a therapist can't be shown");
    assert_eq!(
        goals[1]["tracking"],
        json!({ "method": "BINARY", "frequency": "SESSION", "scaleMin": 1,
        "scaleMax": 10, "scaleLabels": null, "reminderEnabled": true })
    );
    assert_eq!(goals[2], Value::Null);
}

async fn the_therapist_sees_their_caseload(database: &Database, server: &Server) {
    let query = "{ patients { nodes { fullName } } goals { totalCount }
        viewer { sessions { nodes { sessionDate } } } }";
    let answer = asks(database, server, "therapist@product.example", query).await;
    assert_eq!(
        answer,
        json!({ "data": {
        "patients": { "nodes": [{ "fullName": "Fay First" }] },
        "goals": { "totalCount": 4 },
        "viewer": { "sessions": { "nodes": [{ "sessionDate": "2025-02-03T10:00:00Z" }] } },
    } })
    );
}

async fn the_admin_sees_odd_rows_as_far_as_they_go(database: &Database, server: &Server) {
    let query = "{ patients { nodes { fullName } }
        goals(orderBy: CREATED_AT_DESC) { nodes { description status statusText createdAt updatedAt } } }";
    let answer = asks(database, server, "admin@product.example", query).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    assert_eq!(
        answer["data"]["patients"]["nodes"],
        json!([{ "fullName": "Fay First" }, { "fullName": "second@product.example" }])
    );
    let goals = answer["data"]["goals"]["nodes"].as_array().expect("goals");
    assert_eq!(goals.len(), 4);
    let goal =
        |description: &str| goals.iter().find(|goal| goal["description"] == description).expect("a goal");
    assert_eq!(goal("Call a friend")["status"], "ASSIGNED", "null is the column's default");
    assert_eq!(goal("Call a friend")["updatedAt"], "1970-01-01T00:00:00Z");
    assert_eq!(goal("Cook at home")["statusText"], "Done!");
    assert_eq!(goal("Cook at home")["createdAt"], "2025-02-12T09:30:00.123456Z");
}
