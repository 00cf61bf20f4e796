//! From item answers to scores, by the instrument's own scoring.

use serde_json::{Map, Value};

use super::instrument::{Instrument, Prorating};

/// What the answers to a form come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// `None` when items are unanswered and the manual makes no total of the others.
    pub total: Option<i32>,
    /// Code and score of each subscale whose items are all answered.
    pub subscales: Vec<(&'static str, i32)>,
    /// Points of each item, reversed items turned round; `None` for one without an answer.
    pub points: Vec<Option<i32>>,
}

impl Instrument {
    /// Whether the item (counted from 1) takes this answer.
    #[must_use]
    pub fn takes(&self, item: u32, answer: i32) -> bool {
        match self.item_values.get(&item) {
            Some(values) => values.contains(&answer),
            None => (self.item_min..=self.item_max).contains(&answer),
        }
    }

    /// The answers that the item takes, lowest first.
    pub fn answers_to(&self, item: u32) -> impl Iterator<Item = i32> {
        (self.item_min..=self.item_max).filter(move |answer| self.takes(item, *answer))
    }

    /// Whether the form can be scored without an answer to the item.
    #[must_use]
    pub fn can_be_left_out(&self, item: u32) -> bool {
        let prorated = self.prorate.as_ref().is_some_and(|rule| rule.may_be_missing(item));
        let replaced = self.alternatives.iter().any(|items| items.contains(&item));
        prorated || replaced || self.optional_items.contains(&item)
    }

    /// Points of an answer, which is coded as the catalogue says: reversed items are turned round. The other way
    /// it is the answer that has these points.
    #[must_use]
    pub fn points(&self, item: u32, answer: i32) -> i32 {
        if self.reverse_items.contains(&item) {
            (self.item_min + self.item_max).saturating_sub(answer)
        } else {
            answer
        }
    }

    /// Scores the answers to all items, in their order, `None` for one that was not answered. Without a result
    /// there are too many or too few, or one is out of range.
    #[must_use]
    pub fn score(&'static self, answers: &[Option<i32>]) -> Option<Scored> {
        let all = u32::try_from(answers.len()) == Ok(self.items);
        let numbered = || (1..).zip(answers.iter().copied());
        let takes = |(item, answer): (u32, Option<i32>)| answer.is_none_or(|answer| self.takes(item, answer));
        if !all || !numbered().all(takes) {
            return None;
        }
        let points = numbered().map(|(item, answer)| answer.map(|answer| self.points(item, answer)));
        let points: Vec<_> = points.collect();
        let of_scale = |items: &[u32]| items.iter().map(|item| of_item(&points, *item)).sum::<Option<i32>>();
        let subscales = self.subscales.iter();
        let subscales = subscales.filter_map(|scale| {
            of_scale(&scale.items).map(|sum| (scale.code.as_str(), sum * scale.multiplier))
        });
        Some(Scored { total: self.total(&points), subscales: subscales.collect(), points })
    }

    /// Whether a total was made up from an incomplete form, by the manual's rule.
    #[must_use]
    pub fn is_prorated(&self, total: i32, points: &[Option<i32>]) -> bool {
        !self.is_answered(points) && self.prorated(points) == Some(total)
    }

    fn total(&self, points: &[Option<i32>]) -> Option<i32> {
        if self.is_answered(points) { Some(self.sum(points)) } else { self.prorated(points) }
    }

    /// Whether everything is answered that has to be.
    fn is_answered(&self, points: &[Option<i32>]) -> bool {
        let given = |item: u32| of_item(points, item).is_some();
        let replaced = |item: u32| {
            let with_it = self.alternatives.iter().find(|items| items.contains(&item));
            with_it.is_some_and(|items| items.iter().any(|other| given(*other)))
        };
        (1..=self.items).all(|item| given(item) || self.optional_items.contains(&item) || replaced(item))
    }

    /// The sum of what was answered.
    fn sum(&self, points: &[Option<i32>]) -> i32 {
        let highest =
            |items: &[u32]| items.iter().filter_map(|item| of_item(points, *item)).max().unwrap_or(0);
        let sum: i32 = match self.domains.as_slice() {
            [] => points.iter().flatten().sum(),
            domains => domains.iter().map(|items| highest(items)).sum(),
        };
        sum * self.multiplier
    }

    fn prorated(&self, points: &[Option<i32>]) -> Option<i32> {
        self.prorate.as_ref().filter(|rule| rule.covers(points))?;
        let count = |number: usize| i32::try_from(number).ok();
        let all = count(points.len())?;
        let answered = count(points.iter().flatten().count()).filter(|answered| *answered > 0)?;
        // Rounded to the nearest, a half up.
        Some((2 * self.sum(points) * all + answered).div_euclid(2 * answered))
    }
}

impl Prorating {
    /// Whether no more is missing than the rule makes up for.
    fn covers(&self, points: &[Option<i32>]) -> bool {
        let missing = || (1..).zip(points).filter(|(_, points)| points.is_none());
        missing().count() <= self.most_missing && missing().all(|(item, _)| self.may_be_missing(item))
    }

    fn may_be_missing(&self, item: u32) -> bool {
        self.items.is_empty() || self.items.contains(&item)
    }
}

impl Scored {
    /// As `subscores` keeps it: each subscale under its code, and the points of each answered item as `item_1`
    /// and so on, which the safety items are read from.
    #[must_use]
    pub fn subscores(&self) -> Map<String, Value> {
        let items = (1..).zip(&self.points);
        let items = items.filter_map(|(item, points): (u32, _)| Some((format!("item_{item}"), (*points)?)));
        let scales = self.subscales.iter().map(|(code, score)| ((*code).to_owned(), *score));
        scales.chain(items).map(|(key, score)| (key, score.into())).collect()
    }

    /// The numbers of the items without an answer.
    pub fn unanswered(&self) -> impl Iterator<Item = u32> {
        (1..).zip(&self.points).filter(|(_, points)| points.is_none()).map(|(item, _)| item)
    }
}

fn of_item(points: &[Option<i32>], item: u32) -> Option<i32> {
    let index = usize::try_from(item).unwrap_or(usize::MAX).wrapping_sub(1);
    points.get(index).copied().flatten()
}
