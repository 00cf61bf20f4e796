//! What is refused, where, and with which code: goals and how they are tracked, milestones, reminders.

use entity::goal::Status;
use entity::milestone::Kind;
use entity::tracking::{Direction, Frequency, Method};
use serde_json::json;

use super::{date, decimal, told};
use crate::rules::input::goal::{self, Way};
use crate::rules::input::{
    Code, Ground, MOST_MILESTONES, Patch, Path, Today, count, milestone, reminder, tracking,
};
use crate::rules::instrument;
use crate::rules::measure::Measure;

pub(super) const SCALE: Measure = Measure::Scale { min: 1, max: 10 };

pub(super) fn here() -> Path {
    Path::input()
}

/// What is known of a goal that is measured in this way; today is 8 March 2026.
pub(super) fn ground(measure: Option<Measure>, direction: Option<Direction>) -> Ground {
    Ground { today: Today::Known(date("2026-03-08")), measure, direction, by_patient: false }
}

pub(super) fn scale() -> Ground {
    ground(Some(SCALE), None)
}

fn usual() -> tracking::Draft {
    tracking::Draft::new(Method::Scale)
}

#[test]
fn tracking_configurations() {
    let path = here().at("tracking");
    let told_of = |tracking: tracking::Draft| told(tracking::check(&path, &tracking));
    assert_eq!(told_of(usual()), [""; 0]);
    let custom = |custom_frequency_days| tracking::Draft {
        frequency: Frequency::Custom,
        custom_frequency_days,
        ..usual()
    };
    assert_eq!(told_of(custom(Some(3))), [""; 0]);
    assert_eq!(told_of(custom(None)), ["Required input.tracking.customFrequencyDays"]);
    assert_eq!(told_of(custom(Some(0))), ["OutOfRange input.tracking.customFrequencyDays"]);
    assert_eq!(told_of(custom(Some(367))), ["OutOfRange input.tracking.customFrequencyDays"]);
    let all = tracking::Draft {
        custom_frequency_days: Some(-1),
        scale_min: 0,
        scale_max: 11,
        scale_labels: Some(json!({ "1": "\0" })),
        frequency_unit: Some("x".repeat(21)),
        duration_unit: Some("\0".to_owned()),
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
        told_of(tracking::Draft { scale_min: 5, scale_max: 5, ..usual() }),
        ["Invalid input.tracking.scaleMax"]
    );
}

fn way(baseline: &str, target: &str) -> Way {
    Way { baseline: Some(decimal(baseline)), target: Some(decimal(target)) }
}

fn a_goal() -> goal::Draft {
    goal::Draft {
        therapist: None,
        session: None,
        description: "Walk every day".to_owned(),
        category: Some("activity".to_owned()),
        status: Status::Assigned,
        baseline: Some(decimal("2")),
        target: Some(decimal("8")),
        target_date: Some(date("2026-03-08")),
        tracking: None,
        milestones: Vec::new(),
        reminders: Vec::new(),
    }
}

#[test]
fn goals() {
    let increasing = ground(Some(SCALE), Some(Direction::Increase));
    assert_eq!(goal::check(&a_goal(), &increasing), []);
    let bad = goal::Draft {
        description: " ".to_owned(),
        category: Some("x".repeat(51)),
        target_date: Some(date("2026-03-07")),
        baseline: Some(decimal("0")),
        target: Some(decimal("10.001")),
        ..a_goal()
    };
    assert_eq!(
        told(goal::check(&bad, &increasing)),
        [
            "Required input.description",
            "TooLong input.category",
            "OutOfRange input.baselineValue",
            "Invalid input.targetValue",
            "OutOfRange input.targetDate",
        ]
    );
}

#[test]
fn what_a_goal_is_already_is_not_held_against_a_change_of_something_else() {
    let increasing = ground(Some(SCALE), Some(Direction::Increase));
    let stored = Some(way("8", "5"));
    let passed = goal::Changes { target_date: Patch::Set(date("2026-03-07")), ..goal::Changes::default() };
    assert_eq!(goal::check_changes(stored, &passed, &increasing), []);
    let ancient = goal::Changes { target_date: Patch::Set(date("0001-01-01")), ..goal::Changes::default() };
    assert_eq!(told(goal::check_changes(stored, &ancient, &increasing)), ["OutOfRange input.targetDate"]);
    let moved = goal::Changes { baseline: Patch::Set(decimal("7")), ..goal::Changes::default() };
    assert_eq!(told(goal::check_changes(stored, &moved, &increasing)), ["Invalid input.targetValue"]);
    let cleared = goal::Changes { baseline: Patch::Clear, ..goal::Changes::default() };
    assert_eq!(goal::check_changes(stored, &cleared, &increasing), []);
}

#[test]
fn directions_agree_with_baseline_and_target() {
    let refused = |direction, baseline, target| {
        told(goal::check_way(way(baseline, target), &ground(Some(SCALE), direction)))
    };
    let wrong = ["Invalid input.targetValue"];
    assert_eq!(refused(Some(Direction::Increase), "8", "5"), wrong);
    assert_eq!(refused(Some(Direction::Increase), "5", "5"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "5", "8"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "5", "5"), wrong);
    assert_eq!(refused(Some(Direction::Decrease), "8", "5"), [""; 0]);
    assert_eq!(refused(Some(Direction::Maintain), "5", "5"), [""; 0]);
    assert_eq!(refused(None, "5", "5"), [""; 0]);
    let open = Way { baseline: None, target: Some(decimal("5")) };
    let check = |way: Way, measure, direction| goal::check_way(way, &ground(Some(measure), Some(direction)));
    assert_eq!(check(open, SCALE, Direction::Decrease), []);
    assert_eq!(check(open, Measure::Frequency, Direction::Increase), []);
    let below_nothing = check(open, Measure::Frequency, Direction::Decrease);
    assert_eq!(told(below_nothing), ["Required input.baselineValue"]);
    assert_eq!(check(Way::default(), Measure::Frequency, Direction::Decrease), []);
    let nothing = Way { target: Some(decimal("0")), ..open };
    assert_eq!(told(check(nothing, Measure::Duration, Direction::Increase)), wrong);
}

#[test]
fn a_direction_that_is_worked_out_is_held_against_the_way_as_well() {
    let check = |measure, way| told(goal::check_way(way, &ground(Some(measure), None)));
    let to = |target: &str| Way { baseline: None, target: Some(decimal(target)) };
    assert_eq!(check(Measure::Frequency, to("0")), ["Invalid input.targetValue"]);
    assert_eq!(check(Measure::Frequency, to("3")), [""; 0]);
    let phq9 = Measure::Assessment(instrument::find("PHQ-9"));
    assert_eq!(check(phq9, way("5", "18")), ["Invalid input.targetValue"]);
    assert_eq!(check(phq9, way("18", "5")), [""; 0]);
    assert_eq!(check(Measure::Assessment(None), way("5", "18")), [""; 0]);
}

#[test]
fn a_habit_to_lose_needs_no_baseline_and_counts_no_successes() {
    let check = |way, direction| told(goal::check_way(way, &ground(Some(Measure::Binary), Some(direction))));
    let to = |target: &str| Way { baseline: None, target: Some(decimal(target)) };
    for way in [Way::default(), to("0"), to("1"), way("1", "0"), way("2", "1")] {
        assert_eq!(check(way, Direction::Decrease), [""; 0], "{way:?}");
    }
    assert_eq!(check(way("1", "1"), Direction::Decrease), ["Invalid input.targetValue"]);
    for direction in [Direction::Decrease, Direction::Maintain] {
        assert_eq!(check(to("12"), direction), ["Invalid input.targetValue"], "{direction:?}");
    }
    assert_eq!(check(to("12"), Direction::Increase), [""; 0]);
    assert_eq!(
        told(goal::check_way(way("5", "2"), &ground(Some(Measure::Binary), None))),
        ["Invalid input.targetValue"]
    );
}

#[test]
fn a_goal_goes_the_way_of_its_instrument() {
    let draft = |direction| tracking::Draft { direction, ..tracking::Draft::new(Method::Assessment) };
    let check = |direction, code: &str, way: Way| {
        tracking::check_direction(&here(), &draft(direction), code, way)
            .map(|problem| (problem.code, problem.message))
    };
    assert_eq!(check(None, "PHQ-9", Way::default()), None);
    assert_eq!(check(Some(Direction::Decrease), "phq9", Way::default()), None);
    let lower = "Of the PHQ-9 lower scores are better: a goal tracked by it is to DECREASE.";
    let higher = "Of the WHO-5 higher scores are better: a goal tracked by it is to INCREASE.";
    for other in [Direction::Increase, Direction::Maintain] {
        assert_eq!(check(Some(other), "PHQ-9", Way::default()), Some((Code::Invalid, lower.to_owned())));
    }
    let wrong = check(Some(Direction::Decrease), "WHO-5", Way::default());
    assert_eq!(wrong, Some((Code::Invalid, higher.to_owned())));
    let unsaid = check(None, "Our own", Way::default()).expect("a problem");
    assert_eq!(unsaid.0, Code::Required);
    assert_eq!(check(None, "Our own", way("20", "5")), None);
    assert_eq!(check(Some(Direction::Maintain), "Our own", Way::default()), None);
}

#[test]
fn milestones() {
    let check = |kind, target: Option<&str>, title: &str| {
        let target = target.map(decimal);
        let milestone = milestone::Draft { kind, title: title.to_owned(), description: None, target };
        told(milestone::check(&here(), &milestone, &scale()))
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
fn what_a_milestone_is_already_is_not_held_against_a_change_of_something_else() {
    let stored = Some(milestone::Mark { kind: Some(Kind::Value), target: Some(decimal("11")) });
    let check =
        |stored, changes: milestone::Changes| told(milestone::check_changes(stored, &changes, &scale()));
    let renamed = || milestone::Changes { title: Some("Half".to_owned()), ..milestone::Changes::default() };
    assert_eq!(check(stored, renamed()), [""; 0]);
    let streak = milestone::Changes { kind: Patch::Set(Kind::Streak), ..renamed() };
    assert_eq!(check(stored, streak), [""; 0]);
    let cleared = milestone::Changes { target: Patch::Clear, ..renamed() };
    assert_eq!(check(stored, cleared), ["Required input.targetValue"]);
    // Of a milestone that is not there it is not known whether it has a target.
    let value = milestone::Changes { kind: Patch::Set(Kind::Value), ..renamed() };
    assert_eq!(check(None, value), [""; 0]);
}

#[test]
fn reminders_and_counts() {
    let reminder = |days: &[i32], message: &str| reminder::Draft {
        days: Some(days.to_vec()),
        message: Some(message.to_owned()),
        ..reminder::Draft::default()
    };
    let check = |days: &[i32], message: &str| told(reminder::check(&here(), &reminder(days, message)));
    assert_eq!(check(&[0, 6, 3, 3], "Time to walk"), [""; 0]);
    assert_eq!(
        check(&[0, 7, -1], "\0"),
        ["OutOfRange input.scheduledDays.1", "OutOfRange input.scheduledDays.2", "Invalid input.message"]
    );
    assert_eq!(reminder::check(&here(), &reminder::Draft::default()), []);
    let cleared = reminder::Changes { days: Patch::Clear, ..reminder::Changes::default() };
    assert_eq!(reminder::check_changes(&cleared), []);
    assert_eq!(reminder::stored_weekdays(&[5, 1, 5, 3]), [1, 3, 5]);
    assert_eq!(count(&here(), "milestones", 99, 1, MOST_MILESTONES), None);
    assert_eq!(told(count(&here(), "milestones", 100, 1, MOST_MILESTONES)), ["OutOfRange input"]);
}
