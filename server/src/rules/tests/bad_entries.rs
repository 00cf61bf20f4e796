//! Entries and imports that are refused, where, and with which code.

use entity::progress::Context;

use super::bad_input::{ground, here, scale};
use super::{date, decimal, told};
use crate::rules::input::entry::{self, Entry};
use crate::rules::input::{Ground, Patch, Problem, import};
use crate::rules::instrument;
use crate::rules::measure::Measure;

fn value(value: &str) -> entry::Draft {
    entry::Draft {
        date: Some(date("2026-03-08")),
        value: Some(decimal(value)),
        context: Some(Context::SelfReport),
        ..entry::Draft::default()
    }
}

fn refused(entry: entry::Draft, ground: &Ground) -> Vec<String> {
    told(entry::check(&here(), entry, ground).expect_err("refused"))
}

fn accepted(entry: entry::Draft, ground: &Ground) -> Entry {
    entry::check(&here(), entry, ground).expect("accepted")
}

#[test]
fn entries() {
    let bad = entry::Draft {
        date: Some(date("2026-03-09")),
        value_label: Some("x".repeat(101)),
        notes: Some("\0".to_owned()),
        ..value("11")
    };
    assert_eq!(
        refused(bad, &scale()),
        [
            "OutOfRange input.value",
            "OutOfRange input.entryDate",
            "TooLong input.valueLabel",
            "Invalid input.notes"
        ]
    );
    assert_eq!(accepted(value("5"), &scale()).value, decimal("5"));
    assert_eq!(accepted(value("5"), &ground(None, None)).context, Some(Context::SelfReport));
    let phq9 = ground(Some(Measure::Assessment(instrument::find("PHQ-9"))), None);
    assert_eq!(refused(value("5"), &phq9), ["Invalid input.context"]);
    let score = entry::Draft { context: None, ..value("5") };
    assert_eq!(accepted(score, &phq9).context, Some(Context::Assessment));
}

#[test]
fn an_entry_needs_a_value_and_a_day() {
    let nothing = entry::Draft::default();
    assert_eq!(refused(nothing, &scale()), ["Required input.value", "Required input.entryDate"]);
}

#[test]
fn patients_report_on_themselves() {
    let by_patient = Ground { by_patient: true, ..scale() };
    let said = |context| entry::Draft { context, ..value("5") };
    assert_eq!(accepted(said(None), &by_patient).context, Some(Context::SelfReport));
    assert_eq!(refused(said(Some(Context::Session)), &by_patient), ["NotAllowed input.context"]);
    let change = |context| entry::Changes { context, ..entry::Changes::default() };
    let check = |context| told(entry::check_changes(&change(context), &by_patient));
    assert_eq!(check(Patch::Set(Context::Assessment)), ["NotAllowed input.context"]);
    assert_eq!(check(Patch::Clear), [""; 0]);
}

#[test]
fn what_an_entry_is_already_is_not_held_against_a_change_of_something_else() {
    let phq9 = ground(Some(Measure::Assessment(instrument::find("PHQ-9"))), None);
    let note = entry::Changes { notes: Patch::Set("Rain".to_owned()), ..entry::Changes::default() };
    assert_eq!(entry::check_changes(&note, &phq9), []);
    let report = Patch::Set(Context::SelfReport);
    let moved = entry::Changes { value: Some(decimal("28")), context: report, ..note };
    assert_eq!(
        told(entry::check_changes(&moved, &phq9)),
        ["OutOfRange input.value", "Invalid input.context"]
    );
}

#[test]
fn imports_are_named_row_by_row() {
    let path = here().at("entries");
    let check = |rows: Vec<entry::Draft>, stored: &import::Stored| {
        import::check(&path, rows, stored, &scale()).map_err(|problems: Vec<Problem>| told(problems))
    };
    let seven = || import::key(date("2026-03-08"), None, decimal("7"));
    let stored = import::Stored::from([(seven(), 1)]);
    let rows = ["5", "11", "5.00", "7", "6"].map(value).to_vec();
    let refused = ["OutOfRange input.entries.1.value", "Duplicate input.entries.3"];
    assert_eq!(check(rows, &stored).expect_err("refused"), refused);
    let nothing = entry::Draft { value: None, ..value("5") };
    let unread = ["Required input.entries.0.value", "Required input.entries.1.value"];
    assert_eq!(check(vec![nothing.clone(), nothing], &stored).expect_err("refused"), unread);
    assert_eq!(check(Vec::new(), &stored).expect_err("refused"), ["Required input.entries"]);
    let many = vec![value("5"); 1_001];
    assert_eq!(check(many, &stored).expect_err("refused"), ["TooLong input.entries"]);
    let values: Vec<_> = check(["5", "6"].map(value).to_vec(), &stored).expect("accepted");
    assert_eq!(values.iter().map(|entry| entry.value).collect::<Vec<_>>(), [decimal("5"), decimal("6")]);
}

#[test]
fn a_row_is_a_duplicate_when_as_many_like_it_are_stored_as_the_file_holds_up_to_it() {
    let key = import::key(date("2026-03-08"), None, decimal("5"));
    let refused = |rows: usize, stored: usize| {
        let stored = import::Stored::from([(key, stored)]);
        let refused = import::check(&here(), vec![value("5"); rows], &stored, &scale());
        refused.map_or_else(told, |_| Vec::new())
    };
    assert_eq!(refused(2, 0), [""; 0]);
    assert_eq!(refused(2, 1), ["Duplicate input.0"]);
    assert_eq!(refused(2, 2), ["Duplicate input.0", "Duplicate input.1"]);
    assert_eq!(refused(2, 5), ["Duplicate input.0", "Duplicate input.1"]);
    assert_eq!(refused(3, 2), ["Duplicate input.0", "Duplicate input.1"]);
}
