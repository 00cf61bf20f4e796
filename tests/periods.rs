//! A running period is judged only where nothing that is still to come can take the judgement back; what is
//! judged when it is over is judged by the end of the period itself, once, without a write.

use chrono::{Days, NaiveDate, TimeDelta};
use serde_json::{Value, json};
use server::service::closing::settle;
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person, day, id_at};

const FIGURES: &str = "status percent raw currentValue periodOpen runningTotal streak { current longest }";

/// A goal of its own kind, with a milestone of each kind: as far as it goes, this value, this streak.
struct Kind<'a> {
    tracking: Value,
    way: [&'a str; 2],
    value: &'a str,
    streak: &'a str,
}

impl Kind<'_> {
    async fn set(&self, clinic: &Clinic, therapist: &Person, patient: &Person) -> String {
        let [baseline, target] = self.way.map(|value| (!value.is_empty()).then_some(value));
        let fields = json!({ "baselineValue": baseline, "targetValue": target, "tracking": self.tracking });
        let goal = clinic.sets_a_goal_with(therapist, patient, fields).await;
        for (kind, target) in [("PERCENTAGE", "100"), ("VALUE", self.value), ("STREAK", self.streak)] {
            clinic.adds_milestone(therapist, &goal, kind, target).await;
        }
        goal
    }
}

/// At most four times a week, down from twenty.
fn at_most_four() -> Kind<'static> {
    let tracking = json!({ "method": "FREQUENCY", "frequency": "WEEKLY", "targetDirection": "DECREASE" });
    Kind { tracking, way: ["20", "4"], value: "4", streak: "1" }
}

/// Days without: a 1 is a lapse.
fn without(frequency: &str, streak: &'static str) -> Kind<'static> {
    let tracking = json!({ "method": "BINARY", "frequency": frequency, "targetDirection": "DECREASE" });
    Kind { tracking, way: ["", ""], value: "0", streak }
}

fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}

async fn figures(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    clinic.progress_as_of(person, id(goal), None, FIGURES).await
}

/// What was achieved so far, in order: "VALUE 4 on 2026-03-08 by the end".
async fn achieved(clinic: &Clinic) -> Vec<String> {
    let (milestones, entries) = (clinic.milestones().await, clinic.entries().await);
    let told = clinic.events_of("milestone_achieved").await;
    let line = told.iter().map(|event| {
        let title = &milestones.iter().find(|row| row.id == event.subject_id).expect("a milestone").title;
        let entry = entries.iter().find(|row| Some(row.id) == event.entry_id);
        let by = entry
            .map_or("the end".to_owned(), |row| format!("{} of {}", row.value.normalize(), row.entry_date));
        format!("{title} on {} by {by}", event.effective_date.expect("a day"))
    });
    line.collect()
}

/// The titles that a write achieved.
fn titles(payload: &Value) -> Vec<&str> {
    let list = payload["achievedMilestones"].as_array().expect("a list").iter();
    list.map(|milestone| milestone["title"].as_str().expect("a title")).collect()
}

async fn settles(clinic: &Clinic, goal: &str) -> Vec<String> {
    let achieved = settle(clinic.store(), &clinic.app.clock, id(goal)).await.expect("a database");
    achieved.into_iter().map(|milestone| milestone.title).collect()
}

fn on(year: i32, month: u32, date: u32, more: u64) -> String {
    (day(year, month, date) + Days::new(more)).to_string()
}

both! {
    /// It is noon of Sunday, 1 March; the next week begins on Monday.
    async fn a_week_under_its_limit_is_met_when_it_is_over(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four().set(&clinic, &lee, &ann).await;
        clinic.later(TimeDelta::days(1));

        let monday = clinic.records(&ann, &goal, "1").await;
        assert_eq!(titles(&monday), [""; 0]);
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "NO_DATA", "percent": null, "raw": null, "currentValue": null, "periodOpen": null,
            "runningTotal": "1.00", "streak": { "current": 0, "longest": 0 },
        }));
        clinic.later(TimeDelta::days(6));
        assert_eq!(settles(&clinic, &goal).await, [""; 0], "on Sunday more may come");

        clinic.later(TimeDelta::days(1));
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "ACHIEVED", "percent": 100.0, "raw": 118.75, "currentValue": "1.00", "periodOpen": false,
            "runningTotal": "0.00", "streak": { "current": 1, "longest": 1 },
        }));
        assert_eq!(settles(&clinic, &goal).await, ["STREAK 1", "VALUE 4", "PERCENTAGE 100"]);
        let all = ["STREAK 1", "VALUE 4", "PERCENTAGE 100"];
        assert_eq!(achieved(&clinic).await, all.map(|title| format!("{title} on 2026-03-08 by the end")));
        assert_eq!(settles(&clinic, &goal).await, [""; 0], "once");
    }

    async fn a_week_over_its_limit_is_missed_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four().set(&clinic, &lee, &ann).await;
        clinic.later(TimeDelta::days(1));
        clinic.records_on(&ann, &goal, "4", "2026-02-23").await;
        assert_eq!(achieved(&clinic).await.len(), 3, "the week before is over");
        clinic.records(&ann, &goal, "1").await;
        let streak = json!({ "current": 1, "longest": 1 });
        assert_eq!(figures(&clinic, &ann, &goal).await["streak"], streak, "still open");

        clinic.records(&ann, &goal, "19").await;

        let now = figures(&clinic, &ann, &goal).await;
        assert_eq!(now["streak"], json!({ "current": 0, "longest": 1 }));
        assert_eq!((&now["currentValue"], &now["runningTotal"]), (&json!("4.00"), &json!("20.00")));
        clinic.later(TimeDelta::days(7));
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "IN_PROGRESS", "percent": 0.0, "raw": 0.0, "currentValue": "20.00", "periodOpen": false,
            "runningTotal": "0.00", "streak": { "current": 0, "longest": 1 },
        }));
    }

    async fn one_and_nineteen_more_achieve_nothing_in_the_running_week_nor_after_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four().set(&clinic, &lee, &ann).await;
        clinic.later(TimeDelta::days(1));
        for value in ["1", "19"] {
            assert_eq!(titles(&clinic.records(&ann, &goal, value).await), [""; 0]);
        }
        clinic.later(TimeDelta::days(7));
        assert_eq!(settles(&clinic, &goal).await, [""; 0]);
        assert_eq!(achieved(&clinic).await, [""; 0]);
    }

    /// The same for whatever more can take back.
    async fn nothing_is_achieved_by_what_can_be_taken_back(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kind = |method: &str, frequency: &str, direction: &str, way, value| {
            let tracking = json!({ "method": method, "frequency": frequency, "targetDirection": direction,
                "customFrequencyDays": (frequency == "CUSTOM").then_some(3) });
            Kind { tracking, way, value, streak: "1" }
        };
        let kinds = [
            kind("FREQUENCY", "DAILY", "DECREASE", ["20", "4"], "4"),
            kind("DURATION", "DAILY", "DECREASE", ["90", "4"], "4"),
            kind("DURATION", "WEEKLY", "DECREASE", ["90", "4"], "4"),
            kind("FREQUENCY", "CUSTOM", "DECREASE", ["20", "4"], "4"),
            kind("FREQUENCY", "DAILY", "MAINTAIN", ["", "4"], "4"),
            kind("DURATION", "WEEKLY", "MAINTAIN", ["", "4"], "4"),
            without("DAILY", "1"),
            without("WEEKLY", "1"),
        ];
        for kind in kinds {
            let goal = kind.set(&clinic, &lee, &ann).await;
            let value = if kind.way == ["", ""] { "0" } else { "4" };
            assert_eq!(titles(&clinic.records(&ann, &goal, value).await), [""; 0], "{}", kind.tracking);
            let now = figures(&clinic, &ann, &goal).await;
            assert_eq!(now["status"], "NO_DATA", "{}", kind.tracking);
            assert_eq!(now["streak"], json!({ "current": 0, "longest": 0 }), "{}", kind.tracking);
            let before = clinic.events_of("milestone_achieved").await.len();
            clinic.later(TimeDelta::days(7));
            assert_eq!(settles(&clinic, &goal).await.len(), 3, "{}", kind.tracking);
            assert_eq!(clinic.events_of("milestone_achieved").await.len(), before + 3);
        }
    }

    async fn totals_that_grow_are_met_as_soon_as_they_reach_the_target(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let tracking = json!({ "method": "FREQUENCY", "frequency": "WEEKLY", "targetDirection": "INCREASE" });
        let kind = Kind { tracking, way: ["", "4"], value: "4", streak: "1" };
        let goal = kind.set(&clinic, &lee, &ann).await;
        assert_eq!(titles(&clinic.records(&ann, &goal, "3").await), [""; 0]);
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "IN_PROGRESS", "percent": 75.0, "raw": 75.0, "currentValue": "3.00", "periodOpen": true,
            "runningTotal": "3.00", "streak": { "current": 0, "longest": 0 },
        }));
        let fourth = clinic.records(&ann, &goal, "1").await;
        assert_eq!(titles(&fourth), ["STREAK 1", "VALUE 4", "PERCENTAGE 100"]);
        // On Monday nothing runs yet, and the last week with data counts.
        clinic.later(TimeDelta::days(1));
        let now = figures(&clinic, &ann, &goal).await;
        let shown = [&now["currentValue"], &now["periodOpen"], &now["runningTotal"]];
        assert_eq!(shown, [&json!("4.00"), &json!(false), &json!("0.00")]);
    }

    async fn three_days_of_lapses_are_no_streak(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = without("DAILY", "3").set(&clinic, &lee, &ann).await;
        for _ in 0..3 {
            clinic.records(&ann, &goal, "1").await;
            assert_eq!(figures(&clinic, &ann, &goal).await["streak"]["longest"], 0);
            clinic.later(TimeDelta::days(1));
            assert_eq!(settles(&clinic, &goal).await, [""; 0]);
        }
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "IN_PROGRESS", "percent": 0.0, "raw": 0.0, "currentValue": "0.00", "periodOpen": null,
            "runningTotal": null, "streak": { "current": 0, "longest": 0 },
        }));
    }

    async fn three_days_without_a_lapse_are_a_streak_when_the_third_is_over(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = without("DAILY", "3").set(&clinic, &lee, &ann).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            clinic.records(&ann, &goal, "0").await;
            seen.push(settles(&clinic, &goal).await);
            clinic.later(TimeDelta::days(1));
            seen.push(settles(&clinic, &goal).await);
        }
        let none = Vec::<String>::new;
        let first = vec!["VALUE 0".to_owned(), "PERCENTAGE 100".to_owned()];
        assert_eq!(seen, [none(), first, none(), none(), none(), vec!["STREAK 3".to_owned()]]);
        assert_eq!(achieved(&clinic).await[2], "STREAK 3 on 2026-03-03 by the end");
        assert_eq!(figures(&clinic, &ann, &goal).await, json!({
            "status": "ACHIEVED", "percent": 100.0, "raw": 100.0, "currentValue": "1.00", "periodOpen": null,
            "runningTotal": null, "streak": { "current": 3, "longest": 3 },
        }));
        // A lapse ends it at once; a day on which nothing is recorded ends it when it is over.
        clinic.records(&ann, &goal, "0").await;
        clinic.records(&ann, &goal, "1").await;
        assert_eq!(figures(&clinic, &ann, &goal).await["streak"], json!({ "current": 0, "longest": 3 }));
    }

    async fn a_day_of_which_nothing_is_known_is_missed(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = without("DAILY", "3").set(&clinic, &lee, &ann).await;
        clinic.records_on(&ann, &goal, "0", "2026-02-27").await;
        let now = figures(&clinic, &ann, &goal).await;
        assert_eq!((&now["percent"], &now["streak"]["current"]), (&json!(0.0), &json!(0)));
    }

    async fn yes_or_no_that_is_counted_can_only_increase(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = |target: &str, direction: &str| json!({
            "patientId": ann.id, "description": "Sessions", "targetValue": target,
            "tracking": { "method": "BINARY", "frequency": "DAILY", "targetDirection": direction },
        });
        for direction in ["DECREASE", "MAINTAIN"] {
            let refused = clinic.is_refused(&lee, "createGoal", goal("12", direction)).await;
            assert_eq!(refused, ["INVALID input.targetValue"], "{direction}");
        }
        for target in ["0", "1"] {
            clinic.does(&lee, "createGoal", goal(target, "DECREASE"), "goal { id }").await;
        }
    }

    /// Row 5 of the issue.
    async fn a_revoked_streak_does_not_return_by_a_failed_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let tracking = json!({ "method": "BINARY", "frequency": "DAILY", "targetDirection": "INCREASE" });
        let fields = json!({ "baselineValue": null, "targetValue": null, "tracking": tracking });
        let goal = clinic.sets_a_goal_with(&lee, &ann, fields).await;
        let two = clinic.adds_milestone(&lee, &goal, "STREAK", "2").await;
        for date in ["2026-02-10", "2026-02-11"] {
            clinic.records_on(&ann, &goal, "1", date).await;
        }
        clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": two }), "goal { id }").await;

        // A failed day; the day after the streak, failed; a day that was met before.
        for (date, value) in [("2026-02-25", "0"), ("2026-02-12", "0"), ("2026-02-11", "1")] {
            assert_eq!(titles(&clinic.records_on(&ann, &goal, value, date).await), [""; 0], "{date}");
        }
        assert_eq!(titles(&clinic.records_on(&ann, &goal, "0", "2026-03-01").await), [""; 0]);
        let again = clinic.records_on(&ann, &goal, "1", "2026-02-12").await;
        assert_eq!(titles(&again), ["STREAK 2"]);
    }

    async fn a_revoked_milestone_does_not_return_by_a_write_that_leaves_its_figure(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.records_with(&ann, &goal, "8", json!({ "entryDate": "2026-02-20", "entryTime": "20:00:00" })).await;
        for (kind, target) in [("VALUE", "8"), ("PERCENTAGE", "100")] {
            let milestone = clinic.adds_milestone(&lee, &goal, kind, target).await;
            clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": milestone }), "goal { id }").await;
        }
        let earlier = json!({ "entryDate": "2026-02-20", "entryTime": "08:00:00" });
        let low = clinic.records_with(&ann, &goal, "3", earlier).await;
        let moved = json!({ "entryId": id_at(&low, "/entry/id"), "value": "4" });
        let changed = clinic.does(&ann, "updateProgress", moved, "achievedMilestones { title }").await;
        let delete = json!({ "entryId": id_at(&low, "/entry/id") });
        let deleted = clinic.does(&ann, "deleteProgress", delete, "achievedMilestones { title }").await;
        for payload in [&low, &changed, &deleted] {
            assert_eq!(titles(payload), [""; 0]);
        }
        let later = clinic.records_on(&ann, &goal, "8", "2026-02-21").await;
        assert_eq!(titles(&later), ["VALUE 8", "PERCENTAGE 100"]);
    }

    /// Row 6 of the issue.
    async fn an_import_achieves_for_the_day_that_reached_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "STREAK", "3").await;
        let before = |days: u64| day(2026, 3, 1) - Days::new(days);
        let rows: Vec<_> =
            [55, 54, 53, 5].iter().map(|days| json!({ "value": "5", "entryDate": before(*days) })).collect();
        let input = json!({ "goalId": goal, "entries": rows });
        clinic.does(&lee, "importProgress", input, "achievedMilestones { title }").await;
        let third = before(53);
        assert_eq!(achieved(&clinic).await, [format!("STREAK 3 on {third} by 5 of {third}")]);
    }

    /// Row 7 of the issue.
    async fn rows_achieve_the_same_one_by_one_and_imported(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let rows = || {
            let dates = (0..).map(|more| on(2026, 2, 20, more));
            ["3", "8", "4", "3"].into_iter().zip(dates)
        };
        let entries: Vec<_> = rows().map(|(value, date)| json!({ "value": value, "entryDate": date })).collect();
        let fields = json!({ "baselineValue": "2", "targetValue": "9" });
        let by_hand = clinic.sets_a_goal_with(&lee, &ann, fields.clone()).await;
        let imported = clinic.sets_a_goal_with(&lee, &ann, fields).await;
        for goal in [&by_hand, &imported] {
            clinic.adds_milestone(&lee, goal, "PERCENTAGE", "50").await;
        }
        for (value, date) in rows() {
            clinic.records_on(&ann, &by_hand, value, &date).await;
        }
        let input = json!({ "goalId": imported, "entries": entries });
        clinic.does(&lee, "importProgress", input, "achievedMilestones { title }").await;
        let at_eight = "PERCENTAGE 50 on 2026-02-21 by 8 of 2026-02-21";
        assert_eq!(achieved(&clinic).await, [at_eight, at_eight]);
    }

    /// Row 14 of the issue: weeks from Monday, 2 March.
    async fn a_week_on_hold_in_part_is_not_missed(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let weekly = json!({ "tracking": { "method": "SCALE", "frequency": "WEEKLY", "targetDirection": "INCREASE" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, weekly).await;
        let becomes = async |status: &str| {
            let input = json!({ "goalId": goal, "status": status });
            clinic.does(&lee, "changeGoalStatus", input, "goal { id }").await;
        };
        becomes("IN_PROGRESS").await;
        clinic.later(TimeDelta::days(1));
        clinic.records(&ann, &goal, "5").await;
        clinic.later(TimeDelta::days(8));
        becomes("ON_HOLD").await;
        clinic.later(TimeDelta::days(6));
        becomes("IN_PROGRESS").await;
        for _ in 0..2 {
            clinic.records(&ann, &goal, "5").await;
            clinic.later(TimeDelta::days(7));
        }
        let streak = &figures(&clinic, &ann, &goal).await["streak"];
        assert_eq!(*streak, json!({ "current": 3, "longest": 3 }));
    }

    /// Row 15 of the issue.
    async fn days_on_which_the_goal_was_closed_are_not_missed(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for closed in ["COMPLETED", "ABANDONED"] {
            let goal = clinic.sets_a_goal(&lee, &ann).await;
            let becomes = async |status: &str| {
                let input = json!({ "goalId": goal, "status": status });
                clinic.does(&lee, "changeGoalStatus", input, "goal { id }").await;
            };
            clinic.records(&ann, &goal, "5").await;
            becomes(closed).await;
            clinic.later(TimeDelta::days(7));
            assert_eq!(figures(&clinic, &ann, &goal).await["streak"]["current"], 1, "while {closed}");
            becomes("IN_PROGRESS").await;
            clinic.records(&ann, &goal, "5").await;
            let streak = &figures(&clinic, &ann, &goal).await["streak"];
            assert_eq!(*streak, json!({ "current": 2, "longest": 2 }), "after {closed}");
        }
    }

    /// Row 16 of the issue.
    async fn a_correction_on_a_later_day_is_the_last_of_its_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.records_with(&ann, &goal, "7", json!({ "entryTime": "11:00:00" })).await;
        // Without a time on its own day: at noon, when it was recorded.
        clinic.records(&ann, &goal, "6").await;
        assert_eq!(figures(&clinic, &ann, &goal).await["currentValue"], "6.00");
        clinic.records_with(&ann, &goal, "7", json!({ "entryTime": "11:59:00" })).await;
        assert_eq!(figures(&clinic, &ann, &goal).await["currentValue"], "6.00");
        clinic.later(TimeDelta::days(1));
        clinic.records_with(&ann, &goal, "8", json!({ "entryDate": "2026-03-01", "entryTime": "23:59:59" })).await;
        assert_eq!(figures(&clinic, &ann, &goal).await["currentValue"], "8.00");
        clinic.records_on(&ann, &goal, "2", "2026-03-01").await;
        let now = clinic.progress_as_of(&ann, id(&goal), None, "currentValue series { value }").await;
        assert_eq!(now, json!({ "currentValue": "2.00", "series": [{ "value": "2.00" }] }));
    }

    async fn the_day_of_recording_is_the_patients(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "America/New_York").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.later(TimeDelta::hours(14));
        // It is nine in the evening of 1 March there, and two in the morning of the 2nd in UTC.
        clinic.records_on(&ann, &goal, "7", "2026-03-01").await;
        clinic.records_with(&ann, &goal, "8", json!({ "entryDate": "2026-03-01", "entryTime": "20:30:00" })).await;
        assert_eq!(figures(&clinic, &ann, &goal).await["currentValue"], "7.00");
        clinic.records_with(&ann, &goal, "9", json!({ "entryDate": "2026-03-01", "entryTime": "21:00:01" })).await;
        assert_eq!(figures(&clinic, &ann, &goal).await["currentValue"], "9.00");
    }

    /// Row 20 of the issue.
    async fn a_target_that_should_have_been_reached_is_overdue(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal_with(&lee, &ann, json!({ "baselineValue": "10", "targetValue": "5",
            "tracking": { "method": "SCALE", "frequency": "WEEKLY", "targetDirection": "DECREASE" } })).await;
        for (value, date) in [("10", 0), ("9", 7), ("8", 14), ("7", 21), ("6", 28)] {
            clinic.records_on(&ann, &goal, value, &on(2026, 1, 12, date)).await;
        }
        let projection = async |day: NaiveDate| {
            let shown = clinic.progress_as_of(&ann, id(&goal), Some(day), "projection { status date }").await;
            shown["projection"].clone()
        };
        // The definitions round the slope, a seventh a day, and so say the 17th.
        let on_the_17th = json!({ "status": "PROJECTED", "date": "2026-02-17" });
        for date in [15, 16] {
            assert_eq!(projection(day(2026, 2, date)).await, on_the_17th);
        }
        for date in [day(2026, 2, 17), day(2026, 3, 1)] {
            assert_eq!(projection(date).await, json!({ "status": "OVERDUE", "date": null }));
        }
    }

    /// A day of the past is over, so its period may be too.
    async fn as_of_its_last_day_a_past_week_is_over(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = at_most_four().set(&clinic, &lee, &ann).await;
        clinic.records_on(&ann, &goal, "3", "2026-02-16").await;
        let at = async |day: NaiveDate| {
            clinic.progress_as_of(&ann, id(&goal), Some(day), "currentValue runningTotal streak { current }").await
        };
        assert_eq!(at(day(2026, 2, 21)).await, json!({
            "currentValue": null, "runningTotal": "3.00", "streak": { "current": 0 },
        }));
        assert_eq!(at(day(2026, 2, 22)).await, json!({
            "currentValue": "3.00", "runningTotal": "3.00", "streak": { "current": 1 },
        }));
    }
}
