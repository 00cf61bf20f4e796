//! Goals are set with everything in one go, or not at all.

use serde_json::{Value, json};

use crate::both;
use crate::support::{Person, day, with};

const ALL: &str = "goal {
    patient { fullName } therapist { fullName } session { id }
    description category status statusText baselineValue targetValue targetDate
    createdAt updatedAt completedAt
    tracking { method frequency customFrequencyDays scaleMin scaleMax scaleLabels frequencyUnit
        durationUnit targetDirection reminderEnabled createdAt }
    milestones { milestoneType title description targetValue achievedAt createdAt }
    reminders { patient { fullName } reminderType scheduledTime scheduledDays message isActive lastSentAt }
}";

const NOW: &str = "2026-03-01T12:00:00Z";

both! {
    async fn a_goal_is_set_with_everything_in_one_go(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let session = clinic.session(&ann, &lee, day(2026, 2, 27).and_time(chrono::NaiveTime::MIN)).await;
        let input = json!({
            "patientId": ann.id, "sessionId": session, "description": "  Sleep through the night ",
            "category": "Sleep", "status": "IN_PROGRESS", "baselineValue": "2", "targetValue": 8.5,
            "targetDate": "2026-03-01",
            "tracking": {
                "method": "SCALE", "frequency": "CUSTOM", "customFrequencyDays": 3, "scaleMin": 2,
                "scaleMax": 9, "scaleLabels": { "2": "badly", "9": "well" }, "frequencyUnit": "times",
                "durationUnit": "hours", "targetDirection": "INCREASE", "reminderEnabled": false,
            },
            "milestones": [
                { "milestoneType": "PERCENTAGE", "title": " Halfway ", "description": "Well done",
                  "targetValue": "50" },
                { "title": "Told my family" },
            ],
            "reminders": [{
                "reminderType": "MOTIVATION", "scheduledTime": "21:30", "scheduledDays": [6, 0, 6],
                "message": "Lights out", "isActive": false,
            }],
        });

        let payload = clinic.does(&lee, "createGoal", input, ALL).await;

        assert_eq!(
            payload["goal"],
            json!({
                "patient": { "fullName": "Ann" }, "therapist": { "fullName": "Dr. Lee" },
                "session": { "id": session },
                "description": "Sleep through the night", "category": "Sleep", "status": "IN_PROGRESS",
                "statusText": "in_progress", "baselineValue": "2.00", "targetValue": "8.50",
                "targetDate": "2026-03-01", "createdAt": NOW, "updatedAt": NOW, "completedAt": null,
                "tracking": {
                    "method": "SCALE", "frequency": "CUSTOM", "customFrequencyDays": 3, "scaleMin": 2,
                    "scaleMax": 9, "scaleLabels": { "2": "badly", "9": "well" }, "frequencyUnit": "times",
                    "durationUnit": "hours", "targetDirection": "INCREASE", "reminderEnabled": false,
                    "createdAt": NOW,
                },
                "milestones": [
                    { "milestoneType": "PERCENTAGE", "title": "Halfway", "description": "Well done",
                      "targetValue": "50.00", "achievedAt": null, "createdAt": NOW },
                    { "milestoneType": null, "title": "Told my family", "description": null,
                      "targetValue": null, "achievedAt": null, "createdAt": NOW },
                ],
                "reminders": [{
                    "patient": { "fullName": "Ann" }, "reminderType": "MOTIVATION", "scheduledTime": "21:30:00",
                    "scheduledDays": [0, 6], "message": "Lights out", "isActive": false, "lastSentAt": null,
                }],
            })
        );
        let kinds = [
            "goal_created",
            "tracking_configured",
            "milestone_added",
            "milestone_added",
            "reminder_scheduled",
        ];
        assert_eq!(clinic.told().await, kinds);
        let events = clinic.events().await;
        assert!(events.iter().all(|event| event.patient_id == ann.id && event.therapist_id == Some(lee.id)));
        assert!(events.iter().all(|event| event.goal_id == Some(events[0].subject_id)));
    }

    async fn what_is_not_said_has_its_default(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let input =
            json!({ "patientId": ann.id, "description": "Go out", "tracking": { "method": "BINARY" } });

        let payload = clinic.does(&lee, "createGoal", input, ALL).await;

        assert_eq!(
            payload["goal"],
            json!({
                "patient": { "fullName": "Ann" }, "therapist": { "fullName": "Dr. Lee" }, "session": null,
                "description": "Go out", "category": null, "status": "ASSIGNED", "statusText": "assigned",
                "baselineValue": null, "targetValue": null, "targetDate": null, "createdAt": NOW,
                "updatedAt": NOW,
                "completedAt": null,
                "tracking": {
                    "method": "BINARY", "frequency": "SESSION", "customFrequencyDays": null, "scaleMin": 1,
                    "scaleMax": 10, "scaleLabels": null, "frequencyUnit": null, "durationUnit": null,
                    "targetDirection": null, "reminderEnabled": true, "createdAt": NOW,
                },
                "milestones": [], "reminders": [],
            })
        );
    }

    async fn therapists_own_what_they_set_and_admins_say_who_does(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (kim, ada) = (clinic.therapist("Dr. Kim").await, clinic.admin("Ada").await);
        let goal = json!({ "patientId": ann.id, "description": "Go out" });
        let owned_by = |owner: &Person| with(goal.clone(), json!({ "therapistId": owner.id }));

        let nobody = clinic.is_refused(&ada, "createGoal", goal.clone()).await;
        let a_patient = clinic.is_refused(&ada, "createGoal", owned_by(&ann)).await;
        let another = clinic.is_refused(&lee, "createGoal", owned_by(&kim)).await;
        let for_a_therapist = json!({ "patientId": kim.id, "description": "Go out", "therapistId": lee.id });
        let for_a_therapist = clinic.is_refused(&ada, "createGoal", for_a_therapist).await;
        let set = clinic.does(&ada, "createGoal", owned_by(&kim), "goal { therapist { fullName } }").await;

        assert_eq!(nobody, ["REQUIRED input.therapistId"]);
        assert_eq!(a_patient, ["NOT_FOUND input.therapistId"]);
        assert_eq!(another, ["NOT_ALLOWED input.therapistId"]);
        assert_eq!(for_a_therapist, ["NOT_FOUND input.patientId"]);
        assert_eq!(set, json!({ "goal": { "therapist": { "fullName": "Dr. Kim" } } }));
    }

    async fn every_problem_of_a_new_goal_is_named_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, kim) = clinic.couple("Ben", "Dr. Kim").await;
        let session = clinic.session(&ben, &kim, day(2026, 2, 27).and_time(chrono::NaiveTime::MIN)).await;
        let input = json!({
            "patientId": ann.id, "therapistId": kim.id, "sessionId": session, "description": " \n",
            "category": "x".repeat(51), "status": "UNKNOWN", "baselineValue": "much", "targetValue": "1.234",
            "targetDate": "2026-02-28",
            "tracking": {
                "method": "SCALE", "frequency": "CUSTOM", "scaleMin": 0, "scaleMax": 11,
                "frequencyUnit": "x".repeat(21), "durationUnit": "\u{0}",
            },
            "milestones": [
                { "title": "" },
                { "title": "x".repeat(201), "milestoneType": "PERCENTAGE", "targetValue": "0" },
                { "title": "A week", "milestoneType": "STREAK", "targetValue": "1.5" },
                { "title": "Reached", "milestoneType": "VALUE" },
            ],
            "reminders": [{
                "scheduledDays": [1, 7, -1], "scheduledTime": "25:00", "message": "x".repeat(20_001),
            }],
        });

        let problems = clinic.is_refused(&lee, "createGoal", input).await;

        assert_eq!(
            problems,
            [
                "INVALID input.baselineValue",
                "INVALID input.reminders.0.scheduledTime",
                "INVALID input.status",
                "INVALID input.targetValue",
                "INVALID input.tracking.durationUnit",
                "NOT_ALLOWED input.therapistId",
                "NOT_FOUND input.sessionId",
                "OUT_OF_RANGE input.milestones.1.targetValue",
                "OUT_OF_RANGE input.milestones.2.targetValue",
                "OUT_OF_RANGE input.reminders.0.scheduledDays.1",
                "OUT_OF_RANGE input.reminders.0.scheduledDays.2",
                "OUT_OF_RANGE input.targetDate",
                "OUT_OF_RANGE input.tracking.scaleMax",
                "OUT_OF_RANGE input.tracking.scaleMin",
                "REQUIRED input.description",
                "REQUIRED input.milestones.0.title",
                "REQUIRED input.milestones.3.targetValue",
                "REQUIRED input.tracking.customFrequencyDays",
                "TOO_LONG input.category",
                "TOO_LONG input.milestones.1.title",
                "TOO_LONG input.reminders.0.message",
                "TOO_LONG input.tracking.frequencyUnit",
            ]
        );
        let nameless = json!({ "patientId": ann.id, "description": "" });
        let refused = clinic.sends_input(&lee, "createGoal", &nameless, "goal { id }").await;
        assert_eq!(refused.at("/payload/goal"), &Value::Null);
    }

    async fn baseline_target_and_direction_fit_together_and_the_scale(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            ("SCALE", "8", "2", "INCREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "2", "INCREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "8", "DECREASE", "INVALID input.targetValue"),
            ("SCALE", "2", "10.01", "INCREASE", "OUT_OF_RANGE input.targetValue"),
            ("SCALE", "0.99", "8", "INCREASE", "OUT_OF_RANGE input.baselineValue"),
            ("FREQUENCY", "2", "-1", "DECREASE", "OUT_OF_RANGE input.targetValue"),
            ("BINARY", "0", "1.5", "INCREASE", "INVALID input.targetValue"),
            ("BINARY", "1", "1", "DECREASE", "INVALID input.targetValue"),
        ];
        for (method, baseline, target, direction, problem) in cases {
            let input = json!({
                "patientId": ann.id, "description": "Walk", "baselineValue": baseline, "targetValue": target,
                "tracking": { "method": method, "targetDirection": direction },
            });
            assert_eq!(clinic.is_refused(&lee, "createGoal", input).await, [problem], "{method} {target}");
        }
        let maintain = json!({ "baselineValue": "5", "targetValue": "5",
            "tracking": { "method": "SCALE", "targetDirection": "MAINTAIN" } });
        clinic.sets_a_goal_with(&lee, &ann, maintain).await;
    }

    /// A count starts from 0 when nobody says from where.
    async fn a_goal_that_was_reached_before_it_began_is_not_set(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let aim = |method: &str, direction: &str, target: Value| {
            json!({ "patientId": ann.id, "description": "Smoke less", "targetValue": target,
                "tracking": { "method": method, "targetDirection": direction } })
        };
        let cases = [
            ("FREQUENCY", "DECREASE", json!("3"), "REQUIRED input.baselineValue"),
            ("DURATION", "DECREASE", json!("0"), "REQUIRED input.baselineValue"),
            ("BINARY", "DECREASE", json!("2"), "INVALID input.targetValue"),
            ("FREQUENCY", "INCREASE", json!("0"), "INVALID input.targetValue"),
            ("DURATION", "INCREASE", json!("0"), "INVALID input.targetValue"),
            ("BINARY", "INCREASE", json!("0"), "INVALID input.targetValue"),
        ];
        for (method, direction, target, problem) in cases {
            let input = aim(method, direction, target);
            assert_eq!(clinic.is_refused(&lee, "createGoal", input).await, [problem], "{method} {direction}");
        }
        for (method, direction, target) in [
            ("FREQUENCY", "DECREASE", Value::Null),
            ("FREQUENCY", "MAINTAIN", json!("0")),
            ("FREQUENCY", "INCREASE", json!("3")),
            ("BINARY", "INCREASE", Value::Null),
            // Days without a lapse start from nowhere.
            ("BINARY", "DECREASE", Value::Null),
            ("SCALE", "DECREASE", json!("3")),
        ] {
            clinic.does(&lee, "createGoal", aim(method, direction, target), "goal { id }").await;
        }
    }

    async fn a_change_does_not_make_a_goal_that_is_reached_already(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let fewer = json!({ "baselineValue": "10", "targetValue": "3",
            "tracking": { "method": "FREQUENCY", "targetDirection": "DECREASE" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, fewer).await;
        let more = json!({ "baselineValue": null, "tracking": { "method": "FREQUENCY" } });
        let undirected = clinic.sets_a_goal_with(&lee, &ann, more).await;
        let decrease = json!({ "goalId": undirected, "method": "FREQUENCY", "targetDirection": "DECREASE" });

        let cleared = json!({ "goalId": goal, "baselineValue": null });
        assert_eq!(clinic.is_refused(&lee, "updateGoal", cleared).await, ["REQUIRED input.baselineValue"]);
        assert_eq!(clinic.is_refused(&lee, "configureTracking", decrease).await, ["INVALID input.method"]);
    }

    /// Another program may have stored such a goal.
    async fn what_stands_already_is_not_held_against_a_change_of_something_else(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let fewer = crate::support::Aim { method: "frequency", frequency: "daily", baseline: None,
            target: Some(3), direction: Some("decrease") };
        let goal = clinic.aims(&ann, &lee, fewer).await;
        let again = json!({ "goalId": goal.id, "method": "FREQUENCY", "targetDirection": "DECREASE" });

        let words = json!({ "goalId": goal.id, "description": "Smoke less" });
        clinic.does(&lee, "updateGoal", words, "goal { id }").await;
        clinic.does(&lee, "configureTracking", with(again, json!({ "frequency": "WEEKLY" })), "goal { id }").await;
        let target = json!({ "goalId": goal.id, "targetValue": "2" });
        assert_eq!(clinic.is_refused(&lee, "updateGoal", target).await, ["REQUIRED input.baselineValue"]);
    }

    async fn a_scale_that_is_none_is_all_there_is_to_say_of_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let configure = |lowest: u8, highest: u8| {
            json!({ "goalId": goal, "method": "SCALE", "scaleMin": lowest, "scaleMax": highest })
        };
        let upside_down = clinic.is_refused(&lee, "configureTracking", configure(3, 2)).await;
        let too_short = clinic.is_refused(&lee, "configureTracking", configure(1, 7)).await;
        assert_eq!(upside_down, ["INVALID input.scaleMax"]);
        assert_eq!(too_short, ["INVALID input.method"]);
    }

    async fn a_goal_has_at_most_a_hundred_milestones_and_reminders(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let members = |count: usize| {
            json!({
                "milestones": vec![json!({ "title": "One" }); count], "reminders": vec![json!({}); count],
            })
        };
        let too_many = with(json!({ "patientId": ann.id, "description": "Walk" }), members(101));
        let goal = clinic.sets_a_goal_with(&lee, &ann, members(100)).await;

        let problems = clinic.is_refused(&lee, "createGoal", too_many).await;
        let milestone =
            clinic.is_refused(&lee, "addMilestone", json!({ "goalId": goal, "title": "One" })).await;
        let reminder = clinic.is_refused(&ann, "scheduleReminder", json!({ "goalId": goal })).await;

        assert_eq!(problems, ["OUT_OF_RANGE input.milestones", "OUT_OF_RANGE input.reminders"]);
        assert_eq!(
            (milestone, reminder),
            (vec!["OUT_OF_RANGE input.goalId".to_owned()], vec!["OUT_OF_RANGE input.goalId".to_owned()])
        );
    }
}
