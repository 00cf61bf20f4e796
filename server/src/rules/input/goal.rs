//! A goal's own columns.

use chrono::NaiveDate;
use entity::tracking::Direction;
use rust_decimal::Decimal;

use super::number::{Purpose, measured};
use super::{Code, Path, Problem, date, text};
use crate::rules::measure::Measure;
use crate::rules::progress::{self, BaselineSource};

/// A goal as it is to be stored. For an update, `None` at `description` and `aim` means untouched.
#[derive(Clone, Copy, Debug)]
pub struct Goal<'a> {
    pub description: Option<&'a str>,
    pub category: Option<&'a str>,
    pub target_date: Option<NaiveDate>,
    pub aim: Option<Aim>,
}

/// Where the goal starts and ends; check it whenever one of these is written.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    pub baseline: Option<Decimal>,
    pub target: Option<Decimal>,
    /// Of the configuration in force, or of the one made along with the goal.
    pub direction: Option<Direction>,
    /// `None` for a goal without a configuration.
    pub measure: Option<Measure>,
}

/// A new goal: its target date can't be before the patient's `today`.
#[must_use]
pub fn create(goal: &Goal, today: NaiveDate) -> Vec<Problem> {
    let path = Path::input().at("targetDate");
    let target_date = goal.target_date.and_then(|day| date::upcoming(&path, "The target date", day, today));
    check(goal).into_iter().chain(target_date).collect()
}

/// A change of a goal: an old target date may have passed.
#[must_use]
pub fn update(goal: &Goal) -> Vec<Problem> {
    let path = Path::input().at("targetDate");
    let target_date = goal.target_date.and_then(|day| date::sane(&path, "The target date", day));
    check(goal).into_iter().chain(target_date).collect()
}

fn check(goal: &Goal) -> Vec<Problem> {
    let at = |field| Path::input().at(field);
    let description = goal
        .description
        .and_then(|words| text::required(&at("description"), "The description", words, text::LONG));
    let category = text::optional(&at("category"), "The category", goal.category, text::CATEGORY);
    let aim = goal.aim.map(|aim| self::aim(&aim)).unwrap_or_default();
    description.into_iter().chain(category).chain(aim).collect()
}

/// Both values against the measure, and the direction against both. Also for a new configuration of an
/// existing goal, whose direction or range may not fit the goal any more.
#[must_use]
pub fn aim(aim: &Aim) -> Vec<Problem> {
    let value = |field: &str, name: &str, value: Option<Decimal>| {
        measured(&Path::input().at(field), name, value?, aim.measure, Purpose::Goal)
    };
    let problems: Vec<_> = value("baselineValue", "The baseline", aim.baseline)
        .into_iter()
        .chain(value("targetValue", "The target", aim.target))
        .collect();
    // Two values of which one is wrong can't be compared to any use.
    if problems.is_empty() { contradiction(aim).into_iter().collect() } else { problems }
}

/// The baseline as it will be used: one that is still to come from the first entry can't contradict, the 0
/// of a count, a duration or a yes/no can.
fn contradiction(aim: &Aim) -> Option<Problem> {
    let used = progress::Aim::new(aim.measure?, aim.baseline, aim.target, aim.direction);
    let ((baseline, source), target) = (used.baseline(None)?, used.target()?);
    if aim.direction? == Direction::Decrease && source == BaselineSource::Default {
        let message = format!("The goal is to decrease, so it needs a baseline above the target ({target}).");
        return Some(Problem::new(Code::Required, &Path::input().at("baselineValue"), message));
    }
    let (wrong, way, side) = match aim.direction? {
        Direction::Increase => (target <= baseline, "increase", "above"),
        Direction::Decrease => (target >= baseline, "decrease", "below"),
        Direction::Maintain => (false, "", ""),
    };
    let message = || {
        format!("The goal is to {way}, so the target ({target}) must be {side} the baseline ({baseline}).")
    };
    wrong.then(|| Problem::new(Code::Invalid, &Path::input().at("targetValue"), message()))
}
