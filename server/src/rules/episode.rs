//! Which earlier scores a score is compared with.
//!
//! A score that belongs to a goal is compared within that goal's scores. Any other one is compared within those
//! of the person that follow each other without a long gap: what lies before the gap is over, and would make a
//! change look larger or smaller than it is. The length of the gap is ours.

use chrono::{Days, NaiveDate};
use uuid::Uuid;

/// The longest time between two scores of one episode, in days.
pub const LONGEST_GAP: Days = Days::new(180);

/// A score of one person by one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub id: Uuid,
    pub goal: Option<Uuid>,
    pub day: NaiveDate,
    pub score: i32,
}

/// What a score is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The day of its first score.
    pub start: NaiveDate,
    /// Its first score; `None` for that one itself.
    pub first: Option<Taken>,
    /// The score before.
    pub previous: Option<Taken>,
}

/// The episode of the last of these scores, which are in order of day.
#[must_use]
pub fn of_last(scores: &[Taken]) -> Option<Episode> {
    let (last, earlier) = scores.split_last()?;
    let mut first = last;
    let mut previous = None;
    for score in earlier.iter().rev() {
        match last.goal {
            Some(_) if score.goal != last.goal => continue,
            None if is_over(score.day, first.day) => break,
            _ => {}
        }
        previous = previous.or(Some(*score));
        first = score;
    }
    Some(Episode { start: first.day, first: previous.map(|_| *first), previous })
}

/// Whether the gap between two days ends an episode.
fn is_over(earlier: NaiveDate, later: NaiveDate) -> bool {
    earlier.checked_add_days(LONGEST_GAP).is_some_and(|last| last < later)
}
