//! Rows that figures are worked out from, written as another program would write them.

use chrono::NaiveDate;
use entity::{assessment, goal, milestone, progress, tracking};
use sea_orm::prelude::Decimal;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Clinic, Person};

/// A goal to be tried: baseline, target, direction and how it is tracked.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    pub method: &'static str,
    pub frequency: &'static str,
    pub baseline: Option<i64>,
    pub target: Option<i64>,
    pub direction: Option<&'static str>,
}

/// A scale recorded every day, on the way from 2 to 8.
pub const SCALE: Aim = Aim {
    method: "scale",
    frequency: "daily",
    baseline: Some(2),
    target: Some(8),
    direction: Some("increase"),
};

impl Clinic {
    pub async fn aims(&self, patient: &Person, therapist: &Person, aim: Aim) -> goal::Model {
        let goal = self.goal_with(patient, therapist, "Something", |row| {
            row.baseline_value = Set(aim.baseline.map(Decimal::from));
            row.target_value = Set(aim.target.map(Decimal::from));
        });
        let goal = goal.await;
        self.configuration(&goal, aim, |_| {}).await;
        goal
    }

    pub async fn configuration(
        &self,
        goal: &goal::Model,
        aim: Aim,
        change: impl FnOnce(&mut tracking::ActiveModel),
    ) -> tracking::Model {
        let mut row = self.tracking(goal, aim.method).await.into_active_model();
        row.tracking_frequency = Set(Some(aim.frequency.to_owned()));
        row.target_direction = Set(aim.direction.map(str::to_owned));
        change(&mut row);
        row.update(self.db()).await.expect("a configuration")
    }

    /// Entries of many days at once: the first on `from`, then every `step` days.
    pub async fn has_entries(&self, goal: &goal::Model, from: NaiveDate, step: u64, values: &[i64]) {
        let row = |(index, value): (usize, &i64)| {
            let days = step * u64::try_from(index).expect("a small number");
            progress::ActiveModel {
                id: Set(self.next_id()),
                goal_id: Set(goal.id),
                entry_date: Set(from + chrono::Days::new(days)),
                value: Set((*value).into()),
                context: Set(Some("self_report".to_owned())),
                recorded_at: Set(Some(self.now())),
                ..Default::default()
            }
        };
        let rows: Vec<_> = values.iter().enumerate().map(row).collect();
        for some in rows.chunks(1000) {
            let insert = progress::Entity::insert_many(some.to_vec());
            insert.exec_without_returning(self.db()).await.expect("entries");
        }
    }

    pub async fn achieved(&self, goal: &goal::Model, kind: &str, target: Option<i64>) -> milestone::Model {
        let mut row = self.milestone(goal, kind, true).await.into_active_model();
        row.milestone_type = Set(Some(kind.to_owned()));
        row.target_value = Set(target.map(Decimal::from));
        row.update(self.db()).await.expect("a milestone")
    }

    pub async fn answered(
        &self,
        patient: &Person,
        instrument: &str,
        score: i32,
        day: NaiveDate,
        subscores: Value,
    ) -> assessment::Model {
        let mut row = self.assessment(patient, None, instrument, score, day).await.into_active_model();
        row.subscores = Set(Some(subscores));
        row.update(self.db()).await.expect("an assessment")
    }

    /// The selected fields of a goal's progress.
    pub async fn progress(&self, person: &Person, goal: &goal::Model, fields: &str) -> Value {
        self.progress_as_of(person, goal.id, None, fields).await
    }

    pub async fn progress_as_of(
        &self,
        person: &Person,
        goal: Uuid,
        day: Option<NaiveDate>,
        fields: &str,
    ) -> Value {
        let query = format!(
            "query($id: ID!, $day: Date) {{ goal(id: $id) {{ progress(asOf: $day) {{ {fields} }} }} }}"
        );
        let answer = self.asks(person, &query, json!({ "id": goal, "day": day })).await;
        answer.at("/goal/progress").clone()
    }
}
