//! A year of reminders in zones with every kind of clock change, against a second reckoning that knows
//! nothing of gaps and overlaps: it looks at the clock on the wall each quarter of an hour.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::date;
use crate::rules::reminder::{Schedule, due_since, next_due};

/// A wall clock: what it shows at each quarter of an hour of a year, and a little before and after.
struct Wall {
    year: i32,
    shown: Vec<(DateTime<Utc>, NaiveDateTime)>,
    first: HashMap<NaiveDateTime, DateTime<Utc>>,
}

impl Wall {
    fn of(zone: Tz, year: i32) -> Self {
        let start = date(&format!("{year}-01-01")).and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(3);
        let quarters = (0..372 * 96).map(|quarter| start + TimeDelta::minutes(15 * quarter));
        let shown: Vec<_> =
            quarters.map(|moment| (moment, moment.with_timezone(&zone).naive_local())).collect();
        let mut first = HashMap::new();
        for (moment, local) in &shown {
            first.entry(*local).or_insert(*moment);
        }
        Self { year, shown, first }
    }

    /// When the clock first shows this, or would if it had not been put forward; `None` when that is on
    /// another day.
    fn moment(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        if let Some(moment) = self.first.get(&local) {
            return Some(*moment);
        }
        let (before, was) = self.shown.iter().rfind(|(_, shown)| *shown < local)?;
        let moment = *before + (local - *was);
        let shown = self.shown.iter().find(|(at, _)| *at == moment)?.1;
        (shown.date() == local.date()).then_some(moment)
    }

    fn all(&self, time: NaiveTime, days: &[i32]) -> Vec<DateTime<Utc>> {
        let new_year = date(&format!("{}-01-01", self.year));
        let on_day = |day: &NaiveDate| {
            let weekday = i32::try_from(day.weekday().num_days_from_sunday()).expect("small");
            days.is_empty() || days.contains(&weekday)
        };
        let year = new_year.iter_days().take_while(|day| day.year() == self.year);
        year.filter(on_day).filter_map(|day| self.moment(day.and_time(time))).collect()
    }
}

const TIMES: [&str; 11] =
    ["00:00", "00:15", "00:30", "01:00", "01:30", "02:00", "02:15", "02:30", "03:00", "09:00", "23:45"];

/// Northern and southern summer times, half an hour, at midnight, a day that was left out, a fast month.
const ZONES: [(&str, i32); 12] = [
    ("America/New_York", 2026),
    ("Europe/London", 2026),
    ("Australia/Lord_Howe", 2026),
    ("America/Sao_Paulo", 2018),
    ("Pacific/Apia", 2011),
    ("Africa/Cairo", 2026),
    ("Africa/Casablanca", 2026),
    ("Asia/Beirut", 2026),
    ("America/St_Johns", 2011),
    ("Asia/Kathmandu", 1986),
    ("Pacific/Chatham", 2026),
    ("UTC", 2026),
];

#[test]
fn a_year_of_reminders_is_what_the_clock_on_the_wall_says() {
    for (name, year) in ZONES {
        let zone: Tz = name.parse().expect("a zone");
        let wall = Wall::of(zone, year);
        for time in TIMES {
            let time = NaiveTime::parse_from_str(time, "%H:%M").expect("a time");
            for days in [&[][..], &[0], &[1, 3, 5]] {
                let schedule = Schedule {
                    zone,
                    time: Some(time),
                    days,
                    is_active: true,
                    enabled: true,
                    goal_status: None,
                    done: &[],
                };
                let expected = wall.all(time, days);
                let first = expected[0] - TimeDelta::microseconds(1);
                let next = |after: &DateTime<Utc>| next_due(&schedule, *after);
                let found = std::iter::successors(next(&first), next).take(expected.len());
                assert_eq!(found.collect::<Vec<_>>(), expected, "{name} {time} {days:?}");
            }
        }
    }
}

#[test]
fn what_was_due_in_the_meantime_is_all_of_it_up_to_now_and_no_more_than_a_month() {
    let time = NaiveTime::from_hms_opt(9, 0, 0);
    let usual = Schedule {
        zone: Tz::UTC,
        time,
        days: &[],
        is_active: true,
        enabled: true,
        goal_status: None,
        done: &[],
    };
    let at = |day: &str| date(day).and_hms_opt(9, 0, 0).expect("a moment").and_utc();
    let slot = at("2026-03-01");
    let due = |now| due_since(&usual, slot, now).collect::<Vec<_>>();
    assert!(due(slot - TimeDelta::microseconds(1)).is_empty());
    assert_eq!(due(slot), [slot]);
    assert_eq!(due(at("2026-03-03")), [slot, at("2026-03-02"), at("2026-03-03")]);
    let long = due(at("2026-03-01") + Days::new(400));
    assert_eq!((long.len(), long[30]), (31, slot + Days::new(400)));
    // The time was moved since: the old moment is none any more.
    let moved = Schedule { time: NaiveTime::from_hms_opt(10, 0, 0), ..usual };
    assert_eq!(due_since(&moved, slot, slot).count(), 0);
}
