//! How a goal goes over the months: on which days something is recorded, and what.
//!
//! Values are whole hundredths, as NUMERIC(10,2) keeps them, and the way is measured in thousandths, so
//! that nothing depends on how a machine rounds.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

/// Numbers that look random and are the same each time: splitmix64, started by a name.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn of(name: &str) -> Self {
        let hash = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash))
    }

    /// From 0 up to, and not including, `sides`.
    pub fn below(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(sides.max(1))).unwrap_or_default()
    }

    pub fn one_in(&mut self, sides: u32) -> bool {
        self.below(sides) == 0
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let at = self.below(u32::try_from(of.len()).unwrap_or(u32::MAX));
        of.get(usize::try_from(at).unwrap_or_default()).copied()
    }

    /// From `-reach` to `reach`, both included, the middle more often than the ends.
    fn around(&mut self, reach: i64) -> i64 {
        let sides = u32::try_from(reach).unwrap_or_default() + 1;
        i64::from(self.below(sides)) - i64::from(self.below(sides))
    }
}

/// The course that a goal takes between where it starts and where it wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Gets there in the end, and a little further.
    Reaching,
    /// Gets better, is not there yet.
    Steady,
    /// Gets better, then halts half way.
    Plateau,
    /// Gets better, falls back, recovers.
    Setback,
    /// Goes nowhere.
    Stagnant,
    Worsening,
}

impl Shape {
    /// How far along the way, at a point of the time; both in thousandths.
    fn share(self, at: i64) -> i64 {
        match self {
            Self::Reaching => (at * 11 / 9).min(1100),
            Self::Steady => at * 3 / 4,
            Self::Plateau => at.min(500),
            Self::Setback if at < 500 => at * 6 / 5,
            Self::Setback if at < 700 => 600 - (at - 500) * 2,
            Self::Setback => 200 + (at - 700) * 5 / 3,
            Self::Stagnant => 100,
            Self::Worsening => -at * 2 / 5,
        }
    }
}

/// What is recorded: from one value towards another, in steps, within bounds. All in hundredths.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    pub shape: Shape,
    pub from: i64,
    pub to: i64,
    pub step: i64,
    pub low: i64,
    pub high: i64,
}

impl Course {
    /// The value at a point of the time (thousandths), give or take a step or so on most days.
    pub fn value(&self, at: i64, dice: &mut Dice) -> i64 {
        let fitted = self.from + (self.to - self.from) * self.shape.share(at) / 1000;
        let arrived = self.shape == Shape::Reaching && at >= 900;
        let noise = if arrived { 0 } else { dice.around(self.step * 3 / 2) };
        // To the nearest step, halves up.
        let steps = (fitted + noise + self.step / 2).div_euclid(self.step);
        (steps * self.step).clamp(self.low, self.high)
    }

    /// Whether it was done at a point of the time: 1.00 or 0.00.
    pub fn done(&self, at: i64, dice: &mut Dice) -> i64 {
        let chance = (500 + self.shape.share(at) * 45 / 100).clamp(150, 1000);
        if i64::from(dice.below(1000)) < chance { 100 } else { 0 }
    }
}

/// Every so many days after `first`, up to `last`.
pub fn days(first: NaiveDate, last: NaiveDate, apart: i64) -> Vec<NaiveDate> {
    let apart = apart.max(1);
    let steps = (last - first).num_days() / apart;
    (1..=steps).map(|step| first + TimeDelta::days(step * apart)).collect()
}

/// The days on which it was not forgotten: now and then a day is left out, and once, on every other
/// long course, about a week. First and last day stay.
pub fn kept(days: &[NaiveDate], forgets_one_in: u32, dice: &mut Dice) -> Vec<NaiveDate> {
    let length = u32::try_from(days.len()).unwrap_or_default();
    let away = (length > 40 && dice.one_in(2)).then(|| 10 + dice.below(length - 25));
    let is_away = |at: u32| away.is_some_and(|from| (from..from + 8).contains(&at));
    let mut keeps = |at: u32| {
        let remembered = !dice.one_in(forgets_one_in);
        at == 0 || at + 1 == length || (remembered && !is_away(at))
    };
    (0..).zip(days).filter(|(at, _)| keeps(*at)).map(|(_, day)| *day).collect()
}

/// Where a day lies between the first and the last, in thousandths; a single day is the start.
pub fn place(days: &[NaiveDate], day: NaiveDate) -> i64 {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first < last => {
            1000 * (day - *first).num_days() / (*last - *first).num_days()
        }
        _ => 0,
    }
}

/// A time of day; midnight for one that no clock shows.
pub fn clock(hour: usize, minute: u32) -> NaiveTime {
    let hour = u32::try_from(hour).unwrap_or(u32::MAX);
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}
