//! Milestones of a goal.

use entity::milestone::Kind;
use rust_decimal::Decimal;

use super::number::{Purpose, measured, storable};
use super::{Code, Ground, Patch, Path, Problem, text};
use crate::rules::measure::Measure;

/// A milestone to set.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub kind: Option<Kind>,
    pub title: String,
    pub description: Option<String>,
    pub target: Option<Decimal>,
}

/// What to change of a milestone.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub kind: Patch<Kind>,
    /// Can't be cleared.
    pub title: Option<String>,
    pub description: Patch<String>,
    pub target: Patch<Decimal>,
}

/// What has to be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub kind: Option<Kind>,
    pub target: Option<Decimal>,
}

impl Changes {
    /// What has to be reached after the change.
    #[must_use]
    pub fn mark(&self, stored: Mark) -> Mark {
        Mark { kind: self.kind.over(stored.kind), target: self.target.over(stored.target) }
    }
}

/// `path` is of the milestone: `["input"]` or `["input", "milestones", "0"]`.
#[must_use]
pub fn check(path: &Path, draft: &Draft, ground: &Ground) -> Vec<Problem> {
    let title = text::required(&path.at("title"), "The title", &draft.title, text::TITLE);
    let description = description(path, draft.description.as_deref());
    let target = target(path, Mark { kind: draft.kind, target: draft.target }, ground.measure);
    title.into_iter().chain(description).chain(target).collect()
}

/// Checks only what is changed. `stored` is `None` when there is no such milestone: then the target is checked
/// only when it was sent.
#[must_use]
pub fn check_changes(stored: Option<Mark>, changes: &Changes, ground: &Ground) -> Vec<Problem> {
    let path = Path::input();
    let title = changes.title.as_deref();
    let title = title.and_then(|title| text::required(&path.at("title"), "The title", title, text::TITLE));
    let description = description(&path, changes.description.new_value().map(String::as_str));
    let mark = changes.mark(stored.unwrap_or_default());
    let moved = stored.map_or(changes.target.new_value().is_some(), |stored| stored != mark);
    let target = moved.then(|| target(&path, mark, ground.measure)).flatten();
    title.into_iter().chain(description).chain(target).collect()
}

fn description(path: &Path, text: Option<&str>) -> Option<Problem> {
    text::optional(&path.at("description"), "The description", text, text::LONG)
}

fn target(path: &Path, mark: Mark, measure: Option<Measure>) -> Option<Problem> {
    let path = &path.at("targetValue");
    let name = "The milestone's target";
    match (mark.kind, mark.target) {
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
