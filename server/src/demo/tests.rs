//! The demo holds what it promises, on any day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use entity::goal::Status;
use entity::milestone::Kind;
use entity::progress::Context;
use entity::tracking::{Direction, Frequency, Method};
use entity::{goal, milestone, progress, tracking};
use rust_decimal::Decimal;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use uuid::Uuid;

use super::people::{patient_id, therapist_id};
use super::{Clinic, PATIENT, THERAPIST, fill, is_filled};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The clinics of a whole week. Nothing in the demo knows more of its day than the day of the week, so
/// what holds in these holds on any day.
fn clinics() -> impl Iterator<Item = (NaiveDate, Clinic)> {
    day("2024-02-26").iter_days().take(7).map(|today| (today, Clinic::on(today)))
}

async fn empty_database() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    migration::up(&db).await.unwrap();
    db
}

async fn count(db: &DatabaseConnection, of: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM {of}");
    let rows = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    rows.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn an_empty_database_is_filled_once() {
    let db = empty_database().await;
    assert!(!is_filled(&db).await.unwrap());
    fill(&db, day("2026-11-22")).await.unwrap();
    assert!(is_filled(&db).await.unwrap());

    let entries = count(&db, "progress_entries").await;
    assert!((2000..6000).contains(&entries), "{entries} entries");
    assert_eq!(count(&db, "users").await, 45);
    assert_eq!(count(&db, "therapist_patients WHERE NOT is_active").await, 8);
    assert!(count(&db, "goal_reminders WHERE scheduled_days LIKE '[%]'").await > 5);
    assert_eq!(count(&db, "pragma_foreign_key_check").await, 0);
    let couple = format!(
        "therapist_patients p JOIN users t ON t.id = p.therapist_id JOIN users u ON u.id = p.patient_id
         WHERE p.is_active AND t.email = '{THERAPIST}' AND u.email = '{PATIENT}'"
    );
    assert_eq!(count(&db, &couple).await, 1);

    fill(&db, day("2026-11-23")).await.unwrap();
    assert_eq!(count(&db, "progress_entries").await, entries, "people who are there are left alone");
}

#[test]
fn a_day_has_one_clinic() {
    for (today, clinic) in clinics() {
        assert_eq!(clinic, Clinic::on(today));
    }
    let values = |today| -> Vec<_> { Clinic::on(day(today)).entries.iter().map(|one| one.value).collect() };
    assert_eq!(values("2024-02-29"), values("2026-11-26"), "both are Thursdays");
}

#[test]
fn every_kind_of_thing_occurs() {
    for (today, clinic) in clinics() {
        let statuses: BTreeSet<_> = clinic.goals.iter().map(goal::Model::status_text).collect();
        assert_eq!(statuses, Status::ALL.iter().map(|status| status.as_str()).collect());
        let methods: BTreeSet<_> = clinic.trackings.iter().map(|one| one.tracking_method.as_str()).collect();
        assert_eq!(methods, Method::ALL.iter().map(|method| method.as_str()).collect());
        let contexts: BTreeSet<_> = clinic.entries.iter().filter_map(|one| one.context.as_deref()).collect();
        assert_eq!(contexts, Context::ALL.iter().map(|context| context.as_str()).collect());
        for kind in Kind::ALL {
            let mut of_kind = clinic.milestones.iter().filter(|one| one.kind() == Some(*kind));
            assert!(of_kind.clone().any(|one| one.achieved_at.is_some()), "{kind:?} on {today}");
            assert!(of_kind.any(|one| one.achieved_at.is_none()), "{kind:?} on {today}");
        }
        for kind in entity::reminder::Kind::ALL {
            assert!(clinic.reminders.iter().any(|one| one.kind() == Some(*kind)));
        }
        let late = |one: &&progress::Model| one.recorded_at().date() > one.entry_date + TimeDelta::days(1);
        assert!(clinic.entries.iter().filter(late).count() > 10);
        let flagged = |one: &entity::assessment::Model| Some(one.subscores.as_ref()?.get("item_9")? == 1);
        assert!(
            clinic.assessments.iter().any(|one| one.assessment_type == "PHQ-9" && flagged(one) == Some(true))
        );
    }
}

#[test]
fn the_demo_patient_has_goals_of_all_methods() {
    for (_, clinic) in clinics() {
        let own: BTreeSet<_> =
            clinic.goals.iter().filter(|one| one.patient_id == patient_id(0)).map(|one| one.id).collect();
        let theirs = clinic.trackings.iter().filter(|one| own.contains(&one.goal_id));
        let methods: BTreeSet<_> = theirs.map(|one| one.tracking_method.as_str()).collect();
        assert_eq!(methods.len(), Method::ALL.len());
        let couple = |pair: &&super::Pair| pair.patient == patient_id(0) && pair.present;
        assert!(clinic.pairs.iter().filter(couple).any(|pair| pair.therapist == therapist_id(0)));
    }
}

#[test]
fn nothing_has_happened_yet_today() {
    for (today, clinic) in clinics() {
        let start = today.and_hms_opt(0, 0, 0).unwrap();
        let goals = clinic.goals.iter().flat_map(|one| [one.created_at, one.updated_at, one.completed_at]);
        let milestones = clinic.milestones.iter().flat_map(|one| [one.achieved_at, one.created_at]);
        let reminders = clinic.reminders.iter().flat_map(|one| [one.last_sent_at, one.created_at]);
        let moments = goals.chain(milestones).chain(reminders);
        let moments = moments.chain(clinic.entries.iter().map(|one| one.recorded_at));
        let moments = moments.chain(clinic.trackings.iter().map(|one| one.created_at));
        let moments = moments.chain(clinic.assessments.iter().map(|one| one.created_at));
        let moments = moments.chain(clinic.sessions.iter().map(|one| Some(one.session_date)));
        let moments = moments.chain(clinic.users.iter().map(|one| Some(one.created_at)));
        assert_eq!(moments.flatten().find(|moment| *moment >= start), None);
        assert!(clinic.entries.iter().all(|one| one.entry_date <= today));
        assert!(clinic.assessments.iter().all(|one| one.administered_date <= today));
    }
}

#[test]
fn what_happens_to_a_goal_happens_after_it_was_made() {
    for (_, clinic) in clinics() {
        for goal in &clinic.goals {
            let entries: Vec<_> = entries_of(&clinic, goal.id).collect();
            assert!(entries.iter().all(|one| one.recorded_at() > goal.created_at()));
            assert!(goal.updated_at() >= goal.created_at());
            assert_eq!(goal.status() == Some(Status::Assigned), entries.is_empty(), "{goal:?}");
            assert_eq!(goal.status() == Some(Status::Completed), goal.completed_at.is_some());
            let last = entries.iter().map(|one| one.recorded_at()).max();
            assert!(goal.completed_at.is_none_or(|completed| Some(completed) > last));
        }
    }
}

#[test]
fn achieved_milestones_are_justified_and_open_ones_are_not() {
    // One day is enough: to judge after each entry takes its time.
    for (today, clinic) in clinics().take(1) {
        for goal in &clinic.goals {
            let Some(tracking) = clinic.trackings.iter().rfind(|one| one.goal_id == goal.id) else {
                continue;
            };
            let sessions = clinic.sessions.iter().filter(|one| one.patient_id == goal.patient_id);
            let sessions = sessions.map(|one| one.session_date.date()).collect();
            let mut entries: Vec<_> = entries_of(&clinic, goal.id).collect();
            entries.sort_by_key(|one| (one.recorded_at(), one.entry_date, one.entry_time));
            let of_goal = clinic.milestones.iter().filter(|one| one.goal_id == goal.id);
            for milestone in of_goal.filter(|one| one.kind() != Some(Kind::Custom)) {
                let ahead = ahead(&clinic, goal.patient_id, today);
                let judge = Judge { goal, tracking, milestone, sessions: &sessions, today, ahead };
                let first = (1..=entries.len()).find(|known| judge.is_met(&entries[..*known]));
                let moment = first.map(|known| entries[known - 1].recorded_at());
                let moment = if judge.waits() { judge.met_at(&entries) } else { moment };
                assert_eq!(moment, milestone.achieved_at, "{milestone:?}");
            }
        }
    }
}

fn entries_of(clinic: &Clinic, goal: Uuid) -> impl Iterator<Item = &progress::Model> {
    clinic.entries.iter().filter(move |one| one.goal_id == goal)
}

/// How far the clocks of a patient are ahead of UTC on this winter day.
fn ahead(clinic: &Clinic, patient: Uuid, today: NaiveDate) -> TimeDelta {
    let own = clinic.settings.iter().find(|one| one.user_id == patient);
    let zone: Tz = own.map_or("UTC", |one| &one.time_zone).parse().unwrap();
    TimeDelta::seconds(zone.offset_from_utc_date(&today).fix().local_minus_utc().into())
}

/// Says from the rows alone whether a milestone is met, without the templates that made them.
struct Judge<'a> {
    goal: &'a goal::Model,
    tracking: &'a tracking::Model,
    milestone: &'a milestone::Model,
    sessions: &'a Vec<NaiveDate>,
    today: NaiveDate,
    /// Of UTC, where the patient lives.
    ahead: TimeDelta,
}

impl Judge<'_> {
    /// A total that is to stay low is judged when its period is over.
    fn waits(&self) -> bool {
        let totals = matches!(self.tracking.method(), Some(Method::Frequency | Method::Duration));
        totals && self.tracking.direction() == Some(Direction::Decrease)
    }

    /// The first moment at which a period that is over then, by what is known then, achieves the milestone:
    /// midnight, where the patient lives, or when a late entry of it was recorded.
    fn met_at(&self, entries: &[&progress::Model]) -> Option<NaiveDateTime> {
        let mut moments: Vec<_> =
            entries.iter().flat_map(|one| [one.recorded_at(), self.over_at(one.entry_date)]).collect();
        moments.retain(|at| *at <= self.today.and_time(NaiveTime::MIN));
        moments.sort();
        moments.into_iter().find(|at| {
            let over =
                |one: &&&progress::Model| one.recorded_at() <= *at && self.over_at(one.entry_date) <= *at;
            let mut known: Vec<_> = entries.iter().filter(over).copied().collect();
            // As if the last entry were one of each period in turn.
            let all = known.clone();
            all.iter().any(|last| {
                known.retain(|one| one.id != last.id);
                known.push(last);
                self.is_met(&known)
            })
        })
    }

    fn over_at(&self, date: NaiveDate) -> NaiveDateTime {
        let next = date.iter_days().find(|next| self.period(*next) != self.period(date)).unwrap();
        next.and_time(NaiveTime::MIN) - self.ahead
    }

    /// By these entries, of which the last has just been recorded.
    fn is_met(&self, entries: &[&progress::Model]) -> bool {
        let method = self.tracking.method().unwrap();
        let mut days = BTreeMap::<_, Decimal>::new();
        for entry in entries {
            let day = days.entry(entry.entry_date).or_default();
            *day = match method {
                Method::Frequency | Method::Duration => *day + entry.value,
                Method::Binary => entry.value.max(*day),
                Method::Scale | Method::Assessment => entry.value,
            };
        }
        let totals = matches!(method, Method::Frequency | Method::Duration);
        let value = |day: NaiveDate| -> Decimal {
            let same = |other: NaiveDate| totals && self.period(other) == self.period(day);
            days.iter().filter(|(other, _)| **other == day || same(**other)).map(|(_, value)| value).sum()
        };
        let written = entries.last().unwrap().entry_date;
        let last = value(if self.waits() { written } else { *days.keys().last().unwrap() });
        let wanted = self.milestone.target_value.unwrap();
        match self.milestone.kind().unwrap() {
            Kind::Value => self.passes(value(written), wanted),
            Kind::Percentage if method == Method::Binary => {
                let done: Decimal = days.values().sum();
                done * Decimal::ONE_HUNDRED >= wanted * self.goal.target_value.unwrap()
            }
            Kind::Percentage => {
                let (baseline, target) = (self.goal.baseline_value.unwrap(), self.goal.target_value.unwrap());
                (last - baseline) / (target - baseline) * Decimal::ONE_HUNDRED >= wanted
            }
            Kind::Streak => {
                let is_met = |day: NaiveDate| match (method, self.goal.target_value) {
                    (Method::Binary, _) => days[&day] == Decimal::ONE,
                    (_, Some(target)) if totals => self.passes(value(day), target),
                    _ => true,
                };
                let met: BTreeSet<_> =
                    days.keys().filter(|day| is_met(**day)).map(|day| self.period(*day)).collect();
                let length = i64::try_from(wanted).unwrap();
                met.iter().any(|from| (*from..from + length).all(|period| met.contains(&period)))
            }
            Kind::Custom => false,
        }
    }

    fn passes(&self, value: Decimal, wanted: Decimal) -> bool {
        let falling = self.tracking.direction() == Some(Direction::Decrease);
        if falling { value <= wanted } else { value >= wanted }
    }

    /// The number of the period; weeks start on Mondays, as day 1 of the common era was one.
    fn period(&self, date: NaiveDate) -> i64 {
        let number = i64::from(date.num_days_from_ce());
        match self.tracking.frequency() {
            Frequency::Daily => number,
            Frequency::Weekly => (number - 1) / 7,
            Frequency::Custom => {
                let length = self.tracking.custom_frequency_days.unwrap();
                (date - self.goal.created_at().date()).num_days() / i64::from(length)
            }
            Frequency::Session => {
                self.sessions.iter().filter(|session| **session <= date).count().try_into().unwrap()
            }
        }
    }
}
