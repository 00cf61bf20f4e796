//! When the milestones of a demo goal were reached: by what had been recorded up to that moment, so that
//! each `achieved_at` can be justified from the entries. A week or day that is to stay under its limit is
//! judged when it is over.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use entity::milestone::Kind;
use entity::tracking::{Direction, Method};

use super::goals::{Point, Pursuit};
use super::templates::{Every, Step, Template};

/// A goal as seen by its milestones while its entries come in, in the order of their recording.
#[derive(Debug)]
pub struct Watch<'a> {
    goal: &'a Pursuit<'a>,
    template: &'a Template,
    /// The day on which the goal was agreed: custom periods are counted from it.
    agreed: NaiveDate,
    /// The days of the patient's sessions.
    sessions: &'a [NaiveDate],
    /// What each day is worth so far, in hundredths.
    days: BTreeMap<NaiveDate, i64>,
}

impl<'a> Watch<'a> {
    pub fn new(goal: &'a Pursuit<'a>, sessions: &'a [NaiveDate]) -> Self {
        let (template, agreed) = (goal.template, goal.agreed.day);
        Self { goal, template, agreed, sessions, days: BTreeMap::new() }
    }

    /// The moment at which each step of the template was reached; a custom one is for people to say.
    pub fn reached(mut self, points: &[Point]) -> Vec<Option<NaiveDateTime>> {
        let steps = self.template.steps;
        let mut reached = vec![None; steps.len()];
        let mut moments: Vec<_> =
            points.iter().map(|point| (point.recorded_at, point.day, Some(point))).collect();
        if self.waits() {
            let midnight = self.goal.today.and_time(NaiveTime::MIN);
            let ends = points.iter().map(|point| (self.over_at(point.day), point.day, None));
            moments.extend(ends.filter(|(at, ..)| *at <= midnight));
        }
        moments.sort_by_key(|(at, day, point)| (*at, *day, point.map(|point| point.time)));
        for (at, day, point) in moments {
            if let Some(point) = point {
                self.see(point);
            }
            for (step, reached) in steps.iter().zip(&mut reached).filter(|(_, reached)| reached.is_none()) {
                *reached = self.holds(step, day, at).then_some(at);
            }
        }
        reached
    }

    /// Whether a period is judged when it is over, since more can take back what it is worth.
    fn waits(&self) -> bool {
        self.is_total() && self.template.direction() != Direction::Increase
    }

    /// The moment at which the period of a day is over.
    fn over_at(&self, day: NaiveDate) -> NaiveDateTime {
        let next = day.iter_days().find(|next| self.period(*next) != self.period(day));
        self.goal.patient.moment(next.unwrap_or(day).and_time(NaiveTime::MIN))
    }

    /// Of a period that is over and of which nothing is known yet there is nothing to say.
    fn is_judged(&self, day: NaiveDate, at: NaiveDateTime) -> bool {
        let is_known = || self.days.keys().any(|seen| self.period(*seen) == self.period(day));
        !self.waits() || (self.over_at(day) <= at && is_known())
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

    fn holds(&self, step: &Step, touched: NaiveDate, at: NaiveDateTime) -> bool {
        let Some(target) = step.target.filter(|_| self.is_judged(touched, at)) else { return false };
        match step.kind {
            Kind::Value => self.passes(self.value_on(touched), i64::from(target) * 100),
            Kind::Percentage => self.has_come(i64::from(target), touched),
            Kind::Streak => self.longest_streak(at) >= i64::from(target),
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
    fn has_come(&self, percent: i64, touched: NaiveDate) -> bool {
        let Some(target) = self.template.target() else { return false };
        let first = self.days.values().next().copied().unwrap_or_default();
        let (now, start) = match self.template.method() {
            // A yes or no with a target counts its successes.
            Method::Binary => (self.days.values().sum(), 0),
            Method::Frequency | Method::Duration => (self.value_on(touched), 0),
            Method::Scale | Method::Assessment => (self.value_on(touched), first),
        };
        let start = self.template.baseline().map_or(start, |baseline| i64::from(baseline) * 100);
        let (gone, way) = (now - start, i64::from(target) * 100 - start);
        way != 0 && 100 * gone * way.signum() >= percent * way.abs()
    }

    fn longest_streak(&self, at: NaiveDateTime) -> i64 {
        let met = self.days.keys().filter(|day| self.is_judged(**day, at) && self.is_met(**day));
        let met: BTreeSet<_> = met.map(|day| self.period(*day)).collect();
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
