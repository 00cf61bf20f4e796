//! Milestones of a goal.

use entity::milestone::Kind;
use rust_decimal::Decimal;

use super::number::{Purpose, measured, storable};
use super::{Code, Path, Problem, text};
use crate::rules::measure::Measure;

/// A milestone as it is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Milestone<'a> {
    pub kind: Option<Kind>,
    pub title: &'a str,
    pub description: Option<&'a str>,
    pub target: Option<Decimal>,
}

/// `path` is of the milestone: `["input"]` or `["input", "milestones", "0"]`.
#[must_use]
pub fn check(path: &Path, milestone: &Milestone, measure: Option<Measure>) -> Vec<Problem> {
    let title = text::required(&path.at("title"), "The title", milestone.title, text::TITLE);
    let description =
        text::optional(&path.at("description"), "The description", milestone.description, text::LONG);
    let target = target(&path.at("targetValue"), milestone, measure);
    title.into_iter().chain(description).chain(target).collect()
}

fn target(path: &Path, milestone: &Milestone, measure: Option<Measure>) -> Option<Problem> {
    let name = "The milestone's target";
    match (milestone.kind, milestone.target) {
        (None | Some(Kind::Custom), None) => None,
        (Some(_), None) => {
            let message = "This kind of milestone needs a target.";
            Some(Problem::new(Code::Required, path, message))
        }
        (Some(Kind::Value), Some(target)) => measured(path, name, target, measure, Purpose::Goal),
        (Some(Kind::Percentage), Some(target)) => storable(path, name, target)
            .or_else(|| refuse(path, target <= Decimal::ZERO, "A percentage must be above 0.")),
        (Some(Kind::Streak), Some(target)) => storable(path, name, target).or_else(|| {
            let broken = target < Decimal::ONE || !target.fract().is_zero();
            refuse(path, broken, "A streak is a whole number of periods, at least 1.")
        }),
        (None | Some(Kind::Custom), Some(target)) => storable(path, name, target),
    }
}

fn refuse(path: &Path, wrong: bool, message: &str) -> Option<Problem> {
    wrong.then(|| Problem::new(Code::OutOfRange, path, message))
}
