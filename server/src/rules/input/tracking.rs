//! How a goal is to be tracked.

use entity::tracking::{Frequency, Method};
use serde_json::Value;

use super::{Code, Path, Problem, text};

/// A configuration as it is to be stored, defaults filled in: frequency `session`, scale 1 to 10.
#[derive(Clone, Copy, Debug)]
pub struct Tracking<'a> {
    pub method: Method,
    pub frequency: Frequency,
    pub custom_frequency_days: Option<i32>,
    pub scale_min: i32,
    pub scale_max: i32,
    pub scale_labels: Option<&'a Value>,
    pub frequency_unit: Option<&'a str>,
    pub duration_unit: Option<&'a str>,
}

/// The longest custom period, in days (ours).
pub const LONGEST_PERIOD: i32 = 366;

/// `path` is of the configuration: `["input"]` or `["input", "tracking"]`. The bounds of a scale are
/// checked for every method, since the table checks them in every row.
#[must_use]
pub fn check(path: &Path, tracking: &Tracking) -> Vec<Problem> {
    let texts = [
        text::json(&path.at("scaleLabels"), "Scale labels", tracking.scale_labels),
        text::optional(&path.at("frequencyUnit"), "Frequency unit", tracking.frequency_unit, text::UNIT),
        text::optional(&path.at("durationUnit"), "Duration unit", tracking.duration_unit, text::UNIT),
    ];
    period(path, tracking)
        .into_iter()
        .chain(scale(path, tracking))
        .chain(texts.into_iter().flatten())
        .collect()
}

fn period(path: &Path, tracking: &Tracking) -> Option<Problem> {
    let path = path.at("customFrequencyDays");
    match (tracking.frequency, tracking.custom_frequency_days) {
        (Frequency::Custom, None) => {
            Some(Problem::new(Code::Required, &path, "A custom frequency needs its number of days."))
        }
        (_, Some(days)) if !(1..=LONGEST_PERIOD).contains(&days) => {
            let message = format!("The number of days must lie between 1 and {LONGEST_PERIOD}.");
            Some(Problem::new(Code::OutOfRange, &path, message))
        }
        _ => None,
    }
}

fn scale(path: &Path, tracking: &Tracking) -> Vec<Problem> {
    let (lowest, highest) = (tracking.scale_min, tracking.scale_max);
    let refused = |field: &str, message: &str| Problem::new(Code::OutOfRange, &path.at(field), message);
    let mut problems = Vec::new();
    if lowest < 1 {
        problems.push(refused("scaleMin", "A scale can't start below 1."));
    }
    if highest > 10 {
        problems.push(refused("scaleMax", "A scale can't end above 10."));
    }
    if lowest >= highest {
        let message = format!("The end of the scale ({highest}) must be above its start ({lowest}).");
        problems.push(Problem::new(Code::Invalid, &path.at("scaleMax"), message));
    }
    problems
}
