//! Habit strength: a gentler figure than a streak, since one miss costs a little and not everything.
//!
//! After Loop Habit Tracker (iSoron/uhabits, Score.kt, snapshot 2025-08-13): each day moves the strength
//! from 0 towards 1 when met and towards 0 when not.

/// What remains of yesterday's strength, for a habit of `per_day` times a day (a seventh for weekly).
#[must_use]
pub fn retained(per_day: f64) -> f64 {
    0.5_f64.powf(per_day.sqrt() / 13.0)
}

/// Strength after these days, oldest first: met, missed, or `None` for a paused day, which leaves it.
#[must_use]
pub fn evaluate(per_day: f64, days: impl IntoIterator<Item = Option<bool>>) -> f64 {
    let keep = retained(per_day);
    let step = |strength: f64, met: bool| strength * keep + f64::from(u8::from(met)) * (1.0 - keep);
    days.into_iter().flatten().fold(0.0, step)
}
