//! When a reminder is next due, on the patient's own clock.

use std::ops::RangeInclusive;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use entity::goal::Status;

/// A reminder with all that decides whether it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    pub zone: Tz,
    pub time: Option<NaiveTime>,
    /// 0 = Sunday to 6 = Saturday; empty means every day.
    pub days: &'a [i32],
    pub is_active: bool,
    /// Of the goal's configuration in force; true without one.
    pub enabled: bool,
    /// Of the goal; `None` for a word of another program.
    pub goal_status: Option<Status>,
    /// Days that need no reminder: of one to record progress, those that have an entry already. Only days from
    /// yesterday on matter.
    pub done: &'a [NaiveDate],
}

/// What to do with a reminder whose moment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Send,
    /// The server could not send it in time.
    TooLate,
    /// One was sent on this local day.
    AlreadySent,
}

/// Of moments longer ago than this nothing is said any more.
const LONGEST_AGO: TimeDelta = TimeDelta::days(31);

/// The first moment due after `after`, which is excluded. Two weeks hold one, unless they are done already.
///
/// A wall-clock time that a clock change skips is moved forward by the length of the gap; one that comes
/// twice is taken the first time (RFC 5545). A day that a zone skipped altogether has no reminder.
#[must_use]
pub fn next_due(schedule: &Schedule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = schedule.time?;
    if !schedule.is_active || !schedule.enabled || !super::status::is_active(schedule.goal_status) {
        return None;
    }
    let days = days_ahead(schedule.zone, after);
    days.start()
        .iter_days()
        .take_while(|date| days.contains(date))
        .filter(|date| on_day(schedule.days, *date) && !schedule.done.contains(date))
        .filter_map(|date| moment(schedule.zone, wall_clock(date, time)?))
        .find(|moment| *moment > after)
}

/// The moments from `slot` to now at which a reminder was due, in order; those of the last month, after a
/// long time in which nobody looked.
pub fn due_since<'a>(
    schedule: &'a Schedule,
    slot: DateTime<Utc>,
    now: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<Utc>> + use<'a> {
    let before = just_before(slot).max(now - LONGEST_AGO);
    let next = move |after: &DateTime<Utc>| next_due(schedule, *after);
    std::iter::successors(next(&before), next).take_while(move |due| *due <= now)
}

/// A moment from which on `slot` itself is still to come. Both databases keep microseconds.
#[must_use]
pub fn just_before(slot: DateTime<Utc>) -> DateTime<Utc> {
    slot - TimeDelta::microseconds(1)
}

/// Whether a reminder due at `slot` should go out `now`: at most one on a local day, and none that is
/// `latest` late.
#[must_use]
pub fn delivery(
    zone: Tz,
    slot: DateTime<Utc>,
    now: DateTime<Utc>,
    last_sent: Option<DateTime<Utc>>,
    latest: TimeDelta,
) -> Delivery {
    let day = local_day(zone, slot);
    if last_sent.is_some_and(|sent| local_day(zone, sent) == day) {
        Delivery::AlreadySent
    } else if now - slot >= latest {
        Delivery::TooLate
    } else {
        Delivery::Send
    }
}

/// The day that it is for the patient.
#[must_use]
pub fn local_day(zone: Tz, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// The days that [`next_due`] looks at.
#[must_use]
pub fn days_ahead(zone: Tz, after: DateTime<Utc>) -> RangeInclusive<NaiveDate> {
    let today = local_day(zone, after);
    today.pred_opt().unwrap_or(today)..=today.checked_add_days(Days::new(15)).unwrap_or(today)
}

fn on_day(days: &[i32], date: NaiveDate) -> bool {
    let weekday = date.weekday().num_days_from_sunday();
    days.is_empty() || days.iter().any(|day| u32::try_from(*day) == Ok(weekday))
}

/// The end of a day, which another program may have stored as a time, is the beginning of the next.
fn wall_clock(date: NaiveDate, time: NaiveTime) -> Option<NaiveDateTime> {
    let is_end = time == entity::end_of_day();
    if is_end { Some(date.succ_opt()?.and_time(NaiveTime::MIN)) } else { Some(date.and_time(time)) }
}

/// A local time as a moment; `None` when the zone skipped that day altogether.
#[must_use]
pub fn moment(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let resolved = match zone.from_local_datetime(&local).earliest() {
        Some(moment) => moment.to_utc(),
        None => after_gap(zone, local)?,
    };
    (local_day(zone, resolved) == local.date()).then_some(resolved)
}

/// Reads the wall clock with the offset that held just before the gap, which moves the time forward by
/// the gap's length.
fn after_gap(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let mut quarters = (1..=4 * 36).map(|quarter| local - TimeDelta::minutes(15 * quarter));
    let before = quarters.find_map(|earlier| zone.from_local_datetime(&earlier).latest())?;
    let offset = TimeDelta::seconds(before.offset().fix().local_minus_utc().into());
    Some((local - offset).and_utc())
}
