//! Acting through the API, one mutation each, as a client would send it; and looking at what that left.

use std::fmt::Debug;

use chrono::TimeDelta;
use entity::{
    aim, assessment, closing, event, goal, milestone, pause, progress, reminder, request, setting, tracking,
    transfer, webhook, webhook_delivery, week,
};
use sea_orm::{ActiveModelTrait, EntityTrait, QueryOrder, Set};
use serde_json::{Value, json};
use server::clock::Clock;

use super::{Answer, Clinic, Person};

impl Clinic {
    /// One mutation by its name and input. Its payload stands at `/payload`.
    pub async fn sends_input(
        &self,
        person: &Person,
        mutation: &str,
        input: &Value,
        selection: &str,
    ) -> Answer {
        let (first, rest) = mutation.split_at(1);
        let type_name = format!("{}{rest}Input", first.to_uppercase());
        let query = format!(
            "mutation($input: {type_name}!) {{ payload: {mutation}(input: $input) {{
                {selection} userErrors {{ code field message }} }} }}"
        );
        self.asks(person, &query, json!({ "input": input })).await
    }

    /// A mutation that is done: its payload without the empty `userErrors`.
    pub async fn does(&self, person: &Person, mutation: &str, input: Value, selection: &str) -> Value {
        let answer = self.sends_input(person, mutation, &input, selection).await;
        let mut payload = answer.at("/payload").clone();
        assert_eq!(problems(&payload), [""; 0], "{mutation} was refused");
        payload.as_object_mut().expect("an object").remove("userErrors");
        payload
    }

    /// A mutation that is refused and changes nothing: its problems as [`problems`] shows them, sorted.
    pub async fn is_refused(&self, person: &Person, mutation: &str, input: Value) -> Vec<String> {
        let before = self.everything().await;
        let answer = self.sends_input(person, mutation, &input, "__typename").await;
        let mut problems = problems(answer.at("/payload"));
        problems.sort();
        assert_ne!(problems, [""; 0], "{mutation} was done");
        assert_eq!(self.everything().await, before, "a refused {mutation} changed something");
        problems
    }

    // -- acts -----------------------------------------------------------------------------------

    /// A goal rated from 1 to 10 every day, to come from 2 up to 8: its id.
    pub async fn sets_a_goal(&self, therapist: &Person, patient: &Person) -> String {
        self.sets_a_goal_with(therapist, patient, json!({})).await
    }

    /// The same goal with some of its fields otherwise.
    pub async fn sets_a_goal_with(&self, therapist: &Person, patient: &Person, fields: Value) -> String {
        let goal = json!({
            "patientId": patient.id,
            "description": "Walk every day",
            "baselineValue": "2",
            "targetValue": "8",
            "tracking": { "method": "SCALE", "frequency": "DAILY", "targetDirection": "INCREASE" },
        });
        let payload = self.does(therapist, "createGoal", with(goal, fields), "goal { id }").await;
        id_at(&payload, "/goal/id")
    }

    /// An entry of today.
    pub async fn records(&self, person: &Person, goal: &str, value: &str) -> Value {
        self.records_with(person, goal, value, json!({})).await
    }

    /// An entry of a day such as "2026-02-27".
    pub async fn records_on(&self, person: &Person, goal: &str, value: &str, day: &str) -> Value {
        self.records_with(person, goal, value, json!({ "entryDate": day })).await
    }

    pub async fn records_with(&self, person: &Person, goal: &str, value: &str, fields: Value) -> Value {
        let input = with(json!({ "goalId": goal, "value": value }), fields);
        let selection = "entry { id entryDate value } achievedMilestones { title }";
        self.does(person, "recordProgress", input, selection).await
    }

    /// A milestone named after its kind and target: its id.
    pub async fn adds_milestone(&self, person: &Person, goal: &str, kind: &str, target: &str) -> String {
        let input = json!({
            "goalId": goal, "milestoneType": kind, "title": format!("{kind} {target}"), "targetValue": target,
        });
        let payload = self.does(person, "addMilestone", input, "milestone { id }").await;
        id_at(&payload, "/milestone/id")
    }

    // -- circumstances --------------------------------------------------------------------------

    /// The clock moves on.
    pub fn later(&self, by: TimeDelta) {
        let Clock::Fixed(moment) = &self.app.clock else { panic!("the clock of a clinic is fixed") };
        let by = by.num_microseconds().expect("a short time");
        moment.fetch_add(by, std::sync::atomic::Ordering::Relaxed);
    }

    pub async fn lives_in(&self, patient: &Person, time_zone: &str) {
        let row = setting::ActiveModel {
            user_id: Set(patient.id),
            time_zone: Set(time_zone.to_owned()),
            updated_at: Set(self.now()),
        };
        row.insert(self.db()).await.expect("a time zone");
    }

    // -- what is left ---------------------------------------------------------------------------

    /// Every row that a mutation can write, in words.
    pub async fn everything(&self) -> Vec<String> {
        let mut rows = self.rows::<goal::Entity>().await;
        rows.extend(self.rows::<tracking::Entity>().await);
        rows.extend(self.rows::<progress::Entity>().await);
        rows.extend(self.rows::<assessment::Entity>().await);
        rows.extend(self.rows::<milestone::Entity>().await);
        rows.extend(self.rows::<reminder::Entity>().await);
        rows.extend(self.rows::<pause::Entity>().await);
        rows.extend(self.rows::<closing::Entity>().await);
        rows.extend(self.rows::<aim::Entity>().await);
        rows.extend(self.rows::<setting::Entity>().await);
        rows.extend(self.rows::<week::Entity>().await);
        rows.extend(self.rows::<transfer::Entity>().await);
        rows.extend(self.rows::<webhook::Entity>().await);
        rows.extend(self.rows::<webhook_delivery::Entity>().await);
        rows.extend(self.rows::<event::Entity>().await);
        rows.extend(self.rows::<request::Entity>().await);
        rows
    }

    async fn rows<E>(&self) -> Vec<String>
    where
        E: EntityTrait<Model: Debug + Send + Sync>,
    {
        let rows = E::find().all(self.store()).await.expect("rows");
        let mut words: Vec<_> =
            rows.iter().map(|row| format!("{} {row:?}", E::default().table_name())).collect();
        words.sort();
        words
    }

    /// What was told so far, oldest first.
    pub async fn events(&self) -> Vec<event::Model> {
        event::Entity::find().order_by_asc(event::Column::Id).all(self.store()).await.expect("events")
    }

    /// The same, by kind alone.
    pub async fn told(&self) -> Vec<String> {
        self.events().await.into_iter().map(|event| event.kind).collect()
    }

    /// Events of one kind.
    pub async fn events_of(&self, kind: &str) -> Vec<event::Model> {
        self.events().await.into_iter().filter(|event| event.kind == kind).collect()
    }

    pub async fn entries(&self) -> Vec<progress::Model> {
        progress::Entity::find().order_by_asc(progress::Column::Id).all(self.store()).await.expect("entries")
    }

    pub async fn milestones(&self) -> Vec<milestone::Model> {
        milestone::Entity::find()
            .order_by_asc(milestone::Column::Id)
            .all(self.store())
            .await
            .expect("milestones")
    }
}

/// The problems of a payload, in order: "REQUIRED input.milestones.0.title".
pub fn problems(payload: &Value) -> Vec<String> {
    let problem = |error: &Value| {
        let steps = error["field"].as_array().expect("a path");
        let path: Vec<_> = steps.iter().filter_map(Value::as_str).collect();
        let message = error["message"].as_str().expect("a message");
        assert!(message.ends_with('.'), "not a sentence: {message}");
        format!("{} {}", error["code"].as_str().expect("a code"), path.join("."))
    };
    payload["userErrors"].as_array().expect("userErrors").iter().map(problem).collect()
}

/// An object with some fields of another.
pub fn with(mut object: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    object.as_object_mut().expect("an object").extend(fields);
    object
}

/// The text at a path of a payload.
#[track_caller]
pub fn id_at(payload: &Value, path: &str) -> String {
    let id = payload.pointer(path).and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("no text at {path} in {payload}")).to_owned()
}
