//! Days and times of day.

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::{Code, Path, Problem, Today};

/// Years that a clinical date can have (ours).
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// Reads a day as it came over the wire: `2026-03-08`.
///
/// # Errors
/// `INVALID` for what is no day of the calendar, `OUT_OF_RANGE` for years outside [`YEARS`].
pub fn parse(path: &Path, name: &str, text: &str) -> Result<NaiveDate, Problem> {
    let invalid = || Problem::new(Code::Invalid, path, format!("{name} is not a day such as 2026-03-08."));
    let date = read(text).ok_or_else(invalid)?;
    sane(path, name, date).map_or(Ok(date), Err)
}

/// A day as it is written, and in no other way: `2026-3-8` is none.
#[must_use]
pub fn read(text: &str) -> Option<NaiveDate> {
    text.parse::<NaiveDate>().ok().filter(|date| date.to_string() == text)
}

/// Reads a time of day as it came over the wire: `09:30`, `09:30:00`, or with milliseconds or
/// microseconds, which is what every database keeps.
///
/// # Errors
/// `INVALID` for what is no time of day.
pub fn parse_time(path: &Path, name: &str, text: &str) -> Result<NaiveTime, Problem> {
    let forms = ["%H:%M", "%H:%M:%S", "%H:%M:%S%.3f", "%H:%M:%S%.6f"];
    let read = |form: &&str| NaiveTime::parse_from_str(text, form).ok();
    let time = forms.iter().find_map(|form| read(form).filter(|time| time.format(form).to_string() == text));
    let invalid = || Problem::new(Code::Invalid, path, format!("{name} is not a time such as 09:30."));
    // A leap second would wrap to the next day on some databases.
    time.filter(|time| chrono::Timelike::nanosecond(time) < 1_000_000_000).ok_or_else(invalid)
}

/// A day of a sane year.
#[must_use]
pub fn sane(path: &Path, name: &str, date: NaiveDate) -> Option<Problem> {
    let message = || format!("{name} must lie between the years {} and {}.", YEARS.start(), YEARS.end());
    (!YEARS.contains(&date.year())).then(|| Problem::new(Code::OutOfRange, path, message()))
}

/// Something that has happened: not after the patient's today.
#[must_use]
pub fn past(path: &Path, name: &str, date: NaiveDate, today: Today) -> Option<Problem> {
    let today = today.latest();
    let message = || format!("{name} can't be after today ({today}).");
    let ahead = || (date > today).then(|| Problem::new(Code::OutOfRange, path, message()));
    sane(path, name, date).or_else(ahead)
}

/// Something still to come: not before the patient's today, when that is known.
#[must_use]
pub fn upcoming(path: &Path, name: &str, date: NaiveDate, today: Today) -> Option<Problem> {
    let gone = || match today {
        Today::Known(today) if date < today => {
            let message = format!("{name} can't be before today ({today}).");
            Some(Problem::new(Code::OutOfRange, path, message))
        }
        Today::Known(_) | Today::AtMost(_) => None,
    };
    sane(path, name, date).or_else(gone)
}
