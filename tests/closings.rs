//! What a period's end achieves without a write: once on any number of servers, for the periods that have ended
//! since the last time, and never what was revoked before they ended.

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::{closing, milestone};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;
use server::history::{Subject, Tracked};
use server::rules::calendar::Calendar;
use server::service::closing::{next_closing, settle};
use uuid::Uuid;

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day};

/// At most four a day.
const DAYS: Aim =
    Aim { method: "frequency", direction: Some("decrease"), baseline: Some(20), target: Some(4), ..SCALE };

async fn settles(clinic: &Clinic, goal: Uuid) -> Vec<String> {
    let achieved = settle(clinic.store(), &clinic.app.clock, goal).await.expect("a database");
    achieved.into_iter().map(|milestone| milestone.title).collect()
}

/// A goal of at most four a day, set on 1 March: its id.
async fn at_most_four(clinic: &Clinic, therapist: &Person, patient: &Person) -> String {
    let fields = json!({ "baselineValue": "20", "targetValue": "4", "tracking": {
        "method": "FREQUENCY", "frequency": "DAILY", "targetDirection": "DECREASE" } });
    clinic.sets_a_goal_with(therapist, patient, fields).await
}

fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}

/// The days that milestones were achieved for.
async fn days(clinic: &Clinic) -> Vec<String> {
    let told = clinic.events_of("milestone_achieved").await;
    told.iter().map(|event| event.effective_date.expect("a day").to_string()).collect()
}

both! {
    async fn many_servers_at_once_achieve_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "3").await;
        clinic.records(&ann, &goal, "2").await;
        clinic.later(TimeDelta::days(1));

        let all = join_all((0..8).map(|_| settles(&clinic, id(&goal)))).await;

        assert_eq!(all.concat(), ["VALUE 3"]);
        assert_eq!(days(&clinic).await, ["2026-03-01"]);
        let event = &clinic.events_of("milestone_achieved").await[0];
        assert_eq!((event.patient_id, event.therapist_id, event.entry_id), (ann.id, Some(lee.id), None));
        let row = &clinic.milestones().await[0];
        assert_eq!(row.achieved_at, Some(clinic.now()));
    }

    async fn all_periods_that_ended_while_no_server_ran_are_judged(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann).await;
        for (kind, target) in [("VALUE", "2"), ("STREAK", "3"), ("STREAK", "4")] {
            clinic.adds_milestone(&lee, &goal, kind, target).await;
        }
        assert_eq!(settles(&clinic, id(&goal)).await, [""; 0]);
        for value in ["3", "2", "4"] {
            clinic.records(&ann, &goal, value).await;
            clinic.later(TimeDelta::days(1));
        }
        clinic.later(TimeDelta::days(5));
        assert_eq!(settles(&clinic, id(&goal)).await, ["VALUE 2", "STREAK 3"]);
        assert_eq!(days(&clinic).await, ["2026-03-02", "2026-03-03"]);
    }

    async fn what_is_revoked_returns_only_by_a_period_that_ends_later(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann).await;
        let mut revoked = Vec::new();
        for (kind, target) in [("VALUE", "3"), ("STREAK", "2"), ("PERCENTAGE", "90")] {
            revoked.push(clinic.adds_milestone(&lee, &goal, kind, target).await);
        }
        for _ in 0..2 {
            clinic.records(&ann, &goal, "2").await;
            clinic.later(TimeDelta::days(1));
        }
        assert_eq!(settles(&clinic, id(&goal)).await.len(), 3);
        // A day that is over by then, though nobody has judged it yet.
        clinic.records(&ann, &goal, "2").await;
        clinic.later(TimeDelta::days(1));
        for milestone in &revoked {
            clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": milestone }), "goal { id }").await;
        }

        assert_eq!(settles(&clinic, id(&goal)).await, [""; 0]);
        clinic.records(&ann, &goal, "9").await;
        clinic.later(TimeDelta::days(1));
        assert_eq!(settles(&clinic, id(&goal)).await, [""; 0], "a failed day");
        clinic.records(&ann, &goal, "1").await;
        clinic.later(TimeDelta::days(1));
        assert_eq!(settles(&clinic, id(&goal)).await, ["VALUE 3", "PERCENTAGE 90"]);
        clinic.records(&ann, &goal, "1").await;
        clinic.later(TimeDelta::days(1));
        assert_eq!(settles(&clinic, id(&goal)).await, ["STREAK 2"]);
    }

    async fn what_a_write_has_achieved_the_end_of_its_period_does_not_achieve_again(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four(&clinic, &lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "3").await;
        clinic.later(TimeDelta::days(3));
        clinic.records_on(&ann, &goal, "2", "2026-03-02").await;
        assert_eq!(days(&clinic).await, ["2026-03-02"]);
        assert_eq!(settles(&clinic, id(&goal)).await, [""; 0]);
        // A day that was achieved for by hand, or is not: both stay as they are.
        assert_eq!(days(&clinic).await.len(), 1);
    }

    async fn a_goal_that_grows_waits_for_no_end(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, Aim { direction: Some("increase"), baseline: None, ..DAYS }).await;
        let mut row = clinic.milestone(&goal, "Five", false).await.into_active_model();
        row.milestone_type = Set(Some("value".to_owned()));
        row.target_value = Set(Some(5.into()));
        row.update(clinic.db()).await.expect("a milestone");
        clinic.has_entries(&goal, day(2026, 2, 20), 1, &[9, 9]).await;
        let before = clinic.everything().await;
        assert_eq!(settles(&clinic, goal.id).await, [""; 0]);
        assert_eq!(settles(&clinic, Uuid::nil()).await, [""; 0], "a goal that is gone");
        assert_eq!(clinic.everything().await, before);
    }

    async fn judging_the_end_of_a_day_reads_no_long_history(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let mut costs = Vec::new();
        for entries in [200, 5_000] {
            let goal = clinic.aims(&ann, &lee, DAYS).await;
            for (kind, target) in [("percentage", 500), ("value", -1), ("streak", 9_000)] {
                let mut row = clinic.milestone(&goal, kind, false).await.into_active_model();
                row.milestone_type = Set(Some(kind.to_owned()));
                row.target_value = Set(Some(target.into()));
                let row = row.update(clinic.db()).await.expect("a milestone");
                let through = day(2026, 2, 27);
                let mark = closing::ActiveModel { milestone_id: Set(row.id), through: Set(through) };
                closing::Entity::insert(mark).exec_without_returning(clinic.db()).await.expect("a mark");
            }
            let values: Vec<_> = (0..entries).map(|_| 1).collect();
            clinic.has_entries(&goal, day(2026, 2, 28) - Days::new(entries - 1), 1, &values).await;
            let store = clinic.store().for_request();
            settle(&store, &clinic.app.clock, goal.id).await.expect("a database");
            costs.push((store.statements(), store.rows()));
        }
        assert_eq!(costs[0], costs[1]);
        assert!(costs[0].1 < 60, "{costs:?}");
    }
}

/// A goal of a patient there, tracked so, with an open milestone.
async fn subject(clinic: &Clinic, aim: Aim, zone: &str) -> (Subject, milestone::Model) {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.aims(&ann, &lee, aim).await;
    let mut row = clinic.milestone(&goal, "Value", false).await;
    row.milestone_type = Some("value".to_owned());
    let tracked =
        Tracked { configurations: vec![clinic.configuration(&goal, aim, |_| {}).await], instrument: None };
    let calendar = Calendar { zone: zone.parse().expect("a zone"), ..Calendar::default() };
    (Subject { goal: goal.into(), tracked, calendar }, row)
}

#[tokio::test]
async fn a_period_ends_at_midnight_where_the_patient_lives() {
    let clinic = Clinic::open(crate::support::Kind::Sqlite).await;
    let weekly = Aim { frequency: "weekly", ..DAYS };
    let cases = [
        (DAYS, "UTC", "2026-03-01T12:00:00Z", Some("2026-03-02T00:00:00Z")),
        (DAYS, "Pacific/Auckland", "2026-03-01T12:00:00Z", Some("2026-03-02T11:00:00Z")),
        (DAYS, "America/New_York", "2026-03-08T04:59:59Z", Some("2026-03-08T05:00:00Z")),
        // Clocks go forward on the 8th, so that day has 23 hours.
        (DAYS, "America/New_York", "2026-03-08T05:00:00Z", Some("2026-03-09T04:00:00Z")),
        (weekly, "America/New_York", "2026-03-03T12:00:00Z", Some("2026-03-09T04:00:00Z")),
        // There was no midnight: the day began at one o'clock.
        (DAYS, "America/Sao_Paulo", "2018-11-03T12:00:00Z", Some("2018-11-04T03:00:00Z")),
        // There was no 30 December.
        (DAYS, "Pacific/Apia", "2011-12-29T20:00:00Z", Some("2011-12-30T10:00:00Z")),
        (Aim { direction: Some("increase"), ..DAYS }, "UTC", "2026-03-01T12:00:00Z", None),
        (SCALE, "UTC", "2026-03-01T12:00:00Z", None),
    ];
    for (aim, zone, now, expected) in cases {
        let (subject, milestone) = subject(&clinic, aim, zone).await;
        let now: DateTime<Utc> = now.parse().expect("a moment");
        let expected: Option<DateTime<Utc>> = expected.map(|moment| moment.parse().expect("a moment"));
        let open = std::slice::from_ref(&milestone);
        assert_eq!(next_closing(&subject, &[], open, now), expected, "{zone} {now}");
        assert_eq!(next_closing(&subject, &[], &[], now), None, "nothing waits");
        let done = milestone::Model { achieved_at: Some(now.naive_utc()), ..milestone.clone() };
        assert_eq!(next_closing(&subject, &[], &[done], now), None, "it is achieved");
    }
}

#[tokio::test]
async fn a_session_ends_with_the_day_before_the_next() {
    let clinic = Clinic::open(crate::support::Kind::Sqlite).await;
    let (subject, milestone) = subject(&clinic, Aim { frequency: "session", ..DAYS }, "UTC").await;
    let open = [milestone];
    let now = clinic.app.clock.now();
    let sessions = [day(2026, 2, 24), day(2026, 3, 10)];
    let expected: DateTime<Utc> = "2026-03-10T00:00:00Z".parse().expect("a moment");
    assert_eq!(next_closing(&subject, &sessions, &open, now), Some(expected));
    assert_eq!(next_closing(&subject, &sessions[..1], &open, now), None);
}
