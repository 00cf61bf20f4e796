//! A small practice with one of everything, the same in every run: what recorded answers are answers about.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, NaiveTime};
use entity::{assessment, goal, milestone, progress, reminder};
use sea_orm::prelude::Decimal;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::json;
use uuid::Uuid;

use super::{Aim, Clinic, Person, SCALE, day};

/// A text with everything that JSON has to escape, and characters outside of the first plane.
pub const ODD_TEXT: &str = "\"Quoted\" \\ back/slash\n\ttab\u{1}\u{1f}\u{7f}\u{2028} gr\u{fc}\u{df} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1F600} </script>";

pub struct Practice {
    pub clinic: Clinic,
    /// Who asks: `ann` (patient), `lee` (her therapist), `kim` (another), `root` (admin) and others.
    pub people: BTreeMap<&'static str, Person>,
    /// Ids by the names that documents call them by.
    pub ids: BTreeMap<String, Uuid>,
}

impl Practice {
    /// In an empty clinic.
    pub async fn within(clinic: Clinic) -> Self {
        let mut practice = Self { clinic, people: BTreeMap::new(), ids: BTreeMap::new() };
        practice.hires().await;
        practice.holds_sessions().await;
        let walk = practice.walks().await;
        practice.records(&walk).await;
        practice.sets_milestones(&walk).await;
        practice.sets_reminders(&walk).await;
        practice.other_goals_of_ann().await;
        practice.goals_of_others().await;
        practice.assesses().await;
        practice
    }

    /// A text with `<name>` in place of each known id.
    pub fn named(&self, text: &str) -> String {
        self.ids
            .iter()
            .fold(text.to_owned(), |text, (name, id)| text.replace(&id.to_string(), &format!("<{name}>")))
    }

    /// A text with the ids in place of `<name>`.
    pub fn filled(&self, text: &str) -> String {
        self.ids
            .iter()
            .fold(text.to_owned(), |text, (name, id)| text.replace(&format!("<{name}>"), &id.to_string()))
    }

    fn calls(&mut self, name: &str, id: Uuid) {
        assert!(self.ids.insert(name.to_owned(), id).is_none(), "{name} is there twice");
    }

    async fn hires(&mut self) {
        let clinic = &self.clinic;
        let ann = clinic.patient("Ann").await;
        let bob = clinic.patient(ODD_TEXT).await;
        let cat = clinic.patient("Cat").await;
        let dan = clinic.patient("Dan").await;
        let lee = clinic.therapist("Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        let root = clinic.admin("Root").await;
        for patient in [&ann, &bob, &dan] {
            clinic.treats(&lee, patient).await;
        }
        clinic.treats(&kim, &cat).await;
        clinic.no_longer_treats(&lee, &dan).await;
        clinic.lives_in(&ann, "America/New_York").await;
        for (name, person) in [
            ("ann", ann),
            ("bob", bob),
            ("cat", cat),
            ("dan", dan),
            ("lee", lee),
            ("kim", kim),
            ("root", root),
        ] {
            self.calls(name, person.id);
            self.people.insert(name, person);
        }
    }

    async fn holds_sessions(&mut self) {
        for (name, patient, therapist, date) in [
            ("first_session", "ann", "lee", day(2026, 1, 5)),
            ("second_session", "ann", "lee", day(2026, 2, 9)),
            ("session_of_cat", "cat", "kim", day(2026, 1, 6)),
        ] {
            let [patient, therapist] = [patient, therapist].map(|name| &self.people[name]);
            let id = self.clinic.session(patient, therapist, at(date, 9, 30)).await;
            self.calls(name, id);
        }
    }

    /// A goal with every column filled.
    async fn walks(&mut self) -> goal::Model {
        let walk = self.goal("walk", ("ann", "lee"), "Walk every day", |row, ids| {
            row.session_id = Set(Some(ids["first_session"]));
            row.category = Set(Some("movement".to_owned()));
            row.baseline_value = Set(Some(2.into()));
            row.target_value = Set(Some(Decimal::new(850, 2)));
            row.target_date = Set(Some(day(2026, 4, 1)));
        });
        let walk = walk.await;
        let weekly = Aim { frequency: "weekly", ..SCALE };
        let old = self.clinic.configuration(&walk, weekly, |_| {}).await;
        self.calls("old_config", old.id);
        let labels = json!({
            "1": "not at all", "10": "very", "2": ODD_TEXT, "": "no key", "__typename": "no type", "a\"b": [1, -2.5, true],
            "\u{e9}": null, "Z": {}, "aa": { "b": [], "a": { "\n": "line" } },
        });
        let config = self.clinic.configuration(&walk, SCALE, |row| {
            row.scale_labels = Set(Some(labels));
            row.frequency_unit = Set(Some("times".to_owned()));
            row.duration_unit = Set(Some("min".to_owned()));
            row.custom_frequency_days = Set(Some(3));
        });
        let config = config.await;
        self.calls("config", config.id);
        walk
    }

    async fn records(&mut self, walk: &goal::Model) {
        let days: Vec<i64> = (0..24).map(|day| 2 + day % 7).collect();
        self.clinic.has_entries(walk, day(2026, 1, 20), 1, &days).await;
        let (lee, session, config) = (self.ids["lee"], self.ids["second_session"], self.ids["config"]);
        let full = |row: &mut progress::ActiveModel| {
            row.tracking_config_id = Set(Some(config));
            row.entry_time = Set(NaiveTime::from_hms_micro_opt(7, 5, 0, 250_000));
            row.value = Set(Decimal::new(725, 2));
            row.value_label = Set(Some("a little better".to_owned()));
            row.notes = Set(Some(ODD_TEXT.to_owned()));
            row.context = Set(Some("session".to_owned()));
            row.session_id = Set(Some(session));
            row.recorded_by = Set(Some(lee));
        };
        let entry = self.clinic.entry_with(walk, day(2026, 2, 20), 7, full).await;
        self.calls("entry", entry.id);
    }

    async fn sets_milestones(&mut self, walk: &goal::Model) {
        for (name, kind, target, achieved) in [
            ("half_way", "percentage", Some(50), true),
            ("eight", "value", Some(8), true),
            ("nine", "value", Some(9), false),
            ("a_week", "streak", Some(7), false),
            ("by_hand", "custom", None, false),
        ] {
            let row = self.clinic.milestone(walk, name, achieved).await;
            let mut row: milestone::ActiveModel = row.into_active_model();
            row.milestone_type = Set(Some(kind.to_owned()));
            row.target_value = Set(target.map(Decimal::from));
            row.description = Set(target.is_none().then(|| ODD_TEXT.to_owned()));
            let row = row.update(self.clinic.db()).await.expect("a milestone");
            self.calls(name, row.id);
        }
    }

    async fn sets_reminders(&mut self, walk: &goal::Model) {
        self.reminds(walk, "reminder", Some(vec![1, 3, 5]), |row| {
            row.message = Set(Some(ODD_TEXT.to_owned()));
            row.last_sent_at = Set(Some(at(day(2026, 2, 27), 13, 30)));
        })
        .await;
        self.reminds(walk, "silent_reminder", None, |row| {
            row.reminder_type = Set(None);
            row.scheduled_time = Set(None);
            row.is_active = Set(Some(false));
        })
        .await;
        self.reminds(walk, "daily_reminder", Some(Vec::new()), |row| {
            row.reminder_type = Set(Some("motivation".to_owned()));
        })
        .await;
    }

    async fn other_goals_of_ann(&mut self) {
        let ride = self.goal("ride", ("ann", "lee"), "Take the bus", |row, _| {
            row.target_value = Set(Some(4.into()));
            row.target_date = Set(Some(day(2026, 3, 20)));
        });
        let ride = ride.await;
        self.clinic.configuration(&ride, aim("frequency", "weekly", Some(4), None), |_| {}).await;
        self.clinic.has_entries(&ride, day(2026, 2, 2), 2, &[1, 2, 1, 3, 1, 1, 2, 4, 1]).await;
        let pills = self.goal("pills", ("ann", "kim"), "Take the pills", |row, _| {
            row.status = Set(Some("completed".to_owned()));
            row.completed_at = Set(Some(at(day(2026, 2, 28), 18, 0)));
            row.updated_at = Set(Some(at(day(2026, 2, 28), 18, 0)));
        });
        let pills = pills.await;
        self.clinic.configuration(&pills, aim("binary", "daily", None, Some("increase")), |_| {}).await;
        self.clinic.has_entries(&pills, day(2026, 2, 20), 1, &[1, 1, 0, 1, 1, 1, 1, 1]).await;
    }

    async fn goals_of_others(&mut self) {
        let mood = self.goal("mood", ("bob", "lee"), "Feel better", |row, _| {
            row.baseline_value = Set(Some(20.into()));
            row.target_value = Set(Some(5.into()));
        });
        let mood = mood.await;
        self.clinic.configuration(&mood, aim("assessment", "session", None, Some("decrease")), |_| {}).await;
        self.goal("odd", ("bob", "lee"), ODD_TEXT, |row, _| {
            row.status = Set(Some("\u{fc}ber".to_owned()));
            row.category = Set(Some("a \"heading\"".to_owned()));
        })
        .await;
        self.goal("of_dan", ("dan", "lee"), "Read", |row, _| row.status = Set(Some("on_hold".to_owned())))
            .await;
        self.goal("hidden", ("cat", "kim"), "A secret", |row, ids| {
            row.session_id = Set(Some(ids["session_of_cat"]));
        })
        .await;
    }

    async fn assesses(&mut self) {
        let (items, odd) = (
            json!({ "items": [2, 2, 1, 2, 1, 1, 1, 1, 1], "item_9": 1 }),
            json!({ "": 0, "b\"": 1, "a\u{1F600}": null, "item_9": 0, "nested": { "z": [1, 2.5], "a": "\u{1}" } }),
        );
        for (name, patient, goal, instrument, score, date, subscores, severity) in [
            ("phq_first", "bob", Some("mood"), "PHQ-9", 21, day(2026, 1, 10), None, Some("severe")),
            ("phq_second", "bob", Some("mood"), "PHQ-9", 15, day(2026, 2, 1), Some(odd), None),
            ("phq_third", "bob", Some("mood"), "PHQ-9", 12, day(2026, 2, 20), Some(items), Some("moderate")),
            ("gad", "ann", None, "GAD-7", 9, day(2026, 2, 3), Some(json!({})), Some("mild")),
            ("unheard_of", "ann", Some("walk"), "HAM-X", 4, day(2026, 2, 4), Some(json!([1, "two"])), None),
            ("who", "ann", None, "WHO-5", 13, day(2026, 2, 5), None, None),
        ] {
            let row = self.assessment(name, (patient, goal, instrument), |row| {
                row.score = Set(score);
                row.administered_date = Set(date);
                row.subscores = Set(subscores);
                row.severity = Set(severity.map(str::to_owned));
            });
            row.await;
        }
    }

    // -- rows with names ------------------------------------------------------------------------

    async fn goal(
        &mut self,
        name: &str,
        (patient, therapist): (&str, &str),
        description: &str,
        change: impl FnOnce(&mut goal::ActiveModel, &BTreeMap<String, Uuid>),
    ) -> goal::Model {
        let [patient, therapist] = [patient, therapist].map(|name| &self.people[name]);
        let row = self.clinic.goal_with(patient, therapist, description, |row| change(row, &self.ids)).await;
        self.calls(name, row.id);
        row
    }

    async fn assessment(
        &mut self,
        name: &str,
        (patient, goal, instrument): (&str, Option<&str>, &str),
        change: impl FnOnce(&mut assessment::ActiveModel),
    ) {
        let goal = goal.map(|goal| self.ids[goal]);
        let lee = self.ids["lee"];
        let row = self.clinic.assessment_with(&self.people[patient], None, instrument, |row| {
            row.goal_id = Set(goal);
            row.administered_by = Set(goal.map(|_| lee));
            row.notes = Set(goal.map(|_| ODD_TEXT.to_owned()));
            change(row);
        });
        let row = row.await;
        self.calls(name, row.id);
    }

    async fn reminds(
        &mut self,
        goal: &goal::Model,
        name: &str,
        days: Option<Vec<i32>>,
        change: impl FnOnce(&mut reminder::ActiveModel),
    ) {
        let mut row = self.clinic.reminder(goal, days).await.into_active_model();
        change(&mut row);
        let row = row.update(self.clinic.db()).await.expect("a reminder");
        self.calls(name, row.id);
    }
}

const fn aim(
    method: &'static str,
    frequency: &'static str,
    target: Option<i64>,
    direction: Option<&'static str>,
) -> Aim {
    Aim { method, frequency, baseline: None, target, direction }
}

fn at(date: chrono::NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    date.and_hms_opt(hour, minute, 0).expect("a moment")
}
