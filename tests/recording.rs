//! Progress is recorded on the patient's own day, corrected, deleted and taken over from elsewhere.

use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, day, id_at, with};

const ENTRY: &str = "entry { entryDate entryTime value valueLabel notes context session { id }
    recordedBy { fullName } recordedAt trackingConfig { method } }";

both! {
    async fn an_entry_is_of_today_unless_said_and_a_patients_is_a_self_report(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "7.5" });
        let entry = |context: Value, by: &str| {
            json!({
                "entryDate": "2026-03-01", "entryTime": null, "value": "7.50", "valueLabel": null,
                "notes": null, "context": context, "session": null, "recordedBy": { "fullName": by },
                "recordedAt": "2026-03-01T12:00:00Z", "trackingConfig": { "method": "SCALE" },
            })
        };

        let by_ann = clinic.does(&ann, "recordProgress", input.clone(), ENTRY).await;
        let by_lee = clinic.does(&lee, "recordProgress", input, ENTRY).await;

        assert_eq!(by_ann["entry"], entry(json!("SELF_REPORT"), "Ann"));
        assert_eq!(by_lee["entry"], entry(Value::Null, "Dr. Lee"));
    }

    async fn an_entry_keeps_everything_that_is_said(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let session = clinic.session(&ann, &lee, clinic.now()).await;
        let said = json!({
            "entryDate": "2026-02-27", "entryTime": "09:30", "valueLabel": "a little better",
            "notes": "Before breakfast", "context": "SESSION", "sessionId": session,
        });
        let input = with(json!({ "goalId": goal, "value": 3 }), said);

        let payload = clinic.does(&lee, "recordProgress", input, ENTRY).await;

        assert_eq!(
            payload["entry"],
            json!({
                "entryDate": "2026-02-27", "entryTime": "09:30:00", "value": "3.00",
                "valueLabel": "a little better",
                "notes": "Before breakfast", "context": "SESSION", "session": { "id": session },
                "recordedBy": { "fullName": "Dr. Lee" }, "recordedAt": "2026-03-01T12:00:00Z",
                "trackingConfig": { "method": "SCALE" },
            })
        );
        let event = clinic.events().await.pop().expect("an event");
        assert_eq!(event.kind, "progress_recorded");
        assert_eq!((event.entry_id, event.effective_date), (Some(event.subject_id), Some(day(2026, 2, 27))));
    }

    async fn today_is_the_patients_own_day(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "Pacific/Auckland").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;

        let today = clinic.records(&lee, &goal, "5").await;
        let tomorrow = json!({ "goalId": goal, "value": "5", "entryDate": "2026-03-03" });
        let tomorrow = clinic.is_refused(&lee, "recordProgress", tomorrow).await;

        assert_eq!(today["entry"]["entryDate"], "2026-03-02");
        assert_eq!(tomorrow, ["OUT_OF_RANGE input.entryDate"]);
        let other = clinic.sets_a_goal(&lee, &clinic_patient(&clinic, &lee).await).await;
        let elsewhere = json!({ "goalId": other, "value": "5", "entryDate": "2026-03-02" });
        assert_eq!(
            clinic.is_refused(&lee, "recordProgress", elsewhere).await,
            ["OUT_OF_RANGE input.entryDate"]
        );
    }

    async fn every_problem_of_an_entry_is_named_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, _) = clinic.couple("Ben", "Dr. Kim").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({
            "goalId": goal, "value": "10.01", "entryDate": "2026-03-02", "entryTime": "noon",
            "valueLabel": "x".repeat(101), "notes": "x".repeat(20_001), "context": "SESSION",
            "sessionId": clinic.session(&ben, &lee, clinic.now()).await,
        });

        let problems = clinic.is_refused(&ann, "recordProgress", input).await;

        assert_eq!(
            problems,
            [
                "INVALID input.entryTime",
                "NOT_ALLOWED input.context",
                "NOT_FOUND input.sessionId",
                "OUT_OF_RANGE input.entryDate",
                "OUT_OF_RANGE input.value",
                "TOO_LONG input.notes",
                "TOO_LONG input.valueLabel",
            ]
        );
    }

    async fn a_value_fits_the_way_of_tracking(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let cases = [
            ("SCALE", "0.99", "OUT_OF_RANGE input.value"),
            ("SCALE", "5.555", "INVALID input.value"),
            ("BINARY", "2", "OUT_OF_RANGE input.value"),
            ("BINARY", "0.5", "OUT_OF_RANGE input.value"),
            ("FREQUENCY", "1.5", "INVALID input.value"),
            ("FREQUENCY", "-1", "OUT_OF_RANGE input.value"),
            ("DURATION", "-0.01", "OUT_OF_RANGE input.value"),
            ("ASSESSMENT", "5", "NOT_ALLOWED input.goalId"),
        ];
        for (method, value, problem) in cases {
            let plain =
                json!({ "baselineValue": null, "targetValue": null, "tracking": { "method": method } });
            let goal = clinic.sets_a_goal_with(&lee, &ann, plain).await;
            let input = json!({ "goalId": goal, "value": value });
            assert_eq!(clinic.is_refused(&ann, "recordProgress", input).await, [problem], "{method} {value}");
        }
    }

    async fn a_correction_changes_what_it_names(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let said =
            json!({ "entryDate": "2026-02-27", "entryTime": "09:30", "valueLabel": "fine", "notes": "Rain" });
        let entry = id_at(&clinic.records_with(&ann, &goal, "3", said).await, "/entry/id");
        let show = "entry { value entryDate entryTime valueLabel notes context }";
        let change = |fields: Value| with(json!({ "entryId": entry }), fields);

        let nothing = clinic.does(&ann, "updateProgress", change(json!({})), show).await;
        let cleared = json!({ "entryTime": null, "valueLabel": null, "notes": null });
        let cleared = clinic.does(&ann, "updateProgress", change(cleared), show).await;
        let set = json!({
            "value": "4.5", "entryDate": "2026-02-28", "entryTime": "10:00", "valueLabel": "good",
            "notes": "Sun",
        });
        let set = clinic.does(&lee, "updateProgress", change(set), show).await;

        assert_eq!(
            nothing["entry"],
            json!({ "value": "3.00", "entryDate": "2026-02-27", "entryTime": "09:30:00",
            "valueLabel": "fine", "notes": "Rain", "context": "SELF_REPORT" })
        );
        assert_eq!(
            cleared["entry"],
            json!({ "value": "3.00", "entryDate": "2026-02-27", "entryTime": null,
            "valueLabel": null, "notes": null, "context": "SELF_REPORT" })
        );
        assert_eq!(
            set["entry"],
            json!({ "value": "4.50", "entryDate": "2026-02-28", "entryTime": "10:00:00",
            "valueLabel": "good", "notes": "Sun", "context": "SELF_REPORT" })
        );
        assert_eq!(clinic.events_of("progress_updated").await.len(), 3);

        let wrong = json!({
            "value": null, "entryDate": null, "entryTime": "x", "valueLabel": "x".repeat(101), "notes": "\u{0}",
        });
        let problems = clinic.is_refused(&ann, "updateProgress", change(wrong)).await;
        assert_eq!(
            problems,
            [
                "INVALID input.entryTime",
                "INVALID input.notes",
                "REQUIRED input.entryDate",
                "REQUIRED input.value",
                "TOO_LONG input.valueLabel"
            ]
        );
        let wrong = change(json!({ "value": "11", "entryDate": "2026-03-02" }));
        assert_eq!(
            clinic.is_refused(&ann, "updateProgress", wrong).await,
            ["OUT_OF_RANGE input.entryDate", "OUT_OF_RANGE input.value"]
        );
    }

    /// The goal has been tracked otherwise since: what was recorded before is not held against it.
    async fn an_old_entry_is_corrected_by_the_way_it_was_tracked(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let minutes =
            json!({ "baselineValue": null, "targetValue": null, "tracking": { "method": "DURATION" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, minutes).await;
        let entry = id_at(&clinic.records(&ann, &goal, "45").await, "/entry/id");
        let correct = |fields: Value| with(json!({ "entryId": entry }), fields);
        for method in ["SCALE", "ASSESSMENT"] {
            clinic.later(chrono::TimeDelta::seconds(1));
            clinic
                .does(
                    &lee,
                    "configureTracking",
                    json!({ "goalId": goal, "method": method }),
                    "tracking { id }",
                )
                .await;

            clinic.does(&ann, "updateProgress", correct(json!({ "notes": method })), "entry { id }").await;
            let longer = clinic
                .does(&ann, "updateProgress", correct(json!({ "value": "50" })), "entry { value notes }")
                .await;
            let negative = clinic.is_refused(&ann, "updateProgress", correct(json!({ "value": "-1" }))).await;

            assert_eq!(longer["entry"], json!({ "value": "50.00", "notes": method }));
            assert_eq!(negative, ["OUT_OF_RANGE input.value"]);
        }
    }

    /// Whatever another program has stored in the other columns.
    async fn what_is_not_named_in_a_correction_is_not_held_against_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal(&ann, &lee, "Walk").await;
        clinic.tracking(&goal, "assessment").await;
        let entry = clinic.entry(&goal, day(2026, 3, 9), -3).await;

        let noted = json!({ "entryId": entry.id, "notes": "From the old system" });
        let noted = clinic.does(&lee, "updateProgress", noted, "entry { value entryDate notes }").await;

        assert_eq!(
            noted["entry"],
            json!({ "value": "-3.00", "entryDate": "2026-03-09", "notes": "From the old system" })
        );
    }

    async fn a_deleted_entry_is_gone(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");

        let payload =
            clinic.does(&ann, "deleteProgress", json!({ "entryId": entry }), "deletedId goal { id }").await;

        assert_eq!(payload, json!({ "deletedId": entry, "goal": { "id": goal } }));
        assert_eq!(clinic.entries().await.len(), 0);
        assert_eq!(clinic.told().await.last().map(String::as_str), Some("progress_deleted"));
        let again = clinic.is_refused(&ann, "deleteProgress", json!({ "entryId": entry })).await;
        assert_eq!(again, ["NOT_FOUND input.entryId"]);
    }

    async fn patients_touch_only_what_they_recorded(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let entry = json!({ "entryId": id_at(&clinic.records(&lee, &goal, "3").await, "/entry/id") });

        assert_eq!(clinic.is_refused(&ann, "updateProgress", entry.clone()).await, ["NOT_ALLOWED input"]);
        assert_eq!(clinic.is_refused(&ann, "deleteProgress", entry).await, ["NOT_ALLOWED input"]);
    }

    async fn a_thousand_entries_are_taken_over_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let import = |rows: u32| json!({ "goalId": goal, "entries": (0..rows).map(row).collect::<Vec<_>>() });

        let too_many = clinic.is_refused(&lee, "importProgress", import(1_001)).await;
        let none = clinic.is_refused(&lee, "importProgress", import(0)).await;
        let payload = clinic
            .does(&lee, "importProgress", import(1_000), "entries { entryDate entryTime value context }")
            .await;

        assert_eq!(
            (too_many, none),
            (vec!["TOO_LONG input.entries".to_owned()], vec!["REQUIRED input.entries".to_owned()])
        );
        let entries = payload["entries"].as_array().expect("entries");
        let last =
            json!({ "entryDate": "2026-02-11", "entryTime": "15:00:00", "value": "10.00", "context": null });
        assert_eq!((entries.len(), entries.last()), (1_000, Some(&last)));
        assert_eq!(clinic.entries().await.len(), 1_000);
        assert_eq!(clinic.events_of("progress_recorded").await.len(), 1_000);
    }

    async fn every_bad_row_of_an_import_is_named_and_none_is_taken(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.records_on(&ann, &goal, "3", "2026-02-01").await;
        let rows = json!([
            { "value": "3.00", "entryDate": "2026-02-01" },
            { "value": "3", "entryDate": "2026-02-01", "entryTime": "09:00" },
            { "value": "x", "entryDate": "2026-02-02" },
            { "value": "x", "entryDate": "2026-02-02" },
            { "value": "4", "entryDate": "2026-02-03" },
            { "value": "4.0", "entryDate": "2026-02-03" },
            { "value": "11", "entryDate": "2026-03-02", "valueLabel": "x".repeat(101) },
            { "value": "4", "entryDate": "2026-02-31", "entryTime": "9", "notes": "\u{0}",
              "context": "SESSION" },
        ]);

        let problems =
            clinic.is_refused(&ann, "importProgress", json!({ "goalId": goal, "entries": rows })).await;

        assert_eq!(
            problems,
            [
                "DUPLICATE input.entries.0",
                "INVALID input.entries.2.value",
                "INVALID input.entries.3.value",
                "INVALID input.entries.7.entryDate",
                "INVALID input.entries.7.entryTime",
                "INVALID input.entries.7.notes",
                "NOT_ALLOWED input.entries.7.context",
                "OUT_OF_RANGE input.entries.6.entryDate",
                "OUT_OF_RANGE input.entries.6.value",
                "TOO_LONG input.entries.6.valueLabel",
            ]
        );
    }

    /// Two honest "once" of one day, without a time.
    async fn a_row_is_a_duplicate_when_as_many_like_it_are_recorded(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let count = json!({ "baselineValue": null, "tracking": { "method": "FREQUENCY", "frequency": "DAILY" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, count).await;
        let once = || json!({ "value": "1", "entryDate": "2026-02-20" });
        let rows = |number: usize| json!({ "goalId": goal, "entries": vec![once(); number] });
        clinic.does(&ann, "importProgress", rows(2), "entries { id }").await;
        let both = ["DUPLICATE input.entries.0", "DUPLICATE input.entries.1"];
        assert_eq!(clinic.is_refused(&ann, "importProgress", rows(2)).await, both);
        assert_eq!(clinic.is_refused(&lee, "importProgress", rows(1)).await, both[..1]);
        // A third of them is new, but the file is taken as a whole or not at all.
        assert_eq!(clinic.is_refused(&ann, "importProgress", rows(3)).await, both);
        let timed = json!({ "goalId": goal, "entries": [with(once(), json!({ "entryTime": "09:00" }))] });
        clinic.does(&ann, "importProgress", timed, "entries { id }").await;
        // Who records it by hand says that it happened once more.
        clinic.records_on(&ann, &goal, "1", "2026-02-20").await;
        clinic.records_on(&ann, &goal, "1", "2026-02-20").await;
        assert_eq!(clinic.entries().await.len(), 5);
        let four = [0, 1, 2, 3].map(|row| format!("DUPLICATE input.entries.{row}"));
        assert_eq!(clinic.is_refused(&ann, "importProgress", rows(5)).await, four);
    }

    async fn an_import_is_looked_at_once_and_achieves_in_order(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        for target in ["7", "3", "9"] {
            clinic.adds_milestone(&lee, &goal, "VALUE", target).await;
        }
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "90").await;
        let rows = json!([
            { "value": "8", "entryDate": "2026-02-03" }, { "value": "4", "entryDate": "2026-02-05" },
            { "value": "2", "entryDate": "2026-02-01" },
        ]);

        let payload = clinic
            .does(
                &ann,
                "importProgress",
                json!({ "goalId": goal, "entries": rows }),
                "entries { id value } achievedMilestones { title }",
            )
            .await;

        let values: Vec<_> = (0..3).map(|row| &payload["entries"][row]["value"]).collect();
        assert_eq!(values, ["8.00", "4.00", "2.00"]);
        // As if recorded day by day: on the third day the goal was at 8.
        let titles = ["VALUE 3", "VALUE 7", "PERCENTAGE 90"].map(|title| json!({ "title": title }));
        assert_eq!(payload["achievedMilestones"], json!(titles));
        let achieved = clinic.events_of("milestone_achieved").await;
        let causes: Vec<_> = achieved.iter().map(|event| (event.entry_id, event.effective_date)).collect();
        let eight = id_at(&payload, "/entries/0/id").parse().ok();
        assert_eq!(causes, [(eight, Some(day(2026, 2, 3))); 3]);
    }
}

/// One row an hour, a different hour each.
fn row(number: u32) -> Value {
    let day = day(2026, 1, 1) + chrono::Days::new(u64::from(number / 24));
    json!({ "value": number % 10 + 1, "entryDate": day, "entryTime": format!("{:02}:00", number % 24) })
}

/// Another patient of the therapist's, who lives by UTC.
async fn clinic_patient(clinic: &Clinic, therapist: &Person) -> Person {
    let patient = clinic.patient("Ben").await;
    clinic.treats(therapist, &patient).await;
    patient
}
