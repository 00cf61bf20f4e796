//! Time does its work: reminders are sent once, at the patient's own wall-clock time, by however many
//! servers there are. The clock is moved by hand.

use chrono::{NaiveTime, TimeDelta};
use entity::agenda::Kind;
use entity::{goal, reminder, setting};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use server::agenda;
use server::history::Tally;
use server::scheduler::Settings;
use server::service::reminding::Policy;
use uuid::Uuid;

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, Socket, id_at, with};

const DUE: &str = "subscription { reminderDue { reminder { id lastSentAt } dueAt } }";

/// Ann, whom Dr. Lee treats, with a goal that is rated every day.
struct Course {
    clinic: Clinic,
    ann: Person,
    lee: Person,
    goal: goal::Model,
}

impl Course {
    async fn of(clinic: Clinic) -> Self {
        Self::aiming(clinic, SCALE).await
    }

    async fn aiming(clinic: Clinic, aim: Aim) -> Self {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, aim).await;
        // What the sweep does at the first start is none of what is tried.
        clinic.catches_up().await;
        Self { clinic, ann, lee, goal }
    }

    /// A reminder at this time of day.
    async fn reminds(&self, time: &str) -> Uuid {
        self.reminds_with(json!({ "scheduledTime": time })).await
    }

    async fn reminds_with(&self, fields: Value) -> Uuid {
        let input = with(json!({ "goalId": self.goal.id }), fields);
        let payload = self.clinic.does(&self.lee, "scheduleReminder", input, "reminder { id }").await;
        id_at(&payload, "/reminder/id").parse().expect("an id")
    }

    async fn changes(&self, mutation: &str, input: Value) {
        self.clinic.does(&self.lee, mutation, input, "__typename").await;
    }

    async fn status(&self, status: &str) {
        self.changes("changeGoalStatus", json!({ "goalId": self.goal.id, "status": status })).await;
    }
}

fn sent(sent: i64) -> Tally {
    Tally { sent, ..Tally::default() }
}

fn skipped(skipped: i64) -> Tally {
    Tally { skipped, ..Tally::default() }
}

both! {
    async fn a_due_reminder_is_heard_once_on_either_transport(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let reminder = course.reminds("12:05").await;
        let mut stream = clinic.listens(&course.ann, DUE, json!({})).await;
        let address = clinic.serves().await;
        let mut socket = Socket::of(&address, &course.ann).await;
        let before = clinic.app.feed.listeners();
        socket.subscribes("1", DUE, json!({})).await;
        crate::support::eventually("it listens", async || clinic.app.feed.listeners() > before).await;

        assert_eq!(clinic.catches_up().await, sent(0));
        assert_eq!(clinic.catches_up_at("2026-03-01T12:05:00").await, sent(1));
        assert_eq!(clinic.catches_up().await, sent(0));

        let due = json!({ "dueAt": "2026-03-01T12:05:00Z",
            "reminder": { "id": reminder, "lastSentAt": "2026-03-01T12:05:00Z" } });
        assert_eq!(stream.news().await, due);
        assert_eq!(socket.hears().await["payload"]["data"]["reminderDue"], due);
        stream.is_silent().await;
        assert_eq!(clinic.reminded().await, ["2026-03-01T12:05:00"]);
        assert_eq!(clinic.deliveries(reminder).await, ["2026-03-01T12:05:00 sent"]);
    }

    async fn it_is_sent_on_its_days_at_the_time_of_the_patients_own_clock(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        clinic.lives_in(&course.ann, "America/New_York").await;
        // Mondays, Wednesdays and Fridays; the clock changes on Sunday the 8th.
        let reminder = course.reminds_with(json!({ "scheduledTime": "09:00", "scheduledDays": [1, 3, 5] })).await;
        for _ in 0..24 * 14 {
            clinic.later(TimeDelta::hours(1));
            clinic.catches_up().await;
        }
        let due = ["2026-03-02T14:00:00", "2026-03-04T14:00:00", "2026-03-06T14:00:00",
            "2026-03-09T13:00:00", "2026-03-11T13:00:00", "2026-03-13T13:00:00"];
        assert_eq!(clinic.deliveries(reminder).await, due.map(|due| format!("{due} sent")));
    }

    async fn of_several_servers_one_sends_each(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        // More than one batch.
        for number in 0..230 {
            let id = clinic.reminder(&course.goal, None).await;
            let mut row = id.into_active_model();
            row.scheduled_time = Set(NaiveTime::from_hms_opt(13, number % 2, 0));
            row.update(clinic.db()).await.expect("a reminder");
        }
        agenda::reckon(clinic.db(), &[course.goal.id], clinic.now()).await.expect("a note");
        clinic.catches_up().await;
        clinic.later(TimeDelta::minutes(62));
        let servers: Vec<_> = (0..4).map(|_| clinic.scheduler()).collect();
        let tallies = join_all(servers.iter().map(server::scheduler::Scheduler::catch_up)).await;
        let all = tallies.into_iter().map(|tally| tally.expect("the scheduler").sent).sum::<i64>();
        assert_eq!(all, 230);
        let told = clinic.events_of("reminder_due").await;
        let reminders: std::collections::BTreeSet<_> = told.iter().map(|event| event.subject_id).collect();
        assert_eq!((told.len(), reminders.len()), (230, 230));
    }

    async fn what_a_dead_server_had_claimed_is_taken_up_when_the_claim_ends(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        course.reminds("12:05").await;
        clinic.catches_up().await;
        clinic.later(TimeDelta::minutes(5));
        let dead = agenda::claim(clinic.store(), Kind::Reminder, clinic.now(), 100).await.expect("a claim");
        assert_eq!(dead.items.len(), 1);
        assert_eq!(clinic.catches_up().await, sent(0));
        clinic.later(agenda::CLAIM - TimeDelta::microseconds(1));
        assert_eq!(clinic.catches_up().await, sent(0));
        clinic.later(TimeDelta::microseconds(1));
        assert_eq!(clinic.catches_up().await, sent(1));
        // It was not dead after all.
        let late = server::service::reminding::send_due(
            clinic.store(), &clinic.app.clock, Settings::default().reminders, &dead).await;
        assert_eq!(late.expect("no failure"), Tally { skipped: 1, ..sent(0) });
        assert_eq!(clinic.reminded().await, ["2026-03-01T12:05:00"]);
        assert_eq!(clinic.agenda(Kind::Reminder).await[0].due_at.to_string(), "2026-03-02 12:05:00");
    }

    async fn two_hours_late_is_the_limit_unless_set_otherwise(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let reminder = course.reminds("13:00").await;
        clinic.catches_up().await;
        assert_eq!(clinic.catches_up_at("2026-03-01T14:59:59.999999").await, Tally { late: 1, ..sent(1) });
        assert_eq!(clinic.catches_up_at("2026-03-02T15:00:00").await, skipped(1));
        let policy = Policy { latest: TimeDelta::minutes(10), skip_recorded: true };
        let strict = clinic.scheduler_with(Settings { reminders: policy, ..Settings::default() });
        clinic.later(TimeDelta::hours(22) + TimeDelta::minutes(10));
        assert_eq!(strict.catch_up().await.expect("the scheduler"), skipped(1));
        assert_eq!(clinic.deliveries(reminder).await, ["2026-03-01T13:00:00 sent",
            "2026-03-02T13:00:00 skipped too_late", "2026-03-03T13:00:00 skipped too_late"]);
    }

    async fn after_days_without_a_server_the_missed_are_skipped_and_the_present_one_is_sent(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let reminder = course.reminds("13:00").await;
        clinic.catches_up().await;
        assert_eq!(clinic.catches_up_at("2026-03-04T14:00:00").await, Tally { late: 1, skipped: 3, ..sent(1) });
        assert_eq!(clinic.deliveries(reminder).await, ["2026-03-01T13:00:00 skipped too_late",
            "2026-03-02T13:00:00 skipped too_late", "2026-03-03T13:00:00 skipped too_late",
            "2026-03-04T13:00:00 sent"]);
        assert_eq!(clinic.reminded().await, ["2026-03-04T13:00:00"]);
    }

    /// A reminder comes at most once on a local day, also when its time or the patient's zone is moved.
    async fn nothing_comes_twice_on_one_local_day(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let reminder = course.reminds("13:00").await;
        clinic.catches_up().await;
        assert_eq!(clinic.catches_up_at("2026-03-01T13:00:00").await, sent(1));
        course.changes("updateReminder", json!({ "reminderId": reminder, "scheduledTime": "14:00" })).await;
        assert_eq!(clinic.catches_up_at("2026-03-01T14:00:00").await, skipped(1));
        clinic.lives_in(&course.ann, "America/New_York").await;
        agenda::reckon(clinic.db(), &[course.ann.id], clinic.now()).await.expect("a note");
        // 14:00 in New York, still the same day there.
        assert_eq!(clinic.catches_up_at("2026-03-01T19:00:00").await, skipped(1));
        assert_eq!(clinic.catches_up_at("2026-03-02T19:00:00").await, sent(1));
        assert_eq!(clinic.deliveries(reminder).await, ["2026-03-01T13:00:00 sent",
            "2026-03-01T14:00:00 skipped already_sent", "2026-03-01T19:00:00 skipped already_sent",
            "2026-03-02T19:00:00 sent"]);
    }

    async fn a_new_zone_moves_what_is_due(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        course.reminds("13:00").await;
        clinic.catches_up().await;
        clinic.lives_in(&course.ann, "Asia/Kolkata").await;
        agenda::reckon(clinic.db(), &[course.ann.id], clinic.now()).await.expect("a note");
        assert_eq!(clinic.catches_up_at("2026-03-01T13:00:00").await, sent(0));
        assert_eq!(clinic.catches_up_at("2026-03-02T07:30:00").await, sent(1));
        let row = setting::ActiveModel { user_id: Set(course.ann.id), time_zone: Set("No/Such".into()), ..Default::default() };
        row.update(clinic.db()).await.expect("a setting");
        agenda::reckon(clinic.db(), &[course.ann.id], clinic.now()).await.expect("a note");
        // A name that is no zone reads as UTC, here as everywhere; and on this day it came before.
        assert_eq!(clinic.catches_up_at("2026-03-02T13:00:00").await, skipped(1));
        assert_eq!(clinic.catches_up_at("2026-03-03T13:00:00").await, sent(1));
    }

    async fn it_is_not_sent_while_the_goal_rests_or_it_is_turned_off(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let goal = course.goal.id;
        let reminder = course.reminds("13:00").await;
        clinic.catches_up().await;
        let turned = async |on: bool| {
            let tracking = json!({ "goalId": goal, "method": "SCALE", "frequency": "DAILY", "reminderEnabled": on });
            course.changes("configureTracking", tracking).await;
        };
        let active = async |on: bool| {
            course.changes("updateReminder", json!({ "reminderId": reminder, "isActive": on })).await;
        };
        let later = async || {
            clinic.later(TimeDelta::days(1));
            clinic.catches_up().await
        };
        clinic.later(TimeDelta::hours(1));
        course.status("ON_HOLD").await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
        course.status("IN_PROGRESS").await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(1)));
        turned(false).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
        assert!(clinic.agenda(Kind::Reminder).await.is_empty());
        turned(true).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(1)));
        active(false).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
        active(true).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(1)));
        course.status("COMPLETED").await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
        course.status("IN_PROGRESS").await;
        course.changes("deleteReminder", json!({ "reminderId": reminder })).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
        assert!(clinic.agenda(Kind::Reminder).await.is_empty());
        course.reminds("13:00").await;
        course.changes("deleteGoal", json!({ "goalId": goal })).await;
        assert_eq!((clinic.catches_up().await, later().await), (sent(0), sent(0)));
    }

    /// The agenda is right only a moment after a change: what it says in between is not believed.
    async fn what_changed_at_the_last_moment_counts(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        course.reminds("13:00").await;
        clinic.catches_up().await;
        clinic.later(TimeDelta::hours(1));
        // Written by another program, so nobody has it reckoned anew.
        let mut row = course.goal.clone().into_active_model();
        row.status = Set(Some("on_hold".to_owned()));
        row.update(clinic.db()).await.expect("a goal");
        assert_eq!(clinic.catches_up().await, sent(0));
        assert_eq!(clinic.reminded().await, [""; 0]);
    }

    /// Set up a moment before it is due, and seen by the scheduler a moment later.
    async fn it_is_not_lost_between_being_set_up_and_being_planned(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        course.reminds("12:00:01").await;
        clinic.later(TimeDelta::seconds(2));
        assert_eq!(clinic.catches_up().await, sent(1));
        // One that is due already is not lost by a change of its text.
        let other = course.reminds("12:01").await;
        clinic.catches_up().await;
        clinic.later(TimeDelta::minutes(1));
        course.changes("updateReminder", json!({ "reminderId": other, "message": "Walk" })).await;
        assert_eq!(clinic.catches_up().await, sent(1));
        // Set up after its time of day: it begins tomorrow.
        course.reminds("12:00:30").await;
        assert_eq!(clinic.catches_up().await, sent(0));
        assert_eq!(clinic.catches_up_at("2026-03-02T12:00:30").await.sent, 2);
    }

    async fn a_reminder_of_another_program_is_found_by_the_sweep(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let foreign = async |time: (u32, u32), ago: TimeDelta| {
            let mut row = clinic.reminder(&course.goal, None).await.into_active_model();
            row.scheduled_time = Set(NaiveTime::from_hms_opt(time.0, time.1, 0));
            row.created_at = Set(Some(clinic.now() - ago));
            row.update(clinic.db()).await.expect("a reminder").id
        };
        // Written after the sweep had passed; then it comes by again.
        let recent = foreign((12, 1), TimeDelta::zero()).await;
        let adopted = foreign((12, 2), TimeDelta::days(30)).await;
        assert_eq!(clinic.catches_up_at("2026-03-01T12:04:59").await, sent(0));
        // Four minutes late, and no longer there than that. The older one begins with its next moment.
        assert_eq!(clinic.catches_up_at("2026-03-01T12:05:00").await, Tally { late: 1, ..sent(1) });
        assert_eq!(clinic.catches_up_at("2026-03-02T12:03:00").await.sent, 2);
        for (reminder, due) in [(recent, 2), (adopted, 1)] {
            assert_eq!(clinic.deliveries(reminder).await.len(), due);
        }
        // One that it deletes, and one that it gives another time.
        reminder::Entity::delete_by_id(recent).exec(clinic.db()).await.expect("a deletion");
        let mut row = reminder::ActiveModel { id: Set(adopted), ..Default::default() };
        row.scheduled_time = Set(NaiveTime::from_hms_opt(15, 0, 0));
        row.update(clinic.db()).await.expect("a reminder");
        clinic.later(TimeDelta::minutes(5));
        clinic.catches_up().await;
        let due = clinic.agenda(Kind::Reminder).await;
        let due: Vec<_> = due.iter().map(|row| (row.subject_id, row.due_at.to_string())).collect();
        assert!(due.contains(&(adopted, "2026-03-02 15:00:00".to_owned())), "{due:?}");
        assert_eq!(clinic.catches_up_at("2026-03-03T15:00:00").await.sent, 1);
    }

    /// A patient is never told of what is another's.
    async fn a_reminder_that_names_another_patient_than_its_goal_is_sent_to_nobody(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let bob = clinic.patient("Bob").await;
        clinic.reminder_for(bob.id, &course.goal, None).await;
        agenda::reckon(clinic.db(), &[course.goal.id], clinic.now()).await.expect("a note");
        clinic.catches_up().await;
        clinic.later(TimeDelta::days(1));
        assert_eq!(clinic.catches_up().await, sent(0));
        assert!(clinic.agenda(Kind::Reminder).await.is_empty());
    }

    /// What is wrong with one is tried again later, and the others do not wait for it.
    async fn one_that_can_not_be_sent_keeps_no_other_from_being_sent(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let bad = course.reminds("13:00").await;
        for _ in 0..3 {
            course.reminds("13:00").await;
        }
        clinic.catches_up().await;
        clinic.refuses_deliveries_of(bad).await;
        assert_eq!(clinic.catches_up_at("2026-03-01T13:00:00").await, sent(3));
        clinic.later(TimeDelta::seconds(15));
        assert_eq!(clinic.catches_up().await, sent(0));
        clinic.takes_deliveries_again().await;
        clinic.later(TimeDelta::seconds(29));
        assert_eq!(clinic.catches_up().await, sent(0), "the second time it waits for twice as long");
        clinic.later(TimeDelta::seconds(1));
        assert_eq!(clinic.catches_up().await, sent(1));
        assert_eq!(clinic.reminded().await.len(), 4);
    }

    async fn one_that_was_tried_until_it_was_too_late_has_failed(clinic) {
        let course = Course::of(clinic).await;
        let clinic = &course.clinic;
        let bad = course.reminds("13:00").await;
        clinic.catches_up().await;
        clinic.refuses_deliveries_of(bad).await;
        clinic.catches_up_at("2026-03-01T13:00:00").await;
        clinic.catches_up_at("2026-03-01T14:00:00").await;
        clinic.takes_deliveries_again().await;
        assert_eq!(clinic.catches_up_at("2026-03-01T15:00:00").await, Tally { failed: 1, ..sent(0) });
        assert_eq!(clinic.deliveries(bad).await, ["2026-03-01T13:00:00 failed too_late"]);
        assert_eq!(clinic.catches_up_at("2026-03-02T13:00:00").await, sent(1));
    }

    /// Thousands of goals are swept a page at a time, and none is left out.
    async fn the_sweep_goes_through_all_goals_page_by_page(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        for _ in 0..1001 {
            let goal = clinic.goal(&ann, &lee, "Walk").await;
            clinic.reminder(&goal, None).await;
        }
        let mut planned = Vec::new();
        for _ in 0..4 {
            clinic.catches_up().await;
            planned.push(clinic.agenda(Kind::Reminder).await.len());
            clinic.later(TimeDelta::seconds(5));
        }
        assert_eq!(planned, [500, 1000, 1001, 1001]);
    }
}
