//! The vectors of `testdata/vectors.json`, all of them: an unknown group or field does not parse.

use entity::tracking::Direction;
use serde::Deserialize;

mod clinical;
mod goals;
mod lines;
mod times;

use clinical::{AttainmentVector, ChangeVector, CutoffVector, RciScoreVector, RciVector};
use goals::{DailyVector, MaintainVector, MilestoneVector, ProgressVector};
use lines::{ProjectionVector, RollingVector, TrendVector};
use times::{ReminderVector, StreakVector, StrengthVector};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema_version: u32,
    #[serde(rename = "note")]
    _note: String,
    vectors: Vectors,
}

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
    loop_strength_daily: StrengthVector,
    rci: Vec<RciVector>,
    rci_score: Vec<RciScoreVector>,
    cutoff_c: CutoffVector,
    clinical_change: Vec<ChangeVector>,
    gas_t: Vec<AttainmentVector>,
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
