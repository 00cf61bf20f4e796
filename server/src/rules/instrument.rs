//! The catalogue of instruments: figures with their sources, in `instruments.json`; no item texts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use entity::tracking;
use rust_decimal::Decimal;
use serde::Deserialize;

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
    /// The score that parts cases from others, for recovery.
    pub caseness: Option<Caseness>,
    /// Published thresholds of reliable change; the first is in force.
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

/// Totals from `min` to `max`, both included, read alike.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub min: i32,
    pub max: i32,
    /// What is stored as severity: at most 20 characters.
    pub code: String,
    pub label: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscale {
    /// The key in `subscores`.
    pub code: String,
    pub name: String,
    pub items: Vec<u32>,
    pub min: i32,
    pub max: i32,
    #[serde(default = "one")]
    pub multiplier: i32,
    #[serde(default)]
    pub bands: Vec<Band>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafetyItem {
    pub item: u32,
    /// Scored points from which on the item is a flag.
    pub at_least: i32,
    pub rule: String,
    pub flag: String,
    pub note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caseness {
    pub value: i32,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub points: Decimal,
    pub method: String,
    pub source: String,
    pub confidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    pub status: String,
    pub note: Option<String>,
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

    /// The threshold of reliable change in force: the first published one. A screen has none.
    #[must_use]
    pub fn change_threshold(&self) -> Option<&Threshold> {
        self.reliable_change.first().filter(|_| !self.screen)
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
