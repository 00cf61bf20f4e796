//! Reminders of a goal.

use std::collections::BTreeSet;

use super::{Code, Path, Problem, text};

/// A day named twice is no problem: [`stored_weekdays`] keeps it once.
///
/// `path` is of the reminder: `["input"]` or `["input", "reminders", "0"]`.
#[must_use]
pub fn check(path: &Path, days: Option<&[i32]>, message: Option<&str>) -> Vec<Problem> {
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
