//! What people set for themselves: the zone in which their days begin, and the day on which their weeks do.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, problems, with};

const SETTINGS: &str = "person { fullName timeZone weekStart }";

async fn settings(clinic: &Clinic, person: &Person) -> Value {
    clinic.asks(person, "{ viewer { id } }", json!({})).await;
    let query = "query($id: ID!) { person(id: $id) { timeZone weekStart } }";
    clinic.asks(person, query, json!({ "id": person.id })).await.at("/person").clone()
}

/// One entry on a Sunday, and one on the Monday after it.
async fn a_weekly_goal(clinic: &Clinic, lee: &Person, ann: &Person) -> String {
    let weekly = json!({ "baselineValue": null, "targetValue": "2",
        "tracking": { "method": "FREQUENCY", "frequency": "WEEKLY" } });
    let goal = clinic.sets_a_goal_with(lee, ann, weekly).await;
    for date in ["2026-02-22", "2026-02-23"] {
        clinic.records_on(ann, &goal, "1", date).await;
    }
    goal
}

async fn figures(clinic: &Clinic, person: &Person, goal: &str, day: &str) -> Value {
    let fields = "currentValue periodOpen streak { longest }";
    let goal = goal.parse().expect("an id");
    clinic.progress_as_of(person, goal, day.parse().ok(), fields).await
}

both! {
    async fn settings_are_changed_one_by_one_and_never_cleared(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        assert_eq!(settings(&clinic, &ann).await, json!({ "timeZone": "UTC", "weekStart": "MONDAY" }));
        let change = |fields: Value| with(json!({ "personId": ann.id }), fields);
        for (fields, zone, week) in [
            (json!({ "weekStart": "SUNDAY" }), "UTC", "SUNDAY"),
            (json!({ "timeZone": "Europe/Vienna" }), "Europe/Vienna", "SUNDAY"),
            (json!({}), "Europe/Vienna", "SUNDAY"),
            (json!({ "timeZone": "America/New_York", "weekStart": "MONDAY" }), "America/New_York", "MONDAY"),
        ] {
            let expected = json!({ "person": { "fullName": "Ann", "timeZone": zone, "weekStart": week } });
            assert_eq!(clinic.does(&lee, "updatePersonSettings", change(fields), SETTINGS).await, expected);
            assert_eq!(settings(&clinic, &ann).await, json!({ "timeZone": zone, "weekStart": week }));
        }
        for (fields, refused) in [
            (json!({ "timeZone": "Vienna" }), vec!["INVALID input.timeZone"]),
            (json!({ "timeZone": "" }), vec!["INVALID input.timeZone"]),
            (json!({ "timeZone": 5 }), vec!["INVALID input.timeZone"]),
            (json!({ "timeZone": "x".repeat(10_000) }), vec!["INVALID input.timeZone"]),
            (json!({ "timeZone": null, "weekStart": null }), vec!["REQUIRED input.timeZone", "REQUIRED input.weekStart"]),
            (json!({ "timeZone": "Vienna", "personId": "x" }), vec!["INVALID input.personId", "INVALID input.timeZone"]),
        ] {
            let found = clinic.is_refused(&lee, "updatePersonSettings", change(fields.clone())).await;
            assert_eq!(found, refused, "{fields}");
        }
        assert_eq!(clinic.told().await, [""; 0], "nobody is told");
    }

    async fn everybody_changes_their_own_settings_and_no_colleagues(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        clinic.goal(&ann, &kim, "Walk").await;
        let root = clinic.admin("Root").await;
        let sunday = |person: &Person| json!({ "personId": person.id, "weekStart": "SUNDAY" });
        for person in [&ann, &lee, &root] {
            clinic.does(person, "updatePersonSettings", sunday(person), SETTINGS).await;
            assert_eq!(settings(&clinic, person).await["weekStart"], "SUNDAY");
        }
        let refused = ["NOT_ALLOWED input"];
        assert_eq!(clinic.is_refused(&lee, "updatePersonSettings", sunday(&kim)).await, refused);
        assert_eq!(clinic.is_refused(&ann, "updatePersonSettings", sunday(&kim)).await, refused);
        clinic.does(&root, "updatePersonSettings", sunday(&kim), SETTINGS).await;
    }

    async fn weeks_begin_where_the_patient_says(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = a_weekly_goal(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "3").await;
        // It is Sunday, 1 March: in weeks from Monday the last day of one, in those from Sunday the first.
        assert_eq!(figures(&clinic, &ann, &goal, "2026-02-23").await,
            json!({ "currentValue": "1.00", "periodOpen": true, "streak": { "longest": 0 } }));
        let sunday = json!({ "personId": ann.id, "weekStart": "SUNDAY" });
        clinic.does(&ann, "updatePersonSettings", sunday, SETTINGS).await;
        assert_eq!(figures(&clinic, &ann, &goal, "2026-02-23").await,
            json!({ "currentValue": "2.00", "periodOpen": true, "streak": { "longest": 1 } }));
        // What is written goes by it too: all three days are of one week.
        let noted = clinic.records_with(&ann, &goal, "1", json!({ "entryDate": "2026-02-28" })).await;
        assert_eq!(noted["achievedMilestones"], json!([{ "title": "VALUE 3" }]));
        let other = clinic.patient("Ben").await;
        clinic.treats(&lee, &other).await;
        let theirs = a_weekly_goal(&clinic, &lee, &other).await;
        assert_eq!(figures(&clinic, &other, &theirs, "2026-02-23").await["currentValue"], "1.00");
    }

    async fn a_new_zone_moves_today(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        // Two in the morning of 2 March in Vienna, and 1 March in New York.
        clinic.later(TimeDelta::hours(13));
        for (zone, today) in [("Europe/Vienna", "2026-03-02"), ("America/New_York", "2026-03-01")] {
            let change = json!({ "personId": ann.id, "timeZone": zone });
            clinic.does(&ann, "updatePersonSettings", change, SETTINGS).await;
            let entry = clinic.records(&ann, &goal, "5").await;
            assert_eq!(entry["entry"]["entryDate"], today);
        }
    }

    async fn a_retry_of_settings_gets_the_first_answer_as_long_as_the_person_is_seen(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let first = json!({ "personId": ann.id, "weekStart": "SUNDAY", "idempotencyKey": "one" });
        let answer = clinic.does(&lee, "updatePersonSettings", first.clone(), SETTINGS).await;
        let back = json!({ "personId": ann.id, "weekStart": "MONDAY" });
        clinic.does(&lee, "updatePersonSettings", back, SETTINGS).await;
        assert_eq!(clinic.does(&lee, "updatePersonSettings", first.clone(), SETTINGS).await, answer);
        assert_eq!(settings(&clinic, &ann).await["weekStart"], "MONDAY");
        clinic.no_longer_treats(&lee, &ann).await;
        let gone = clinic.sends_input(&lee, "updatePersonSettings", &first, SETTINGS).await;
        assert_eq!(problems(gone.at("/payload")), ["NOT_FOUND input.idempotencyKey"]);
    }
}
