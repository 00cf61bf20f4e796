//! When the milestones of a demo goal were reached: by what had been recorded up to that moment, so that
//! each `achieved_at` can be justified from the entries.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use entity::milestone::Kind;
use entity::tracking::{Direction, Method};

use super::goals::Point;
use super::templates::{Every, Step, Template};

/// A goal as seen by its milestones while its entries come in, in the order of their recording.
#[derive(Debug)]
pub struct Watch<'a> {
    template: &'a Template,
    /// The day on which the goal was agreed: custom periods are counted from it.
    agreed: NaiveDate,
    /// The days of the patient's sessions.
    sessions: &'a [NaiveDate],
    /// What each day is worth so far, in hundredths.
    days: BTreeMap<NaiveDate, i64>,
}

impl<'a> Watch<'a> {
    pub fn new(template: &'a Template, agreed: NaiveDate, sessions: &'a [NaiveDate]) -> Self {
        Self { template, agreed, sessions, days: BTreeMap::new() }
    }

    /// The moment at which each step of the template was reached; a custom one is for people to say.
    pub fn reached(mut self, points: &[Point]) -> Vec<Option<NaiveDateTime>> {
        let steps = self.template.steps;
        let mut reached = vec![None; steps.len()];
        let mut seen: Vec<_> = points.iter().collect();
        seen.sort_by_key(|point| (point.recorded_at, point.day, point.time));
        for point in seen {
            self.see(point);
            for (step, at) in steps.iter().zip(&mut reached).filter(|(_, at)| at.is_none()) {
                *at = self.holds(step, point.day).then_some(point.recorded_at);
            }
        }
        reached
    }

    /// A sum for counts and durations, any "done" for yes or no, else the day's last value.
    fn see(&mut self, point: &Point) {
        let day = self.days.entry(point.day).or_default();
        *day = match self.template.method() {
            Method::Frequency | Method::Duration => *day + point.value,
            Method::Binary => point.value.max(*day),
            Method::Scale | Method::Assessment => point.value,
        };
    }

    fn holds(&self, step: &Step, touched: NaiveDate) -> bool {
        let Some(target) = step.target else { return false };
        match step.kind {
            Kind::Value => self.passes(self.value_on(touched), i64::from(target) * 100),
            Kind::Percentage => self.has_come(i64::from(target)),
            Kind::Streak => self.longest_streak() >= i64::from(target),
            Kind::Custom => false,
        }
    }

    fn passes(&self, value: i64, target: i64) -> bool {
        match self.template.direction() {
            Direction::Decrease => value <= target,
            Direction::Increase | Direction::Maintain => value >= target,
        }
    }

    /// The day's value; of what is summed up, the total of the day's period.
    fn value_on(&self, day: NaiveDate) -> i64 {
        if !self.is_total() {
            return self.days.get(&day).copied().unwrap_or_default();
        }
        let period = self.period(day);
        let within = self.days.iter().filter(|(day, _)| self.period(**day) == period);
        within.map(|(_, value)| value).sum()
    }

    fn is_total(&self) -> bool {
        matches!(self.template.method(), Method::Frequency | Method::Duration)
    }

    /// Whether so many percent of the way from baseline to target lie behind.
    fn has_come(&self, percent: i64) -> bool {
        let (Some(target), Some((last, _))) = (self.template.target(), self.days.last_key_value()) else {
            return false;
        };
        let first = self.days.values().next().copied().unwrap_or_default();
        let (now, start) = match self.template.method() {
            // A yes or no with a target counts its successes.
            Method::Binary => (self.days.values().sum(), 0),
            Method::Frequency | Method::Duration => (self.value_on(*last), 0),
            Method::Scale | Method::Assessment => (self.value_on(*last), first),
        };
        let start = self.template.baseline().map_or(start, |baseline| i64::from(baseline) * 100);
        let (gone, way) = (now - start, i64::from(target) * 100 - start);
        way != 0 && 100 * gone * way.signum() >= percent * way.abs()
    }

    fn longest_streak(&self) -> i64 {
        let met: BTreeSet<_> =
            self.days.keys().filter(|day| self.is_met(**day)).map(|day| self.period(*day)).collect();
        let (mut longest, mut running, mut previous) = (0, 0, None);
        for period in met {
            running = if previous == Some(period - 1) { running + 1 } else { 1 };
            longest = longest.max(running);
            previous = Some(period);
        }
        longest
    }

    /// Whether the day's period counts: done, the total reached, or else anything recorded at all.
    fn is_met(&self, day: NaiveDate) -> bool {
        match (self.template.method(), self.template.target()) {
            (Method::Binary, _) => self.days.get(&day).is_some_and(|value| *value > 0),
            (Method::Frequency | Method::Duration, Some(target)) => {
                self.passes(self.value_on(day), i64::from(target) * 100)
            }
            _ => true,
        }
    }

    /// The number of the period in which a day lies; the next period has the next number.
    fn period(&self, day: NaiveDate) -> i64 {
        let number = i64::from(day.num_days_from_ce());
        match self.template.every {
            Every::Day => number,
            // Day 1 of the common era was a Monday.
            Every::Week { .. } => (number - 1).div_euclid(7),
            Every::Days(length) => (number - i64::from(self.agreed.num_days_from_ce())).div_euclid(length),
            Every::Session => {
                i64::try_from(self.sessions.partition_point(|session| *session <= day)).unwrap_or_default()
            }
        }
    }
}
