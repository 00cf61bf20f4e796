//! The catalogue of instruments: figures with their sources, in `instruments.json`; no item texts.

mod parts;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use entity::tracking;
use rust_decimal::Decimal;
use serde::Deserialize;

pub use parts::{
    Band, ChangePair, ChangeThreshold, Coding, Comparison, Cutoff, Licence, Prorating, SafetyItem, Scale,
    Subscale, Threshold,
};

static CATALOGUE: LazyLock<Vec<Instrument>> = LazyLock::new(|| {
    let file: File =
        serde_json::from_str(include_str!("instruments.json")).expect("the catalogue has its form");
    file.instruments
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: String,
    #[serde(rename = "generated")]
    _generated: String,
    instruments: Vec<Instrument>,
}

/// A questionnaire or rating with its scoring and its reading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// As published: `PHQ-9`.
    pub code: String,
    pub name: String,
    /// Number of scored items.
    pub items: u32,
    /// Lowest and highest answer to an item.
    pub item_min: i32,
    pub item_max: i32,
    /// Lowest and highest total.
    pub total_min: i32,
    pub total_max: i32,
    pub direction: Direction,
    /// Severity by total, lowest first, without gaps; empty when none is published for the total.
    pub bands: Vec<Band>,
    /// False when the bands are disputed or informal.
    pub bands_official: bool,
    /// How the total is made, in words.
    pub scoring: Option<String>,
    /// The time that the questions look back on.
    pub recall: String,
    pub answers: Coding,
    /// Items that some people leave out; they count nothing then.
    #[serde(default)]
    pub optional_items: Vec<u32>,
    /// Groups of items of which only one need be answered.
    #[serde(default)]
    pub alternatives: Vec<Vec<u32>>,
    /// How the manual makes up for items without an answer; without it there is no total.
    pub prorate: Option<Prorating>,
    /// Published cut-offs of the total, each for its own use.
    #[serde(default)]
    pub cutoffs: Vec<Cutoff>,
    /// The threshold of reliable change and the score that parts cases from others, both from one source.
    pub change_pair: Option<ChangePair>,
    /// Items answered the other way round: the highest answer scores lowest.
    #[serde(default)]
    pub reverse_items: Vec<u32>,
    /// Items that take only some of the answers, by item number.
    #[serde(default)]
    pub item_values: BTreeMap<u32, Vec<i32>>,
    /// Groups of items of which only the highest counts; empty when every item counts.
    #[serde(default)]
    pub domains: Vec<Vec<u32>>,
    /// What the sum of the items is multiplied with.
    #[serde(default = "one")]
    pub multiplier: i32,
    #[serde(default)]
    pub subscales: Vec<Subscale>,
    /// Items whose answer may tell of danger.
    #[serde(default)]
    pub safety: Vec<SafetyItem>,
    /// Published thresholds of reliable change; the first is in force where there is no pair.
    #[serde(default)]
    pub reliable_change: Vec<Threshold>,
    /// A screen finds cases and does not measure change.
    #[serde(default)]
    pub screen: bool,
    /// Items and totals have decimals by the manual, although a stored total is a whole number.
    #[serde(default)]
    pub fractional: bool,
    /// LOINC code of the total.
    pub loinc_total: Option<String>,
    pub licence: Licence,
    pub sources: Vec<String>,
    /// How far these figures can be trusted.
    pub confidence: String,
    /// Where the literature disagrees.
    pub disputed: Option<String>,
    /// What here is ours, and why.
    #[serde(default)]
    pub added: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    HigherIsWorse,
    HigherIsBetter,
}

/// All instruments, in the order of the file.
#[must_use]
pub fn all() -> &'static [Instrument] {
    &CATALOGUE
}

/// Finds `PHQ-9` by `phq9` too: other programs write codes in their own way.
#[must_use]
pub fn find(code: &str) -> Option<&'static Instrument> {
    all().iter().find(|instrument| significant(&instrument.code).eq(significant(code)))
}

/// Whether two texts name one instrument: known ones go by their code, others by the text.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    match (find(one), find(other)) {
        (None, None) => one.trim().to_lowercase() == other.trim().to_lowercase(),
        (one, other) => one.map(|known| &known.code) == other.map(|known| &known.code),
    }
}

fn significant(code: &str) -> impl Iterator<Item = char> {
    code.chars().filter(|letter| !matches!(letter, '-' | ' ' | '_')).map(|letter| letter.to_ascii_uppercase())
}

const fn one() -> i32 {
    1
}

impl Instrument {
    /// The band of a total; `None` outside the range and when no bands are published.
    #[must_use]
    pub fn band(&self, total: i32) -> Option<&Band> {
        self.bands.iter().find(|band| (band.min..=band.max).contains(&total))
    }

    /// The threshold of reliable change in force: that of the pair, or else the first published one. A screen
    /// has none.
    #[must_use]
    pub fn change_threshold(&self) -> Option<ChangeThreshold<'_>> {
        let of_pair = self.change_pair.as_ref();
        let of_pair =
            of_pair.map(|pair| ChangeThreshold { points: pair.points, method: None, source: &pair.source });
        let first = self.reliable_change.first().map(|first| ChangeThreshold {
            points: first.points,
            method: Some(&first.method),
            source: &first.source,
        });
        of_pair.or(first).filter(|_| !self.screen)
    }

    /// Whether a person with this total is a case; `None` without a cut-off that comes with the threshold.
    #[must_use]
    pub fn is_case(&self, total: Decimal) -> Option<bool> {
        let pair = self.change_pair.as_ref()?;
        Some(pair.comparison.holds(total, pair.caseness.into()))
    }

    /// Which totals there are, in words: `DASS-21 goes from 0 to 126 in steps of 2`.
    #[must_use]
    pub fn steps(&self) -> String {
        let steps =
            if self.multiplier == 1 { String::new() } else { format!(" in steps of {}", self.multiplier) };
        format!("{} goes from {} to {}{steps}", self.code, self.total_min, self.total_max)
    }

    /// Which way a person gets better.
    #[must_use]
    pub const fn good_direction(&self) -> tracking::Direction {
        match self.direction {
            Direction::HigherIsWorse => tracking::Direction::Decrease,
            Direction::HigherIsBetter => tracking::Direction::Increase,
        }
    }
}
