//! Figures of a goal, worked out by the database from as little as it takes: the same as the rules make
//! of the whole history.

use chrono::{NaiveDateTime, NaiveTime};
use entity::goal;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::{Value, json};

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day};

const ALL: &str = "status percent raw degenerate currentValue baselineValue baselineSource targetValue
    periodOpen entryCount firstEntryDate lastEntryDate";
const SHORT: &str = "status percent raw currentValue";

/// What is said of a goal with these entries, all in the same days of February.
async fn after(clinic: &Clinic, aim: Aim, values: &[i64]) -> Value {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.aims(&ann, &lee, aim).await;
    clinic.has_entries(&goal, day(2026, 2, 1), 1, values).await;
    clinic.progress(&ann, &goal, ALL).await
}

/// Status, percent, raw and whether it is degenerate.
fn verdict(progress: &Value) -> Value {
    json!([progress["status"], progress["percent"], progress["raw"], progress["degenerate"]])
}

both! {
    async fn without_an_entry_there_is_no_data(clinic) {
        assert_eq!(after(&clinic, SCALE, &[]).await, json!({
            "status": "NO_DATA", "percent": null, "raw": null, "degenerate": false,
            "currentValue": null, "baselineValue": "2.00", "baselineSource": "EXPLICIT", "targetValue": "8.00",
            "periodOpen": null, "entryCount": 0, "firstEntryDate": null, "lastEntryDate": null,
        }));
    }

    async fn a_scale_goes_by_its_last_day(clinic) {
        assert_eq!(after(&clinic, SCALE, &[2, 9, 5]).await, json!({
            "status": "IN_PROGRESS", "percent": 50.0, "raw": 50.0, "degenerate": false,
            "currentValue": "5.00", "baselineValue": "2.00", "baselineSource": "EXPLICIT", "targetValue": "8.00",
            "periodOpen": null, "entryCount": 3, "firstEntryDate": "2026-02-01", "lastEntryDate": "2026-02-03",
        }));
    }

    async fn a_goal_without_a_configuration_is_read_as_a_scale(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.goal_with(&ann, &lee, "Sleep", |row| {
            row.baseline_value = Set(Some(2.into()));
            row.target_value = Set(Some(8.into()));
        });
        let goal = goal.await;
        clinic.entry(&goal, day(2026, 2, 1), 5).await;
        assert_eq!(verdict(&clinic.progress(&ann, &goal, ALL).await), json!(["IN_PROGRESS", 50.0, 50.0, false]));
    }

    async fn a_goal_is_achieved_regressed_or_without_a_target(clinic) {
        let verdict = async |aim, values: &[i64]| verdict(&after(&clinic, aim, values).await);
        assert_eq!(verdict(SCALE, &[9]).await, json!(["ACHIEVED", 100.0, 116.67, false]));
        assert_eq!(verdict(SCALE, &[1]).await, json!(["REGRESSED", 0.0, -16.67, false]));
        let aimless = Aim { target: None, ..SCALE };
        assert_eq!(verdict(aimless, &[5]).await, json!(["NO_TARGET", null, null, false]));
    }

    async fn to_decrease_counts_downwards(clinic) {
        let down = Aim { baseline: Some(18), target: Some(5), direction: Some("decrease"), ..SCALE };
        let verdict = async |values: &[i64]| verdict(&after(&clinic, down, values).await);
        assert_eq!(verdict(&[10]).await, json!(["IN_PROGRESS", 61.54, 61.54, false]));
        assert_eq!(verdict(&[4]).await, json!(["ACHIEVED", 100.0, 107.69, false]));
        assert_eq!(verdict(&[22]).await, json!(["REGRESSED", 0.0, -30.77, false]));
    }

    async fn a_way_of_no_length_is_all_or_nothing(clinic) {
        let stuck = Aim { baseline: Some(5), target: Some(5), ..SCALE };
        let contrary = Aim { baseline: Some(8), target: Some(5), ..SCALE };
        let verdict = async |aim, values: &[i64]| verdict(&after(&clinic, aim, values).await);
        assert_eq!(verdict(stuck, &[4]).await, json!(["IN_PROGRESS", 0.0, null, true]));
        assert_eq!(verdict(stuck, &[5]).await, json!(["ACHIEVED", 100.0, null, true]));
        assert_eq!(verdict(contrary, &[5]).await, json!(["ACHIEVED", 100.0, null, true]));
    }

    async fn to_maintain_loses_with_the_distance(clinic) {
        // A tenth of the scale from 1 to 10 is 0.9: still maintained. Four times that is worth nothing.
        let level = Aim { target: Some(7), direction: Some("maintain"), ..SCALE };
        let verdict = async |values: &[i64]| verdict(&after(&clinic, level, values).await);
        assert_eq!(verdict(&[9]).await, json!(["IN_PROGRESS", 59.26, 59.26, false]));
        assert_eq!(verdict(&[7]).await, json!(["ACHIEVED", 100.0, 100.0, false]));
        assert_eq!(verdict(&[3]).await, json!(["IN_PROGRESS", 0.0, 0.0, false]));
    }

    async fn the_first_day_stands_in_for_a_baseline(clinic) {
        let open = Aim { baseline: None, direction: None, ..SCALE };
        let progress = after(&clinic, open, &[3, 9, 6]).await;
        assert_eq!(verdict(&progress), json!(["IN_PROGRESS", 60.0, 60.0, false]));
        assert_eq!((&progress["baselineValue"], &progress["baselineSource"]), (&json!("3.00"), &json!("FIRST_ENTRY")));
        let single = after(&clinic, open, &[3]).await;
        assert_eq!(verdict(&single), json!(["IN_PROGRESS", 0.0, 0.0, false]));
        let none = after(&clinic, open, &[]).await;
        assert_eq!((&none["baselineValue"], &none["baselineSource"]), (&Value::Null, &Value::Null));
    }

    async fn the_first_and_the_last_day_each_end_with_their_last_value(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, Aim { baseline: None, ..SCALE }).await;
        for (date, values) in [(day(2026, 2, 1), [4, 9, 1]), (day(2026, 2, 9), [7, 2, 3])] {
            for (hour, value) in [Some(20), None, Some(8)].into_iter().zip(values) {
                clinic.entry_with(&goal, date, value, |row| {
                    row.entry_time = Set(hour.and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0)));
                }).await;
            }
        }
        let progress = clinic.progress(&ann, &goal, ALL).await;
        assert_eq!((&progress["baselineValue"], &progress["currentValue"]), (&json!("4.00"), &json!("7.00")));
        assert_eq!((&progress["percent"], &progress["entryCount"]), (&json!(75.0), &json!(6)));
    }

    async fn a_frequency_is_the_total_of_the_running_week(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let weekly = Aim { method: "frequency", frequency: "weekly", baseline: None, target: Some(7), direction: None };
        let goal = clinic.aims(&ann, &lee, weekly).await;
        // It is Sunday, 1 March. The week before the last is one with data.
        clinic.has_entries(&goal, day(2026, 2, 14), 1, &[4, 1]).await;
        assert_eq!(clinic.progress(&ann, &goal, ALL).await, json!({
            "status": "IN_PROGRESS", "percent": 71.43, "raw": 71.43, "degenerate": false,
            "currentValue": "5.00", "baselineValue": "0.00", "baselineSource": "DEFAULT", "targetValue": "7.00",
            "periodOpen": false, "entryCount": 2, "firstEntryDate": "2026-02-14", "lastEntryDate": "2026-02-15",
        }));
        clinic.has_entries(&goal, day(2026, 2, 23), 3, &[2, 1]).await;
        let fields = format!("{SHORT} periodOpen");
        assert_eq!(clinic.progress(&ann, &goal, &fields).await, json!({
            "status": "IN_PROGRESS", "percent": 42.86, "raw": 42.86, "currentValue": "3.00", "periodOpen": true,
        }));
    }

    async fn a_duration_is_the_total_of_its_own_days(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let custom = Aim { method: "duration", frequency: "custom", baseline: None, target: Some(60), direction: None };
        let goal = clinic.aims(&ann, &lee, Aim { frequency: "daily", ..custom }).await;
        clinic.configuration(&goal, custom, |row| row.custom_frequency_days = Set(Some(3))).await;
        // Counted from 1 January, three days end on 1 March.
        clinic.has_entries(&goal, day(2026, 2, 26), 1, &[100, 20]).await;
        clinic.entry_with(&goal, day(2026, 3, 1), 0, |row| row.value = Set("15.10".parse().expect("a value"))).await;
        clinic.entry_with(&goal, day(2026, 3, 1), 0, |row| row.value = Set("0.20".parse().expect("a value"))).await;
        assert_eq!(clinic.progress(&ann, &goal, SHORT).await, json!({
            "status": "IN_PROGRESS", "percent": 58.83, "raw": 58.83, "currentValue": "35.30",
        }));
    }

    async fn a_count_by_session_begins_with_the_last_session(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let by_session = Aim { method: "frequency", frequency: "session", baseline: None, target: Some(4), direction: None };
        let goal = clinic.aims(&ann, &lee, by_session).await;
        clinic.has_entries(&goal, day(2026, 2, 12), 13, &[2, 3]).await;
        let fields = format!("{SHORT} streak {{ current longest unit kind complete }}");
        let blind = clinic.progress(&ann, &goal, &fields).await;
        assert_eq!(blind["streak"], json!({
            "current": 0, "longest": 0, "unit": "SESSION", "kind": "target", "complete": false,
        }));
        for date in [day(2026, 2, 10), day(2026, 2, 24)] {
            clinic.session(&ann, &lee, date.and_time(NaiveTime::MIN)).await;
        }
        assert_eq!(clinic.progress(&ann, &goal, &fields).await, json!({
            "status": "IN_PROGRESS", "percent": 75.0, "raw": 75.0, "currentValue": "3.00",
            "streak": { "current": 0, "longest": 0, "unit": "SESSION", "kind": "target", "complete": true },
        }));
    }

    async fn a_yes_or_no_is_for_today_or_counts_its_days(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let daily = Aim { method: "binary", baseline: None, target: None, direction: None, ..SCALE };
        let goal = clinic.aims(&ann, &lee, daily).await;
        clinic.has_entries(&goal, day(2026, 2, 27), 1, &[1, 1]).await;
        let fields = format!("{SHORT} targetValue");
        assert_eq!(clinic.progress(&ann, &goal, &fields).await, json!({
            "status": "IN_PROGRESS", "percent": 0.0, "raw": 0.0, "currentValue": "0.00", "targetValue": "1.00",
        }));
        clinic.has_entries(&goal, day(2026, 3, 1), 0, &[0, 1, 0]).await;
        assert_eq!(clinic.progress(&ann, &goal, &fields).await, json!({
            "status": "ACHIEVED", "percent": 100.0, "raw": 100.0, "currentValue": "1.00", "targetValue": "1.00",
        }));

        let goal = clinic.aims(&ann, &lee, Aim { target: Some(12), ..daily }).await;
        clinic.has_entries(&goal, day(2026, 1, 5), 7, &[1, 1, 1, 0, 1]).await;
        clinic.has_entries(&goal, day(2026, 1, 5), 1, &[1, 1, 1, 1, 1, 1]).await;
        assert_eq!(clinic.progress(&ann, &goal, SHORT).await, json!({
            "status": "IN_PROGRESS", "percent": 75.0, "raw": 75.0, "currentValue": "9.00",
        }));
    }

    async fn a_goal_by_assessment_takes_scores_only(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let by_score = Aim { method: "assessment", frequency: "weekly", baseline: None, target: Some(5), direction: None };
        let goal = clinic.aims(&ann, &lee, by_score).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 9, day(2026, 2, 9)).await;
        clinic.has_entries(&goal, day(2026, 1, 1), 50, &[1, 2]).await;
        for (date, score) in [(day(2026, 2, 2), 18), (day(2026, 2, 9), 9)] {
            clinic.entry_with(&goal, date, score, |row| row.context = Set(Some("assessment".to_owned()))).await;
        }
        assert_eq!(clinic.progress(&ann, &goal, ALL).await, json!({
            "status": "IN_PROGRESS", "percent": 69.23, "raw": 69.23, "degenerate": false,
            "currentValue": "9.00", "baselineValue": "18.00", "baselineSource": "FIRST_ENTRY", "targetValue": "5.00",
            "periodOpen": null, "entryCount": 2, "firstEntryDate": "2026-02-02", "lastEntryDate": "2026-02-09",
        }));
    }

    async fn the_tolerance_of_a_score_is_its_instruments(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let level = Aim { method: "assessment", target: Some(5), direction: Some("maintain"), ..SCALE };
        let goal = clinic.aims(&ann, &lee, level).await;
        clinic.entry_with(&goal, day(2026, 2, 2), 11, |row| row.context = Set(Some("assessment".to_owned()))).await;
        assert_eq!(clinic.progress(&ann, &goal, "status").await, json!({ "status": "IN_PROGRESS" }));
        // Six points of a PHQ-9 may be chance, so 11 is still 5. The newest assessment says which it is.
        clinic.assessment(&ann, Some(&goal), "GAD-7", 9, day(2026, 2, 1)).await;
        clinic.assessment(&ann, Some(&goal), "PHQ-9", 11, day(2026, 2, 2)).await;
        assert_eq!(clinic.progress(&ann, &goal, "status").await, json!({ "status": "ACHIEVED" }));
    }

    async fn as_of_a_day_later_days_have_not_been(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        clinic.has_entries(&goal, day(2026, 2, 1), 7, &[3, 4, 5]).await;
        clinic.entry(&goal, day(2026, 3, 2), 8).await;
        let fields = "asOf percent entryCount lastEntryDate";
        let at = async |date| clinic.progress_as_of(&ann, goal.id, date, fields).await;
        assert_eq!(at(Some(day(2026, 2, 14))).await, json!({
            "asOf": "2026-02-14", "percent": 33.33, "entryCount": 2, "lastEntryDate": "2026-02-08",
        }));
        assert_eq!(at(Some(day(2026, 1, 31))).await, json!({
            "asOf": "2026-01-31", "percent": null, "entryCount": 0, "lastEntryDate": null,
        }));
        let today = json!({ "asOf": "2026-03-01", "percent": 50.0, "entryCount": 3, "lastEntryDate": "2026-02-15" });
        assert_eq!(at(None).await, today);
        assert_eq!(at(Some(day(2027, 1, 1))).await, today);
    }

    async fn several_days_can_be_asked_for_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, Aim { baseline: None, ..SCALE }).await;
        clinic.has_entries(&goal, day(2026, 2, 1), 7, &[3, 4, 5]).await;
        let query = "query($id: ID!) { goal(id: $id) {
            none: progress(asOf: \"2026-01-01\") { percent entryCount }
            one: progress(asOf: \"2026-02-07\") { percent entryCount }
            two: progress(asOf: \"2026-02-08\") { percent entryCount }
            three: progress { percent entryCount } } }";
        let answer = clinic.asks(&ann, query, json!({ "id": goal.id })).await;
        assert_eq!(answer.at("/goal"), &json!({
            "none": { "percent": null, "entryCount": 0 },
            "one": { "percent": 0.0, "entryCount": 1 },
            "two": { "percent": 20.0, "entryCount": 2 },
            "three": { "percent": 40.0, "entryCount": 3 },
        }));
    }

    async fn a_day_that_is_none_is_refused(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        for arguments in ["asOf: \"2026-02-30\"", "asOf: \"0000-01-01\""] {
            let query = format!("query($id: ID!) {{ goal(id: $id) {{ progress({arguments}) {{ percent }} }} }}");
            assert_eq!(clinic.asks(&ann, &query, json!({ "id": goal.id })).await.codes(), ["BAD_USER_INPUT"]);
        }
    }

    async fn today_is_the_patients_own(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let bob = clinic.patient("Bob").await;
        clinic.treats(&lee, &bob).await;
        clinic.lives_in(&bob, "Pacific/Auckland").await;
        let mut seen = Vec::new();
        for patient in [&ann, &bob] {
            let goal = clinic.aims(patient, &lee, SCALE).await;
            // At noon of Sunday, 1 March, in UTC it is one o'clock on Monday in Auckland.
            clinic.has_entries(&goal, day(2026, 3, 1), 1, &[5, 8]).await;
            seen.push(clinic.progress(&lee, &goal, "asOf percent").await);
        }
        assert_eq!(seen, [
            json!({ "asOf": "2026-03-01", "percent": 50.0 }),
            json!({ "asOf": "2026-03-02", "percent": 100.0 }),
        ]);
    }

    async fn a_milestone_stays_achieved_and_tells_when_it_no_longer_would(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        clinic.has_entries(&goal, day(2026, 2, 27), 1, &[3, 4]).await;
        let last = clinic.entry(&goal, day(2026, 3, 1), 8).await;
        for (kind, target) in [("percentage", 90), ("value", 8), ("streak", 3)] {
            clinic.achieved(&goal, kind, Some(target)).await;
        }
        clinic.achieved(&goal, "custom", None).await;
        let mut open = clinic.achieved(&goal, "value", Some(3)).await.into_active_model();
        open.achieved_at = Set(None);
        open.update(clinic.db()).await.expect("a milestone");
        assert_eq!(still_met(&clinic, &ann, &goal).await, json!([true, true, true, null, null]));
        sea_orm::ModelTrait::delete(last, clinic.db()).await.expect("a deletion");
        assert_eq!(still_met(&clinic, &ann, &goal).await, json!([false, false, false, null, null]));
    }

    async fn a_reminder_is_due_on_the_patients_clock(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "America/New_York").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        // Sundays at half past eight: it is seven in the morning there. A week later clocks go forward.
        clinic.reminder(&goal, Some(vec![0])).await;
        assert_eq!(next_due(&clinic, &ann, &goal).await, json!("2026-03-01T13:30:00Z"));
        clinic.moves_to(day(2026, 3, 7).and_hms_opt(12, 0, 0).expect("a value"));
        assert_eq!(next_due(&clinic, &ann, &goal).await, json!("2026-03-08T12:30:00Z"));
        clinic.configuration(&goal, SCALE, |row| row.reminder_enabled = Set(Some(false))).await;
        assert_eq!(next_due(&clinic, &ann, &goal).await, Value::Null);
        clinic.configuration(&goal, SCALE, |_| {}).await;
        assert_eq!(next_due(&clinic, &ann, &goal).await, json!("2026-03-08T12:30:00Z"));
        let mut resting = goal.clone().into_active_model();
        resting.status = Set(Some("on_hold".to_owned()));
        resting.update(clinic.db()).await.expect("a goal");
        assert_eq!(next_due(&clinic, &ann, &goal).await, Value::Null);
    }
}

both! {
    async fn a_reminder_to_record_is_not_due_on_a_day_with_an_entry(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.lives_in(&ann, "America/New_York").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        let other = clinic.aims(&ann, &lee, SCALE).await;
        let mut evening = clinic.reminder(&goal, None).await.into_active_model();
        evening.scheduled_time = Set(NaiveTime::from_hms_opt(20, 0, 0));
        let evening = evening.update(clinic.db()).await.expect("a reminder");
        let (today, tomorrow) = (json!("2026-03-02T01:00:00Z"), json!("2026-03-03T01:00:00Z"));
        // It is already 2 March in UTC, and still the evening of the first there.
        clinic.moves_to(day(2026, 3, 2).and_hms_opt(0, 30, 0).expect("a moment"));
        for kind in ["check_in", "progress"] {
            let mut row = evening.clone().into_active_model();
            row.reminder_type = Set(Some(kind.to_owned()));
            row.update(clinic.db()).await.expect("a reminder");
            assert_eq!(next_due(&clinic, &ann, &goal).await, today, "{kind}");
        }
        clinic.entry(&other, day(2026, 3, 1), 5).await;
        clinic.entry(&goal, day(2026, 2, 28), 5).await;
        assert_eq!(next_due(&clinic, &ann, &goal).await, today);
        let entry = clinic.entry(&goal, day(2026, 3, 1), 5).await;
        assert_eq!(next_due(&clinic, &ann, &goal).await, tomorrow);
        // Whoever asks in another way is asked all the same.
        let mut row = evening.into_active_model();
        row.reminder_type = Set(Some("motivation".to_owned()));
        row.update(clinic.db()).await.expect("a reminder");
        assert_eq!(next_due(&clinic, &ann, &goal).await, today);
        sea_orm::ModelTrait::delete(entry, clinic.db()).await.expect("a deletion");
        assert_eq!(next_due(&clinic, &ann, &goal).await, today);
    }
}

async fn still_met(clinic: &Clinic, person: &Person, goal: &goal::Model) -> Value {
    let query = "query($id: ID!) { goal(id: $id) { milestones { stillMet } } }";
    let answer = clinic.asks(person, query, json!({ "id": goal.id })).await;
    let milestones = answer.at("/goal/milestones").as_array().expect("a list");
    milestones.iter().map(|milestone| milestone["stillMet"].clone()).collect()
}

async fn next_due(clinic: &Clinic, person: &Person, goal: &goal::Model) -> Value {
    let query = "query($id: ID!) { goal(id: $id) { reminders { nextDueAt } } }";
    let answer = clinic.asks(person, query, json!({ "id": goal.id })).await;
    answer.at("/goal/reminders/0/nextDueAt").clone()
}

impl Clinic {
    fn moves_to(&self, moment: NaiveDateTime) {
        use std::sync::atomic::Ordering;
        let server::clock::Clock::Fixed(micros) = &self.app.clock else {
            panic!("a clock that stands still")
        };
        micros.store(moment.and_utc().timestamp_micros(), Ordering::Relaxed);
    }
}
