//! The outbox: every mutation tells what it did, in ids and kinds and no words, and a cursor says up to
//! where somebody has heard of it.

use chrono::TimeDelta;
use sea_orm::sqlx::Executor;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use server::clock::Clock;
use server::event::Topic;
use server::feed::{self, Feed, Limits, Position};
use tokio::time::timeout;

use crate::both;
use crate::support::{Clinic, Cluster, DEADLINE, Database, Kind, Person, id_at, with};

const ENTRIES: &str = "subscription($after: String) {
    progressRecorded(after: $after) { cursor entry { id value } } }";
const GOALS: &str = "subscription { goalChanged { cursor } }";
const WORDS: &str = "what nobody else may read";

both! {
    async fn every_mutation_tells_what_it_did_and_no_words(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let tells = async |mutation: &str, input: Value, selection: &str, kinds: &[&str]| {
            let before = clinic.told().await.len();
            let payload = clinic.does(&lee, mutation, input, selection).await;
            assert_eq!(clinic.told().await[before..], *kinds, "{mutation}");
            payload
        };
        let tracking = json!({ "method": "SCALE", "frequency": "DAILY", "scaleLabels": { "1": WORDS } });
        let goal = json!({ "patientId": ann.id, "description": WORDS, "category": WORDS,
            "tracking": tracking });
        let goal = tells("createGoal", goal, "goal { id }", &["goal_created", "tracking_configured"]).await;
        let goal = id_at(&goal, "/goal/id");
        tells("updateGoal", json!({ "goalId": goal, "description": WORDS }), "goal { id }",
            &["goal_updated"]).await;
        tells("configureTracking", json!({ "goalId": goal, "method": "SCALE" }), "goal { id }",
            &["tracking_configured"]).await;

        let entry = json!({ "goalId": goal, "value": "3", "notes": WORDS, "valueLabel": WORDS });
        let entry = tells("recordProgress", entry, "entry { id }", &["progress_recorded"]).await;
        let entry = id_at(&entry, "/entry/id");
        let rows = json!([{ "value": "4", "entryDate": "2026-02-01", "notes": WORDS }, { "value": "5", "entryDate": "2026-02-02" }]);
        tells("importProgress", json!({ "goalId": goal, "entries": rows }), "goal { id }",
            &["progress_recorded", "progress_recorded"]).await;
        tells("updateProgress", json!({ "entryId": entry, "notes": WORDS }), "goal { id }",
            &["progress_updated"]).await;
        tells("deleteProgress", json!({ "entryId": entry }), "deletedId", &["progress_deleted"]).await;

        let milestone = json!({ "goalId": goal, "title": WORDS, "description": WORDS });
        let milestone = tells("addMilestone", milestone, "milestone { id }", &["milestone_added"]).await;
        let milestone = json!({ "milestoneId": id_at(&milestone, "/milestone/id") });
        let mut renamed = milestone.clone();
        renamed["title"] = json!(WORDS);
        tells("updateMilestone", renamed, "goal { id }", &["milestone_updated"]).await;
        tells("achieveMilestone", milestone.clone(), "goal { id }", &["milestone_achieved"]).await;
        tells("achieveMilestone", milestone.clone(), "goal { id }", &[]).await;
        tells("revokeMilestone", milestone.clone(), "goal { id }", &["milestone_revoked"]).await;
        tells("deleteMilestone", milestone, "deletedId", &["milestone_deleted"]).await;

        let score = json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 7, "notes": WORDS });
        let score = tells("recordAssessment", score, "assessment { id }", &["assessment_recorded"]).await;
        let score = json!({ "assessmentId": id_at(&score, "/assessment/id") });
        let corrected = with(score.clone(), json!({ "score": 8, "notes": WORDS }));
        tells("updateAssessment", corrected, "assessment { id }", &["assessment_updated"]).await;
        tells("deleteAssessment", score, "deletedId", &["assessment_deleted"]).await;

        let reminder = json!({ "goalId": goal, "message": WORDS });
        let reminder = tells("scheduleReminder", reminder, "reminder { id }", &["reminder_scheduled"]).await;
        let reminder = id_at(&reminder, "/reminder/id");
        tells("updateReminder", json!({ "reminderId": reminder, "message": WORDS }), "reminder { id }",
            &["reminder_updated"]).await;
        tells("deleteReminder", json!({ "reminderId": reminder }), "deletedId", &["reminder_deleted"]).await;

        tells("changeGoalStatus", json!({ "goalId": goal, "status": "ON_HOLD" }), "goal { id }",
            &["goal_status_changed"]).await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        tells("transferGoal", json!({ "goalId": goal, "therapistId": kim.id }), "goal { id }",
            &["goal_transferred"]).await;
        tells("updatePersonSettings", json!({ "personId": ann.id, "weekStart": "SUNDAY" }), "person { id }",
            &[]).await;
        tells("deleteGoal", json!({ "goalId": goal }), "deletedId", &["goal_deleted"]).await;
        assert!(!format!("{:?}", clinic.events().await).contains(WORDS));
    }

    async fn foreign_and_unknown_cursors_are_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let bob = clinic.patient("Bob").await;
        clinic.treats(&lee, &bob).await;
        let (goal, other) = (clinic.goal(&ann, &lee, "Walk").await, clinic.goal(&bob, &lee, "Run").await);
        let mut goals = clinic.listens(&ann, GOALS, json!({})).await;
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal.id, "category": "Sleep" }), "goal { id }").await;
        let of_another_subscription = goals.news().await["cursor"].clone();
        let mut entries = clinic.listens(&bob, ENTRIES, json!({})).await;
        clinic.reports(&bob, &other, 3).await;
        let of_another_person = entries.news().await["cursor"].clone();
        let future = Position { transaction: i64::MAX, id: 9 }.cursor(Topic::ProgressRecorded);
        let mut answers = Vec::new();
        for cursor in
            [of_another_subscription, of_another_person, json!(future), json!("nonsense"), json!("")]
        {
            let mut listener = clinic.listens(&ann, ENTRIES, json!({ "after": cursor })).await;
            answers.push(listener.event().await.expect("an answer"));
        }
        assert_eq!(answers[0].code(), "BAD_USER_INPUT");
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    }

    async fn whoever_lost_a_patient_goes_on_behind_the_last_they_heard_of_them(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let wu = clinic.therapist("Dr. Wu").await;
        let bob = clinic.patient("Bob").await;
        for patient in [&ann, &bob] {
            clinic.treats(&wu, patient).await;
        }
        let (goal, other) = (clinic.goal(&ann, &lee, "Walk").await, clinic.goal(&bob, &lee, "Run").await);
        let mut listener = clinic.listens(&wu, ENTRIES, json!({})).await;
        clinic.reports(&ann, &goal, 1).await;
        let cursor = listener.news().await["cursor"].clone();
        drop(listener);
        clinic.no_longer_treats(&wu, &ann).await;
        clinic.reports(&ann, &goal, 2).await;
        let missed = clinic.reports(&bob, &other, 3).await;

        let mut resumed = clinic.listens(&wu, ENTRIES, json!({ "after": cursor })).await;

        assert_eq!(resumed.news().await["entry"]["id"], json!(missed));
        resumed.is_silent().await;
    }

    async fn a_cursor_that_is_too_old_is_told_so(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut whole = clinic.listens(&ann, ENTRIES, json!({})).await;
        for value in 1..=2 {
            clinic.reports(&ann, &goal, value).await;
        }
        let heard = whole.hears(2).await;
        let later = server::clock::Clock::fixed((clinic.now() + TimeDelta::days(8)).and_utc());
        feed::prune(clinic.store(), &later, TimeDelta::days(7)).await.expect("pruning");
        let mut old = clinic.listens(&ann, ENTRIES, json!({ "after": heard[0]["cursor"] })).await;
        assert_eq!(old.event().await.expect("an answer").code(), "CURSOR_EXPIRED");
        // The newest is kept: there is nothing behind it that could be missed.
        let mut newest = clinic.listens(&ann, ENTRIES, json!({ "after": heard[1]["cursor"] })).await;
        let live = clinic.reports(&ann, &goal, 3).await;
        assert_eq!(newest.news().await["entry"]["id"], json!(live));
    }

    /// Two servers' clocks differ, and a long transaction has an early moment and a late place.
    async fn nothing_is_forgotten_out_of_the_middle(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut whole = clinic.listens(&ann, ENTRIES, json!({})).await;
        clinic.reports(&ann, &goal, 1).await;
        clinic.later(TimeDelta::seconds(-2));
        clinic.reports(&ann, &goal, 2).await;
        clinic.reports(&ann, &goal, 3).await;
        let heard = whole.hears(3).await;
        // Between the moments of the first and the others.
        let later = Clock::fixed((clinic.now() + TimeDelta::days(7) + TimeDelta::seconds(1)).and_utc());
        feed::prune(clinic.store(), &later, TimeDelta::days(7)).await.expect("pruning");
        let mut resumed = clinic.listens(&ann, ENTRIES, json!({ "after": heard[0]["cursor"] })).await;
        assert_eq!(resumed.hears(2).await, heard[1..]);
    }
}

/// Their transactions have numbers that this cluster reaches much later, or never.
#[tokio::test]
async fn events_of_a_restored_dump_come_before_all_that_happens_here() {
    let mut clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    clinic.reports(&ann, &goal, 1).await;
    let restore = "UPDATE waymark_events SET transaction_id = '9000000000'";
    clinic.db().execute_unprepared(restore).await.expect("a dump");
    clinic.app.feed = Feed::new(clinic.store(), Limits::default());
    let id = clinic.events().await[0].id;
    let cursor = Position { transaction: 9_000_000_000, id }.cursor(Topic::ProgressRecorded);
    let mut live = clinic.listens(&ann, ENTRIES, json!({})).await;
    for (value, is_pruned) in [(2, false), (3, true)] {
        if is_pruned {
            feed::prune(clinic.store(), &clinic.app.clock, TimeDelta::days(7)).await.expect("pruning");
        }
        assert_eq!(refusal(&clinic, &ann, &cursor).await, "BAD_USER_INPUT");
        let recorded = clinic.reports(&ann, &goal, value).await;
        assert_eq!(live.news().await["entry"]["id"], json!(recorded));
    }
    live.is_silent().await;
    assert!(order_of_events(&clinic).await.is_sorted());
}

/// What was written later may be committed sooner: as long as an event may yet come before it, nothing is
/// forgotten up to there, or that event would be forgotten as it comes.
#[tokio::test]
async fn nothing_is_forgotten_up_to_an_event_that_others_may_yet_come_before() {
    // A cluster of its own: what is settled depends on all transactions that are open in it.
    let cluster = Cluster::start();
    let clinic = Clinic::on(Database::alone_in(&cluster).await).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let old = clinic.writes(clinic.db(), "goal_updated", &goal, goal.id).await;
    clinic.later(TimeDelta::days(8));
    let open = clinic.db().begin().await.expect("a transaction");
    let first = clinic.writes(&open, "goal_updated", &goal, goal.id).await;
    let second = clinic.writes(clinic.db(), "goal_updated", &goal, goal.id).await;
    let prune =
        async || feed::prune(clinic.store(), &clinic.app.clock, TimeDelta::days(7)).await.expect("pruning");
    assert_eq!((prune().await, order_of_events(&clinic).await), (0, vec![old, second]));
    open.commit().await.expect("a commit");
    assert_eq!((prune().await, order_of_events(&clinic).await), (1, vec![first, second]));
}

/// Their ids, by their places.
async fn order_of_events(clinic: &Clinic) -> Vec<i64> {
    let sql = "SELECT id FROM waymark_events ORDER BY transaction_id, id";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = clinic.db().query_all_raw(statement).await.expect("rows");
    rows.iter().map(|row| row.try_get("", "id").expect("an id")).collect()
}

async fn refusal(clinic: &Clinic, person: &Person, cursor: &str) -> String {
    let mut listener = clinic.listens(person, ENTRIES, json!({ "after": cursor })).await;
    listener.event().await.expect("an answer").code()
}

/// Without it the others would hear as well, by looking every few seconds.
#[tokio::test]
async fn a_commit_wakes_every_server() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let mut calls = calls(&clinic).await;

    let goal = clinic.sets_a_goal(&lee, &ann).await;
    timeout(DEADLINE, calls.recv()).await.expect("a call").expect("a connection");
    clinic.is_refused(&ann, "recordProgress", json!({ "goalId": goal, "value": "11" })).await;
    clinic.records(&ann, &goal, "5").await;
    timeout(DEADLINE, calls.recv()).await.expect("a call").expect("a connection");

    // One a commit, and none for what was refused.
    hears_nothing(&mut calls).await;
}

/// A call costs a lock of the whole cluster: many commits make one.
#[tokio::test]
async fn commits_close_together_wake_the_others_once() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let mut calls = calls(&clinic).await;

    for _ in 0..100 {
        clinic.store().wake_readers();
    }
    timeout(DEADLINE, calls.recv()).await.expect("a call").expect("a connection");
    hears_nothing(&mut calls).await;

    // What comes after a call makes another; one that is about to be made is made before the end.
    clinic.store().wake_readers();
    clinic.store().close().await.expect("the end");
    timeout(DEADLINE, calls.recv()).await.expect("a call").expect("a connection");
}

async fn calls(clinic: &Clinic) -> PgListener {
    let mut calls = PgListener::connect(&clinic.database.url).await.expect("a connection");
    calls.listen("waymark_events").await.expect("a channel");
    calls
}

/// No call before one of our own.
async fn hears_nothing(calls: &mut PgListener) {
    calls.execute("NOTIFY waymark_events, 'ours'").await.expect("a statement");
    assert_eq!(calls.recv().await.expect("a connection").payload(), "ours");
}
