//! A goal that is tracked in a new way: what was recorded before keeps its meaning, and nothing counts
//! twice.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, id_at};

const FIGURES: &str = "progress { status currentValue entryCount trend { n } streak { longest }
    series { value } }";

async fn tracks(clinic: &Clinic, therapist: &Person, goal: &str, fields: Value) {
    clinic.later(TimeDelta::seconds(1));
    let input = crate::support::with(json!({ "goalId": goal, "targetDirection": "INCREASE" }), fields);
    clinic.does(therapist, "configureTracking", input, "tracking { id }").await;
}

async fn figures(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    let query = format!("query($id: ID!) {{ goal(id: $id) {{ {FIGURES} }} }}");
    clinic.asks(person, &query, json!({ "id": goal })).await.at("/goal/progress").clone()
}

async fn achieved(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    let query = "query($id: ID!) { goal(id: $id) { milestones(achieved: true) { title } } }";
    clinic.asks(person, query, json!({ "id": goal })).await.at("/goal/milestones").clone()
}

both! {
    async fn points_of_a_scale_are_not_times_or_minutes(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "9").await;
        for (day, value) in [("2026-02-25", "7"), ("2026-02-26", "8")] {
            clinic.records_on(&ann, &goal, value, day).await;
        }

        tracks(&clinic, &lee, &goal, json!({ "method": "FREQUENCY", "frequency": "WEEKLY" })).await;
        let empty = json!({ "status": "NO_DATA", "currentValue": null, "entryCount": 0, "trend": { "n": 0 },
            "streak": { "longest": 0 }, "series": [] });
        let streak_of_days = json!({ "longest": 2 });
        let anew = figures(&clinic, &ann, &goal).await;
        assert_eq!(anew["streak"], streak_of_days, "those days were met as they were tracked then");
        assert_eq!(crate::support::with(anew, json!({ "streak": { "longest": 0 } })), empty);
        assert_eq!(achieved(&clinic, &lee, &goal).await, json!([]), "not 7 + 8 times");

        clinic.records(&ann, &goal, "3").await;
        let counted = figures(&clinic, &ann, &goal).await;
        assert_eq!(counted["currentValue"], "3.00");
        assert_eq!(counted["entryCount"], 1);
        assert_eq!(counted["series"], json!([{ "value": "3.00" }]));

        tracks(&clinic, &lee, &goal, json!({ "method": "SCALE", "frequency": "DAILY" })).await;
        let back = figures(&clinic, &ann, &goal).await;
        assert_eq!((&back["currentValue"], &back["entryCount"]), (&json!("8.00"), &json!(2)));
        assert_eq!(back["series"], json!([{ "value": "7.00" }, { "value": "8.00" }]));
    }

    /// Such as to switch its reminders off.
    async fn a_week_in_which_it_is_configured_anew_is_one_week(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let weekly = json!({ "method": "SCALE", "frequency": "WEEKLY", "targetDirection": "INCREASE" });
        let goal = clinic.sets_a_goal_with(&lee, &ann, json!({ "tracking": weekly })).await;
        clinic.adds_milestone(&lee, &goal, "STREAK", "2").await;
        // From Sunday to Tuesday.
        clinic.later(TimeDelta::days(2));
        clinic.records(&ann, &goal, "5").await;
        clinic.later(TimeDelta::days(1));

        let quiet = json!({ "method": "SCALE", "frequency": "WEEKLY", "reminderEnabled": false });
        tracks(&clinic, &lee, &goal, quiet).await;
        clinic.later(TimeDelta::days(1));
        clinic.records(&ann, &goal, "5").await;

        assert_eq!(figures(&clinic, &ann, &goal).await["streak"], json!({ "longest": 1 }));
        assert_eq!(achieved(&clinic, &lee, &goal).await, json!([]));
        clinic.later(TimeDelta::days(7));
        clinic.records(&ann, &goal, "5").await;
        assert_eq!(achieved(&clinic, &lee, &goal).await, json!([{ "title": "STREAK 2" }]));
    }

    async fn a_configuration_that_counts_alike_achieves_nothing(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        clinic.records(&ann, &goal, "6").await;
        clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": five }), "goal { id }").await;

        let quiet = json!({ "method": "SCALE", "frequency": "DAILY", "reminderEnabled": false });
        tracks(&clinic, &lee, &goal, quiet).await;
        assert_eq!(achieved(&clinic, &lee, &goal).await, json!([]));

        // Another scale is another matter.
        tracks(&clinic, &lee, &goal, json!({ "method": "SCALE", "frequency": "DAILY", "scaleMax": 9 })).await;
        assert_eq!(achieved(&clinic, &lee, &goal).await, json!([{ "title": "VALUE 5" }]));
    }

    async fn successes_are_counted_towards_a_milestone(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let sessions = json!({ "baselineValue": null, "targetValue": "12",
            "tracking": { "method": "BINARY", "frequency": "DAILY", "targetDirection": "INCREASE" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, sessions).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "3").await;
        clinic.records_on(&ann, &goal, "1", "2026-02-20").await;
        clinic.records_on(&ann, &goal, "0", "2026-02-21").await;
        let second = clinic.records_on(&ann, &goal, "1", "2026-02-24").await;
        assert_eq!(second["achievedMilestones"], json!([]));

        // The day on which there were three of them is that of the last, and so is the entry.
        let earlier = clinic.records_on(&ann, &goal, "1", "2026-02-18").await;

        assert_eq!(earlier["achievedMilestones"], json!([{ "title": "VALUE 3" }]));
        let told = clinic.events_of("milestone_achieved").await.pop().expect("an event");
        let cause = (told.effective_date, told.entry_id.map(|id| id.to_string()));
        assert_eq!(cause, (Some(crate::support::day(2026, 2, 24)), Some(id_at(&second, "/entry/id"))));
    }
}
