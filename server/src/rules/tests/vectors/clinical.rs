//! Reliable change, cut-offs, goal attainment.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{vectors, word};
use crate::rules::attainment::{Rated, t_score};
use crate::rules::change::{Criteria, Norm, ReliableChange, cutoffs};
use crate::rules::tests::assert_near;
use crate::rules::{instrument, shown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RciVector {
    sd: Decimal,
    reliability: Decimal,
    sem: f64,
    s_diff: f64,
    threshold_95: f64,
    threshold_90: f64,
    min_points_95: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RciScoreVector {
    pre: Decimal,
    post: Decimal,
    sd: Decimal,
    reliability: Decimal,
    rc: f64,
    reliable_95: bool,
}

#[test]
fn reliable_change_vectors() {
    let vectors = vectors();
    assert_eq!((vectors.rci.len(), vectors.rci_score.len()), (2, 3));
    for vector in vectors.rci {
        let found = ReliableChange::from(vector.sd, vector.reliability).expect("a reliability");
        assert_near(found.error, vector.sem, 4);
        assert_near(found.difference_error, vector.s_diff, 4);
        assert_near(found.points_95, vector.threshold_95, 4);
        assert_near(found.points_90, vector.threshold_90, 4);
        assert_eq!(found.least_points_95, vector.min_points_95);
    }
    for vector in vectors.rci_score {
        let found = ReliableChange::from(vector.sd, vector.reliability).expect("a reliability");
        assert_near(found.index(vector.pre, vector.post).expect("an index"), vector.rc, 4);
        assert_eq!(found.is_reliable(vector.pre, vector.post), vector.reliable_95);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutoffVector {
    m_clin: Decimal,
    sd_clin: Decimal,
    m_norm: Decimal,
    sd_norm: Decimal,
    a: Decimal,
    b: Decimal,
    c: Decimal,
}

#[test]
fn cutoff_vector() {
    let vector = vectors().cutoff_c;
    let clinical = Norm { mean: vector.m_clin, deviation: vector.sd_clin };
    let found = cutoffs(clinical, Norm { mean: vector.m_norm, deviation: vector.sd_norm });
    assert_eq!((found.a, found.b, found.c.map(shown)), (vector.a, vector.b, Some(vector.c)));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeVector {
    instrument: String,
    pre: Decimal,
    post: Decimal,
    threshold: Decimal,
    caseness: Decimal,
    direction: String,
    expect: String,
}

#[test]
fn clinical_change_vectors() {
    let vectors = vectors().clinical_change;
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let criteria = Criteria::of(instrument::find(&vector.instrument).expect("in the catalogue"));
        assert_eq!(criteria.threshold, Some(vector.threshold));
        assert_eq!(criteria.caseness, Some(vector.caseness));
        let direction = match vector.direction.as_str() {
            "worse" => instrument::Direction::HigherIsWorse,
            "better" => instrument::Direction::HigherIsBetter,
            other => panic!("unknown direction {other}"),
        };
        assert_eq!(criteria.direction, direction);
        assert_eq!(word(criteria.classify(vector.pre, vector.post)), vector.expect);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttainmentVector {
    weights: Vec<Decimal>,
    scores: Vec<i8>,
    t: f64,
}

#[test]
fn attainment_vectors() {
    let vectors = vectors().gas_t;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        assert_eq!(vector.weights.len(), vector.scores.len());
        let rated = vector.weights.iter().zip(&vector.scores);
        let goals: Vec<_> = rated.map(|(weight, level)| Rated { weight: *weight, level: *level }).collect();
        assert_near(t_score(&goals).expect("a score"), vector.t, 4);
    }
}
