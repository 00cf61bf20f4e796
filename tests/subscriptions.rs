//! News: nothing missed, nothing twice, in one order, and only for those who may hear it.

use sea_orm::{ConnectionTrait, ModelTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Kind, Listener, Person, day, eventually};

const ENTRIES: &str = "subscription($goal: ID, $patient: ID, $after: String) {
    progressRecorded(goalId: $goal, patientId: $patient, after: $after) { cursor entry { id value } } }";
const GOALS: &str = "subscription($goal: ID, $after: String) {
    goalChanged(goalId: $goal, after: $after) { cursor kind goalId goal { id } } }";

both! {
    async fn an_achieved_milestone_is_told_to_all_who_see_it_and_to_nobody_else(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (bob, _) = clinic.couple("Bob", "Dr. Wu").await;
        let admin = clinic.admin("Root").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.tracking(&goal, "scale").await;
        let query = "subscription { milestoneAchieved { cursor milestone { title } goal { description }
            entry { value } achievedAt effectiveDate backdated } }";
        let mut hearers = Vec::new();
        for person in [&ann, &lee, &admin] {
            hearers.push(clinic.listens(person, query, json!({})).await);
        }
        let mut stranger = clinic.listens(&bob, query, json!({})).await;

        let milestone = "mutation($goal: ID!) { addMilestone(input: { goalId: $goal, title: \"Halfway\",
            milestoneType: VALUE, targetValue: \"5\" }) { userErrors { message } } }";
        let answer = clinic.asks(&lee, milestone, json!({ "goal": goal.id })).await;
        assert_eq!(*answer.at("/addMilestone/userErrors"), json!([]));
        clinic.reports(&ann, &goal, 6).await;

        for hearer in &mut hearers {
            let mut news = hearer.news().await;
            assert!(news["cursor"].take().is_string());
            assert_eq!(news, json!({
                "cursor": null, "milestone": { "title": "Halfway" }, "goal": { "description": "Walk" },
                "entry": { "value": "6.00" }, "achievedAt": "2026-03-01T12:00:00Z",
                "effectiveDate": "2026-03-01", "backdated": false,
            }));
        }
        stranger.is_silent().await;
    }

    async fn each_subscription_hears_its_own(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut entries = clinic.listens(&ann, ENTRIES, json!({ "goal": goal.id })).await;
        let mut goals = clinic.listens(&ann, GOALS, json!({})).await;
        let mut scores = clinic.listens(&lee,
            "subscription { assessmentRecorded { assessment { score } } }", json!({})).await;

        let entry = clinic.reports(&ann, &goal, 1).await;
        assert_eq!(entries.news().await["entry"]["id"], json!(entry));
        changes(&clinic, &lee, "changeGoalStatus", json!({ "goalId": goal.id, "status": "ON_HOLD" })).await;
        let heard = goals.news().await;
        assert_eq!((&heard["kind"], &heard["goalId"]), (&json!("STATUS_CHANGED"), &json!(goal.id)));
        changes(&clinic, &lee, "recordAssessment",
            json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 7 })).await;
        changes(&clinic, &lee, "deleteGoal", json!({ "goalId": goal.id })).await;
        let heard = goals.news().await;
        assert_eq!((&heard["kind"], &heard["goalId"], &heard["goal"]),
            (&json!("DELETED"), &json!(goal.id), &Value::Null));
        assert_eq!(scores.news().await, json!({ "assessment": { "score": 7 } }));
    }

    async fn a_reminder_is_due_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let reminder = clinic.reminder(&goal, None).await;
        let mut hearer = clinic.listens(&ann,
            "subscription { reminderDue { reminder { id } dueAt } }", json!({})).await;
        clinic.catches_up().await;
        clinic.catches_up_at("2026-03-02T08:30:00").await;
        clinic.catches_up().await;
        assert_eq!(hearer.news().await,
            json!({ "reminder": { "id": reminder.id }, "dueAt": "2026-03-02T08:30:00Z" }));
        hearer.is_silent().await;
    }

    async fn a_cursor_goes_on_where_it_stood_without_gap_or_repetition(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut whole = clinic.listens(&ann, ENTRIES, json!({})).await;
        for value in 1..=5 {
            clinic.reports(&ann, &goal, value).await;
        }
        let heard = whole.hears(5).await;
        for (place, news) in heard.iter().enumerate() {
            let variables = json!({ "after": news["cursor"] });
            let mut resumed = clinic.listens(&ann, ENTRIES, variables).await;
            assert_eq!(resumed.hears(4 - place).await, heard[place + 1..]);
            let live = clinic.reports(&ann, &goal, 9).await;
            eventually("the last entry", async || resumed.news().await["entry"]["id"] == json!(live)).await;
        }
    }

    async fn a_permission_that_is_gone_ends_the_news(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let wu = clinic.therapist("Dr. Wu").await;
        clinic.treats(&wu, &ann).await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut owner = clinic.listens(&lee, ENTRIES, json!({})).await;
        let mut other = clinic.listens(&wu, ENTRIES, json!({})).await;
        let first = clinic.reports(&ann, &goal, 1).await;
        for hearer in [&mut owner, &mut other] {
            assert_eq!(hearer.news().await["entry"]["id"], json!(first));
        }
        clinic.no_longer_treats(&wu, &ann).await;
        let second = clinic.reports(&ann, &goal, 2).await;
        assert_eq!(owner.news().await["entry"]["id"], json!(second));
        other.is_silent().await;
    }

    async fn a_stranger_and_a_goal_that_does_not_exist_get_the_same_answer(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let bob = clinic.patient("Bob").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let mut answers = Vec::new();
        for id in [goal.id, Uuid::from_u128(7)] {
            let mut listener = clinic.listens(&bob, ENTRIES, json!({ "goal": id })).await;
            answers.push((listener.event().await, listener.event().await, listener.event().await));
        }
        assert_eq!(answers[0], answers[1]);
        let (next, complete, end) = answers.remove(0);
        assert_eq!(next.expect("an answer").code(), "BAD_USER_INPUT");
        assert_eq!(complete.expect("its end").name, "complete");
        assert_eq!(end, None);
    }

    async fn a_deleted_goal_is_told_to_those_who_could_see_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (wu, admin) = (clinic.therapist("Dr. Wu").await, clinic.admin("Root").await);
        let former = clinic.therapist("Dr. Who").await;
        clinic.treats(&wu, &ann).await;
        clinic.treats(&former, &ann).await;
        clinic.no_longer_treats(&former, &ann).await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.no_longer_treats(&lee, &ann).await;
        let mut hearers = Vec::new();
        for person in [&ann, &lee, &wu, &admin] {
            hearers.push(clinic.listens(person, GOALS, json!({})).await);
        }
        let mut stranger = clinic.listens(&former, GOALS, json!({})).await;
        changes(&clinic, &wu, "deleteGoal", json!({ "goalId": goal.id })).await;
        for hearer in &mut hearers {
            assert_eq!(hearer.news().await["kind"], "DELETED");
        }
        stranger.is_silent().await;
    }

    async fn statements_of_an_event_do_not_grow_with_its_hearers(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        let query = "subscription { progressRecorded { entry { value goal { description } } goal { id } } }";
        let mut costs = Vec::new();
        let mut hearers = Vec::new();
        for more in [1, 60] {
            for number in 0..more {
                let admin = clinic.admin("Root").await;
                let person = [&ann, &lee, &admin][number % 3];
                hearers.push(clinic.listens(person, query, json!({})).await);
            }
            if more == 1 {
                hearers.push(clinic.listens(&lee, query, json!({})).await);
                let admin = clinic.admin("Root").await;
                hearers.push(clinic.listens(&admin, query, json!({})).await);
            }
            let before = clinic.app.feed.store().statements();
            clinic.reports(&ann, &goal, 4).await;
            let all = futures_util::future::join_all(hearers.iter_mut().map(Listener::news));
            assert!(all.await.iter().all(|news| news["entry"]["value"] == "4.00"));
            costs.push(clinic.app.feed.store().statements() - before);
        }
        // A bell may ring twice, and then there is one more look.
        assert!(costs[1] <= costs[0] + 2 && costs[0] <= 16, "{costs:?}");
    }
}

/// The heart of it: numbers are taken in one order and committed in the other.
#[tokio::test]
async fn transactions_that_commit_in_reverse_lose_nothing() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let mut live = clinic.listens(&ann, ENTRIES, json!({})).await;
    let before = clinic.reports(&ann, &goal, 1).await;
    let first = clinic.entry(&goal, day(2026, 2, 1), 1).await;
    let second = clinic.entry(&goal, day(2026, 2, 2), 2).await;

    let early = clinic.store().begin().await.expect("a transaction");
    clinic.writes(&early, "progress_recorded", &goal, first.id).await;
    let late = clinic.store().begin().await.expect("a transaction");
    clinic.writes(&late, "progress_recorded", &goal, second.id).await;
    late.commit_with_events().await.expect("a commit");
    let heard = live.news().await;
    assert_eq!(heard["entry"]["id"], json!(before));
    let mut between = clinic.listens(&ann, ENTRIES, json!({ "after": heard["cursor"] })).await;
    live.is_silent().await;
    between.is_silent().await;

    // Not through the store: nobody is told, as when the bell is lost.
    early.commit().await.expect("a commit");
    let after = clinic.reports(&ann, &goal, 2).await;
    let expected = [first.id, second.id, after].map(|id| json!(id));
    let rest = live.hears(3).await;
    assert_eq!(ids(&rest), expected);
    assert_eq!(between.hears(3).await, rest);
    let whole = [vec![heard], rest].concat();
    for (place, news) in whole.iter().enumerate() {
        let mut resumed = clinic.listens(&ann, ENTRIES, json!({ "after": news["cursor"] })).await;
        assert_eq!(resumed.hears(3 - place).await, whole[place + 1..]);
        resumed.is_silent().await;
    }
}

#[tokio::test]
async fn a_lost_bell_only_delays() {
    let clinic = Clinic::open(Kind::Postgres).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let entry = clinic.entry(&goal, day(2026, 2, 1), 1).await;
    let mut live = clinic.listens(&ann, ENTRIES, json!({})).await;
    clinic.writes(clinic.db(), "progress_recorded", &goal, entry.id).await;
    assert_eq!(live.news().await["entry"]["id"], json!(entry.id));
}

#[tokio::test]
async fn somebody_who_is_gone_or_lost_a_role_hears_nothing_more() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let admin = clinic.admin("Root").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let mut hearer = clinic.listens(&admin, ENTRIES, json!({})).await;
    clinic.reports(&ann, &goal, 1).await;
    hearer.news().await;
    let demote = "UPDATE users SET role = 'patient' WHERE role = 'admin'";
    clinic.db().execute_unprepared(demote).await.expect("an update");
    clinic.reports(&ann, &goal, 2).await;
    hearer.is_silent().await;
}

#[tokio::test]
async fn events_of_rows_that_are_gone_are_passed_over() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Walk").await;
    let mut live = clinic.listens(&ann, ENTRIES, json!({})).await;
    clinic.reports(&ann, &goal, 1).await;
    let cursor = live.news().await["cursor"].clone();
    let gone = clinic.entry(&goal, day(2026, 2, 1), 1).await;
    clinic.writes(clinic.db(), "progress_recorded", &goal, gone.id).await;
    gone.delete(clinic.db()).await.expect("a deletion");
    let kept = clinic.reports(&ann, &goal, 2).await;
    let mut resumed = clinic.listens(&ann, ENTRIES, json!({ "after": cursor })).await;
    assert_eq!(resumed.news().await["entry"]["id"], json!(kept));
}

#[tokio::test]
async fn a_subscription_has_one_field_at_its_root() {
    let clinic = Clinic::open(Kind::Sqlite).await;
    let ann = clinic.patient("Ann").await;
    let two = "subscription { a: goalChanged { cursor } ...F } fragment F on Subscription { b: goalChanged { cursor } }";
    let mut listener = clinic.listens(&ann, two, json!({})).await;
    assert_eq!(listener.event().await.expect("an answer").code(), "GRAPHQL_VALIDATION_FAILED");
}

fn ids(news: &[Value]) -> Vec<Value> {
    news.iter().map(|news| news["entry"]["id"].clone()).collect()
}

async fn changes(clinic: &Clinic, person: &Person, mutation: &str, input: Value) {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code field message }} }} }}"
    );
    let answer = clinic.asks(person, &query, json!({ "input": input })).await;
    assert_eq!(*answer.at(&format!("/{mutation}/userErrors")), json!([]));
}
