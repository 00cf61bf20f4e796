//! The vectors of `testdata/vectors.json`. An unknown group or field does not parse, and what belongs to a figure
//! that nobody can ask for is named.

use entity::tracking::Direction;
use serde::Deserialize;

mod clinical;
mod goals;
mod lines;
mod times;

use clinical::ChangeVector;
use goals::{DailyVector, MaintainVector, MilestoneVector, ProgressVector};
use lines::{ProjectionVector, RollingVector, TrendVector};
use times::{ReminderVector, StreakVector};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema_version: u32,
    #[serde(rename = "note")]
    _note: String,
    vectors: Vectors,
}

/// Vectors of a figure that nobody can ask for.
type NotServed = serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    progress: Vec<ProgressVector>,
    progress_maintain: Vec<MaintainVector>,
    daily_value: Vec<DailyVector>,
    trend: Vec<TrendVector>,
    projection: Vec<ProjectionVector>,
    rolling: RollingVector,
    streak: Vec<StreakVector>,
    #[serde(rename = "loop_strength_daily")]
    _loop_strength_daily: NotServed,
    #[serde(rename = "rci")]
    _rci: NotServed,
    #[serde(rename = "rci_score")]
    _rci_score: NotServed,
    #[serde(rename = "cutoff_c")]
    _cutoff_c: NotServed,
    clinical_change: Vec<ChangeVector>,
    #[serde(rename = "gas_t")]
    _gas_t: NotServed,
    reminder_next: Vec<ReminderVector>,
    milestone: Vec<MilestoneVector>,
}

fn vectors() -> Vectors {
    let file: File = serde_json::from_str(include_str!("../../testdata/vectors.json")).expect("known groups");
    assert_eq!(file.schema_version, 1);
    file.vectors
}

/// The word of an enum of the rules, as the API writes it.
fn word(value: impl std::fmt::Debug) -> String {
    let mut word = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}

fn direction(word: Option<&str>) -> Option<Direction> {
    word.map(|word| Direction::parse(word).expect("a direction"))
}
