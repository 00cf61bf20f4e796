//! A clinic: the real router over a database of its own, a clock that stands still, and rows.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use entity::{assessment, goal, milestone, progress, reminder, session, tracking};
use http_body_util::BodyExt;
use sea_orm::sea_query::Query;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseConnection, Set};
use serde_json::{Value, json};
use server::app::App;
use server::clock::Clock;
use server::http::token::Keys;
use server::http::{Rows, Statements, router};
use server::store::{Sizes, Store, connect};
use tower::ServiceExt;
use uuid::Uuid;

use super::{Answer, Database, Kind};

pub const SECRET: &[u8] = b"a secret for tests, long enough for HS256";

pub struct Clinic {
    pub app: App,
    pub database: Database,
    numbers: AtomicU64,
}

/// Somebody who can ask.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: Uuid,
    pub name: String,
    pub token: String,
}

impl Clinic {
    /// An empty clinic; it is noon of 1 March 2026, in UTC.
    pub async fn open(kind: Kind) -> Self {
        Self::on(Database::migrated(kind).await).await
    }

    /// As [`open`](Self::open), on a database that is there.
    pub async fn on(database: Database) -> Self {
        Self::with_sizes(database, Sizes::default()).await
    }

    pub async fn with_sizes(database: Database, sizes: Sizes) -> Self {
        let store = connect(&database.url, sizes).await.expect("the database");
        let clock = Clock::fixed(DateTime::<Utc>::from_timestamp(1_772_366_400, 0).expect("a moment"));
        let app = App::new(store, Keys::secret(SECRET), clock);
        Self { app, database, numbers: AtomicU64::new(1) }
    }

    pub fn store(&self) -> &Store {
        &self.app.store
    }

    pub fn db(&self) -> &DatabaseConnection {
        self.app.store.writer()
    }

    pub fn now(&self) -> NaiveDateTime {
        self.app.clock.stamp()
    }

    /// An id that is the same in every run, and larger than those before it.
    pub fn next_id(&self) -> Uuid {
        Uuid::from_u128((0xA11CE << 64) + u128::from(self.numbers.fetch_add(1, Ordering::Relaxed)))
    }

    // -- asking ---------------------------------------------------------------------------------

    /// One operation by POST, as `person`.
    pub async fn asks(&self, person: &Person, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.posts(Some(&person.token), &body.to_string()).await
    }

    /// A POST to `/graphql` with any body.
    pub async fn posts(&self, token: Option<&str>, body: &str) -> Answer {
        let mut request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        self.sends(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// Any request; a body that is not JSON is given as text.
    pub async fn sends(&self, request: Request<Body>) -> Answer {
        // Boxed, since a test has many of these in one frame of the stack.
        let response = Box::pin(router(self.app.clone()).oneshot(request)).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_str(&text).unwrap_or_else(|_| text.as_str().into()),
            text,
            statements: parts.extensions.get::<Statements>().map_or(0, |statements| statements.0),
            rows: parts.extensions.get::<Rows>().map_or(0, |rows| rows.0),
        }
    }

    pub async fn status_of(&self, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.sends(request).await.status
    }

    // -- people ---------------------------------------------------------------------------------

    pub async fn patient(&self, name: &str) -> Person {
        self.person(name, "patient").await
    }

    pub async fn therapist(&self, name: &str) -> Person {
        self.person(name, "therapist").await
    }

    pub async fn admin(&self, name: &str) -> Person {
        self.person(name, "admin").await
    }

    /// A therapist and their present patient.
    pub async fn couple(&self, patient: &str, therapist: &str) -> (Person, Person) {
        let (patient, therapist) = (self.patient(patient).await, self.therapist(therapist).await);
        self.treats(&therapist, &patient).await;
        (patient, therapist)
    }

    /// Somebody with a role that only another program would store.
    pub async fn stranger_to_us(&self, name: &str, role: &str) -> Person {
        let lift = match self.database.kind {
            Kind::Sqlite => "PRAGMA ignore_check_constraints = ON",
            Kind::Postgres => "ALTER TABLE users DROP CONSTRAINT IF EXISTS ck_users_role",
        };
        self.db().execute_unprepared(lift).await.expect("no check");
        self.person(name, role).await
    }

    async fn person(&self, name: &str, role: &str) -> Person {
        let id = self.next_id();
        let email = format!("{}@clinic.example", id.simple());
        let columns = ["id", "email", "full_name", "role"];
        let mut insert = Query::insert();
        insert.into_table("users").columns(columns);
        insert.values_panic([id.into(), email.into(), name.into(), role.into()]);
        self.db().execute(&insert).await.expect("a person");
        Person { id, name: name.to_owned(), token: self.token(id) }
    }

    pub fn token(&self, user: Uuid) -> String {
        let expiry = chrono::DateTime::<Utc>::from(std::time::SystemTime::now()).timestamp() + 3600;
        self.app.keys.sign(user, expiry).expect("a token")
    }

    pub async fn treats(&self, therapist: &Person, patient: &Person) {
        let mut insert = Query::insert();
        insert.into_table("therapist_patients").columns(["therapist_id", "patient_id"]);
        insert.values_panic([therapist.id.into(), patient.id.into()]);
        self.db().execute(&insert).await.expect("a pair");
    }

    /// The patient has gone elsewhere.
    pub async fn no_longer_treats(&self, therapist: &Person, patient: &Person) {
        use sea_orm::sea_query::{Expr, ExprTrait};
        let mut update = Query::update();
        update.table("therapist_patients").value("is_active", false);
        update.and_where(Expr::col("therapist_id").eq(therapist.id));
        update.and_where(Expr::col("patient_id").eq(patient.id));
        self.db().execute(&update).await.expect("an update");
    }

    // -- rows, as another program would write them ----------------------------------------------

    pub async fn session(&self, patient: &Person, therapist: &Person, at: NaiveDateTime) -> Uuid {
        let row = session::ActiveModel {
            id: Set(self.next_id()),
            patient_id: Set(patient.id),
            therapist_id: Set(therapist.id),
            session_date: Set(at),
        };
        row.insert(self.db()).await.expect("a session").id
    }

    /// A goal set one minute after the one before it.
    pub async fn goal(&self, patient: &Person, therapist: &Person, description: &str) -> goal::Model {
        self.goal_with(patient, therapist, description, |_| {}).await
    }

    pub async fn goal_with(
        &self,
        patient: &Person,
        therapist: &Person,
        description: &str,
        change: impl FnOnce(&mut goal::ActiveModel),
    ) -> goal::Model {
        let id = self.next_id();
        let at = Self::moment_of(id);
        let mut row = goal::ActiveModel {
            id: Set(id),
            patient_id: Set(patient.id),
            therapist_id: Set(therapist.id),
            description: Set(description.to_owned()),
            status: Set(Some("in_progress".to_owned())),
            created_at: Set(Some(at)),
            updated_at: Set(Some(at)),
            ..Default::default()
        };
        change(&mut row);
        row.insert(self.db()).await.expect("a goal")
    }

    pub async fn tracking(&self, goal: &goal::Model, method: &str) -> tracking::Model {
        let id = self.next_id();
        let row = tracking::ActiveModel {
            id: Set(id),
            goal_id: Set(goal.id),
            tracking_method: Set(method.to_owned()),
            tracking_frequency: Set(Some("daily".to_owned())),
            scale_min: Set(Some(1)),
            scale_max: Set(Some(10)),
            reminder_enabled: Set(Some(true)),
            created_at: Set(Some(Self::moment_of(id))),
            ..Default::default()
        };
        row.insert(self.db()).await.expect("a configuration")
    }

    pub async fn entry(&self, goal: &goal::Model, day: NaiveDate, value: i64) -> progress::Model {
        self.entry_with(goal, day, value, |_| {}).await
    }

    pub async fn entry_with(
        &self,
        goal: &goal::Model,
        day: NaiveDate,
        value: i64,
        change: impl FnOnce(&mut progress::ActiveModel),
    ) -> progress::Model {
        let id = self.next_id();
        let mut row = progress::ActiveModel {
            id: Set(id),
            goal_id: Set(goal.id),
            entry_date: Set(day),
            value: Set(value.into()),
            recorded_at: Set(Some(Self::moment_of(id))),
            ..Default::default()
        };
        change(&mut row);
        row.insert(self.db()).await.expect("an entry")
    }

    pub async fn milestone(&self, goal: &goal::Model, title: &str, achieved: bool) -> milestone::Model {
        let id = self.next_id();
        let row = milestone::ActiveModel {
            id: Set(id),
            goal_id: Set(goal.id),
            milestone_type: Set(Some("custom".to_owned())),
            title: Set(title.to_owned()),
            achieved_at: Set(achieved.then(|| self.now())),
            created_at: Set(Some(Self::moment_of(id))),
            ..Default::default()
        };
        row.insert(self.db()).await.expect("a milestone")
    }

    pub async fn assessment(
        &self,
        patient: &Person,
        goal: Option<&goal::Model>,
        instrument: &str,
        score: i32,
        day: NaiveDate,
    ) -> assessment::Model {
        self.assessment_with(patient, goal, instrument, |row| {
            row.score = Set(score);
            row.administered_date = Set(day);
        })
        .await
    }

    pub async fn assessment_with(
        &self,
        patient: &Person,
        goal: Option<&goal::Model>,
        instrument: &str,
        change: impl FnOnce(&mut assessment::ActiveModel),
    ) -> assessment::Model {
        let id = self.next_id();
        let mut row = assessment::ActiveModel {
            id: Set(id),
            patient_id: Set(patient.id),
            goal_id: Set(goal.map(|goal| goal.id)),
            assessment_type: Set(instrument.to_owned()),
            score: Set(10),
            administered_date: Set(day(2026, 2, 1)),
            created_at: Set(Some(Self::moment_of(id))),
            ..Default::default()
        };
        change(&mut row);
        row.insert(self.db()).await.expect("an assessment")
    }

    pub async fn reminder(&self, goal: &goal::Model, days: Option<Vec<i32>>) -> reminder::Model {
        self.reminder_for(goal.patient_id, goal, days).await
    }

    /// A reminder of somebody who may not be the goal's patient.
    pub async fn reminder_for(
        &self,
        patient: Uuid,
        goal: &goal::Model,
        days: Option<Vec<i32>>,
    ) -> reminder::Model {
        let id = self.next_id();
        let row = reminder::ActiveModel {
            id: Set(id),
            goal_id: Set(goal.id),
            patient_id: Set(patient),
            reminder_type: Set(Some("check_in".to_owned())),
            scheduled_time: Set(chrono::NaiveTime::from_hms_opt(8, 30, 0)),
            scheduled_days: Set(days.map(entity::Weekdays::new)),
            is_active: Set(Some(true)),
            created_at: Set(Some(Self::moment_of(id))),
            ..Default::default()
        };
        row.insert(self.db()).await.expect("a reminder")
    }

    /// A minute later for each id, from New Year's Day 2026.
    fn moment_of(id: Uuid) -> NaiveDateTime {
        let minutes = i64::try_from(id.as_u128() & 0xFFFF_FFFF).expect("a small number");
        day(2026, 1, 1).and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes)
    }
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}
