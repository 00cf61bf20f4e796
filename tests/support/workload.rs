//! The operations whose cost is watched, over a clinic of fifty goals.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use entity::{goal, progress};
use http_body_util::BodyExt;
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use server::http::{Rows, Statements, router};
use tower::ServiceExt;
use uuid::Uuid;

use super::{Clinic, Kind, Person, SCALE, day};

/// Q1, a dashboard: 20 goals, 10 entries each, and milestones.
pub const DASHBOARD: &str =
    "query($therapist: ID!) { goals(first: 20, filter: { therapistId: $therapist }) { nodes {
    id description category statusText baselineValue targetValue targetDate createdAt
    entries(first: 10) { nodes { id entryDate entryTime value valueLabel notes context recordedAt } }
    milestones { id milestoneType title description targetValue achievedAt createdAt } } } }";

/// Q2, one goal: 50 entries, milestones, tracking and patient.
pub const ONE_GOAL: &str = "query($goal: ID!) { goal(id: $goal) {
    id description category statusText baselineValue targetValue targetDate createdAt
    patient { id fullName }
    tracking { id method frequency scaleMin scaleMax targetDirection reminderEnabled createdAt }
    entries(first: 50) { nodes { id entryDate entryTime value valueLabel notes context recordedAt } }
    milestones { id milestoneType title description targetValue achievedAt createdAt } } }";

/// Q3, deep: 50 goals, 20 entries each, with the session and the recorder of each entry; milestones.
pub const DEEP: &str =
    "query($therapist: ID!) { goals(first: 50, filter: { therapistId: $therapist }) { nodes {
    id description statusText
    entries(first: 20) { nodes {
        id entryDate value context session { id sessionDate } recordedBy { id fullName } } }
    milestones { id title achievedAt } } } }";

pub const RECORD: &str = "mutation($goal: ID!) { recordProgress(input: { goalId: $goal, value: \"5\" }) {
    entry { id } achievedMilestones { id } userErrors { code } } }";

/// 50 goals of one therapist, each with 50 entries and 3 milestones.
pub struct Workload {
    _clinic: Clinic,
    therapist: Person,
    goal: Uuid,
    router: Router,
}

impl Workload {
    pub async fn open(kind: Kind) -> Self {
        let clinic = Clinic::open(kind).await;
        let (patient, therapist) = clinic.couple("Ann", "Dr. Lee").await;
        let session = clinic.session(&patient, &therapist, day(2026, 1, 1).into()).await;
        let mut last = Uuid::nil();
        for _ in 0..50 {
            let goal = clinic.aims(&patient, &therapist, SCALE).await;
            entries(&clinic, &goal, session, &patient).await;
            for title in ["Started", "Half way", "There"] {
                clinic.milestone(&goal, title, false).await;
            }
            last = goal.id;
        }
        let router = router(clinic.app.clone());
        Self { _clinic: clinic, therapist, goal: last, router }
    }

    /// The variables that an operation declares.
    fn variables(&self, query: &str) -> Value {
        if query.contains("$goal") {
            json!({ "goal": self.goal })
        } else {
            json!({ "therapist": self.therapist.id })
        }
    }

    /// Statements, rows and bytes of an answer, without what the tests' own reading of it would cost.
    pub async fn runs(&self, query: &str) -> (u32, u32, usize) {
        let body = json!({ "query": query, "variables": self.variables(query) }).to_string();
        let request = Request::post("/graphql")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", self.therapist.token))
            .body(Body::from(body))
            .expect("a request");
        let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
        let statements = parts.extensions.get::<Statements>().map_or(0, |statements| statements.0);
        let rows = parts.extensions.get::<Rows>().map_or(0, |rows| rows.0);
        (statements, rows, body.collect().await.expect("a body").to_bytes().len())
    }
}

async fn entries(clinic: &Clinic, goal: &goal::Model, session: Uuid, patient: &Person) {
    let rows = (0..50).map(|age| progress::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal.id),
        entry_date: Set(day(2026, 2, 28) - chrono::Days::new(age)),
        value: Set(3.into()),
        notes: Set(Some("As agreed.".to_owned())),
        context: Set(Some("self_report".to_owned())),
        session_id: Set(Some(session)),
        recorded_by: Set(Some(patient.id)),
        recorded_at: Set(Some(clinic.now())),
        ..Default::default()
    });
    progress::Entity::insert_many(rows).exec_without_returning(clinic.db()).await.expect("entries");
}
