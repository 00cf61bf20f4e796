//! The catalogue and what is read from it.

use serde_json::json;

use crate::rules::instrument::{Band, Comparison, Direction, Instrument, all, find};
use crate::rules::safety::{self, SafetyState};
use crate::rules::scoring::Scored;
use crate::rules::subscales::{self, SubscaleScore};
use crate::rules::subscores::points;

pub(super) fn get(code: &str) -> &'static Instrument {
    find(code).expect("in the catalogue")
}

/// What a full set of answers comes to.
fn scored(instrument: &'static Instrument, answers: &[i32]) -> Option<Scored> {
    instrument.score(&answers.iter().copied().map(Some).collect::<Vec<_>>())
}

fn total(code: &str, answers: &[i32]) -> i32 {
    scored(get(code), answers).and_then(|scored| scored.total).expect("a full set of answers")
}

/// Lowest or highest possible total, by trying for each item the answers at both ends.
fn extreme(instrument: &'static Instrument, highest: bool) -> i32 {
    let answer = |item: u32| {
        let taken =
            (instrument.item_min..=instrument.item_max).filter(|answer| instrument.takes(item, *answer));
        let by_points = |answer: &i32| instrument.points(item, *answer);
        if highest { taken.max_by_key(by_points) } else { taken.min_by_key(by_points) }.expect("an answer")
    };
    total(&instrument.code, &(1..=instrument.items).map(answer).collect::<Vec<_>>())
}

fn assert_covered(bands: &[Band], lowest: i32, highest: i32) {
    for total in lowest..=highest {
        let holding = bands.iter().filter(|band| (band.min..=band.max).contains(&total));
        assert_eq!(holding.count(), 1, "{total}");
    }
    assert_eq!((bands[0].min, bands[bands.len() - 1].max), (lowest, highest));
}

#[test]
fn there_are_38_instruments_each_with_its_own_code() {
    assert_eq!(all().len(), 38);
    for instrument in all() {
        assert_eq!(get(&instrument.code).code, instrument.code);
        let bare = instrument.code.replace('-', "").to_lowercase();
        assert_eq!(get(&bare).code, instrument.code);
        assert!(instrument.code.len() <= 50 && !instrument.sources.is_empty());
    }
    assert!(find("XYZ-1").is_none() && find("").is_none());
}

#[test]
fn bands_cover_every_total_exactly_once() {
    for instrument in all() {
        let scales = instrument.subscales.iter().filter(|scale| !scale.bands.is_empty());
        let banded: Vec<_> = scales.collect();
        assert!(!instrument.bands.is_empty() || !banded.is_empty(), "{}", instrument.code);
        if !instrument.bands.is_empty() {
            assert_covered(&instrument.bands, instrument.total_min, instrument.total_max);
        }
        for scale in banded {
            assert_covered(&scale.bands, scale.min, scale.max);
        }
        assert!(instrument.bands.iter().all(|band| band.code.len() <= 20), "{}", instrument.code);
    }
}

#[test]
fn items_reach_exactly_from_the_lowest_to_the_highest_total() {
    for instrument in all() {
        let found = (extreme(instrument, false), extreme(instrument, true));
        assert_eq!(found, (instrument.total_min, instrument.total_max), "{}", instrument.code);
        for scale in &instrument.subscales {
            let count = i32::try_from(scale.items.len()).expect("few items");
            assert_eq!(scale.max, count * instrument.item_max * scale.multiplier, "{}", scale.name);
            assert!(scale.items.iter().all(|item| (1..=instrument.items).contains(item)));
        }
        let numbered = instrument.reverse_items.iter().chain(instrument.item_values.keys());
        let numbered = numbered.chain(instrument.safety.iter().map(|item| &item.item));
        assert!(numbered.into_iter().all(|item| (1..=instrument.items).contains(item)));
    }
}

#[test]
fn each_instrument_is_scored_in_its_own_way() {
    assert_eq!(total("PHQ-9", &[1; 9]), 9);
    // Reversed items.
    assert_eq!(total("DAST-10", &[0; 10]), 1);
    assert_eq!(total("EPDS", &[0; 10]), 21);
    assert_eq!(total("RSES", &[3, 0, 3, 3, 0, 0, 3, 0, 0, 3]), 30);
    assert_eq!(total("PSS-10", &[0; 10]), 16);
    assert_eq!(total("CES-D", &[0; 20]), 12);
    assert_eq!(total("CORE-10", &[0; 10]), 8);
    assert_eq!(total("GDS-15", &[1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0]), 0);
    // The lowest answer is 1.
    assert_eq!(total("K10", &[1; 10]), 10);
    // Doubled.
    assert_eq!(total("DASS-21", &[1; 21]), 42);
    // Nine domains: of sleep, appetite with weight, and pace the highest counts.
    let mut qids = [0; 16];
    (qids[0], qids[3], qids[5], qids[8], qids[14], qids[15], qids[4]) = (1, 3, 2, 1, 2, 1, 1);
    assert_eq!(total("QIDS-SR16", &qids), 3 + 2 + 2 + 1);
}

#[test]
fn subscales_are_filled_in() {
    let mut answers = [0; 21];
    // The items of depression.
    for item in [3, 5, 10, 13, 16, 17, 21] {
        answers[item - 1] = 2;
    }
    let dass = scored(get("DASS-21"), &answers).expect("a full set of answers");
    assert_eq!(dass.subscales, [("DEPRESSION", 28), ("ANXIETY", 0), ("STRESS", 0)]);
    let kept = dass.subscores();
    assert_eq!((kept.len(), &kept["DEPRESSION"], &kept["item_21"]), (24, &json!(28), &json!(2)));
    let epds = scored(get("EPDS"), &[0; 10]).expect("a full set of answers");
    assert_eq!(epds.subscales, [("EPDS-3A", 6)]);
}

#[test]
fn answers_that_do_not_exist_are_not_scored() {
    let bad =
        |code: &str, answers: &[i32]| assert_eq!(scored(get(code), answers), None, "{code} {answers:?}");
    bad("PHQ-9", &[0; 8]);
    bad("PHQ-9", &[0; 10]);
    bad("PHQ-9", &[4, 0, 0, 0, 0, 0, 0, 0, 0]);
    bad("K10", &[0; 10]);
    bad("AUDIT", &[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    // Insomnia goes from 0 to 2.
    bad("HAM-D", &[0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/// Of stored subscores, with a score that goes with them unless said.
fn state(code: &str, subscores: &serde_json::Value) -> SafetyState {
    let instrument = get(code);
    let known = points(instrument, subscores);
    let fitting =
        (instrument.total_min..=instrument.total_max).find(|score| instrument.allows(*score, &known));
    state_at(code, fitting.unwrap_or(instrument.total_min), subscores)
}

pub(super) fn state_at(code: &str, score: i32, subscores: &serde_json::Value) -> SafetyState {
    safety::evaluate(get(code), score, Some(subscores)).state
}

#[test]
fn a_missing_answer_is_unknown_and_never_clear() {
    use SafetyState::{Clear, Flagged, NotApplicable, Unknown};
    for instrument in all() {
        let expected = if instrument.safety.is_empty() { NotApplicable } else { Unknown };
        let lowest = instrument.total_min;
        assert_eq!(safety::evaluate(instrument, lowest, None).state, expected, "{}", instrument.code);
        assert_eq!(state(&instrument.code, &json!({})), expected, "{}", instrument.code);
        assert_eq!(state(&instrument.code, &json!(0)), expected, "{}", instrument.code);
    }
    for key in ["item_9", "item9", "Item 9", "q9", "9"] {
        assert_eq!(state("PHQ-9", &json!({ key: 0 })), Clear, "{key}");
        assert_eq!(state("PHQ-9", &json!({ key: 1 })), Flagged, "{key}");
    }
    assert_eq!(state("PHQ-9", &json!({ "item_9": 0, "9": 2 })), Flagged);
    assert_eq!(state("PHQ-9", &json!({ "item_9": "3" })), Flagged);
    assert_eq!(state("PHQ-9", &json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 1] })), Flagged);
    assert_eq!(state("PHQ-9", &json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0] })), Unknown);
    assert_eq!(state("PHQ-9", &json!({ "items": { "9": 0 } })), Clear);
    for unreadable in [json!(null), json!(-1), json!(0.5), json!("no"), json!(true), json!([0])] {
        assert_eq!(state("PHQ-9", &json!({ "item_9": unreadable })), Unknown, "{unreadable}");
    }
    // The items before it say nothing of it.
    assert_eq!(state("PHQ-9", &json!({ "item_1": 0, "item_8": 0, "item_19": 0 })), Unknown);
    assert_eq!(state("PHQ-8", &json!({ "item_9": 3 })), NotApplicable);
}

#[test]
fn parts_that_contradict_the_score_are_unknown_and_never_clear() {
    use SafetyState::{Clear, Flagged, Unknown};
    let nothing = json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0] });
    let one_too_many = json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
    assert_eq!(
        [24, 25, 27, 28, -1].map(|score| state_at("PHQ-9", score, &json!({ "item_9": 0 }))),
        [Clear, Flagged, Flagged, Unknown, Unknown]
    );
    assert_eq!([0, 1, 24].map(|score| state_at("PHQ-9", score, &nothing)), [Clear, Unknown, Unknown]);
    assert_eq!([0, 3].map(|score| state_at("PHQ-9", score, &one_too_many)), [Unknown; 2]);
    assert_eq!(state_at("PHQ-9", 9, &json!({ "item_9": 0, "item_1": 4 })), Unknown);
    assert_eq!(
        state_at("PHQ-9", 9, &json!({ "item_9": 0, "item_1": i32::MAX, "item_2": i32::MAX })),
        Unknown
    );
    assert_eq!(state_at("EPDS", 9, &json!({ "items": vec![i32::MIN; 10] })), Flagged);
    // A flag counts whatever contradicts it.
    assert_eq!(state_at("PHQ-9", 2, &json!({ "item_9": 3 })), Flagged);
    // Of four sleep items only the worst counts.
    let sleepless = json!({ "item_1": 3, "item_2": 3, "item_3": 3, "item_4": 3, "item_12": 0 });
    assert_eq!(
        [2, 3, 24, 25].map(|score| state_at("QIDS-SR16", score, &sleepless)),
        [Unknown, Clear, Clear, Flagged]
    );
}

/// The form of the EPDS lists "yes, quite often" first: its answer 0 is three points.
#[test]
fn points_of_a_reversed_item_are_clear_only_when_they_can_be_nothing_else() {
    use SafetyState::{Clear, Flagged, Unknown};
    assert_eq!(
        [0, 2, 3, 10, 27, 28].map(|score| state_at("EPDS", score, &json!({ "item_10": 0 }))),
        [Clear, Clear, Unknown, Unknown, Unknown, Flagged]
    );
    assert_eq!([1, 2, 3].map(|points| state_at("EPDS", 10, &json!({ "item_10": points }))), [Flagged; 3]);
    // All items make the score in one way only.
    let epds = scored(get("EPDS"), &[0, 0, 3, 0, 0, 3, 3, 3, 3, 3]).expect("a full set of answers");
    assert_eq!((epds.total, state_at("EPDS", 3, &epds.subscores().into())), (Some(3), Clear));
    // Of the CORE-10 other items than the safety item are reversed.
    assert_eq!(state_at("CORE-10", 20, &json!({ "item_6": 0 })), Clear);
}

#[test]
fn safety_goes_by_the_points_of_each_instrument() {
    use SafetyState::{Clear, Flagged, Unknown};
    for (code, item, first) in [("CORE-10", 6, 1), ("HAM-D", 3, 1), ("QIDS-SR16", 12, 1), ("DASS-21", 21, 2)]
    {
        let key = format!("item_{item}");
        assert_eq!(state(code, &json!({ key.clone(): first - 1 })), Clear, "{code}");
        assert_eq!(state(code, &json!({ key: first })), Flagged, "{code}");
    }
    // Between harmless and a flag.
    let madrs = [0, 1, 2, 6].map(|points| state("MADRS", &json!({ "item_10": points })));
    assert_eq!(madrs, [Clear, Unknown, Flagged, Flagged]);
    let epds = scored(get("EPDS"), &[0, 0, 3, 0, 3, 3, 3, 3, 3, 0]).expect("a full set of answers");
    assert_eq!(epds.total, Some(3));
    let found = safety::evaluate(get("EPDS"), 3, Some(&epds.subscores().into()));
    assert_eq!((found.state, found.flagged), (Flagged, vec![10]));
    assert_eq!(state("EPDS", &json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] })), Flagged);
    assert_eq!(state("EPDS", &json!({ "items": [0, 0, 0, 0, 0, 0, 0, 0, 0, 3] })), Clear);
}

#[test]
fn every_instrument_says_how_its_answers_are_coded() {
    for instrument in all() {
        assert!(!instrument.answers.lowest_code.is_empty(), "{}", instrument.code);
        let sum = instrument.total_max / instrument.multiplier;
        assert!(instrument.item_min >= 0 && sum < 128, "{}: sets of points hold no more", instrument.code);
        let pair = instrument.change_pair.iter();
        assert!(pair.clone().all(|pair| instrument.reaches(pair.caseness)), "{}", instrument.code);
        let worse = instrument.direction == Direction::HigherIsWorse;
        let case = if worse { Comparison::AtLeast } else { Comparison::Below };
        assert!(pair.clone().all(|pair| pair.comparison == case), "{}", instrument.code);
    }
    let rosenberg = &get("RSES").answers;
    assert_eq!(rosenberg.lowest_code, "strongly disagree");
    assert!(rosenberg.item_order.as_ref().is_some_and(|order| order.contains("Rosenberg 1965")));
}

#[test]
fn subscales_are_read_from_what_is_stored() {
    let read = |subscores: &serde_json::Value| {
        let read = subscales::read(get("DASS-21"), Some(subscores));
        let word = |one: &SubscaleScore| Some((one.score?, one.band()?.code.as_str()));
        read.iter().map(word).collect::<Vec<_>>()
    };
    let stored = json!({ "DEPRESSION": 28, "anxiety": 8, "STRESS": 13 });
    assert_eq!(read(&stored), [Some((28, "extremely_severe")), Some((8, "mild")), None]);
    let all = scored(get("DASS-21"), &[1; 21]).expect("a full set of answers").subscores();
    assert_eq!(
        read(&all.clone().into()),
        [Some((14, "moderate")), Some((14, "moderate")), Some((14, "normal"))]
    );
    let mut contradicted = all.clone();
    contradicted.insert("STRESS".to_owned(), 20.into());
    assert_eq!(read(&contradicted.into())[2], None);
    let items: serde_json::Map<_, _> = all.into_iter().filter(|(key, _)| key.starts_with("item")).collect();
    assert_eq!(read(&items.into())[1], Some((14, "moderate")));
    assert_eq!(read(&json!(null)), [None; 3]);
    assert!(subscales::read(get("PHQ-9"), Some(&stored)).is_empty());
}
