//! What an entry of the catalogue consists of.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::one;

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
    /// Scored points from which on it is not harmless for certain; `at_least` unless said.
    pub unknown_from: Option<i32>,
    pub rule: String,
    pub flag: String,
    pub note: Option<String>,
}

impl Subscale {
    /// The band of a score of this subscale; `None` when no bands are published.
    #[must_use]
    pub fn band(&self, score: i32) -> Option<&Band> {
        self.bands.iter().find(|band| (band.min..=band.max).contains(&score))
    }
}

impl SafetyItem {
    /// Whether these points are harmless for certain.
    #[must_use]
    pub fn is_harmless(&self, points: i32) -> bool {
        points < self.unknown_from.unwrap_or(self.at_least)
    }
}

/// What the numbers of the answers mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coding {
    /// The answer that has the lowest number.
    pub lowest_code: String,
    /// Whose order of items it is; that of the published form unless said.
    pub item_order: Option<String>,
    pub note: Option<String>,
}

/// The total of an incomplete form: the mean of what was answered, for all items, rounded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prorating {
    /// Most items that may be missing.
    pub most_missing: usize,
    /// The items that may; empty when any may.
    #[serde(default)]
    pub items: Vec<u32>,
    /// The manual's rule in words.
    pub rule: String,
}

/// A published cut-off of the total.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cutoff {
    pub value: i32,
    #[serde(rename = "op")]
    pub comparison: Comparison,
    /// What it is used for.
    #[serde(rename = "use")]
    pub purpose: String,
    #[serde(default)]
    pub scale: Scale,
}

/// What a cut-off is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The total.
    #[default]
    Raw,
    /// The total in percent of the highest one.
    Percent,
}

/// Which totals a cut-off means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Comparison {
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    Below,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePair {
    /// Least points of reliable change.
    pub points: Decimal,
    /// The cut-off of a case.
    pub caseness: i32,
    #[serde(rename = "op")]
    pub comparison: Comparison,
    pub source: String,
    pub confidence: String,
}

/// The threshold of reliable change in force.
#[derive(Clone, Copy, Debug)]
pub struct ChangeThreshold<'i> {
    pub points: Decimal,
    /// How it was made; `None` for one of a pair, whose source says it.
    pub method: Option<&'i str>,
    pub source: &'i str,
}

impl ChangeThreshold<'_> {
    /// How it was made, and who published it.
    #[must_use]
    pub fn described(&self) -> String {
        let method = self.method.map(|method| format!("{method}: ")).unwrap_or_default();
        format!("{method}{}", self.source)
    }
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

impl Comparison {
    pub(super) fn holds(self, total: Decimal, cutoff: Decimal) -> bool {
        match self {
            Self::AtLeast => total >= cutoff,
            Self::AtMost => total <= cutoff,
            Self::Below => total < cutoff,
        }
    }
}
