//! How a goal is to be tracked.

use entity::tracking::{Direction, Frequency, Method};
use serde_json::Value;

use super::goal::Way;
use super::{Code, Path, Problem, text};
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::rules::progress::Aim;

/// A configuration to be put in force.
#[derive(Clone, Debug)]
pub struct Draft {
    pub method: Method,
    pub frequency: Frequency,
    pub custom_frequency_days: Option<i32>,
    pub scale_min: i32,
    pub scale_max: i32,
    pub scale_labels: Option<Value>,
    pub frequency_unit: Option<String>,
    pub duration_unit: Option<String>,
    pub direction: Option<Direction>,
    pub reminder_enabled: bool,
}

impl Draft {
    /// With the defaults of the columns.
    #[must_use]
    pub const fn new(method: Method) -> Self {
        Self {
            method,
            frequency: Frequency::Session,
            custom_frequency_days: None,
            scale_min: 1,
            scale_max: 10,
            scale_labels: None,
            frequency_unit: None,
            duration_unit: None,
            direction: None,
            reminder_enabled: true,
        }
    }

    /// `instrument` is that of the goal's newest assessment, if any.
    #[must_use]
    pub fn measure(&self, instrument: Option<&'static Instrument>) -> Measure {
        Measure::of(Some(self.method), (self.scale_min, self.scale_max), instrument)
    }

    /// Whether its bounds are those of a scale: values can't be held against any others.
    #[must_use]
    pub fn is_scale(&self) -> bool {
        scale(&Path::input(), self).is_empty()
    }
}

/// A direction that is not the instrument's. Of an instrument that the catalogue does not know it has to be
/// said which way is better, unless the way from baseline to target says so.
#[must_use]
pub fn check_direction(path: &Path, draft: &Draft, instrument: &str, way: Way) -> Option<Problem> {
    let (path, known) = (path.at("targetDirection"), instrument::find(instrument));
    let said = Aim::new(draft.measure(known), way.baseline, way.target, draft.direction);
    match known {
        Some(known) => {
            let wrong = draft.direction.is_some_and(|said| said != known.good_direction());
            wrong.then(|| Problem::new(Code::Invalid, &path, better(known)))
        }
        None => said.settled().is_none().then(|| Problem::new(Code::Required, &path, unknown(instrument))),
    }
}

/// Which way scores of an instrument get better, in a sentence.
#[must_use]
pub fn better(instrument: &Instrument) -> String {
    let (way, side) = match instrument.good_direction() {
        Direction::Decrease => ("DECREASE", "lower"),
        Direction::Increase | Direction::Maintain => ("INCREASE", "higher"),
    };
    format!("Of the {} {side} scores are better: a goal tracked by it is to {way}.", instrument.code)
}

/// What is asked about an instrument that the catalogue does not know.
#[must_use]
pub fn unknown(instrument: &str) -> String {
    let instrument = instrument.trim();
    format!("Which scores of {instrument} are better is not known: set the targetDirection of the tracking.")
}

/// The longest custom period, in days (ours).
pub const LONGEST_PERIOD: i32 = 366;

/// `path` is of the configuration: `["input"]` or `["input", "tracking"]`. The bounds of a scale are
/// checked for every method, since the table checks them in every row.
#[must_use]
pub fn check(path: &Path, draft: &Draft) -> Vec<Problem> {
    let texts = [
        text::json(&path.at("scaleLabels"), "Scale labels", draft.scale_labels.as_ref()),
        text::optional(
            &path.at("frequencyUnit"),
            "Frequency unit",
            draft.frequency_unit.as_deref(),
            text::UNIT,
        ),
        text::optional(&path.at("durationUnit"), "Duration unit", draft.duration_unit.as_deref(), text::UNIT),
    ];
    period(path, draft).into_iter().chain(scale(path, draft)).chain(texts.into_iter().flatten()).collect()
}

fn period(path: &Path, draft: &Draft) -> Option<Problem> {
    let path = path.at("customFrequencyDays");
    match (draft.frequency, draft.custom_frequency_days) {
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

fn scale(path: &Path, draft: &Draft) -> Vec<Problem> {
    let (lowest, highest) = (draft.scale_min, draft.scale_max);
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
