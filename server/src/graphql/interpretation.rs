//! What scores mean, and the catalogue of instruments.

use async_graphql::{Context, Object, Result};

use super::assessment::AssessmentScore;
use super::context::Asking;
use super::object::{Many, object};
use super::snapshot::EarlierOf;
use crate::rules::instrument::{self, Band};
use crate::rules::interpretation::{self, evaluate};
use crate::wire::figure::{ClinicalChange, SafetyState};
use crate::wire::scalar::read_text;

/// What a score means.
#[derive(Clone)]
pub struct Interpretation {
    assessment: AssessmentScore,
    instrument: &'static instrument::Instrument,
}

impl Interpretation {
    /// `None` for an instrument that the catalogue does not know.
    pub fn of(assessment: &AssessmentScore) -> Option<Self> {
        let instrument = instrument::find(&assessment.assessment_type)?;
        Some(Self { assessment: assessment.clone(), instrument })
    }

    /// All that the score says by itself.
    fn alone(&self) -> interpretation::Interpretation {
        self.after([None, None])
    }

    async fn with_earlier(&self, ctx: &Context<'_>) -> Result<interpretation::Interpretation> {
        Ok(self.after(ctx.load(EarlierOf(self.assessment.id)).await?.unwrap_or_default()))
    }

    fn after(&self, [first, previous]: [Option<i32>; 2]) -> interpretation::Interpretation {
        evaluate(self.instrument, self.assessment.score, self.assessment.subscores.as_ref(), first, previous)
    }
}

object! {
    /// What a score means: figures with their sources, no diagnosis. Earlier scores are those of the same
    /// person and instrument that the viewer may see, by the day they were taken.
    Interpretation |interpretation in interpretations, ctx| {
        /// The instrument that made the score.
        object instrument: Instrument = Instrument(interpretation.instrument);
        /// The severity band of the total; null outside the instrument's range, and when no bands are published.
        object band: Option<SeverityBand> = interpretation.alone().band.map(SeverityBand);
        /// False when the bands are disputed or informal: show them with care, or not at all.
        leaf bands_official: bool = interpretation.instrument.bands_official;
        /// What the stored answers to safety items say. UNKNOWN when one is missing or contradicts the score,
        /// never CLEAR.
        leaf safety: SafetyState = interpretation.alone().safety.state.into();
        /// The numbers of the items that raise the flag, from 1; empty unless FLAGGED.
        leaf safety_items: Vec<u32> = interpretation.alone().safety.flagged;
        /// What became of the person since their first score.
        each change_since_first: ClinicalChange = interpretation.with_earlier(ctx).await?.since_first.class.into();
        /// What became of the person since the score before this one.
        each change_since_previous: ClinicalChange = interpretation.with_earlier(ctx).await?.since_previous.class.into();
        /// This score minus the first one, in points; whether more is better is up to the instrument. Null for
        /// the first score itself, and for an instrument that only screens.
        each points_since_first: Option<i32> = interpretation.with_earlier(ctx).await?.since_first.points;
        /// This score minus the one before it, in points. Null as above.
        each points_since_previous: Option<i32> = interpretation.with_earlier(ctx).await?.since_previous.points;
        /// From how many points on a change is reliable; null when no threshold is published.
        leaf change_threshold: Option<i32> = interpretation.alone().change_threshold;
        /// How the threshold was made, and who published it: "90% confidence: Barkham 2013 ...".
        leaf change_threshold_source: Option<String> = interpretation.alone().change_threshold_source;
        /// The edition of the rules and of the catalogue that made this.
        leaf rule_version: &str = interpretation.alone().rule_version;
    }
}

/// Totals that are read alike.
#[derive(Clone)]
pub struct SeverityBand(&'static Band);

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
pub struct Instrument(&'static instrument::Instrument);

object! {
    /// A questionnaire or rating: facts and figures with their sources, no item texts.
    Instrument |instrument in instruments, ctx| {
        /// As published, such as "PHQ-9".
        leaf code: &str = &instrument.0.code;
        /// The full name.
        leaf name: &str = &instrument.0.name;
        /// The number of scored items.
        leaf items: u32 = instrument.0.items;
        /// The numbers of the items that are scored the other way round: the form's first option has the most
        /// points. `RecordAssessmentInput.items` takes answers as they stand on the form, and the server turns
        /// these round.
        leaf reversed_items: &[u32] = &instrument.0.reverse_items;
        /// The lowest total, in points.
        leaf total_min: i32 = instrument.0.total_min;
        /// The highest total, in points.
        leaf total_max: i32 = instrument.0.total_max;
        /// Whether a higher total means that a person is worse off.
        leaf higher_is_worse: bool = instrument.0.direction == instrument::Direction::HigherIsWorse;
        /// Severity by total, lowest first, without gaps; empty when none is published for the total.
        object bands: Vec<SeverityBand> = instrument.0.bands.iter().map(SeverityBand).collect();
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
