//! A goal handed to another therapist: its history stays, and who owned it sees it no more.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day, problems, with};

const DONE: &str = "transferredId goal { therapist { fullName } updatedAt }";
const NEWS: &str = "subscription { goalChanged { kind goalId goal { therapist { fullName } } } }";

fn to(goal: &str, therapist: &Person) -> Value {
    json!({ "goalId": goal, "therapistId": therapist.id })
}

async fn sees(clinic: &Clinic, person: &Person, goal: &str) -> bool {
    let query = "query($id: ID!) { goal(id: $id) { id } }";
    clinic.asks(person, query, json!({ "id": goal })).await.at("/goal").is_object()
}

/// A patient whose therapist has left them to a colleague, and the goal that stayed behind.
async fn left_behind(clinic: &Clinic) -> (Person, Person, Person, String) {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.sets_a_goal(&lee, &ann).await;
    clinic.records_on(&ann, &goal, "5", "2026-02-27").await;
    let kim = clinic.therapist("Dr. Kim").await;
    clinic.treats(&kim, &ann).await;
    clinic.no_longer_treats(&lee, &ann).await;
    (ann, lee, kim, goal)
}

both! {
    async fn a_former_therapist_hands_over_what_they_own_and_sees_it_no_more(clinic) {
        let (ann, lee, kim, goal) = left_behind(&clinic).await;
        let before = clinic.told().await.len();
        assert!(sees(&clinic, &lee, &goal).await);
        clinic.later(TimeDelta::hours(1));

        let done = clinic.does(&lee, "transferGoal", to(&goal, &kim), DONE).await;

        assert_eq!(done, json!({ "transferredId": goal, "goal": null }));
        assert_eq!(clinic.told().await[before..], ["goal_transferred"]);
        assert!(!sees(&clinic, &lee, &goal).await);
        for person in [&ann, &kim] {
            let query = "query($id: ID!) { goal(id: $id) { therapist { fullName } updatedAt
                entries { nodes { value } } } }";
            let goal = clinic.asks(person, query, json!({ "id": goal })).await.at("/goal").clone();
            assert_eq!(goal, json!({ "therapist": { "fullName": "Dr. Kim" },
                "updatedAt": "2026-03-01T13:00:00Z", "entries": { "nodes": [{ "value": "5.00" }] } }));
        }
        assert_eq!(clinic.is_refused(&lee, "transferGoal", to(&goal, &lee)).await, ["NOT_FOUND input.goalId"]);
    }

    async fn who_goes_on_treating_the_patient_goes_on_seeing_the_goal(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let done = clinic.does(&kim, "transferGoal", to(&goal, &kim), DONE).await;
        assert_eq!(done["goal"]["therapist"]["fullName"], "Dr. Kim");
        assert!(sees(&clinic, &lee, &goal).await);
        let root = clinic.admin("Root").await;
        let done = clinic.does(&root, "transferGoal", to(&goal, &lee), DONE).await;
        assert_eq!(done["goal"]["therapist"]["fullName"], "Dr. Lee");
    }

    async fn only_a_therapist_who_treats_the_patient_can_own_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let (wu, root) = (clinic.therapist("Dr. Wu").await, clinic.admin("Root").await);
        clinic.treats(&root, &ann).await;
        clinic.treats(&wu, &ann).await;
        clinic.no_longer_treats(&wu, &ann).await;
        let absent = ["NOT_FOUND input.therapistId"];
        for other in [&ann, &root] {
            assert_eq!(clinic.is_refused(&lee, "transferGoal", to(&goal, other)).await, absent);
        }
        // Dr. Lee does not know of Dr. Wu, and an admin does.
        assert_eq!(clinic.is_refused(&lee, "transferGoal", to(&goal, &wu)).await, absent);
        let invalid = ["INVALID input.therapistId"];
        assert_eq!(clinic.is_refused(&root, "transferGoal", to(&goal, &wu)).await, invalid);
        clinic.no_longer_treats(&lee, &ann).await;
        assert_eq!(clinic.is_refused(&lee, "transferGoal", to(&goal, &lee)).await, invalid);
    }

    async fn a_transfer_to_the_owner_changes_nothing(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.later(TimeDelta::hours(1));
        let before = clinic.everything().await;
        let done = clinic.does(&lee, "transferGoal", to(&goal, &lee), DONE).await;
        assert_eq!(done["goal"]["updatedAt"], "2026-03-01T12:00:00Z");
        assert_eq!(clinic.everything().await, before);
    }

    async fn a_transfer_of_what_has_moved_on_is_a_conflict(clinic) {
        let (ann, lee, kim, goal) = left_behind(&clinic).await;
        let stale = json!({ "expectedUpdatedAt": "2026-03-01T11:59:59Z" });
        let refused = clinic.is_refused(&lee, "transferGoal", with(to(&goal, &kim), stale)).await;
        assert_eq!(refused, ["CONFLICT input.expectedUpdatedAt"]);
        let read = json!({ "expectedUpdatedAt": "2026-03-01T12:00:00Z", "idempotencyKey": "one" });
        let input = with(to(&goal, &kim), read);
        let first = clinic.does(&lee, "transferGoal", input.clone(), DONE).await;
        // Whoever has lost it still gets the answer that they had.
        assert_eq!(clinic.does(&lee, "transferGoal", input, DONE).await, first);
        assert_eq!(clinic.events_of("goal_transferred").await.len(), 1);
        assert!(sees(&clinic, &ann, &goal).await);
    }

    async fn whoever_may_hear_of_it_hears_of_a_transfer(clinic) {
        let (ann, lee, kim, goal) = left_behind(&clinic).await;
        let root = clinic.admin("Root").await;
        let mut hearers = Vec::new();
        for person in [&ann, &kim, &root] {
            hearers.push(clinic.listens(person, NEWS, json!({})).await);
        }
        let mut former = clinic.listens(&lee, NEWS, json!({})).await;
        clinic.does(&lee, "transferGoal", to(&goal, &kim), DONE).await;
        for hearer in &mut hearers {
            assert_eq!(hearer.news().await, json!({ "kind": "TRANSFERRED", "goalId": goal,
                "goal": { "therapist": { "fullName": "Dr. Kim" } } }));
        }
        former.is_silent().await;
    }

    /// A goal by session is judged by the sessions of whoever owned it then.
    async fn sessions_before_a_transfer_are_those_of_the_former_owner(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        let by_session = json!({ "tracking": { "method": "SCALE", "frequency": "SESSION" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, by_session).await;
        for (therapist, date) in [(&lee, 9), (&lee, 16), (&kim, 18), (&lee, 23)] {
            clinic.session(&ann, therapist, day(2026, 2, date).into()).await;
        }
        for date in ["2026-02-09", "2026-02-16", "2026-02-23"] {
            clinic.records_on(&ann, &goal, "5", date).await;
        }
        let streak = async || {
            let goal = goal.parse().expect("an id");
            clinic.progress_as_of(&ann, goal, None, "streak { current longest }").await["streak"].clone()
        };
        assert_eq!(streak().await, json!({ "current": 3, "longest": 3 }));
        clinic.does(&lee, "transferGoal", to(&goal, &kim), DONE).await;
        assert_eq!(streak().await, json!({ "current": 3, "longest": 3 }), "as it was");
        clinic.later(TimeDelta::days(2));
        clinic.session(&ann, &kim, clinic.now()).await;
        clinic.session(&ann, &lee, clinic.now()).await;
        clinic.records(&ann, &goal, "5").await;
        assert_eq!(streak().await, json!({ "current": 4, "longest": 4 }));
    }

    async fn a_patient_hands_nothing_over(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let answer = clinic.sends_input(&ann, "transferGoal", &to(&goal, &kim), DONE).await;
        assert_eq!(problems(answer.at("/payload")), ["NOT_ALLOWED input"]);
        assert_eq!(answer.at("/payload/transferredId"), &Value::Null);
    }
}
