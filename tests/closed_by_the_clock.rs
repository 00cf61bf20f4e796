//! Periods close by themselves: what the end of a week achieves comes with the end of the week, though nobody
//! writes anything. The clock is moved by hand; it is Sunday, 1 March 2026.

use chrono::TimeDelta;
use entity::agenda::Kind;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, with};

const ACHIEVED: &str =
    "subscription { milestoneAchieved { milestone { title } effectiveDate entry { id } } }";

/// A goal of at most four, with a milestone that waits for the end of a period.
async fn at_most_four(clinic: &Clinic, lee: &Person, ann: &Person, frequency: &str) -> String {
    let fields = json!({ "baselineValue": "20", "targetValue": "4", "tracking": {
        "method": "FREQUENCY", "frequency": frequency, "targetDirection": "DECREASE" } });
    let goal = clinic.sets_a_goal_with(lee, ann, fields).await;
    clinic.adds_milestone(lee, &goal, "STREAK", "1").await;
    clinic.catches_up().await;
    goal
}

async fn achieved(clinic: &Clinic) -> Vec<String> {
    let told = clinic.events_of("milestone_achieved").await;
    told.iter().map(|event| event.effective_date.expect("a day").to_string()).collect()
}

/// What is planned for goals, in UTC.
async fn planned(clinic: &Clinic) -> Vec<String> {
    clinic.agenda(Kind::Closing).await.iter().map(|row| format!("{:?}", row.due_at)).collect()
}

async fn sets(clinic: &Clinic, person: &Person, settings: Value) {
    let input = with(json!({ "personId": person.id }), settings);
    clinic.does(person, "updatePersonSettings", input, "person { id }").await;
}

both! {
    async fn a_week_under_its_limit_is_told_when_it_has_ended(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.later(TimeDelta::days(1));
        let goal = at_most_four(&clinic, &lee, &ann, "WEEKLY").await;
        clinic.records(&ann, &goal, "3").await;
        let mut stream = clinic.listens(&lee, ACHIEVED, json!({})).await;
        clinic.catches_up_at("2026-03-08T23:59:59").await;
        assert_eq!(achieved(&clinic).await, [""; 0]);
        clinic.catches_up_at("2026-03-09T00:00:00").await;
        let told = json!({ "milestone": { "title": "STREAK 1" }, "effectiveDate": "2026-03-08", "entry": null });
        assert_eq!(stream.news().await, told);
        // Nothing waits for a further end.
        assert_eq!(planned(&clinic).await, [""; 0]);
    }

    async fn a_week_over_its_limit_is_told_by_nobody(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.later(TimeDelta::days(1));
        let goal = at_most_four(&clinic, &lee, &ann, "WEEKLY").await;
        for value in ["1", "19"] {
            clinic.records(&ann, &goal, value).await;
        }
        clinic.catches_up_at("2026-03-09T00:00:00").await;
        assert_eq!(achieved(&clinic).await, [""; 0]);
        assert_eq!(planned(&clinic).await, ["2026-03-16T00:00:00"]);
    }

    async fn several_servers_tell_it_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann, "DAILY").await;
        clinic.records(&ann, &goal, "3").await;
        clinic.later(TimeDelta::days(1));
        join_all((0..4).map(|_| clinic.catches_up())).await;
        assert_eq!(achieved(&clinic).await, ["2026-03-01"]);
    }

    async fn a_day_ends_where_the_patient_lives_and_a_week_where_they_begin_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        at_most_four(&clinic, &lee, &ann, "WEEKLY").await;
        assert_eq!(planned(&clinic).await, ["2026-03-02T00:00:00"]);
        sets(&clinic, &ann, json!({ "timeZone": "America/New_York" })).await;
        clinic.catches_up().await;
        assert_eq!(planned(&clinic).await, ["2026-03-02T05:00:00"]);
        sets(&clinic, &ann, json!({ "weekStart": "SUNDAY" })).await;
        clinic.catches_up().await;
        // The clock changes on the 8th, at two in the morning.
        assert_eq!(planned(&clinic).await, ["2026-03-08T05:00:00"]);
    }

    async fn a_goal_that_another_program_brought_is_settled_by_the_sweep(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann, "DAILY").await;
        clinic.records(&ann, &goal, "3").await;
        clinic.db().execute_unprepared("DELETE FROM waymark_agenda WHERE kind = 'closing'").await.expect("no plan");
        clinic.later(TimeDelta::days(2));
        clinic.catches_up().await;
        assert_eq!(achieved(&clinic).await, ["2026-03-01"]);
    }
}
