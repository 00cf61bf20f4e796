//! When a failed delivery is tried again: exponential backoff with full jitter, so that many that failed at once
//! do not come back at once.

use chrono::{NaiveDateTime, TimeDelta};

/// For so long it is tried, from the moment when it was put in line.
pub const LASTING: TimeDelta = TimeDelta::hours(24);

/// The longest first wait. Each further one may be twice as long, up to [`LONGEST`].
const FIRST: TimeDelta = TimeDelta::seconds(10);
const LONGEST: TimeDelta = TimeDelta::hours(4);
/// Jitter may be nothing; a receiver gets a moment all the same.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);

/// When to try again after so many tries; `None` when there is no time left. The last try is made when the time
/// is over, so that a receiver which comes back just before gets what it has missed.
///
/// `chance`: a random number from 0 to 1.
#[must_use]
pub fn next_try(
    attempts: u32,
    now: NaiveDateTime,
    give_up_at: NaiveDateTime,
    chance: f64,
) -> Option<NaiveDateTime> {
    let longest = (FIRST * 2_i32.pow(attempts.saturating_sub(1).min(20))).min(LONGEST);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "hours in milliseconds")]
    let wait = TimeDelta::milliseconds((longest.num_milliseconds() as f64 * chance) as i64).max(SHORTEST);
    (now < give_up_at).then(|| (now + wait).min(give_up_at))
}
