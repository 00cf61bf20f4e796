//! What is new of a goal for its milestones, worked out from the entries at hand.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use uuid::Uuid;

use super::History;
use crate::rules::day::{self, Entry, counted};
use crate::rules::milestone::{Counted, Sense, Situation};
use crate::rules::period::AsOf;
use crate::rules::point::{Point, Tally, Unit, points, unit_of};
use crate::rules::progress::Aim;
use crate::rules::run::{Course, Search};
use crate::rules::streak::{self, Met, Rule};

/// Why milestones are looked at.
#[derive(Clone, Debug)]
pub enum Cause {
    /// Entries were written: as they are now and as they were before. Of those that are new, there is no before.
    Entries { new: Vec<Entry<Uuid>>, old: Vec<Entry<Uuid>> },
    /// Periods have ended, the last day of each among these.
    Closing(RangeInclusive<NaiveDate>),
    /// The goal, its configuration or the milestone was written: the whole history counts.
    Everything,
}

/// A unit, and the days of it whose entries are at hand.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub unit: RangeInclusive<NaiveDate>,
    pub at_hand: RangeInclusive<NaiveDate>,
    /// What the entries before those come to.
    pub base: Tally,
}

impl Cause {
    /// The days written about up to today, each once, in order.
    pub fn days(&self, today: NaiveDate) -> Vec<NaiveDate> {
        let Self::Entries { new, old } = self else { return Vec::new() };
        let mut days: Vec<_> = new.iter().chain(old).map(|entry| entry.date).collect();
        days.retain(|day| *day <= today);
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The entries at hand as they were before.
    fn before(&self, entries: &[Entry<Uuid>]) -> Option<Vec<Entry<Uuid>>> {
        let Self::Entries { new, old } = self else { return None };
        let written: HashSet<_> = new.iter().map(|entry| entry.id).collect();
        let others = entries.iter().filter(|entry| !written.contains(&entry.id));
        Some(others.chain(old).copied().collect())
    }
}

impl History {
    /// What is new, when everything that was ever recorded is at hand.
    pub fn situation(&self, cause: &Cause, today: NaiveDate) -> Situation<Uuid> {
        let as_of = AsOf::today(today);
        let runs = match cause {
            Cause::Entries { .. } => {
                let mut search = Search::new(&cause.days(today), u32::MAX, &self.period(), today);
                while self.with_course(cause, as_of, |course| search.step(course, &self.period())) {}
                search.runs()
            }
            Cause::Closing(_) | Cause::Everything => {
                let runs = |regimes: &[streak::Regime]| streak::runs(regimes, as_of, &self.pauses);
                self.with_regimes(&self.entries, as_of, runs)
            }
        };
        self.situation_of(self.points(cause, today), &runs, today)
    }

    pub(super) fn situation_of(
        &self,
        points: Vec<Point<Uuid>>,
        runs: &[Vec<Met>],
        today: NaiveDate,
    ) -> Situation<Uuid> {
        let sense = Sense::of(&self.subject.aim());
        let runs = runs.iter().map(|run| run.iter().map(|met| self.counted(met, today)).collect()).collect();
        Situation { sense, points, runs, today }
    }

    pub(super) fn points(&self, cause: &Cause, today: NaiveDate) -> Vec<Point<Uuid>> {
        let whole =
            |unit: RangeInclusive<NaiveDate>| Part { at_hand: unit.clone(), unit, base: Tally::default() };
        let parts: Vec<_> = self.units(cause, today).into_iter().map(whole).collect();
        self.points_of(cause, &parts, today)
    }

    /// The units that a cause has changed, oldest first.
    pub(super) fn units(&self, cause: &Cause, today: NaiveDate) -> Vec<RangeInclusive<NaiveDate>> {
        let (aim, period) = (self.subject.aim(), self.period());
        let days = match cause {
            Cause::Entries { .. } => cause.days(today),
            Cause::Closing(_) | Cause::Everything => {
                self.series(aim.measure.method(), today).iter().map(|day| day.date).collect()
            }
        };
        let mut units: Vec<_> = days.into_iter().map(|day| unit_of(&aim, &period, day)).collect();
        units.dedup();
        if let Cause::Closing(ends) = cause {
            units.retain(|unit| ends.contains(unit.end()));
        }
        units
    }

    pub(super) fn points_of(&self, cause: &Cause, parts: &[Part], today: NaiveDate) -> Vec<Point<Uuid>> {
        let first = self.first(today);
        let method = self.subject.aim().measure.method();
        let counted = |entries: &[Entry<Uuid>]| counted(method, entries, today);
        let (before, after) = (cause.before(&self.entries), counted(&self.entries));
        let before = before.map(|before| counted(&before));
        let points = parts.iter().flat_map(|part| {
            let aim = match cause {
                Cause::Everything => self.subject.aim(),
                Cause::Entries { .. } | Cause::Closing(_) => self.aim_at(*part.unit.end(), today),
            };
            let at_hand = |entries: &[Entry<Uuid>]| within(entries, &part.at_hand);
            let unit = Unit {
                days: part.unit.clone(),
                base: part.base,
                before: before.as_deref().map(at_hand),
                after: at_hand(&after),
            };
            points(&aim, &unit, first, AsOf::today(today))
        });
        points.collect()
    }

    /// What the entries at hand come to.
    pub(super) fn tally(&self, part: &Part, today: NaiveDate) -> Tally {
        let entries = counted(self.subject.aim().measure.method(), &self.entries, today);
        Tally::default().with(&within(&entries, &part.at_hand))
    }

    /// The first day's value, when the first day is at hand.
    fn first(&self, today: NaiveDate) -> Option<rust_decimal::Decimal> {
        let series = self.series(self.subject.aim().measure.method(), today);
        series.first().map(|day| day.value)
    }

    pub(super) fn with_course<T>(&self, cause: &Cause, as_of: AsOf, ask: impl FnOnce(&Course) -> T) -> T {
        // The first day of all is at hand, so it is the first of those.
        let first = self.entries.iter().map(|entry| entry.date).min().unwrap_or(as_of.day);
        let before = cause.before(&self.entries);
        let pauses = &self.pauses;
        self.with_regimes(&self.entries, as_of, |regimes| match &before {
            None => ask(&Course { regimes, before: None, pauses, first, as_of }),
            Some(entries) => self.with_regimes(entries, as_of, |before| {
                ask(&Course { regimes, before: Some(before), pauses, first, as_of })
            }),
        })
    }

    fn counted(&self, met: &Met, today: NaiveDate) -> Counted<Uuid> {
        let entry = self.met_by(met, today);
        let last = met.last.or(entry.map(|entry| entry.date)).unwrap_or(*met.days.end());
        Counted { last, entry: entry.map(|entry| entry.id) }
    }

    /// The entry with which a period was met; `None` when its end met it.
    fn met_by(&self, met: &Met, today: NaiveDate) -> Option<Entry<Uuid>> {
        let aim = self.aim_of(met.regime, today);
        let rule = Rule::of(&aim);
        if rule.is_judged_when_over() {
            return None;
        }
        let method = aim.measure.method();
        let entries = within(&counted(method, &self.entries, *met.days.end()), &met.days);
        let so_far = |count: &usize| day::series(method, &entries[..*count], *met.days.end());
        let count = (1..=entries.len()).find(|count| rule.met(&so_far(count)))?;
        Some(entries[count - 1])
    }

    /// Where the goal wanted to go at the end of a day, as long as it was tracked by the present method.
    fn aim_at(&self, day: NaiveDate, today: NaiveDate) -> Aim {
        let present = self.subject.aim();
        if day >= today {
            return present;
        }
        let then = self.subject.in_force(&self.versions, day).aim;
        if then.measure.method() == present.measure.method() { then } else { present }
    }

    /// Where the goal wanted to go at one time, counted from the oldest.
    fn aim_of(&self, regime: usize, today: NaiveDate) -> Aim {
        let in_force = self.subject.ever_in_force(&self.versions, AsOf::today(today));
        in_force.get(regime).map_or_else(|| self.subject.aim(), |(_, in_force)| in_force.aim)
    }
}

/// The entries of some days, among entries in order.
fn within(entries: &[Entry<Uuid>], days: &RangeInclusive<NaiveDate>) -> Vec<Entry<Uuid>> {
    let start = entries.partition_point(|entry| entry.date < *days.start());
    let end = entries.partition_point(|entry| entry.date <= *days.end());
    entries.get(start..end).unwrap_or_default().to_vec()
}
