//! Whatever JSON is sent as an input, either the row is there afterwards, or the client is told what is
//! wrong and nothing has changed; and never has anything failed on our side.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Number, Value, json};

use crate::support::{Clinic, Kind, Person, id_at, problems, with};

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
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let inputs = [
        an_entry(),
        an_import(),
        a_goal(),
        a_change(),
        a_tracking(),
        a_milestone(),
        a_reminder(),
        an_assessment(),
        a_corrected_assessment(),
        some_settings(),
        a_transfer(),
    ];
    let law = |[
        entry,
        import,
        goal,
        change,
        tracking,
        milestone,
        reminder,
        assessment,
        corrected,
        settings,
        transfer,
    ]: [Value; 11]| {
        let of = |goal: &str| json!({ "goalId": goal });
        let tries = [
            ("recordProgress", of(&ward.rated), entry, "entry"),
            ("importProgress", of(&ward.rated), import, "entries"),
            ("createGoal", json!({ "patientId": ward.ann.id }), goal, "goal"),
            ("updateGoal", of(&ward.changing), change, "goal"),
            ("configureTracking", of(&ward.changing), tracking, "tracking"),
            ("addMilestone", of(&ward.changing), milestone, "milestone"),
            ("scheduleReminder", of(&ward.rated), reminder, "reminder"),
            ("recordAssessment", json!({ "patientId": ward.ann.id }), assessment, "assessment"),
            ("updateAssessment", json!({ "assessmentId": ward.score }), corrected, "assessment"),
            ("updatePersonSettings", json!({ "personId": ward.ann.id }), settings, "person"),
            ("transferGoal", of(&ward.changing), ward.heir(transfer), "goal"),
        ];
        runtime.block_on(async {
            for (mutation, ids, input, row) in tries {
                ward.tries(mutation, with(ids, input), row).await?;
            }
            Ok(())
        })
    };
    TestRunner::new_with_rng(config, random()).run(&inputs, law).expect("the law");
    let done = ward.done.into_inner();
    assert_eq!(done.len(), 11, "some mutation was never done, only {done:?}");
}

/// The same in every run, so that a failure is of the change that was made. `WAYMARK_TEST_SEED`, 0 to 255,
/// looks elsewhere.
fn random() -> TestRng {
    let seed = std::env::var("WAYMARK_TEST_SEED").map_or(0, |seed| seed.parse().expect("0 to 255"));
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])
}

/// Goals and the therapist as whom anything is tried.
struct Ward {
    clinic: Clinic,
    ann: Person,
    lee: Person,
    kim: Person,
    rated: String,
    /// One that is corrected all the time.
    score: String,
    /// One whose tracking and aim change all the time.
    changing: String,
    /// The mutations that were done at least once.
    done: RefCell<BTreeSet<String>>,
}

impl Ward {
    async fn open(kind: Kind) -> Self {
        let clinic = Clinic::open(kind).await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let kim = clinic.therapist("Dr. Kim").await;
        clinic.treats(&kim, &ann).await;
        let (rated, changing) = (clinic.sets_a_goal(&lee, &ann).await, clinic.sets_a_goal(&lee, &ann).await);
        let score = json!({ "patientId": ann.id, "assessmentType": "PHQ-2", "score": 3 });
        let score = clinic.does(&lee, "recordAssessment", score, "assessment { id }").await;
        let score = id_at(&score, "/assessment/id");
        Self { clinic, ann, lee, kim, rated, score, changing, done: RefCell::default() }
    }

    /// A transfer to one of the two therapists, where it says so.
    fn heir(&self, mut transfer: Value) -> Value {
        for (name, therapist) in [("Lee", &self.lee), ("Kim", &self.kim)] {
            if transfer["therapistId"] == name {
                transfer["therapistId"] = json!(therapist.id);
            }
        }
        transfer
    }

    /// Either the row is there, or there is a problem, or the engine has refused the form.
    async fn tries(&self, mutation: &str, input: Value, row: &str) -> Result<(), TestCaseError> {
        let before = self.clinic.everything().await;
        let answer = self.clinic.sends_input(&self.lee, mutation, &input, &format!("{row} {{ id }}")).await;
        let changed = self.clinic.everything().await != before;
        if let Some(payload) = answer.body.pointer("/data/payload") {
            prop_assert!(answer.codes().is_empty(), "{mutation} {input}: {}", answer.body);
            let done = problems(payload).is_empty();
            let there = payload.pointer(&format!("/{row}/id")).or(payload.pointer(&format!("/{row}/0/id")));
            prop_assert_eq!(done, there.is_some(), "{} {}: {}", mutation, input, payload);
            // What stands already can be asked for, and changes nothing.
            let may_stand = ["updatePersonSettings", "transferGoal"].contains(&mutation);
            prop_assert!(done == changed || done && may_stand, "{mutation} {input}");
            if changed {
                self.done.borrow_mut().insert(mutation.to_owned());
            }
        } else {
            let codes = answer.codes();
            let form =
                codes.iter().all(|code| ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(code));
            prop_assert!(
                form && !codes.is_empty() && answer.status.is_success(),
                "{mutation} {input}: {}",
                answer.body
            );
            prop_assert!(!changed, "{mutation} {input}");
        }
        Ok(())
    }
}

fn an_entry() -> BoxedStrategy<Value> {
    let value = prop_oneof![4 => (1..=10).prop_map(Value::from), 1 => anything()];
    object(vec![
        ("value", value.boxed()),
        ("entryDate", maybe(a_text("2026-02-[0-3][0-9]"))),
        ("entryTime", maybe(a_text("[0-2][0-9]:[0-5][0-9]"))),
        ("valueLabel", maybe(a_text(".{0,110}"))),
        ("notes", maybe(a_text("(?s).{0,40}"))),
        ("context", maybe(a_text("SESSION|ASSESSMENT|SELF_REPORT"))),
        ("sessionId", maybe(a_text("[0-9a-f-]{36}"))),
        // Long ones, so that none comes twice: what is asked again changes nothing, and rightly.
        ("idempotencyKey", maybe(a_text("|[a-z]{20,220}"))),
    ])
}

fn an_import() -> BoxedStrategy<Value> {
    let row = object(vec![
        ("value", prop_oneof![9 => (1..=10).prop_map(Value::from), 1 => anything()].boxed()),
        ("entryDate", prop_oneof![9 => a_text("20[01][0-9]-0[1-9]-[0-2][0-9]"), 1 => anything()].boxed()),
        ("entryTime", maybe(a_text("[0-2][0-9]:[0-5][0-9]"))),
        ("context", maybe(a_text("SESSION|ASSESSMENT|SELF_REPORT"))),
    ]);
    object(vec![("entries", list(row))])
}

fn a_goal() -> BoxedStrategy<Value> {
    object(vec![
        ("description", a_text("(?s).{0,60}")),
        ("category", maybe(a_text(".{0,60}"))),
        ("baselineValue", maybe(anything())),
        ("targetValue", maybe(anything())),
        ("targetDate", maybe(a_text("[12][0-9]{3}-[01][0-9]-[0-3][0-9]"))),
        ("status", maybe(a_text("ASSIGNED|COMPLETED|UNKNOWN"))),
        ("tracking", maybe(a_tracking())),
        ("milestones", maybe(list(a_milestone()))),
        ("reminders", maybe(anything())),
    ])
}

fn a_change() -> BoxedStrategy<Value> {
    object(vec![
        ("description", maybe(a_text("(?s).{0,60}"))),
        ("category", maybe(a_text(".{0,60}"))),
        ("baselineValue", maybe(a_number(-1, 12))),
        ("targetValue", maybe(a_number(-1, 12))),
        ("targetDate", maybe(a_text("[12][0-9]{3}-[01][0-9]-[0-3][0-9]"))),
        ("sessionId", maybe(a_text("[0-9a-f-]{36}"))),
    ])
}

fn a_tracking() -> BoxedStrategy<Value> {
    object(vec![
        ("method", a_text("SCALE|BINARY|FREQUENCY|DURATION|ASSESSMENT")),
        ("scaleMin", maybe(a_number(-1, 12))),
        ("scaleMax", maybe(a_number(-1, 12))),
        ("scaleLabels", maybe(anything())),
        ("frequency", maybe(a_text("DAILY|CUSTOM"))),
        ("customFrequencyDays", maybe(a_number(-1, 400))),
        ("targetDirection", maybe(a_text("INCREASE|DECREASE|MAINTAIN"))),
    ])
}

fn a_milestone() -> BoxedStrategy<Value> {
    object(vec![
        ("title", a_text(".{0,210}")),
        ("milestoneType", maybe(a_text("VALUE|STREAK|PERCENTAGE|CUSTOM"))),
        ("targetValue", maybe(anything())),
    ])
}

fn a_reminder() -> BoxedStrategy<Value> {
    object(vec![
        ("reminderType", maybe(a_text("CHECK_IN|MOTIVATION"))),
        ("scheduledTime", maybe(a_text("[0-2][0-9]:[0-6][0-9]"))),
        ("scheduledDays", maybe(list(a_number(-1, 8)))),
        ("message", maybe(a_text("(?s).{0,40}"))),
    ])
}

fn an_assessment() -> BoxedStrategy<Value> {
    let subscores = object(vec![
        ("item_1", maybe(a_number(-1, 5))),
        ("q10", maybe(a_number(-1, 5))),
        ("items", maybe(list(a_number(-1, 5)))),
        ("note", maybe(anything())),
    ]);
    let known = a_text("PHQ-[29]|EPDS|ORS|Our own");
    object(vec![
        ("assessmentType", prop_oneof![9 => known, 1 => anything()].boxed()),
        ("score", prop_oneof![9 => a_number(-1, 30), 1 => anything()].boxed()),
        ("items", maybe(list(a_number(-1, 5)))),
        ("subscores", maybe(subscores)),
        ("administeredDate", maybe(a_text("2026-02-[0-3][0-9]"))),
        ("notes", maybe(a_text("(?s).{0,40}"))),
    ])
}

fn a_corrected_assessment() -> BoxedStrategy<Value> {
    object(vec![
        ("score", maybe(a_number(-1, 30))),
        ("items", maybe(list(a_number(-1, 5)))),
        ("subscores", maybe(object(vec![("item_1", maybe(a_number(-1, 5))), ("note", maybe(anything()))]))),
        ("administeredDate", maybe(a_text("2026-02-[0-3][0-9]"))),
        ("notes", maybe(a_text("(?s).{0,40}"))),
    ])
}

fn some_settings() -> BoxedStrategy<Value> {
    object(vec![
        ("timeZone", maybe(a_text("UTC|Europe/Vienna|Asia/Tokyo|Mars"))),
        ("weekStart", maybe(a_text("MONDAY|SUNDAY"))),
    ])
}

fn a_transfer() -> BoxedStrategy<Value> {
    object(vec![
        ("therapistId", prop_oneof![9 => a_text("Lee|Kim|[0-9a-f-]{36}"), 1 => anything()].boxed()),
        ("expectedUpdatedAt", maybe(a_text("2026-03-01T12:00:00Z|[0-9]{1,12}"))),
    ])
}

fn a_number(from: i32, to: i32) -> BoxedStrategy<Value> {
    (from..to).prop_map(Value::from).boxed()
}

fn list(of: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    proptest::collection::vec(of, 0..3).prop_map(Value::from).boxed()
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
    prop_oneof![24 => Just(json!("absent")), 5 => fitting, 1 => Just(Value::Null), 1 => anything()].boxed()
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
