//! Milestones fire as they are defined, once, in the transaction of what reaches them, and nothing but a
//! clinician takes them away.

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person, day, id_at};

both! {
    async fn a_percentage_goes_by_the_whole_way(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "50").await;
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "110").await;

        assert_eq!(
            achieved_by(&clinic, &ann, &goal, &["4.99", "5", "5", "8.59", "8.6", "10"]).await,
            ["5 PERCENTAGE 50.00", "8.6 PERCENTAGE 110.00",]
        );
    }

    async fn a_value_goes_the_goals_way(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let up = json!({ "baselineValue": "2", "targetValue": "8",
            "tracking": { "method": "SCALE", "frequency": "DAILY", "targetDirection": "INCREASE" } });
        let down = json!({ "baselineValue": "20", "targetValue": "5",
            "tracking": { "method": "ASSESSMENT", "frequency": "DAILY", "targetDirection": "DECREASE" } });
        let same = json!({ "baselineValue": null, "targetValue": "5",
            "tracking": { "method": "SCALE", "frequency": "DAILY", "targetDirection": "MAINTAIN" } });
        let cases = [
            (up, "5", vec!["4.99", "6", "4", "6"], "6 VALUE 5.00"),
            (down, "9", vec!["14", "10", "9", "7"], "9 VALUE 9.00"),
            (same, "5", vec!["6", "4", "5.91", "5.9", "5"], "5.9 VALUE 5.00"),
        ];
        for (aim, target, values, fired) in cases {
            let goal = clinic.sets_a_goal_with(&lee, &ann, aim).await;
            clinic.adds_milestone(&lee, &goal, "VALUE", target).await;
            assert_eq!(achieved_by(&clinic, &lee, &goal, &values).await, [fired]);
        }
    }

    async fn a_streak_counts_days_in_a_row_back_dated_ones_too(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let three = clinic.adds_milestone(&lee, &goal, "STREAK", "3").await;

        let mut fired = Vec::new();
        for day in ["2026-03-01", "2026-03-01", "2026-02-26", "2026-02-27", "2026-02-28", "2026-02-25"] {
            let payload = clinic.records_on(&ann, &goal, "1", day).await;
            fired.extend(payload["achievedMilestones"].as_array().expect("a list").iter().map(|_| day));
        }

        assert_eq!(fired, ["2026-02-28"]);
        assert_eq!(
            causes(&clinic).await,
            [(id(&three), Some(day(2026, 2, 28)), Some(clinic.entries().await[4].id))]
        );
    }

    async fn a_back_dated_entry_counts_for_its_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        clinic.records(&ann, &goal, "3").await;

        let payload = clinic.records_on(&ann, &goal, "6", "2026-01-20").await;

        assert_eq!(payload["achievedMilestones"], json!([{ "title": "VALUE 5" }]));
        let entry = id(&id_at(&payload, "/entry/id"));
        assert_eq!(causes(&clinic).await, [(id(&five), Some(day(2026, 1, 20)), Some(entry))]);
        assert_eq!(clinic.milestones().await[0].achieved_at, Some(clinic.now()));
    }

    async fn several_at_once_come_by_target_and_age(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        for (kind, target) in
            [("VALUE", "7"), ("STREAK", "1"), ("VALUE", "3"), ("PERCENTAGE", "50"), ("PERCENTAGE", "7")]
        {
            clinic.adds_milestone(&lee, &goal, kind, target).await;
        }
        let payload = clinic.records(&ann, &goal, "8").await;
        assert_eq!(
            payload["achievedMilestones"],
            json!([
                { "title": "STREAK 1" }, { "title": "VALUE 3" }, { "title": "VALUE 7" },
                { "title": "PERCENTAGE 7" },
                { "title": "PERCENTAGE 50" },
            ])
        );
        assert_eq!(causes(&clinic).await.len(), 5);
    }

    async fn an_edit_may_achieve_and_neither_edit_nor_deletion_takes_away(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");
        let corrects = async |value: &str| {
            let input = json!({ "entryId": entry, "value": value });
            clinic.does(&ann, "updateProgress", input, "achievedMilestones { title achievedAt }").await
        };

        let raised = corrects("6").await;
        let lowered = corrects("2").await;
        let raised_again = corrects("6").await;
        clinic.does(&ann, "deleteProgress", json!({ "entryId": entry }), "deletedId").await;

        let achieved = json!([{ "title": "VALUE 5", "achievedAt": "2026-03-01T12:00:00Z" }]);
        assert_eq!(raised["achievedMilestones"], achieved);
        assert_eq!(
            (&lowered["achievedMilestones"], &raised_again["achievedMilestones"]),
            (&json!([]), &json!([]))
        );
        assert_eq!(shown(&clinic, &lee, &goal).await, achieved);
        assert_eq!(causes(&clinic).await, [(id(&five), Some(day(2026, 3, 1)), Some(id(&entry)))]);
    }

    async fn an_entry_moved_to_another_day_counts_for_that_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");

        let moved = json!({ "entryId": entry, "value": "6", "entryDate": "2026-02-20" });
        clinic.does(&ann, "updateProgress", moved, "entry { id }").await;

        assert_eq!(causes(&clinic).await, [(id(&five), Some(day(2026, 2, 20)), Some(id(&entry)))]);
    }

    async fn a_percentage_reached_by_a_correction_counts_for_the_corrected_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let half = clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "50").await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");

        let moved = json!({ "entryId": entry, "value": "6", "entryDate": "2026-02-20" });
        clinic.does(&ann, "updateProgress", moved, "entry { id }").await;

        assert_eq!(causes(&clinic).await, [(id(&half), Some(day(2026, 2, 20)), Some(id(&entry)))]);
    }

    /// The last value of a day counts; once the slip behind it is gone, the one before does.
    async fn what_a_deleted_slip_hid_is_achieved(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five_then = clinic.records_with(&ann, &goal, "5", json!({ "entryTime": "08:00:00" })).await;
        let slip = clinic.records_with(&ann, &goal, "1", json!({ "entryTime": "20:00:00" })).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;

        let delete = json!({ "entryId": id_at(&slip, "/entry/id") });
        let deleted = clinic.does(&ann, "deleteProgress", delete, "achievedMilestones { id }").await;

        assert_eq!(deleted, json!({ "achievedMilestones": [{ "id": five }] }));
        let entry = id(&id_at(&five_then, "/entry/id"));
        assert_eq!(causes(&clinic).await, [(id(&five), Some(day(2026, 3, 1)), Some(entry))]);
    }

    async fn what_is_custom_is_achieved_by_hand_and_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "Pacific/Auckland").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let custom = clinic.adds_milestone(&lee, &goal, "CUSTOM", "1").await;
        let achieve = json!({ "milestoneId": custom });
        assert_eq!(achieved_by(&clinic, &ann, &goal, &["10"]).await, [""; 0]);

        let first = clinic.does(&lee, "achieveMilestone", achieve.clone(), "milestone { achievedAt }").await;
        clinic.later(chrono::TimeDelta::hours(1));
        let second = clinic.does(&lee, "achieveMilestone", achieve, "milestone { achievedAt }").await;

        assert_eq!(first, json!({ "milestone": { "achievedAt": "2026-03-01T12:00:00Z" } }));
        assert_eq!(second, first);
        assert_eq!(causes(&clinic).await, [(id(&custom), Some(day(2026, 3, 2)), None)]);
    }

    async fn what_is_revoked_may_be_earned_again(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let revoke = json!({ "milestoneId": five });
        clinic.records_on(&ann, &goal, "6", "2026-02-20").await;

        let open = clinic.does(&lee, "revokeMilestone", revoke.clone(), "milestone { achievedAt }").await;
        let again = clinic.does(&lee, "revokeMilestone", revoke, "milestone { achievedAt }").await;
        let fired = achieved_by(&clinic, &ann, &goal, &["4", "7", "8"]).await;

        assert_eq!(open, json!({ "milestone": { "achievedAt": null } }));
        assert_eq!(again, open);
        assert_eq!(fired, ["7 VALUE 5.00"]);
        let told = clinic.told().await;
        let about: Vec<_> = told.iter().filter(|kind| kind.starts_with("milestone_")).collect();
        assert_eq!(
            about,
            ["milestone_added", "milestone_achieved", "milestone_revoked", "milestone_achieved"]
        );
    }

    async fn a_revoked_streak_returns_only_by_a_run_through_what_is_written(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let three = clinic.adds_milestone(&lee, &goal, "STREAK", "3").await;
        let mut fired = Vec::new();
        for day in ["2026-02-10", "2026-02-11", "2026-02-12", "2026-02-20", "2026-02-14", "2026-02-13"] {
            let payload = clinic.records_on(&ann, &goal, "1", day).await;
            fired.extend(payload["achievedMilestones"].as_array().expect("a list").iter().map(|_| day));
            if day == "2026-02-12" {
                clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": three }), "goal { id }").await;
            }
        }
        assert_eq!(fired, ["2026-02-12", "2026-02-13"]);
    }

    /// Nothing about the goal's progress has changed, so the clinician's word stands.
    async fn what_is_revoked_stays_so_when_something_else_is_written(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let five = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let half = clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "50").await;
        let entry = id_at(&clinic.records(&ann, &goal, "6").await, "/entry/id");
        for milestone in [&five, &half] {
            clinic.does(&lee, "revokeMilestone", json!({ "milestoneId": milestone }), "goal { id }").await;
        }

        let renamed = json!({ "milestoneId": five, "title": "Five", "description": "At last",
            "milestoneType": "VALUE", "targetValue": "5" });
        clinic.does(&lee, "updateMilestone", renamed, "milestone { id }").await;
        let noted = json!({ "entryId": entry, "value": "6", "notes": "In the rain" });
        clinic.does(&ann, "updateProgress", noted, "entry { id }").await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "4").await;
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal, "category": "Body" }), "goal { id }").await;

        let achieved = clinic.asks(&lee, ACHIEVED, json!({ "id": goal })).await;
        assert_eq!(
            *achieved.data(),
            json!({ "goal": { "milestones": [
            { "title": "VALUE 4", "achievedAt": "2026-03-01T12:00:00Z" },
        ] } })
        );
        let lowered = json!({ "milestoneId": five, "targetValue": "5.5" });
        let lowered = clinic.does(&lee, "updateMilestone", lowered, "milestone { title achievedAt }").await;
        assert_eq!(lowered["milestone"], json!({ "title": "Five", "achievedAt": "2026-03-01T12:00:00Z" }));
    }

    async fn a_milestone_made_after_the_fact_fires_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let seven = id_at(&clinic.records_on(&ann, &goal, "7", "2026-02-10").await, "/entry/id");
        clinic.records_on(&ann, &goal, "6", "2026-02-12").await;

        let value = clinic.adds_milestone(&lee, &goal, "VALUE", "7").await;
        let half = clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "50").await;
        let high = clinic.adds_milestone(&lee, &goal, "VALUE", "9").await;
        clinic
            .does(
                &lee,
                "updateMilestone",
                json!({ "milestoneId": high, "targetValue": "6.5" }),
                "goal { id }",
            )
            .await;

        // By the first day as of which it held, as if it had been there then.
        let because = |milestone: &str| (id(milestone), Some(day(2026, 2, 10)), Some(id(&seven)));
        assert_eq!(causes(&clinic).await, [because(&value), because(&half), because(&high)]);
    }

    async fn a_new_aim_or_way_of_tracking_may_achieve(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "50").await;
        clinic.adds_milestone(&lee, &goal, "STREAK", "2").await;
        clinic.records_on(&ann, &goal, "4", "2026-02-20").await;
        clinic.records_on(&ann, &goal, "4", "2026-02-27").await;
        assert_eq!(shown(&clinic, &lee, &goal).await, json!([]));

        // From 2 to 6, 4 is half the way.
        clinic.does(&lee, "updateGoal", json!({ "goalId": goal, "targetValue": "6" }), "goal { id }").await;
        let half = json!({ "title": "PERCENTAGE 50", "achievedAt": "2026-03-01T12:00:00Z" });
        assert_eq!(shown(&clinic, &lee, &goal).await, json!([half]));

        // Two weeks in a row, though not two days. What was before the change was daily; the goal's first
        // configuration was too, so the streak begins with the next entry.
        clinic.later(chrono::TimeDelta::days(1));
        let weekly = json!({ "goalId": goal, "method": "SCALE", "frequency": "WEEKLY" });
        clinic.does(&lee, "configureTracking", weekly, "goal { id }").await;
        clinic.later(chrono::TimeDelta::days(1));
        clinic.records(&ann, &goal, "4").await;
        assert_eq!(shown(&clinic, &lee, &goal).await, json!([half]));
    }

    /// A milestone's own words are no matter of how the goal is tracked now.
    async fn a_milestone_of_an_old_way_of_tracking_can_be_renamed(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let minutes =
            json!({ "baselineValue": null, "targetValue": null, "tracking": { "method": "DURATION" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, minutes).await;
        let milestone = clinic.adds_milestone(&lee, &goal, "VALUE", "45").await;
        clinic.later(chrono::TimeDelta::seconds(1));
        clinic
            .does(&lee, "configureTracking", json!({ "goalId": goal, "method": "SCALE" }), "goal { id }")
            .await;

        let renamed = json!({ "milestoneId": milestone, "title": "A long walk" });
        let renamed = clinic.does(&lee, "updateMilestone", renamed, "milestone { title targetValue }").await;
        let moved = json!({ "milestoneId": milestone, "targetValue": "46" });
        let moved = clinic.is_refused(&lee, "updateMilestone", moved).await;

        assert_eq!(renamed["milestone"], json!({ "title": "A long walk", "targetValue": "45.00" }));
        assert_eq!(moved, ["OUT_OF_RANGE input.targetValue"]);
    }

    async fn a_milestone_is_changed_field_by_field(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let milestone = clinic.adds_milestone(&lee, &goal, "STREAK", "3").await;
        let show = "milestone { milestoneType title description targetValue }";
        let change = |fields: Value| crate::support::with(json!({ "milestoneId": milestone }), fields);

        let set = json!({
            "title": " Week ", "description": "Every day", "milestoneType": "STREAK", "targetValue": "7",
        });
        let set = clinic.does(&lee, "updateMilestone", change(set), show).await;
        let by_hand = json!({ "milestoneType": null, "targetValue": null, "description": null });
        let by_hand = clinic.does(&lee, "updateMilestone", change(by_hand), show).await;
        let wrong = json!({ "title": null, "milestoneType": "VALUE", "description": "\u{0}" });
        let wrong = clinic.is_refused(&lee, "updateMilestone", change(wrong)).await;

        assert_eq!(
            set["milestone"],
            json!({
                "milestoneType": "STREAK", "title": "Week", "description": "Every day", "targetValue": "7.00",
            })
        );
        assert_eq!(
            by_hand["milestone"],
            json!({
                "milestoneType": null, "title": "Week", "description": null, "targetValue": null,
            })
        );
        assert_eq!(
            wrong,
            ["INVALID input.description", "REQUIRED input.targetValue", "REQUIRED input.title"]
        );
        let deleted = clinic.does(&lee, "deleteMilestone", change(json!({})), "deletedId").await;
        assert_eq!((deleted, clinic.milestones().await), (json!({ "deletedId": milestone }), Vec::new()));
    }
}

const ACHIEVED: &str =
    "query($id: ID!) { goal(id: $id) { milestones(achieved: true) { title achievedAt } } }";

/// Records the values of one day after another, and says which of them achieved what.
async fn achieved_by(clinic: &Clinic, person: &Person, goal: &str, values: &[&str]) -> Vec<String> {
    let mut fired = Vec::new();
    for (number, value) in (0..).zip(values) {
        let day = day(2026, 2, 21) + chrono::Days::new(number);
        let input = json!({ "goalId": goal, "value": value, "entryDate": day });
        let selection = "achievedMilestones { milestoneType targetValue }";
        let payload = clinic.does(person, "recordProgress", input, selection).await;
        let achieved = payload["achievedMilestones"].as_array().expect("a list").iter();
        fired.extend(achieved.map(|it| {
            let words = [&it["milestoneType"], &it["targetValue"]].map(|word| word.as_str().expect("a word"));
            format!("{value} {}", words.join(" "))
        }));
    }
    fired
}

/// The achieved milestones of a goal, as the API shows them.
async fn shown(clinic: &Clinic, person: &Person, goal: &str) -> Value {
    clinic.asks(person, ACHIEVED, json!({ "id": goal })).await.at("/goal/milestones").clone()
}

/// Which milestone was achieved, on which day, by which entry.
async fn causes(clinic: &Clinic) -> Vec<(Uuid, Option<NaiveDate>, Option<Uuid>)> {
    let achieved = clinic.events_of("milestone_achieved").await;
    achieved.into_iter().map(|event| (event.subject_id, event.effective_date, event.entry_id)).collect()
}

fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}
