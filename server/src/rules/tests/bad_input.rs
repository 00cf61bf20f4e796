//! What is refused, where, and with which code.

use std::collections::BTreeSet;

use entity::milestone::Kind;
use entity::progress::Context;
use entity::tracking::{Direction, Frequency, Method};
use serde_json::json;

use super::{date, decimal, told};
use crate::rules::input::assessment::{self, Assessment};
use crate::rules::input::entry::{self, Entry};
use crate::rules::input::goal::{self, Aim, Goal};
use crate::rules::input::milestone::{self, Milestone};
use crate::rules::input::tracking::{self, Tracking};
use crate::rules::input::{MOST_MILESTONES, Path, count, reminder};
use crate::rules::instrument;
use crate::rules::measure::Measure;

const SCALE: Measure = Measure::Scale { min: 1, max: 10 };

fn here() -> Path {
    Path::input()
}

fn usual() -> Tracking<'static> {
    Tracking {
        method: Method::Scale,
        frequency: Frequency::Session,
        custom_frequency_days: None,
        scale_min: 1,
        scale_max: 10,
        scale_labels: None,
        frequency_unit: None,
        duration_unit: None,
    }
}

#[test]
fn tracking_configurations() {
    let path = here().at("tracking");
    let told_of = |tracking: Tracking| told(tracking::check(&path, &tracking));
    assert_eq!(told_of(usual()), [""; 0]);
    let custom =
        |custom_frequency_days| Tracking { frequency: Frequency::Custom, custom_frequency_days, ..usual() };
    assert_eq!(told_of(custom(Some(3))), [""; 0]);
    assert_eq!(told_of(custom(None)), ["Required input.tracking.customFrequencyDays"]);
    assert_eq!(told_of(custom(Some(0))), ["OutOfRange input.tracking.customFrequencyDays"]);
    assert_eq!(told_of(custom(Some(367))), ["OutOfRange input.tracking.customFrequencyDays"]);
    let labels = json!({ "1": "\0" });
    let long = "x".repeat(21);
    let all = Tracking {
        custom_frequency_days: Some(-1),
        scale_min: 0,
        scale_max: 11,
        scale_labels: Some(&labels),
        frequency_unit: Some(&long),
        duration_unit: Some("\0"),
        ..usual()
    };
    assert_eq!(
        told_of(all),
        [
            "OutOfRange input.tracking.customFrequencyDays",
            "OutOfRange input.tracking.scaleMin",
            "OutOfRange input.tracking.scaleMax",
            "Invalid input.tracking.scaleLabels",
            "TooLong input.tracking.frequencyUnit",
            "Invalid input.tracking.durationUnit",
        ]
    );
    assert_eq!(
        told_of(Tracking { scale_min: 5, scale_max: 5, ..usual() }),
        ["Invalid input.tracking.scaleMax"]
    );
}

fn aim(measure: Measure, direction: Option<Direction>, baseline: &str, target: &str) -> Aim {
    Aim {
        baseline: Some(decimal(baseline)),
        target: Some(decimal(target)),
        direction,
        measure: Some(measure),
    }
}

#[test]
fn goals() {
    let today = date("2026-03-08");
    let good = Goal {
        description: Some("Walk every day"),
        category: Some("activity"),
        target_date: Some(today),
        aim: Some(aim(SCALE, Some(Direction::Increase), "2", "8")),
    };
    assert_eq!(goal::create(&good, today), []);
    let long = "x".repeat(51);
    let bad = Goal {
        description: Some(" "),
        category: Some(&long),
        target_date: Some(date("2026-03-07")),
        aim: Some(aim(SCALE, Some(Direction::Increase), "0", "10.001")),
    };
    assert_eq!(
        told(goal::create(&bad, today)),
        [
            "Required input.description",
            "TooLong input.category",
            "OutOfRange input.baselineValue",
            "Invalid input.targetValue",
            "OutOfRange input.targetDate",
        ]
    );
    let passed = Goal { description: None, aim: None, category: None, ..bad };
    assert_eq!(goal::update(&passed), []);
    assert_eq!(
        told(goal::update(&Goal { target_date: Some(date("0001-01-01")), ..passed })),
        ["OutOfRange input.targetDate"]
    );
}

#[test]
fn directions_agree_with_baseline_and_target() {
    let refused = |direction, baseline, target| told(goal::aim(&aim(SCALE, direction, baseline, target)));
    let wrong = ["Invalid input.targetValue"];
    assert_eq!(refused(Some(Direction::Increase), "8", "5"), wrong);
    assert_eq!(refused(Some(Direction::Increase), "5", "5"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "5", "8"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "5", "5"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "8", "5"), [""; 0]);
    assert_eq!(refused(Some(Direction::Maintain), "5", "5"), [""; 0]);
    assert_eq!(refused(None, "5", "5"), [""; 0]);
    let open = |measure, direction| Aim { baseline: None, ..aim(measure, Some(direction), "0", "5") };
    assert_eq!(goal::aim(&open(SCALE, Direction::Decrease)), []);
    assert_eq!(goal::aim(&open(Measure::Frequency, Direction::Increase)), []);
    let below_nothing = open(Measure::Frequency, Direction::Decrease);
    assert_eq!(told(goal::aim(&below_nothing)), ["Required input.baselineValue"]);
    assert_eq!(goal::aim(&Aim { target: None, ..below_nothing }), []);
    let nothing = Aim { target: Some(decimal("0")), ..open(Measure::Duration, Direction::Increase) };
    assert_eq!(told(goal::aim(&nothing)), wrong);
}

fn value(value: &str) -> Entry<'_> {
    Entry {
        date: date("2026-03-08"),
        time: None,
        value: decimal(value),
        value_label: None,
        notes: None,
        context: Some(Context::SelfReport),
    }
}

#[test]
fn entries() {
    let today = date("2026-03-08");
    let long = "x".repeat(101);
    let bad = Entry { date: date("2026-03-09"), value_label: Some(&long), notes: Some("\0"), ..value("11") };
    assert_eq!(
        told(entry::check(&here(), &bad, Some(SCALE), today)),
        [
            "OutOfRange input.value",
            "OutOfRange input.entryDate",
            "TooLong input.valueLabel",
            "Invalid input.notes"
        ]
    );
    assert_eq!(entry::check(&here(), &value("5"), Some(SCALE), today), []);
    assert_eq!(entry::check(&here(), &value("5"), None, today), []);
    let phq9 = Some(Measure::Assessment(instrument::find("PHQ-9")));
    assert_eq!(told(entry::check(&here(), &value("5"), phq9, today)), ["Invalid input.context"]);
    let score = Entry { context: Some(Context::Assessment), ..value("5") };
    assert_eq!(entry::check(&here(), &score, phq9, today), []);
}

#[test]
fn imports_are_named_row_by_row() {
    let today = date("2026-03-08");
    let path = here().at("entries");
    let check =
        |rows: &[Entry], stored: &BTreeSet<_>| told(entry::import(&path, rows, stored, Some(SCALE), today));
    let stored = BTreeSet::from([entry::key(&value("7"))]);
    let rows = [value("5"), value("11"), value("5.00"), value("7"), value("6")];
    assert_eq!(
        check(&rows, &stored),
        ["OutOfRange input.entries.1.value", "Duplicate input.entries.2", "Duplicate input.entries.3"]
    );
    assert_eq!(check(&[], &stored), ["Required input.entries"]);
    assert_eq!(check(&vec![value("5"); 1_001], &stored), ["TooLong input.entries"]);
}

#[test]
fn milestones() {
    let check = |kind, target: Option<&str>, title: &str| {
        let milestone = Milestone { kind, title, description: None, target: target.map(decimal) };
        told(milestone::check(&here(), &milestone, Some(SCALE)))
    };
    for (kind, target) in [
        (Some(Kind::Percentage), Some("0.01")),
        (Some(Kind::Percentage), Some("110")),
        (Some(Kind::Value), Some("10")),
        (Some(Kind::Streak), Some("1.00")),
        (Some(Kind::Custom), None),
        (None, None),
        (None, Some("-3")),
    ] {
        assert_eq!(check(kind, target, "Halfway"), [""; 0], "{kind:?} {target:?}");
    }
    let wrong = ["OutOfRange input.targetValue"];
    for (kind, target) in [
        (Kind::Percentage, "0"),
        (Kind::Percentage, "-5"),
        (Kind::Percentage, "1e9"),
        (Kind::Value, "11"),
        (Kind::Streak, "0"),
        (Kind::Streak, "1.5"),
    ] {
        assert_eq!(check(Some(kind), Some(target), "Halfway"), wrong, "{kind:?} {target}");
    }
    for kind in [Kind::Percentage, Kind::Value, Kind::Streak] {
        assert_eq!(check(Some(kind), None, "Halfway"), ["Required input.targetValue"]);
    }
    assert_eq!(check(None, None, ""), ["Required input.title"]);
    assert_eq!(check(None, None, &"x".repeat(201)), ["TooLong input.title"]);
}

#[test]
fn reminders_and_counts() {
    let check = |days: &[i32], message: &str| told(reminder::check(&here(), Some(days), Some(message)));
    assert_eq!(check(&[0, 6, 3, 3], "Time to walk"), [""; 0]);
    assert_eq!(
        check(&[0, 7, -1], "\0"),
        ["OutOfRange input.scheduledDays.1", "OutOfRange input.scheduledDays.2", "Invalid input.message"]
    );
    assert_eq!(reminder::check(&here(), None, None), []);
    assert_eq!(reminder::stored_weekdays(&[5, 1, 5, 3]), [1, 3, 5]);
    assert_eq!(count(&here(), "milestones", 99, 1, MOST_MILESTONES), None);
    assert_eq!(told(count(&here(), "milestones", 100, 1, MOST_MILESTONES)), ["OutOfRange input"]);
}

fn phq9() -> Assessment<'static> {
    Assessment {
        assessment_type: "PHQ-9",
        score: None,
        items: None,
        subscores: None,
        administered_date: date("2026-03-08"),
        notes: None,
    }
}

#[test]
fn assessments() {
    let today = date("2026-03-08");
    let refused = |assessment: Assessment| told(assessment::check(&assessment, today).expect_err("refused"));
    assert_eq!(refused(phq9()), ["Required input.score"]);
    assert_eq!(refused(Assessment { score: Some(28), ..phq9() }), ["OutOfRange input.score"]);
    assert_eq!(
        refused(Assessment { score: Some(-1), assessment_type: "XYZ", ..phq9() }),
        ["OutOfRange input.score"]
    );
    assert_eq!(refused(Assessment { items: Some(&[0; 8]), ..phq9() }), ["Invalid input.items"]);
    assert_eq!(
        refused(Assessment { items: Some(&[0, 4, 0, 0, 0, 0, 0, 0, -1]), ..phq9() }),
        ["OutOfRange input.items.1", "OutOfRange input.items.8"]
    );
    assert_eq!(
        refused(Assessment { score: Some(8), items: Some(&[1; 9]), ..phq9() }),
        ["Invalid input.score"]
    );
    assert_eq!(
        refused(Assessment { assessment_type: "XYZ", items: Some(&[1]), ..phq9() }),
        ["NotAllowed input.items"]
    );
    let (list, wild) = (json!([1]), json!({ "item_9": 4, "total": "x", "item_99": 7 }));
    assert_eq!(
        refused(Assessment { score: Some(3), subscores: Some(&list), ..phq9() }),
        ["Invalid input.subscores"]
    );
    assert_eq!(
        refused(Assessment { score: Some(3), subscores: Some(&wild), ..phq9() }),
        ["OutOfRange input.subscores.item_9"]
    );
    let refused_with = |score: Option<i32>, items: Option<&[i32]>, subscores: serde_json::Value| {
        refused(Assessment { score, items, subscores: Some(&subscores), ..phq9() })
    };
    let (score, list) = (["Invalid input.score"], ["Invalid input.subscores.items"]);
    assert_eq!(refused_with(Some(25), None, json!({ "item_9": 0 })), score);
    assert_eq!(refused_with(Some(2), None, json!({ "item_9": 3 })), score);
    assert_eq!(refused_with(Some(27), None, json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0] })), score);
    assert_eq!(refused_with(Some(3), None, json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0, 3] })), list);
    assert_eq!(refused_with(Some(3), None, json!({ "items": { "9": 0 } })), list);
    assert_eq!(
        refused_with(Some(3), None, json!({ "items": [0, 0, 0, 0, 0, 0, 0, "3", 4] })),
        ["OutOfRange input.subscores.items.7", "OutOfRange input.subscores.items.8"]
    );
    assert_eq!(refused_with(None, Some(&[0; 9]), json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 3] })), list);
    assert_eq!(refused_with(None, Some(&[0; 9]), json!({ "q9": 3 })), ["Invalid input.subscores.q9"]);
    let long = "x".repeat(51);
    let many = Assessment {
        assessment_type: &long,
        administered_date: date("2026-03-09"),
        notes: Some("\0"),
        ..phq9()
    };
    assert_eq!(
        refused(many),
        [
            "TooLong input.assessmentType",
            "OutOfRange input.administeredDate",
            "Invalid input.notes",
            "Required input.score"
        ]
    );
}

#[test]
fn accepted_assessments_are_scored_and_read() {
    let today = date("2026-03-08");
    let accepted = |assessment: Assessment| assessment::check(&assessment, today).expect("accepted");
    let own = json!({ "note": "by phone", "item_9": 1, "q1": 1 });
    let scored = accepted(Assessment { items: Some(&[1; 9]), subscores: Some(&own), ..phq9() });
    assert_eq!((scored.instrument, scored.score, scored.severity), (Some("PHQ-9"), 9, Some("mild")));
    let kept = scored.subscores.expect("subscores");
    assert_eq!((&kept["item_9"], &kept["note"], kept.get("q1")), (&json!(1), &json!("by phone"), None));
    let listed = json!({ "items": [1, 1, 1, 1, 1, 1, 1, 1, 0] });
    let scored = accepted(Assessment { score: Some(8), subscores: Some(&listed), ..phq9() });
    let kept = scored.subscores.expect("subscores");
    assert_eq!((scored.score, &kept["item_9"], kept.get("items")), (8, &json!(0), None));
    // 5.4 + 5.4 + 5.4 + 5.6 = 21.8
    let rounded = json!({ "item_1": 5, "item_2": 5, "item_3": 5, "item_4": 6 });
    let ors = Assessment { assessment_type: "ORS", score: Some(22), subscores: Some(&rounded), ..phq9() };
    assert_eq!(accepted(ors).score, 22);
    let plain = accepted(Assessment { score: Some(20), assessment_type: "phq9", ..phq9() });
    assert_eq!(
        (plain.instrument, plain.score, plain.severity, plain.subscores),
        (Some("PHQ-9"), 20, Some("severe"), None)
    );
    let foreign = accepted(Assessment { score: Some(400), assessment_type: "XYZ", ..phq9() });
    assert_eq!((foreign.instrument, foreign.score, foreign.severity), (None, 400, None));
    let dass = accepted(Assessment { assessment_type: "DASS-21", items: Some(&[1; 21]), ..phq9() });
    assert_eq!((dass.score, dass.severity), (42, None));
    assert_eq!(dass.subscores.expect("subscores")["STRESS"], json!(14));
}
