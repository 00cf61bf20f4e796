//! From item answers to scores, by the instrument's own scoring.

use serde_json::{Map, Value};

use super::instrument::Instrument;

/// What a full set of answers comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    pub total: i32,
    /// Code and score of each subscale.
    pub subscales: Vec<(&'static str, i32)>,
    /// Points of each item, reversed items turned round.
    pub points: Vec<i32>,
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

    /// Points of an answer, which is given in the order of the form: the form's first option is the
    /// lowest answer. The other way it is the answer that has these points.
    #[must_use]
    pub fn points(&self, item: u32, answer: i32) -> i32 {
        if self.reverse_items.contains(&item) {
            (self.item_min + self.item_max).saturating_sub(answer)
        } else {
            answer
        }
    }

    /// Scores a full set of answers; `None` when one is missing, too many or out of range.
    #[must_use]
    pub fn score(&'static self, answers: &[i32]) -> Option<Scored> {
        let complete = u32::try_from(answers.len()) == Ok(self.items);
        let numbered = || (1..).zip(answers.iter().copied());
        if !complete || !numbered().all(|(item, answer)| self.takes(item, answer)) {
            return None;
        }
        let points: Vec<_> = numbered().map(|(item, answer)| self.points(item, answer)).collect();
        let sum = |items: &[u32]| items.iter().map(|item| of_item(&points, *item)).sum::<i32>();
        let subscales = self.subscales.iter();
        let subscales =
            subscales.map(|scale| (scale.code.as_str(), sum(&scale.items) * scale.multiplier)).collect();
        Some(Scored { total: self.total(&points), subscales, points })
    }

    /// Whether a total can come of these points, one for each item; `None` stands for any.
    #[must_use]
    pub fn allows(&self, total: i32, points: &[Option<i32>]) -> bool {
        let reach = |(item, known): (u32, &Option<i32>)| {
            let (lowest, highest) = self.reach(item);
            match *known {
                Some(points) => (lowest..=highest).contains(&points).then_some((points, points)),
                None => Some((lowest, highest)),
            }
        };
        let reaches: Option<Vec<_>> = (1..).zip(points).map(reach).collect();
        reaches.is_some_and(|reaches| {
            let (lowest, highest): (Vec<_>, Vec<_>) = reaches.into_iter().unzip();
            (self.total(&lowest)..=self.total(&highest)).contains(&total)
        })
    }

    /// Lowest and highest points of an item.
    fn reach(&self, item: u32) -> (i32, i32) {
        let answers = (self.item_min..=self.item_max).filter(|answer| self.takes(item, *answer));
        let points = answers.map(|answer| self.points(item, answer));
        (points.clone().min().unwrap_or(self.item_min), points.max().unwrap_or(self.item_max))
    }

    fn total(&self, points: &[i32]) -> i32 {
        let highest = |items: &[u32]| items.iter().map(|item| of_item(points, *item)).max().unwrap_or(0);
        let sum: i32 = match self.domains.as_slice() {
            [] => points.iter().sum(),
            domains => domains.iter().map(|items| highest(items)).sum(),
        };
        sum * self.multiplier
    }
}

impl Scored {
    /// As `subscores` keeps it: each subscale under its code, and each item's points as `item_1` and so
    /// on, which the safety items are read from.
    #[must_use]
    pub fn subscores(&self) -> Map<String, Value> {
        let items = (1..).zip(&self.points).map(|(item, points): (u32, _)| (format!("item_{item}"), *points));
        let scales = self.subscales.iter().map(|(code, score)| ((*code).to_owned(), *score));
        scales.chain(items).map(|(key, score)| (key, score.into())).collect()
    }
}

fn of_item(points: &[i32], item: u32) -> i32 {
    let index = usize::try_from(item).unwrap_or(usize::MAX).wrapping_sub(1);
    points.get(index).copied().unwrap_or(0)
}
