//! Results of instruments that are refused, where, and with which code.

use serde_json::json;

use super::bad_input::ground;
use super::{date, told};
use crate::rules::input::assessment;

fn phq9() -> assessment::Draft {
    assessment::Draft {
        assessment_type: "PHQ-9".to_owned(),
        administered_date: Some(date("2026-03-08")),
        ..assessment::Draft::default()
    }
}

/// Answers to all items.
fn answers(items: &[i32]) -> Vec<Option<i32>> {
    items.iter().copied().map(Some).collect()
}

#[test]
fn assessments() {
    let known = ground(None, None);
    let refused = |draft: assessment::Draft| told(assessment::check(&draft, &known).expect_err("refused"));
    assert_eq!(refused(phq9()), ["Required input.score"]);
    assert_eq!(refused(assessment::Draft { score: Some(28), ..phq9() }), ["OutOfRange input.score"]);
    assert_eq!(
        refused(assessment::Draft { score: Some(-1), assessment_type: "XYZ".to_owned(), ..phq9() }),
        ["OutOfRange input.score"]
    );
    assert_eq!(
        refused(assessment::Draft { items: Some(answers(&[0; 8])), ..phq9() }),
        ["Invalid input.items"]
    );
    assert_eq!(
        refused(assessment::Draft { items: Some(answers(&[0, 4, 0, 0, 0, 0, 0, 0, -1])), ..phq9() }),
        ["OutOfRange input.items.1", "OutOfRange input.items.8"]
    );
    assert_eq!(
        refused(assessment::Draft { score: Some(8), items: Some(answers(&[1; 9])), ..phq9() }),
        ["Invalid input.score"]
    );
    assert_eq!(
        refused(assessment::Draft {
            assessment_type: "XYZ".to_owned(),
            items: Some(answers(&[1])),
            ..phq9()
        }),
        ["NotAllowed input.items"]
    );
    let (list, wild) = (json!([1]), json!({ "item_9": 4, "total": "x", "item_99": 7 }));
    assert_eq!(
        refused(assessment::Draft { score: Some(3), subscores: Some(list), ..phq9() }),
        ["Invalid input.subscores"]
    );
    assert_eq!(
        refused(assessment::Draft { score: Some(3), subscores: Some(wild), ..phq9() }),
        ["OutOfRange input.subscores.item_9"]
    );
    let refused_with = |score: Option<i32>, items: Option<&[i32]>, subscores: serde_json::Value| {
        refused(assessment::Draft { score, items: items.map(answers), subscores: Some(subscores), ..phq9() })
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
    let many = assessment::Draft {
        assessment_type: "x".repeat(51),
        administered_date: Some(date("2026-03-09")),
        notes: Some("\0".to_owned()),
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
    let known = ground(None, None);
    let accepted = |draft: assessment::Draft| assessment::check(&draft, &known).expect("accepted");
    let own = json!({ "note": "by phone", "item_9": 1, "q1": 1 });
    let scored =
        accepted(assessment::Draft { items: Some(answers(&[1; 9])), subscores: Some(own), ..phq9() });
    assert_eq!(
        (scored.instrument, scored.figures.score, scored.figures.severity),
        (Some("PHQ-9"), 9, Some("mild"))
    );
    let kept = scored.figures.subscores.expect("subscores");
    assert_eq!((&kept["item_9"], &kept["note"], kept.get("q1")), (&json!(1), &json!("by phone"), None));
    let listed = json!({ "items": [1, 1, 1, 1, 1, 1, 1, 1, 0] });
    let scored = accepted(assessment::Draft { score: Some(8), subscores: Some(listed), ..phq9() });
    let kept = scored.figures.subscores.expect("subscores");
    assert_eq!((scored.figures.score, &kept["item_9"], kept.get("items")), (8, &json!(0), None));
    // 5.4 + 5.4 + 5.4 + 5.6 = 21.8
    let rounded = json!({ "item_1": 5, "item_2": 5, "item_3": 5, "item_4": 6 });
    let ors = assessment::Draft {
        assessment_type: "ORS".to_owned(),
        score: Some(22),
        subscores: Some(rounded),
        ..phq9()
    };
    assert_eq!(accepted(ors).figures.score, 22);
    let plain = accepted(assessment::Draft { score: Some(20), assessment_type: "phq9".to_owned(), ..phq9() });
    assert_eq!(
        (plain.instrument, plain.figures.score, plain.figures.severity, plain.figures.subscores),
        (Some("PHQ-9"), 20, Some("severe"), None)
    );
    let foreign =
        accepted(assessment::Draft { score: Some(400), assessment_type: "XYZ".to_owned(), ..phq9() });
    assert_eq!((foreign.instrument, foreign.figures.score, foreign.figures.severity), (None, 400, None));
    let dass = accepted(assessment::Draft {
        assessment_type: "DASS-21".to_owned(),
        items: Some(answers(&[1; 21])),
        ..phq9()
    });
    assert_eq!((dass.figures.score, dass.figures.severity), (42, None));
    assert_eq!(dass.figures.subscores.expect("subscores")["STRESS"], json!(14));
}
