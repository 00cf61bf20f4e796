//! Which totals the answers to a form can come to.
//!
//! Points are small: those of no instrument add up to more than 127 before they are multiplied. So a set of
//! them is the bits of one number, and adding an item to a sum is a shift.

use super::instrument::{Instrument, Subscale};

/// A set of points: n is in it when bit n is set.
type Points = u128;

impl Instrument {
    /// Whether some filled-in form comes to this total.
    #[must_use]
    pub fn reaches(&self, total: i32) -> bool {
        holds(self.sums(&self.free()), self.multiplier, total)
    }

    /// Whether a total can come of these points, one for each item; `None` stands for any.
    #[must_use]
    pub fn allows(&self, total: i32, points: &[Option<i32>]) -> bool {
        let open = self.free().into_iter().zip(points);
        let open: Vec<_> = open.map(|(free, known)| known.map_or(free, |known| free & bit(known))).collect();
        holds(self.sums(&open), self.multiplier, total)
    }

    /// Whether the total alone proves that the answer to an item has at least so many points: all the other
    /// items together can't come to it.
    #[must_use]
    pub fn proves(&self, total: i32, item: u32, at_least: i32) -> bool {
        let below = self.free_below(item, at_least);
        self.reaches(total) && !holds(self.sums(&below), self.multiplier, total)
    }

    /// The same for the score of a subscale.
    #[must_use]
    pub fn subscale_proves(&self, scale: &Subscale, score: i32, item: u32, at_least: i32) -> bool {
        let below = self.free_below(item, at_least);
        self.reaches_subscale(scale, score) && !holds(scale_sums(scale, &below), scale.multiplier, score)
    }

    /// Whether some filled-in form comes to this score of a subscale.
    #[must_use]
    pub fn reaches_subscale(&self, scale: &Subscale, score: i32) -> bool {
        holds(scale_sums(scale, &self.free()), scale.multiplier, score)
    }

    /// What each item can have, in order.
    fn free(&self) -> Vec<Points> {
        let points = |item| self.answers_to(item).map(move |answer| bit(self.points(item, answer)));
        (1..=self.items).map(|item| points(item).fold(0, |all, one| all | one)).collect()
    }

    fn free_below(&self, item: u32, limit: i32) -> Vec<Points> {
        let below = bit(limit).saturating_sub(1);
        let cut = |(number, free)| if number == item { free & below } else { free };
        (1..).zip(self.free()).map(cut).collect()
    }

    /// What the items can come to together, before it is multiplied.
    fn sums(&self, items: &[Points]) -> Points {
        match self.domains.as_slice() {
            [] => items.iter().copied().fold(1, plus),
            domains => domains.iter().map(|domain| highest(domain, items)).fold(1, plus),
        }
    }
}

fn scale_sums(scale: &Subscale, items: &[Points]) -> Points {
    scale.items.iter().map(|item| of_item(items, *item)).fold(1, plus)
}

/// What the highest of some items can have.
fn highest(domain: &[u32], items: &[Points]) -> Points {
    let each = || domain.iter().map(|item| of_item(items, *item));
    // No item can have less than its lowest; the lowest of an empty set would be 128.
    let floor = each().map(Points::trailing_zeros).max().unwrap_or(0);
    each().fold(0, |all, one| all | one) & Points::MAX.checked_shl(floor).unwrap_or(0)
}

/// All sums of a number of one set and a number of the other.
fn plus(sums: Points, item: Points) -> Points {
    (0..Points::BITS).filter(|points| item >> points & 1 == 1).fold(0, |all, points| all | sums << points)
}

fn holds(sums: Points, multiplier: i32, total: i32) -> bool {
    total.checked_rem(multiplier) == Some(0) && sums & bit(total / multiplier) != 0
}

/// The set of this number alone; of no number that is negative or too large.
fn bit(points: i32) -> Points {
    u32::try_from(points).ok().and_then(|points| 1_u128.checked_shl(points)).unwrap_or(0)
}

fn of_item(items: &[Points], item: u32) -> Points {
    let index = usize::try_from(item).unwrap_or(usize::MAX).wrapping_sub(1);
    items.get(index).copied().unwrap_or(0)
}
