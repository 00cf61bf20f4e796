//! Reminders of a goal.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use entity::reminder::Kind;

use super::{Code, Patch, Path, Problem, text};

/// A reminder to set up.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kind: Option<Kind>,
    /// On the patient's clock.
    pub time: Option<NaiveTime>,
    /// 0 = Sunday to 6 = Saturday; every day when absent or empty.
    pub days: Option<Vec<i32>>,
    pub message: Option<String>,
    pub is_active: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self { kind: None, time: None, days: None, message: None, is_active: true }
    }
}

/// What to change of a reminder.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub kind: Patch<Kind>,
    pub time: Patch<NaiveTime>,
    pub days: Patch<Vec<i32>>,
    pub message: Patch<String>,
    /// Can't be cleared.
    pub is_active: Option<bool>,
}

/// `path` is of the reminder: `["input"]` or `["input", "reminders", "0"]`.
#[must_use]
pub fn check(path: &Path, draft: &Draft) -> Vec<Problem> {
    written(path, draft.days.as_deref(), draft.message.as_deref())
}

#[must_use]
pub fn check_changes(changes: &Changes) -> Vec<Problem> {
    let days = changes.days.new_value().map(Vec::as_slice);
    written(&Path::input(), days, changes.message.new_value().map(String::as_str))
}

/// A day named twice is no problem: [`stored_weekdays`] keeps it once.
fn written(path: &Path, days: Option<&[i32]>, message: Option<&str>) -> Vec<Problem> {
    let text = text::optional(&path.at("message"), "The message", message, text::LONG);
    weekdays(&path.at("scheduledDays"), days.unwrap_or_default()).into_iter().chain(text).collect()
}

fn weekdays(path: &Path, days: &[i32]) -> Vec<Problem> {
    let day = |(index, day): (usize, &i32)| {
        let path = path.at(index);
        let message = "Days of the week go from 0 (Sunday) to 6 (Saturday).";
        (!(0..=6).contains(day)).then(|| Problem::new(Code::OutOfRange, &path, message))
    };
    // Of a list of a thousand wrong days the first few say enough.
    days.iter().enumerate().filter_map(day).take(7).collect()
}

/// The days as they are stored: in order, each once.
#[must_use]
pub fn stored_weekdays(days: &[i32]) -> Vec<i32> {
    days.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
