//! What a score means beside earlier ones.

use super::instruments::get;
use crate::rules::change::ClinicalChange;
use crate::rules::instrument::all;
use crate::rules::interpretation::{change, evaluate};

#[test]
fn a_score_is_read_with_its_sources() {
    let found = evaluate(get("PHQ-9"), 9, Some(18), Some(12));
    assert_eq!(found.band.map(|band| band.code.as_str()), Some("mild"));
    assert_eq!(found.since_first.class, ClinicalChange::ReliableRecovery);
    assert_eq!((found.since_first.points, found.since_previous.points), (Some(-9), Some(-3)));
    assert_eq!(found.since_previous.class, ClinicalChange::RecoveryNotReliable);
    assert_eq!(
        (found.change_threshold, found.is_case, found.improvement_possible),
        (Some(6), Some(false), Some(true))
    );
    assert!(found.change_threshold_source.is_some_and(|source| source.contains("Talking Therapies")));
    let core = evaluate(get("CORE-10"), 9, None, None).change_threshold_source;
    assert_eq!(core.as_deref(), Some("Barkham 2013 Couns Psychother Res 13:3 (90% confidence)"));
    let oasis = evaluate(get("OASIS"), 9, None, None).change_threshold_source;
    assert_eq!(oasis.as_deref(), Some("published threshold: Moore 2015 J Affect Disord"));
    let first = evaluate(get("PHQ-9"), 4, None, None);
    assert_eq!((first.since_first.class, first.since_first.points), (ClinicalChange::NotAvailable, None));
    assert_eq!(first.improvement_possible, Some(false));
    assert_eq!(evaluate(get("DASS-21"), 60, None, None).band, None);
    assert_eq!(evaluate(get("PHQ-9"), 99, None, None).band, None);
}

#[test]
fn threshold_and_cutoff_are_of_one_source() {
    use ClinicalChange::{Deteriorated, NoReliableChange, ReliableImprovement, ReliableRecovery};
    let class = |code: &str, earlier: i32, later: i32| change(get(code), Some(earlier), later).class;
    assert_eq!(class("EPDS", 12, 8), ReliableImprovement);
    assert_eq!([(14, 10), (16, 12)].map(|(one, two)| class("EPDS", one, two)), [ReliableRecovery; 2]);
    assert_eq!((class("PCL-5", 41, 31), class("PCL-5", 42, 32)), (ReliableRecovery, ReliableImprovement));
    assert_eq!((class("PSWQ", 54, 44), class("PSWQ", 55, 45)), (ReliableRecovery, ReliableImprovement));
    // Without a pair nothing is said of recovery.
    for code in ["K6", "OASIS"] {
        let classes = [(20, 0), (0, 20), (20, 19), (6, 4)].map(|(one, two)| class(code, one, two));
        assert_eq!(
            classes,
            [ReliableImprovement, Deteriorated, NoReliableChange, NoReliableChange],
            "{code}"
        );
        let found = evaluate(get(code), 20, None, None);
        assert!(found.caseness.is_none() && found.is_case.is_none());
    }
    let pairs = all().iter().filter(|instrument| instrument.change_pair.is_some());
    let pairs: Vec<_> = pairs.map(|instrument| instrument.code.as_str()).collect();
    assert_eq!(pairs, ["PHQ-9", "GAD-7", "PCL-5", "EPDS", "CORE-10", "ORS", "SPIN", "PSWQ"]);
    assert!(get("PHQ-9").change_pair.as_ref().is_some_and(|pair| pair.confidence == "verified"));
}

#[test]
fn a_published_threshold_wins_and_the_first_is_in_force() {
    let threshold = |code: &str| evaluate(get(code), get(code).total_min, None, None).change_threshold;
    // Computed from its norms, CORE-10 would have 7.
    assert_eq!(threshold("CORE-10"), Some(6));
    assert_eq!((threshold("PHQ-9"), threshold("GAD-7"), threshold("PCL-5")), (Some(6), Some(4), Some(10)));
    // 8.47 takes nine whole points.
    assert_eq!(threshold("K6"), Some(9));
    assert_eq!(change(get("K6"), Some(20), 12).class, ClinicalChange::NoReliableChange);
    assert_eq!(change(get("K6"), Some(20), 11).class, ClinicalChange::ReliableImprovement);
    let with_threshold = all().iter().filter(|instrument| instrument.change_threshold().is_some());
    assert_eq!(with_threshold.count(), 10);
}

#[test]
fn no_threshold_and_no_screen_has_a_change() {
    assert_eq!(change(get("BAI"), Some(40), 3).class, ClinicalChange::NotAvailable);
    assert_eq!(change(get("BAI"), Some(40), 3).points, Some(-37));
    let screen = change(get("MDQ"), Some(10), 3);
    assert_eq!((screen.class, screen.points), (ClinicalChange::NotAvailable, None));
}
