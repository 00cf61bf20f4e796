//! What became of reminders, as it is seen; and reminders that nobody needs, because the patient has
//! recorded already.

use chrono::TimeDelta;
use entity::{goal, reminder};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use server::agenda;
use server::history::Tally;
use server::scheduler::Settings;
use server::service::reminding::Policy;

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day};

const DAILY: Aim = SCALE;
const WEEKLY: Aim = Aim { frequency: "weekly", ..SCALE };
const SESSION: Aim = Aim { frequency: "session", ..SCALE };
const WEEKLY_TOTAL: Aim = Aim { method: "frequency", frequency: "weekly", ..SCALE };

/// A reminder of this kind for a goal, at 9:00 in UTC.
async fn reminds(clinic: &Clinic, goal: &goal::Model, kind: Option<&str>) -> reminder::Model {
    let mut row = clinic.reminder(goal, None).await.into_active_model();
    row.scheduled_time = Set(chrono::NaiveTime::from_hms_opt(9, 0, 0));
    row.reminder_type = Set(kind.map(str::to_owned));
    let row = row.update(clinic.db()).await.expect("a reminder");
    agenda::reckon(clinic.db(), &[goal.id], clinic.now()).await.expect("a note");
    clinic.catches_up().await;
    row
}

/// Days of March on which something is recorded, and by whom.
type Entries = &'static [(u32, Option<&'static str>)];

/// What becomes of a reminder of this kind on Wednesday the 4th, by what was recorded.
async fn on_wednesday(aim: Aim, clinic: &Clinic, kind: Option<&str>, entries: Entries) -> String {
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.aims(&ann, &lee, aim).await;
    let reminder = reminds(clinic, &goal, kind).await;
    for (date, by) in entries {
        let by = by.map(|by| if by == "ann" { ann.id } else { lee.id });
        clinic.entry_with(&goal, day(2026, 3, *date), 5, |row| row.recorded_by = Set(by)).await;
    }
    clinic.later("2026-03-04T09:00:00".parse::<chrono::NaiveDateTime>().expect("a moment") - clinic.now());
    clinic.catches_up().await;
    let last = clinic.deliveries(reminder.id).await.pop().expect("a delivery");
    clinic.later("2026-03-01T12:00:00".parse::<chrono::NaiveDateTime>().expect("a moment") - clinic.now());
    last.split_once(' ').expect("two words").1.to_owned()
}

const RECORDED: &str = "skipped already_recorded";

both! {
    async fn who_has_recorded_for_the_period_is_not_asked_to(clinic) {
        let cases: &[(&str, Aim, Option<&str>, Entries, &str)] = &[
            ("on the day", DAILY, Some("check_in"), &[(4, Some("ann"))], RECORDED),
            ("on the day", DAILY, Some("progress"), &[(4, Some("ann"))], RECORDED),
            ("nobody knows who", DAILY, Some("check_in"), &[(4, None)], RECORDED),
            ("for the day before", DAILY, Some("check_in"), &[(3, Some("ann"))], "sent"),
            ("for a day to come", DAILY, Some("check_in"), &[(5, Some("ann"))], "sent"),
            ("by the therapist", DAILY, Some("check_in"), &[(4, Some("lee"))], "sent"),
            ("by the therapist", DAILY, Some("progress"), &[(4, Some("lee"))], RECORDED),
            ("for the day before", WEEKLY_TOTAL, Some("progress"), &[(3, Some("lee"))], "sent"),
            ("encouragement", DAILY, Some("motivation"), &[(4, Some("ann"))], "sent"),
            ("of no kind", DAILY, None, &[(4, Some("ann"))], "sent"),
            ("on Monday of the week", WEEKLY, Some("check_in"), &[(2, Some("ann"))], RECORDED),
            ("on Sunday before", WEEKLY, Some("check_in"), &[(1, Some("ann"))], "sent"),
            ("a total takes more", WEEKLY_TOTAL, Some("check_in"), &[(2, Some("ann"))], "sent"),
            ("a total of that day", WEEKLY_TOTAL, Some("check_in"), &[(4, Some("ann"))], RECORDED),
            ("since the last session", SESSION, Some("check_in"), &[(2, Some("ann"))], "sent"),
            ("on the day", SESSION, Some("progress"), &[(4, Some("ann"))], RECORDED),
        ];
        for (what, aim, kind, entries, expected) in cases {
            assert_eq!(on_wednesday(*aim, &clinic, *kind, entries).await, *expected, "{what}, {kind:?}, {aim:?}");
        }
    }

    async fn it_is_sent_all_the_same_where_the_setting_says_so(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, DAILY).await;
        let reminder = reminds(&clinic, &goal, Some("check_in")).await;
        clinic.entry_with(&goal, day(2026, 3, 2), 5, |row| row.recorded_by = Set(Some(ann.id))).await;
        clinic.later(TimeDelta::hours(21));
        let policy = Policy { skip_recorded: false, ..Settings::default().reminders };
        let scheduler = clinic.scheduler_with(Settings { reminders: policy, ..Settings::default() });
        assert_eq!(scheduler.catch_up().await.expect("the scheduler"), Tally { sent: 1, ..Tally::default() });
        assert_eq!(clinic.deliveries(reminder.id).await, ["2026-03-02T09:00:00 sent"]);
    }

    async fn what_became_of_a_reminder_is_seen_by_whoever_sees_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, DAILY).await;
        let reminder = reminds(&clinic, &goal, Some("check_in")).await;
        clinic.catches_up_at("2026-03-03T09:10:00").await;
        clinic.entry_with(&goal, day(2026, 3, 4), 5, |row| row.recorded_by = Set(Some(ann.id))).await;
        clinic.catches_up_at("2026-03-04T09:00:00").await;

        let all = json!([
            { "dueAt": "2026-03-04T09:00:00Z", "decidedAt": "2026-03-04T09:00:00Z", "outcome": "SKIPPED",
              "reason": "ALREADY_RECORDED", "channel": null },
            { "dueAt": "2026-03-03T09:00:00Z", "decidedAt": "2026-03-03T09:10:00Z", "outcome": "SENT",
              "reason": null, "channel": "EVENT" },
            { "dueAt": "2026-03-02T09:00:00Z", "decidedAt": "2026-03-03T09:10:00Z", "outcome": "SKIPPED",
              "reason": "TOO_LATE", "channel": null },
        ]);
        let counts = |sent: i64, skipped: i64| json!({ "sent": sent, "late": sent, "skipped": skipped, "failed": 0 });
        let (first, third) = (Some("2026-03-01T00:00:00Z"), Some("2026-03-03T09:10:00Z"));
        for person in [&ann, &lee, &clinic.admin("Root").await] {
            assert_eq!(deliveries(&clinic, person, &goal, "").await["nodes"], all);
            // In the last 24 hours; since the first day; until the third, which is left out.
            assert_eq!(counted(&clinic, person, None, None).await, counts(1, 2));
            assert_eq!(counted(&clinic, person, first, None).await, counts(1, 2));
            assert_eq!(counted(&clinic, person, first, third).await, counts(0, 0));
            assert_eq!(counted(&clinic, person, third, Some("2026-03-04T00:00:00Z")).await, counts(1, 1));
        }
        let stranger = clinic.therapist("Dr. Wu").await;
        assert_eq!(counted(&clinic, &stranger, first, None).await, counts(0, 0));
        let query = "{ reminderCounts(since: \"yesterday\") { sent } }";
        let refused = clinic.asks(&ann, query, json!({})).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");

        let first = deliveries(&clinic, &ann, &goal, "(first: 1)").await;
        assert_eq!((&first["nodes"][0], &first["totalCount"]), (&all[0], &json!(3)));
        let cursor = first["pageInfo"]["endCursor"].as_str().expect("a cursor");
        let rest = deliveries(&clinic, &ann, &goal, &format!("(after: \"{cursor}\")")).await;
        assert_eq!(rest["nodes"], json!([all[1], all[2]]));
        assert_eq!(clinic.deliveries(reminder.id).await.len(), 3);
    }

    async fn what_became_of_reminders_long_ago_is_forgotten(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, DAILY).await;
        let reminder = reminds(&clinic, &goal, None).await;
        clinic.catches_up_at("2026-03-02T09:00:00").await;
        clinic.does(&lee, "updateReminder", json!({ "reminderId": reminder.id, "isActive": false }), "__typename").await;
        clinic.catches_up_at("2026-05-31T09:00:00").await;
        assert_eq!(clinic.deliveries(reminder.id).await.len(), 1);
        clinic.catches_up_at("2026-05-31T09:10:00").await;
        assert_eq!(clinic.deliveries(reminder.id).await.len(), 0);
    }

    async fn what_comes_next_is_listed_in_its_order(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (bob, _) = clinic.couple("Bob", "Dr. Wu").await;
        let goal = clinic.aims(&ann, &lee, DAILY).await;
        let resting = clinic.goal_with(&ann, &lee, "Rest", |row| row.status = Set(Some("on_hold".to_owned()))).await;
        clinic.lives_in(&ann, "America/New_York").await;
        for (goal, message, time, days) in [
            (&goal, "Sunday", Some("07:30"), Some(vec![0])),
            (&goal, "evening", Some("21:00"), None),
            (&goal, "Monday", Some("07:30"), Some(vec![1])),
            (&goal, "never", None, None),
            (&resting, "resting", Some("08:00"), None),
        ] {
            let input = json!({ "goalId": goal.id, "message": message, "scheduledTime": time, "scheduledDays": days });
            clinic.does(&lee, "scheduleReminder", input, "__typename").await;
        }
        // It is 7 o'clock of a Sunday in New York.
        let all = [("Sunday", "2026-03-01T12:30:00Z"), ("evening", "2026-03-02T02:00:00Z"), ("Monday", "2026-03-02T12:30:00Z")];
        let shown = |count: usize| -> Value {
            all[..count].iter().map(|(message, due)| json!({ "dueAt": due, "reminder": { "message": message, "nextDueAt": due } })).collect()
        };
        for person in [&ann, &lee] {
            assert_eq!(upcoming(&clinic, person, &ann, "").await, shown(3));
            assert_eq!(upcoming(&clinic, person, &ann, "(first: 2)").await, shown(2));
        }
        assert_eq!(upcoming(&clinic, &bob, &bob, "").await, json!([]));
        let refused = clinic.asks(&ann, "query($id: ID!) { person(id: $id) { upcomingReminders(first: 101) { dueAt } } }", json!({ "id": ann.id })).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

async fn deliveries(clinic: &Clinic, person: &Person, goal: &goal::Model, arguments: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ goal(id: $id) {{ reminders {{ deliveries{arguments} {{ totalCount pageInfo {{ endCursor }}
            nodes {{ dueAt decidedAt outcome reason channel }} }} }} }} }}"
    );
    clinic.asks(person, &query, json!({ "id": goal.id })).await.at("/goal/reminders/0/deliveries").clone()
}

async fn counted(clinic: &Clinic, person: &Person, since: Option<&str>, until: Option<&str>) -> Value {
    let query = "query($since: DateTime, $until: DateTime) {
        reminderCounts(since: $since, until: $until) { sent late skipped failed } }";
    clinic.asks(person, query, json!({ "since": since, "until": until })).await.at("/reminderCounts").clone()
}

async fn upcoming(clinic: &Clinic, person: &Person, patient: &Person, arguments: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ person(id: $id) {{ upcomingReminders{arguments} {{ dueAt reminder {{ message nextDueAt }} }} }} }}"
    );
    clinic.asks(person, &query, json!({ "id": patient.id })).await.at("/person/upcomingReminders").clone()
}
