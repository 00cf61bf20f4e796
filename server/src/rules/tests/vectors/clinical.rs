//! Change between two scores.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{vectors, word};
use crate::rules::change::Criteria;
use crate::rules::instrument;

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
