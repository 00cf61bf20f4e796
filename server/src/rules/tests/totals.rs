//! What a total says about the answers that made it, and the other way round.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::instruments::{get, state_at};
use crate::rules::instrument::{Instrument, all};
use crate::rules::safety::{self, SafetyState};
use crate::rules::scoring::Scored;

#[test]
fn a_total_that_needs_a_flag_is_one() {
    let from = |code: &str| {
        let instrument = get(code);
        let flagged = |total: &i32| safety::evaluate(instrument, *total, None).state == SafetyState::Flagged;
        let mut totals =
            (instrument.total_min..=instrument.total_max).filter(|total| instrument.reaches(*total));
        let first = totals.find(flagged);
        assert!(totals.all(|total| flagged(&total)), "{code}");
        first
    };
    assert_eq!(["PHQ-9", "PHQ-9M", "EPDS"].map(from), [Some(25), Some(25), Some(28)]);
    assert_eq!(["BDI-II", "CORE-10", "QIDS-SR16"].map(from), [Some(61), Some(37), Some(25)]);
    // Of items that flag from 2 on, one may be 1.
    assert_eq!(["MADRS", "HAM-D", "DASS-21"].map(from), [Some(56), Some(49), Some(124)]);
    assert_eq!(safety::evaluate(get("PHQ-9"), 27, None).flagged, [9]);
    assert_eq!(state_at("PHQ-9", 28, &json!({})), SafetyState::Unknown);
    // So does the score of a subscale that holds the item.
    let subscale = |score: i32| state_at("DASS-21", score, &json!({ "DEPRESSION": score }));
    assert_eq!(
        [38, 40, 42].map(subscale),
        [SafetyState::Unknown, SafetyState::Flagged, SafetyState::Flagged]
    );
    // Of a prorated total the missing answer proves nothing.
    let without_item_6 = scored_without("CORE-10", &[6], 4).subscores();
    assert_eq!(state_at("CORE-10", 31, &without_item_6.into()), SafetyState::Unknown);
}

/// The same answer to all items but some.
fn scored_without(code: &str, missing: &[u32], answer: i32) -> Scored {
    let instrument = get(code);
    let answers = (1..=instrument.items).map(|item| (!missing.contains(&item)).then_some(answer));
    instrument.score(&answers.collect::<Vec<_>>()).expect("possible answers")
}

#[test]
fn a_missing_answer_is_made_up_for_where_the_manual_says_how() {
    let total = |code: &str, missing: &[u32], answer: i32| scored_without(code, missing, answer).total;
    // Nine answers of 4, two of them turned round: 28 of 9 items, times 10.
    assert_eq!(total("CORE-10", &[6], 4), Some(31));
    assert_eq!((total("CORE-10", &[2], 4), total("CORE-10", &[1, 6], 4)), (Some(36), None));
    assert_eq!(
        (total("WSAS", &[1], 7), total("WSAS", &[2], 7), total("WSAS", &[1, 2], 7)),
        (Some(35), None, None)
    );
    // 13 of four items, times 5, is 16.25; 14 is 17.5, and a half is rounded up.
    let wsas = |second: i32| get("WSAS").score(&[None, Some(second), Some(5), Some(5), Some(1)]);
    assert_eq!([2, 3].map(|second| wsas(second).and_then(|scored| scored.total)), [Some(16), Some(18)]);
    // Of two alternatives one is enough; the item that does not apply counts nothing.
    assert_eq!((total("QIDS-SR16", &[6, 9], 1), total("QIDS-SR16", &[6, 7], 1)), (Some(9), None));
    assert_eq!((total("PHQ-15", &[4], 2), total("PHQ-15", &[5], 2)), (Some(28), None));
    assert_eq!((total("PHQ-9", &[9], 1), total("PHQ-9", &[], 1)), (None, Some(9)));
    let dass = scored_without("DASS-21", &[1], 1);
    assert_eq!(dass.subscales, [("DEPRESSION", 14), ("ANXIETY", 14)]);
    assert_eq!(dass.subscores().get("item_1"), None);
    let prorated = |missing: &[u32], total: i32| {
        get("CORE-10").is_prorated(total, &scored_without("CORE-10", missing, 4).points)
    };
    assert_eq!((prorated(&[6], 31), prorated(&[6], 30), prorated(&[], 32)), (true, false, false));
}

#[test]
fn a_total_can_be_what_some_form_comes_to() {
    for instrument in all() {
        let reached: Vec<_> =
            (-1..=instrument.total_max + 1).filter(|total| instrument.reaches(*total)).collect();
        let step = usize::try_from(instrument.multiplier).expect("a step");
        let expected: Vec<_> = (instrument.total_min..=instrument.total_max).step_by(step).collect();
        assert_eq!(reached, expected, "{}", instrument.code);
    }
    assert_eq!([1, 40, 41].map(|total| get("DASS-21").reaches(total)), [false, true, false]);
    let scale = &get("DASS-21").subscales[0];
    let reaches = |score: i32| get("DASS-21").reaches_subscale(scale, score);
    assert_eq!([-2, 0, 21, 42, 44].map(reaches), [false, true, false, true, false]);
    // Two of the items of the AUDIT are 0, 2 or 4, so the others decide whether a total is odd.
    let mut audit = vec![Some(0); 8];
    audit.extend([None, None]);
    assert_eq!(
        [0, 1, 4, 7, 8].map(|total| get("AUDIT").allows(total, &audit)),
        [true, false, true, false, true]
    );
}

/// All ways to fill in a form.
fn forms(instrument: &Instrument) -> Vec<Vec<Option<i32>>> {
    let with = |forms: Vec<Vec<_>>, item| {
        let each = forms.into_iter().flat_map(|form: Vec<_>| {
            let answer = move |answer| [form.as_slice(), &[Some(answer)]].concat();
            instrument.answers_to(item).map(answer)
        });
        each.collect()
    };
    (1..=instrument.items).fold(vec![Vec::new()], with)
}

#[test]
fn the_totals_of_small_instruments_are_those_of_all_their_forms() {
    for code in ["PHQ-2", "GAD-2", "AUDIT-C", "PC-PTSD-5", "DAST-10", "OASIS", "WHO-5"] {
        let instrument = get(code);
        let filled_in: BTreeSet<_> =
            forms(instrument).iter().filter_map(|form| instrument.score(form)?.total).collect();
        let reached = (-1..=instrument.total_max + 1).filter(|total| instrument.reaches(*total));
        assert_eq!(reached.collect::<BTreeSet<_>>(), filled_in, "{code}");
    }
}

fn a_code() -> impl Strategy<Value = &'static Instrument> {
    proptest::sample::select(all().iter().collect::<Vec<_>>())
}

/// Answers to all items, most of them the highest.
fn a_form(instrument: &'static Instrument) -> impl Strategy<Value = Vec<Option<i32>>> {
    let answer = |item| {
        let answers: Vec<_> = instrument.answers_to(item).collect();
        let highest = *answers.last().expect("an answer");
        prop_oneof![2 => Just(highest), 1 => proptest::sample::select(answers)].prop_map(Some)
    };
    (1..=instrument.items).map(answer).collect::<Vec<_>>()
}

fn an_instrument_with_a_form() -> impl Strategy<Value = (&'static Instrument, Vec<Option<i32>>)> {
    a_code().prop_flat_map(|instrument| (Just(instrument), a_form(instrument)))
}

proptest! {
    #[test]
    fn what_a_form_comes_to_can_be_reached_and_proves_nothing_wrong((instrument, form) in an_instrument_with_a_form()) {
        let scored = instrument.score(&form).expect("possible answers");
        let total = scored.total.expect("a total");
        prop_assert!(instrument.reaches(total) && instrument.allows(total, &scored.points));
        for item in 1..=instrument.items {
            let points = scored.points[usize::try_from(item - 1).expect("an index")].expect("an answer");
            prop_assert!(!instrument.proves(total, item, points + 1), "{} {item}", instrument.code);
        }
        let known = Some(scored.subscores().into());
        let flags = |item: &crate::rules::instrument::SafetyItem| {
            scored.points[usize::try_from(item.item - 1).expect("an index")] >= Some(item.at_least)
        };
        let flagged = instrument.safety.iter().any(flags);
        let read = safety::evaluate(instrument, total, known.as_ref()).state;
        prop_assert_eq!(read == SafetyState::Flagged, flagged);
    }

    #[test]
    fn what_is_allowed_beside_known_items_is_what_some_form_with_them_comes_to(
        code in proptest::sample::select(vec!["PHQ-2", "AUDIT-C", "PC-PTSD-5", "OASIS"]),
        known in proptest::collection::vec(proptest::option::of(0..=1), 5),
        total in -1..=21,
    ) {
        let instrument = get(code);
        let known = &known[..usize::try_from(instrument.items).expect("few items")];
        let agrees = |points: &[Option<i32>]| known.iter().zip(points).all(|(known, p)| known.is_none() || known == p);
        let scored = forms(instrument).into_iter().filter_map(|form| instrument.score(&form));
        let mut reached = scored.filter(|scored| agrees(&scored.points)).map(|scored| scored.total);
        prop_assert_eq!(instrument.allows(total, known), reached.any(|reached| reached == Some(total)));
    }

    #[test]
    fn the_order_of_items_does_not_matter_where_all_are_alike(
        (instrument, form) in an_instrument_with_a_form().prop_filter("all alike", |(instrument, _)| {
            instrument.reverse_items.is_empty() && instrument.item_values.is_empty() && instrument.domains.is_empty()
        }),
        turn in 0..30_usize,
    ) {
        let mut turned = form.clone();
        turned.rotate_left(turn % form.len());
        let total = |form: &[Option<i32>]| instrument.score(form).expect("possible answers").total;
        prop_assert_eq!(total(&form), total(&turned));
    }

    #[test]
    fn a_prorated_total_is_one_that_the_missing_answer_could_have_made(
        (code, missing) in prop_oneof![(Just("CORE-10"), 0..10_usize), (Just("WSAS"), Just(0))],
        seed in proptest::collection::vec(0..=4, 10),
    ) {
        let instrument = get(code);
        let mut form: Vec<_> = (1..=instrument.items).zip(&seed).map(|(_, answer)| Some(*answer)).collect();
        form[missing] = None;
        let total = instrument.score(&form).expect("possible answers").total.expect("a total");
        let item = u32::try_from(missing + 1).expect("a number");
        let filled_in = instrument.answers_to(item).filter_map(|answer| {
            form[missing] = Some(answer);
            instrument.score(&form)?.total
        });
        prop_assert!(filled_in.collect::<Vec<_>>().contains(&total));
    }
}
