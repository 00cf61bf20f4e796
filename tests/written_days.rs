//! After a write about some days only these and what hangs on them are read. What it achieves is what the
//! whole history says, whatever was written before.

use chrono::{Days, NaiveDate, TimeDelta};
use entity::{event, goal, milestone, pause, progress};
use sea_orm::prelude::Decimal;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use server::access::Viewer;
use server::history::{Cause, History, as_rule_input};
use server::rules::milestone::evaluate;
use uuid::Uuid;

use crate::both;
use crate::support::{Aim, Clinic, Person, SCALE, day, with};

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let place = self.throw(u64::try_from(all.len()).expect("a few"));
        all[usize::try_from(place).expect("a place")]
    }
}

/// A milestone, the day that it is achieved for, and the entry that did it.
type Achieved = (Uuid, Option<NaiveDate>, Option<Uuid>);

/// A write that was done: its entries as they are now, and as they were before.
#[derive(Debug, Default)]
struct Written {
    new: Vec<progress::Model>,
    old: Vec<progress::Model>,
}

struct Course<'a> {
    clinic: &'a Clinic,
    therapist: &'a Person,
    goal: &'a goal::Model,
    method: &'a str,
    dice: Dice,
}

const AIMS: [Aim; 20] = [
    SCALE,
    Aim { baseline: None, direction: None, ..SCALE },
    Aim { frequency: "weekly", direction: Some("decrease"), baseline: Some(9), target: Some(2), ..SCALE },
    Aim { direction: Some("maintain"), target: Some(5), ..SCALE },
    Aim { frequency: "session", target: None, ..SCALE },
    Aim { method: "frequency", frequency: "weekly", target: Some(6), ..SCALE },
    Aim { method: "frequency", frequency: "daily", direction: None, baseline: None, ..SCALE },
    Aim { method: "duration", frequency: "session", target: Some(12), ..SCALE },
    Aim { method: "duration", frequency: "weekly", direction: Some("decrease"), target: Some(5), ..SCALE },
    Aim { method: "binary", baseline: None, target: None, ..SCALE },
    Aim { method: "binary", frequency: "weekly", target: Some(1), baseline: Some(0), ..SCALE },
    Aim { method: "binary", target: Some(7), baseline: None, ..SCALE },
    Aim { method: "assessment", frequency: "weekly", baseline: None, ..SCALE },
    Aim { method: "assessment", frequency: "session", direction: None, ..SCALE },
    Aim { method: "frequency", frequency: "daily", direction: Some("decrease"), baseline: Some(20), ..SCALE },
    Aim { method: "frequency", frequency: "weekly", direction: Some("maintain"), target: Some(9), ..SCALE },
    Aim { method: "duration", frequency: "session", direction: Some("maintain"), target: Some(6), ..SCALE },
    Aim { method: "binary", direction: Some("decrease"), baseline: None, target: None, ..SCALE },
    Aim { method: "binary", frequency: "weekly", direction: Some("decrease"), target: Some(0), ..SCALE },
    Aim { method: "frequency", frequency: "session", baseline: None, target: Some(9), ..SCALE },
];

both! {
    async fn a_write_achieves_what_the_whole_history_says(clinic) {
        let people = clinic.couple("Ann", "Dr. Lee").await;
        for back in [50, 43, 30, 29, 16, 2] {
            clinic.session(&people.0, &people.1, clinic.now() - TimeDelta::days(back)).await;
        }
        let mut achieved = 0;
        for (number, aim) in (0..).zip(AIMS) {
            // With fewer kinds fewer days are read, so there is more to get wrong.
            for (before, kinds) in [(None, 1), (None, 3), (Some("frequency"), 3)] {
                let goal = clinic.aims(&people.0, &people.1, aim).await;
                let mut dice = Dice(number * 4 + u64::from(before.is_some()));
                had_a_past(&clinic, &goal, aim, before, &mut dice).await;
                let mut course =
                    Course { clinic: &clinic, therapist: &people.1, goal: &goal, method: aim.method, dice };
                course.begins(kinds).await;
                for minute in 0..8 {
                    achieved += course.goes_on(minute).await;
                }
            }
        }
        assert!(achieved > 60, "only {achieved} were achieved");
    }

    /// A percentage goes by all of the last week with data, though only a day of it was written about.
    async fn the_last_week_counts_while_the_running_one_is_empty(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = json!({ "baselineValue": "0", "targetValue": "6",
            "tracking": { "method": "FREQUENCY", "frequency": "WEEKLY", "targetDirection": "INCREASE" } });
        let goal = clinic.sets_a_goal_with(&lee, &ann, goal).await;
        clinic.adds_milestone(&lee, &goal, "PERCENTAGE", "100").await;

        let mut achieved = Vec::new();
        for day in ["2026-02-03", "2026-02-10", "2026-02-12"] {
            let payload = clinic.records_on(&ann, &goal, "3", day).await;
            achieved.extend(payload["achievedMilestones"].as_array().expect("a list").iter().map(|_| day));
        }

        assert_eq!(achieved, ["2026-02-12"]);
    }
}

/// Days on hold, and entries under another configuration.
async fn had_a_past(
    clinic: &Clinic,
    goal: &goal::Model,
    aim: Aim,
    before: Option<&'static str>,
    dice: &mut Dice,
) {
    let first = day(2026, 1, 5) + Days::new(dice.throw(40));
    let hold = pause::ActiveModel {
        id: Set(clinic.next_id()),
        goal_id: Set(goal.id),
        first_day: Set(first),
        last_day: Set(Some(first + Days::new(dice.throw(12)))),
    };
    if dice.throw(2) == 0 {
        hold.insert(clinic.db()).await.expect("days on hold");
    }
    let Some(method) = before else { return };
    let old = clinic.configuration(goal, Aim { method, ..aim }, |row| {
        row.created_at = Set(Some(day(2025, 12, 1).into()));
    });
    let old = old.await;
    for _ in 0..12 {
        let recorded = day(2026, 1, 1) + Days::new(dice.throw(30));
        let entry = clinic.entry_with(goal, recorded, 2, |row| row.tracking_config_id = Set(Some(old.id)));
        entry.await;
    }
}

impl Course<'_> {
    /// Milestones of the first kinds, of every size, as the whole history finds them.
    async fn begins(&mut self, kinds: usize) {
        let targets: &[(&str, &[i64])] = &[
            ("percentage", &[10, 50, 90, 120]),
            ("value", &[1, 3, 5, 8, 13]),
            ("streak", &[1, 2, 3, 4, 6, 9]),
        ];
        for (kind, targets) in &targets[..kinds] {
            for target in *targets {
                let mut row = self.clinic.milestone(self.goal, kind, false).await.into_active_model();
                row.milestone_type = Set(Some((*kind).to_owned()));
                row.target_value = Set(Some(Decimal::from(*target)));
                row.update(self.clinic.db()).await.expect("a milestone");
            }
        }
        let open = self.open().await;
        let history = self.history().await;
        let today = history.subject.today(self.clinic.app.clock.now());
        let situation = history.situation(&Cause::Everything, today);
        for fired in evaluate(&open.iter().map(as_rule_input).collect::<Vec<_>>(), &situation) {
            let row = open.iter().find(|row| row.id == fired.id).expect("it is open").clone();
            let mut row = row.into_active_model();
            row.achieved_at = Set(Some(self.clinic.now()));
            row.update(self.clinic.db()).await.expect("a milestone");
        }
    }

    /// One write, of which an import's rows have this minute; how many milestones it achieved.
    async fn goes_on(&mut self, minute: u32) -> usize {
        let open = self.open().await;
        let told = self.clinic.events_of("milestone_achieved").await.len();
        let written = self.writes(minute).await;
        let achieved = self.clinic.events_of("milestone_achieved").await.split_off(told);
        let achieved: Vec<_> = achieved.iter().map(of_event).collect();
        assert_eq!(achieved, self.expected(&open, &written).await, "{written:?} of {:?}", self.method);
        achieved.len()
    }

    async fn writes(&mut self, minute: u32) -> Written {
        let entries = self.own_entries().await;
        let recorded = (self.dice.throw(60), self.value());
        let stored = (!entries.is_empty()).then(|| self.dice.one_of(&(0..entries.len()).collect::<Vec<_>>()));
        match (self.dice.throw(8), stored.map(|place| &entries[place])) {
            (0, Some(entry)) => {
                self.does("deleteProgress", json!({ "entryId": entry.id }), "deletedId").await;
                Written { new: Vec::new(), old: vec![entry.clone()] }
            }
            (1 | 2, Some(entry)) => {
                let moved = with(self.entry(recorded), json!({ "entryId": entry.id }));
                let changed = self.does("updateProgress", moved, "entry { id }").await;
                let now = self.entries_of(&[changed["entry"]["id"].clone()]).await;
                let is_same = |other: &progress::Model| {
                    (other.value, other.entry_date, other.entry_time)
                        == (entry.value, entry.entry_date, entry.entry_time)
                };
                // Where no figure has changed, nothing is looked at.
                let old = vec![entry.clone()];
                if is_same(&now[0]) { Written::default() } else { Written { new: now, old } }
            }
            (3, _) => {
                let row = |hour| {
                    let recorded = (self.dice.throw(60), self.value());
                    with(self.entry(recorded), json!({ "entryTime": format!("1{hour}:{minute:02}:00") }))
                };
                let rows: Vec<_> = (0..4).map(row).collect();
                let import = json!({ "goalId": self.goal.id, "entries": rows });
                let imported = self.does("importProgress", import, "entries { id }").await;
                let ids =
                    imported["entries"].as_array().expect("entries").iter().map(|row| row["id"].clone());
                self.written(&ids.collect::<Vec<_>>()).await
            }
            _ => {
                let input = with(self.entry(recorded), json!({ "goalId": self.goal.id }));
                let payload = self.does("recordProgress", input, "entry { id }").await;
                self.written(&[payload["entry"]["id"].clone()]).await
            }
        }
    }

    fn value(&mut self) -> String {
        let values = if self.method == "binary" { ["0", "1", "1", "1"] } else { ["1", "3", "5", "9"] };
        self.dice.one_of(&values).to_owned()
    }

    fn entry(&self, (back, value): (u64, String)) -> Value {
        let context = if self.method == "assessment" { "ASSESSMENT" } else { "SESSION" };
        json!({ "value": value, "entryDate": day(2026, 3, 1) - Days::new(back), "context": context })
    }

    async fn does(&self, mutation: &str, input: Value, selection: &str) -> Value {
        self.clinic.does(self.therapist, mutation, input, selection).await
    }

    async fn written(&self, ids: &[Value]) -> Written {
        Written { new: self.entries_of(ids).await, old: Vec::new() }
    }

    async fn entries_of(&self, ids: &[Value]) -> Vec<progress::Model> {
        let all = self.clinic.entries().await;
        all.into_iter().filter(|entry| ids.contains(&json!(entry.id))).collect()
    }

    async fn own_entries(&self) -> Vec<progress::Model> {
        let all = self.clinic.entries().await;
        all.into_iter().filter(|entry| entry.goal_id == self.goal.id && entry.recorded_by.is_some()).collect()
    }

    async fn open(&self) -> Vec<milestone::Model> {
        let all = self.clinic.milestones().await;
        all.into_iter().filter(|row| row.goal_id == self.goal.id && row.achieved_at.is_none()).collect()
    }

    async fn history(&self) -> History {
        let store = self.clinic.store();
        let viewer =
            Viewer::identify(store.clone(), self.therapist.id).await.expect("a viewer").expect("Dr. Lee");
        History::of(store, &viewer, self.goal).await.expect("a history")
    }

    async fn expected(&self, open: &[milestone::Model], written: &Written) -> Vec<Achieved> {
        let history = self.history().await;
        let today = history.subject.today(self.clinic.app.clock.now());
        let rows = |rows: &[progress::Model]| rows.iter().map(|row| history.subject.entry(row)).collect();
        let cause = Cause::Entries { new: rows(&written.new), old: rows(&written.old) };
        let situation = history.situation(&cause, today);
        let fired = evaluate(&open.iter().map(as_rule_input).collect::<Vec<_>>(), &situation);
        fired.iter().map(|it| (it.id, Some(it.effective_date), it.entry)).collect()
    }
}

fn of_event(event: &event::Model) -> Achieved {
    (event.subject_id, event.effective_date, event.entry_id)
}
