//! Whatever JSON is sent as an input, either the row is there afterwards, or the client is told what is
//! wrong and nothing has changed; and never has anything failed on our side.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Number, Value, json};

use crate::support::{Clinic, Kind, Person, problems, with};

#[test]
fn random_input_is_stored_or_refused_on_sqlite() {
    random_input(Kind::Sqlite);
}

#[test]
fn random_input_is_stored_or_refused_on_postgres() {
    random_input(Kind::Postgres);
}

fn random_input(kind: Kind) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ward = runtime.block_on(Ward::open(kind));
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let inputs = (an_entry(), a_goal());
    let law = |(entry, goal): (Value, Value)| {
        runtime.block_on(ward.tries(
            "recordProgress",
            with(json!({ "goalId": ward.goal }), entry),
            "entry { id }",
        ))?;
        runtime.block_on(ward.tries(
            "createGoal",
            with(json!({ "patientId": ward.ann.id }), goal),
            "goal { id }",
        ))
    };
    TestRunner::new(config).run(&inputs, law).expect("the law");
}

/// A goal and the therapist as whom anything is tried.
struct Ward {
    clinic: Clinic,
    ann: Person,
    lee: Person,
    goal: String,
}

impl Ward {
    async fn open(kind: Kind) -> Self {
        let clinic = Clinic::open(kind).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        Self { clinic, ann, lee, goal }
    }

    /// Either the row is there, or there is a problem, or the engine has refused the form.
    async fn tries(&self, mutation: &str, input: Value, selection: &str) -> Result<(), TestCaseError> {
        let before = self.clinic.everything().await.len();
        let answer = self.clinic.sends_input(&self.lee, mutation, &input, selection).await;
        let grown = self.clinic.everything().await.len() - before;
        if let Some(payload) = answer.body.pointer("/data/payload") {
            prop_assert!(answer.codes().is_empty(), "{mutation} {input}: {}", answer.body);
            let done = problems(payload).is_empty();
            let row = payload.pointer("/entry/id").or(payload.pointer("/goal/id"));
            prop_assert_eq!(done, row.is_some(), "{} {}: {}", mutation, input, payload);
            prop_assert_eq!(done, grown > 0, "{} {}", mutation, input);
        } else {
            let codes = answer.codes();
            let form =
                codes.iter().all(|code| ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(code));
            prop_assert!(
                form && !codes.is_empty() && answer.status.is_success(),
                "{mutation} {input}: {}",
                answer.body
            );
            prop_assert_eq!(grown, 0);
        }
        Ok(())
    }
}

fn an_entry() -> impl Strategy<Value = Value> {
    let value = prop_oneof![(1..=10).prop_map(Value::from), anything()];
    object(vec![
        ("value", value.boxed()),
        ("entryDate", maybe(a_text("2026-02-[0-3][0-9]"))),
        ("entryTime", maybe(a_text("[0-2][0-9]:[0-5][0-9]"))),
        ("valueLabel", maybe(a_text(".{0,110}"))),
        ("notes", maybe(a_text("(?s).{0,40}"))),
        ("context", maybe(a_text("SESSION|ASSESSMENT|SELF_REPORT"))),
        ("sessionId", maybe(a_text("[0-9a-f-]{36}"))),
        ("idempotencyKey", maybe(a_text("[ab]{0,2}"))),
    ])
}

fn a_goal() -> impl Strategy<Value = Value> {
    let tracking = object(vec![
        ("method", a_text("SCALE|BINARY|FREQUENCY|DURATION|ASSESSMENT")),
        ("scaleMin", maybe((-1..12).prop_map(Value::from).boxed())),
        ("scaleMax", maybe((-1..12).prop_map(Value::from).boxed())),
        ("scaleLabels", maybe(anything())),
        ("frequency", maybe(a_text("DAILY|CUSTOM"))),
        ("customFrequencyDays", maybe((-1..400).prop_map(Value::from).boxed())),
    ]);
    let milestone = object(vec![
        ("title", a_text(".{0,210}")),
        ("milestoneType", maybe(a_text("VALUE|STREAK|PERCENTAGE|CUSTOM"))),
        ("targetValue", maybe(anything())),
    ]);
    object(vec![
        ("description", a_text("(?s).{0,60}")),
        ("category", maybe(a_text(".{0,60}"))),
        ("baselineValue", maybe(anything())),
        ("targetValue", maybe(anything())),
        ("targetDate", maybe(a_text("[12][0-9]{3}-[01][0-9]-[0-3][0-9]"))),
        ("status", maybe(a_text("ASSIGNED|COMPLETED|UNKNOWN"))),
        ("tracking", maybe(tracking)),
        ("milestones", maybe(proptest::collection::vec(milestone, 0..3).prop_map(Value::from).boxed())),
        ("reminders", maybe(anything())),
    ])
}

/// An object with these fields; an absent one is left out.
fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let sent = move |values: Vec<Value>| {
        let fields = names.iter().map(|name| (*name).to_owned()).zip(values);
        Value::Object(fields.filter(|(_, value)| *value != json!("absent")).collect())
    };
    values.prop_map(sent).boxed()
}

/// Mostly absent, sometimes as it should be, sometimes anything.
fn maybe(fitting: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![12 => Just(json!("absent")), 5 => fitting, 1 => Just(Value::Null), 1 => anything()].boxed()
}

fn a_text(pattern: &'static str) -> BoxedStrategy<Value> {
    proptest::string::string_regex(pattern).expect("a pattern").prop_map(Value::from).boxed()
}

/// Any JSON: numbers of any size, texts with any character, lists and objects of them.
fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        proptest::collection::vec(any::<char>(), 0..12)
            .prop_map(|text| text.into_iter().collect::<String>().into()),
        a_text("-?[0-9]{1,9}(\\.[0-9]{0,3})?(e-?[0-9]{1,3})?"),
        Just(json!("a\u{0}")),
    ];
    let nested = |inner: BoxedStrategy<Value>| {
        let list = proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from);
        let map = proptest::collection::btree_map("[a-c]{1,2}", inner, 0..3);
        prop_oneof![list, map.prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>()))].boxed()
    };
    leaf.prop_recursive(2, 8, 3, nested).boxed()
}
