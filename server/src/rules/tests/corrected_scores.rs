//! Corrections of results of instruments: what they make of a stored one, and what is refused.

use serde_json::{Value, json};

use super::bad_input::ground;
use super::{date, told};
use crate::rules::input::Patch;
use crate::rules::input::assessment::Figures;
use crate::rules::input::assessment_changes::{Changes, Stored, check_changes};

fn corrected(stored: (&str, i32, &Value), changes: &Changes) -> Result<Option<Figures>, Vec<String>> {
    let (assessment_type, score, subscores) = stored;
    let stored =
        Stored { assessment_type, score, subscores: Some(subscores).filter(|value| !value.is_null()) };
    check_changes(changes, Some(stored), &ground(None, None)).map_err(told)
}

fn new_figures(stored: (&str, i32, &Value), changes: &Changes) -> (i32, Option<&'static str>, Option<Value>) {
    let figures = corrected(stored, changes).expect("accepted").expect("figures");
    (figures.score, figures.severity, figures.subscores)
}

fn set(items: &[Option<i32>]) -> Patch<Vec<Option<i32>>> {
    Patch::Set(items.to_vec())
}

#[test]
fn a_new_score_brings_its_severity() {
    let changes = Changes { score: Some(5), ..Changes::default() };
    assert_eq!(new_figures(("PHQ-9", 18, &json!(null)), &changes), (5, Some("mild"), None));
    let kept = json!({ "difficulty": 1 });
    assert_eq!(new_figures(("PHQ-9", 18, &kept), &changes), (5, Some("mild"), Some(kept.clone())));
    assert_eq!(new_figures(("Our own", 18, &kept), &changes), (5, None, Some(kept.clone())));
}

#[test]
fn what_is_not_sent_is_not_checked_again() {
    // Another program has stored it.
    let wild = json!({ "item_9": 99 });
    let changes =
        Changes { notes: Patch::Clear, administered_date: Some(date("2026-03-01")), ..Changes::default() };
    assert_eq!(corrected(("PHQ-9", 99, &wild), &changes), Ok(None));
}

#[test]
fn new_answers_replace_the_old_ones_and_what_was_made_of_them() {
    let stored = json!({ "item_1": 3, "item_2": 3, "difficulty": 1 });
    let changes = Changes { items: set(&[Some(1), Some(0)]), ..Changes::default() };
    let kept = json!({ "item_1": 1, "item_2": 0, "difficulty": 1 });
    assert_eq!(new_figures(("PHQ-2", 6, &stored), &changes), (1, Some("negative"), Some(kept)));
    let dass = json!({ "DEPRESSION": 20, "ANXIETY": 10, "STRESS": 10, "note": "by phone" });
    let cleared = Changes { score: Some(42), items: Patch::Clear, ..Changes::default() };
    assert_eq!(
        new_figures(("DASS-21", 40, &dass), &cleared),
        (42, None, Some(json!({ "note": "by phone" })))
    );
    let none = Changes { items: Patch::Clear, ..Changes::default() };
    assert_eq!(new_figures(("PHQ-2", 6, &json!({ "item_1": 3 })), &none), (6, Some("positive"), None));
    // With an answer left out the score that is stored stays.
    let partly = Changes { items: set(&[Some(3), None]), ..Changes::default() };
    assert_eq!(
        new_figures(("PHQ-2", 4, &json!(null)), &partly),
        (4, Some("positive"), Some(json!({ "item_1": 3 })))
    );
}

#[test]
fn figures_that_do_not_go_together_are_refused() {
    let refused = |stored, changes: Changes| corrected(stored, &changes).expect_err("refused");
    let items = json!({ "item_1": 3, "item_2": 3 });
    let score = Changes { score: Some(5), ..Changes::default() };
    assert_eq!(refused(("PHQ-2", 6, &items), score.clone()), ["Invalid input.score"]);
    assert_eq!(
        refused(("PHQ-2", 4, &json!(null)), Changes { score: Some(7), ..score.clone() }),
        ["OutOfRange input.score"]
    );
    assert_eq!(
        refused(("DASS-21", 4, &json!(null)), Changes { score: Some(41), ..score.clone() }),
        ["OutOfRange input.score"]
    );
    let dass = json!({ "DEPRESSION": 20, "ANXIETY": 10, "STRESS": 10 });
    assert_eq!(
        refused(("DASS-21", 40, &dass), Changes { score: Some(42), ..score.clone() }),
        ["Invalid input.score"]
    );
    let bad_items = Changes { items: set(&[Some(4), Some(0)]), ..Changes::default() };
    assert_eq!(refused(("PHQ-2", 6, &items), bad_items), ["OutOfRange input.items.0"]);
    let both = Changes { items: set(&[Some(1), Some(1)]), ..score };
    assert_eq!(refused(("PHQ-2", 6, &items), both), ["Invalid input.score"]);
    let late = Changes { administered_date: Some(date("2026-03-09")), score: Some(-1), ..Changes::default() };
    assert_eq!(
        refused(("PHQ-2", 6, &json!(null)), late),
        ["OutOfRange input.administeredDate", "OutOfRange input.score"]
    );
}
