//! The catalogue of instruments.

use async_graphql::{Object, Result};

use super::object::{Many, object};
use crate::rules::instrument::{self, Band};
use crate::wire::figure::{Comparison, CutoffScale};
use crate::wire::scalar::read_text;

/// Totals that are read alike.
#[derive(Clone)]
pub struct SeverityBand(pub &'static Band);

object! {
    /// Totals that are read alike.
    SeverityBand |band in bands, ctx| {
        /// What is stored as an assessment's severity, such as "moderate".
        leaf code: &str = &band.0.code;
        /// A word for people.
        leaf label: &str = &band.0.label;
        /// The lowest total of the band.
        leaf min: i32 = band.0.min;
        /// The highest total of the band.
        leaf max: i32 = band.0.max;
    }
}

/// A questionnaire or rating: facts and figures with their sources, no item texts.
#[derive(Clone)]
pub struct Instrument(pub &'static instrument::Instrument);

object! {
    /// A questionnaire or rating: facts and figures with their sources, no item texts.
    Instrument |instrument in instruments, ctx| {
        /// As published, such as "PHQ-9".
        leaf code: &str = &instrument.0.code;
        /// The full name.
        leaf name: &str = &instrument.0.name;
        /// The number of scored items.
        leaf items: u32 = instrument.0.items;
        /// The numbers of the items that are scored the other way round: the highest answer has the fewest
        /// points. `RecordAssessmentInput.items` takes answers as `answers` says, and the server turns these round.
        leaf reversed_items: &[u32] = &instrument.0.reverse_items;
        /// What the numbers of the answers mean.
        object answers: AnswerCoding = AnswerCoding(instrument.0);
        /// What each item takes, in the order of `answers.itemOrder`.
        object item_coding: Vec<ItemCoding> = instrument.items();
        /// How the manual makes a total when items are left out; null when it does not say.
        leaf prorating: Option<&str> = instrument.0.prorate.as_ref().map(|rule| rule.rule.as_str());
        /// Parts of the items with a score of their own.
        object subscales: Vec<Subscale> = instrument.0.subscales.iter().map(Subscale).collect();
        /// Items whose answer may tell of danger.
        object safety_items: Vec<SafetyItem> = instrument.0.safety.iter().map(SafetyItem).collect();
        /// The lowest total, in points.
        leaf total_min: i32 = instrument.0.total_min;
        /// The highest total, in points.
        leaf total_max: i32 = instrument.0.total_max;
        /// The step between two totals: 2 where the sum of the items is doubled, else 1.
        leaf total_step: i32 = instrument.0.multiplier;
        /// Whether a higher total means that a person is worse off.
        leaf higher_is_worse: bool = instrument.0.direction == instrument::Direction::HigherIsWorse;
        /// Severity by total, lowest first, without gaps; empty when none is published for the total.
        object bands: Vec<SeverityBand> = instrument.0.bands.iter().map(SeverityBand).collect();
        /// Published cut-offs of the total, each for its own use.
        object cutoffs: Vec<Cutoff> = instrument.cutoffs();
        /// False when the bands are disputed or informal.
        leaf bands_official: bool = instrument.0.bands_official;
        /// Where the literature disagrees; null when it does not.
        leaf disputed: Option<&str> = instrument.0.disputed.as_deref();
        /// The LOINC code of the total, where there is one.
        leaf loinc: Option<&str> = instrument.0.loinc_total.as_deref();
        /// On what terms it may be used: a keyword, and a note after a colon where there is more to say.
        leaf licence: String = instrument.licence();
        /// Where the figures come from.
        leaf sources: &[String] = &instrument.0.sources;
    }
}

impl Instrument {
    fn licence(&self) -> String {
        let licence = &self.0.licence;
        let note = licence.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        format!("{}{note}", licence.status)
    }

    fn items(&self) -> Vec<ItemCoding> {
        (1..=self.0.items).map(|number| ItemCoding { instrument: self.0, number }).collect()
    }

    fn cutoffs(&self) -> Vec<Cutoff> {
        self.0.cutoffs.iter().map(|cutoff| Cutoff { instrument: self.0, cutoff }).collect()
    }
}

/// What the numbers of an instrument's answers mean.
#[derive(Clone)]
pub struct AnswerCoding(&'static instrument::Instrument);

object! {
    /// What the numbers of an instrument's answers mean.
    AnswerCoding |coding in codings, ctx| {
        /// The answer with the lowest number, such as "not at all".
        leaf lowest_code: &str = &coding.0.answers.lowest_code;
        /// Whose order of the items it is.
        leaf item_order: &str = coding.0.answers.item_order.as_deref().unwrap_or("as in the published form");
        /// What else there is to know; null when there is nothing.
        leaf note: Option<&str> = coding.0.answers.note.as_deref();
    }
}

/// What an item takes.
#[derive(Clone)]
pub struct ItemCoding {
    instrument: &'static instrument::Instrument,
    number: u32,
}

object! {
    /// What an item takes. Its text is not here.
    ItemCoding |item in items, ctx| {
        /// Its number, from 1.
        leaf number: u32 = item.number;
        /// The answers that it takes, lowest first.
        leaf values: Vec<i32> = item.values();
        /// The lowest of them.
        leaf min: i32 = item.values().first().copied().unwrap_or(item.instrument.item_min);
        /// The highest of them.
        leaf max: i32 = item.values().last().copied().unwrap_or(item.instrument.item_max);
        /// Whether the server turns the answer round: the highest one has the fewest points.
        leaf reversed: bool = item.instrument.reverse_items.contains(&item.number);
        /// Whether the form can be scored without an answer, which is null in `items` then: see `prorating` and
        /// `answers.note`.
        leaf can_be_left_out: bool = item.instrument.can_be_left_out(item.number);
    }
}

impl ItemCoding {
    fn values(&self) -> Vec<i32> {
        self.instrument.answers_to(self.number).collect()
    }
}

/// A part of an instrument's items.
#[derive(Clone)]
pub struct Subscale(&'static instrument::Subscale);

object! {
    /// A part of an instrument's items with a score of its own.
    Subscale |subscale in subscales, ctx| {
        /// The key in `AssessmentScore.subscores`, such as "ANXIETY".
        leaf code: &str = &subscale.0.code;
        /// Its name.
        leaf name: &str = &subscale.0.name;
        /// The numbers of its items, from 1.
        leaf items: &[u32] = &subscale.0.items;
        /// The lowest score.
        leaf min: i32 = subscale.0.min;
        /// The highest score.
        leaf max: i32 = subscale.0.max;
        /// Severity by score, lowest first; empty when none is published.
        object bands: Vec<SeverityBand> = subscale.0.bands.iter().map(SeverityBand).collect();
    }
}

/// An item whose answer may tell of danger.
#[derive(Clone)]
pub struct SafetyItem(&'static instrument::SafetyItem);

object! {
    /// An item whose answer may tell of danger.
    SafetyItem |safety in items, ctx| {
        /// The item's number, from 1.
        leaf item: u32 = safety.0.item;
        /// From how many points on it raises the flag.
        leaf flagged_from: i32 = safety.0.at_least;
        /// From how many points on it is not harmless for certain, and so UNKNOWN; the same as `flaggedFrom` for
        /// most.
        leaf unknown_from: i32 = safety.0.unknown_from.unwrap_or(safety.0.at_least);
        /// The rule in words.
        leaf rule: &str = &safety.0.rule;
        /// What it may tell of, as a keyword.
        leaf flag: &str = &safety.0.flag;
        /// How far the rule can be trusted; null when there is nothing to say.
        leaf note: Option<&str> = safety.0.note.as_deref();
    }
}

/// A published cut-off.
#[derive(Clone)]
pub struct Cutoff {
    instrument: &'static instrument::Instrument,
    cutoff: &'static instrument::Cutoff,
}

object! {
    /// A published cut-off of an instrument, for one use. Several uses have several cut-offs: none of them is
    /// "the" cut-off. The one that recovery goes by is `Interpretation.caseness`.
    Cutoff |cutoff in cutoffs, ctx| {
        /// The value it is at.
        leaf value: i32 = cutoff.cutoff.value;
        /// Which values it means.
        leaf comparison: Comparison = cutoff.cutoff.comparison.into();
        /// What is held against it.
        leaf scale: CutoffScale = cutoff.cutoff.scale.into();
        /// What it is used for.
        leaf used_for: &str = &cutoff.cutoff.purpose;
        /// Where it comes from: the instrument's sources.
        leaf source: String = cutoff.instrument.sources.join("; ");
    }
}

#[derive(Default)]
pub struct InstrumentQuery;

#[Object]
impl InstrumentQuery {
    /// The instruments whose scores are interpreted, each with its figures and their sources.
    async fn instruments(&self) -> Many<Instrument> {
        Many(instrument::all().iter().map(Instrument).collect())
    }

    /// One instrument; null when the catalogue does not know it.
    async fn instrument(
        &self,
        #[graphql(desc = "Its code, such as \"PHQ-9\"; \"phq9\" finds it too.")] code: String,
    ) -> Result<Option<Instrument>> {
        Ok(instrument::find(&read_text("code", code)?).map(Instrument))
    }
}
