//! What scores mean, and the catalogue of instruments.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use entity::assessment;

use super::context::Asking;
use super::snapshot::EarlierOf;
use crate::rules::instrument::{self, Band};
use crate::rules::interpretation::{self, evaluate};
use crate::wire::figure::{ClinicalChange, SafetyState};
use crate::wire::scalar::read_text;

/// What a score means.
pub struct Interpretation {
    row: Arc<assessment::Model>,
    instrument: &'static instrument::Instrument,
}

impl Interpretation {
    /// `None` for an instrument that the catalogue does not know.
    pub fn of(row: &Arc<assessment::Model>) -> Option<Self> {
        let instrument = instrument::find(&row.assessment_type)?;
        Some(Self { row: row.clone(), instrument })
    }

    /// All that the score says by itself.
    fn alone(&self) -> interpretation::Interpretation {
        self.after([None, None])
    }

    async fn with_earlier(&self, ctx: &Context<'_>) -> Result<interpretation::Interpretation> {
        Ok(self.after(ctx.load(EarlierOf(self.row.id)).await?.unwrap_or_default()))
    }

    fn after(&self, [first, previous]: [Option<i32>; 2]) -> interpretation::Interpretation {
        evaluate(self.instrument, self.row.score, self.row.subscores.as_ref(), first, previous)
    }
}

/// What a score means: figures with their sources, no diagnosis. Earlier scores are those of the same
/// person and instrument that the viewer may see, by the day they were taken.
#[Object]
impl Interpretation {
    /// The instrument that made the score.
    async fn instrument(&self) -> Instrument {
        Instrument(self.instrument)
    }

    /// The severity band of the total; null outside the instrument's range, and when no bands are published.
    async fn band(&self) -> Option<SeverityBand> {
        self.alone().band.map(SeverityBand::from)
    }

    /// False when the bands are disputed or informal: show them with care, or not at all.
    async fn bands_official(&self) -> bool {
        self.instrument.bands_official
    }

    /// What the stored answers to safety items say. UNKNOWN when one is missing or contradicts the score,
    /// never CLEAR.
    async fn safety(&self) -> SafetyState {
        self.alone().safety.state.into()
    }

    /// The numbers of the items that raise the flag, from 1; empty unless FLAGGED.
    async fn safety_items(&self) -> Vec<u32> {
        self.alone().safety.flagged
    }

    /// What became of the person since their first score.
    async fn change_since_first(&self, ctx: &Context<'_>) -> Result<ClinicalChange> {
        Ok(self.with_earlier(ctx).await?.since_first.class.into())
    }

    /// What became of the person since the score before this one.
    async fn change_since_previous(&self, ctx: &Context<'_>) -> Result<ClinicalChange> {
        Ok(self.with_earlier(ctx).await?.since_previous.class.into())
    }

    /// This score minus the first one, in points; whether more is better is up to the instrument. Null for
    /// the first score itself, and for an instrument that only screens.
    async fn points_since_first(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.with_earlier(ctx).await?.since_first.points)
    }

    /// This score minus the one before it, in points. Null as above.
    async fn points_since_previous(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        Ok(self.with_earlier(ctx).await?.since_previous.points)
    }

    /// From how many points on a change is reliable; null when no threshold is published.
    async fn change_threshold(&self) -> Option<i32> {
        self.alone().change_threshold
    }

    /// How the threshold was made, and who published it: "90% confidence: Barkham 2013 ...".
    async fn change_threshold_source(&self) -> Option<String> {
        self.alone().change_threshold_source
    }

    /// The edition of the rules and of the catalogue that made this.
    async fn rule_version(&self) -> &str {
        self.alone().rule_version
    }
}

/// Totals that are read alike.
#[derive(SimpleObject)]
pub struct SeverityBand {
    /// What is stored as an assessment's severity, such as "moderate".
    code: &'static str,
    /// A word for people.
    label: &'static str,
    /// The lowest total of the band.
    min: i32,
    /// The highest total of the band.
    max: i32,
}

impl From<&'static Band> for SeverityBand {
    fn from(band: &'static Band) -> Self {
        Self { code: &band.code, label: &band.label, min: band.min, max: band.max }
    }
}

/// A questionnaire or rating: facts and figures with their sources, no item texts.
pub struct Instrument(&'static instrument::Instrument);

/// A questionnaire or rating: facts and figures with their sources, no item texts.
#[Object]
impl Instrument {
    /// As published, such as "PHQ-9".
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The full name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The number of scored items.
    async fn items(&self) -> u32 {
        self.0.items
    }

    /// The numbers of the items that are scored the other way round: the form's first option has the most
    /// points. `RecordAssessmentInput.items` takes answers as they stand on the form, and the server turns
    /// these round.
    async fn reversed_items(&self) -> &[u32] {
        &self.0.reverse_items
    }

    /// The lowest total, in points.
    async fn total_min(&self) -> i32 {
        self.0.total_min
    }

    /// The highest total, in points.
    async fn total_max(&self) -> i32 {
        self.0.total_max
    }

    /// Whether a higher total means that a person is worse off.
    async fn higher_is_worse(&self) -> bool {
        self.0.direction == instrument::Direction::HigherIsWorse
    }

    /// Severity by total, lowest first, without gaps; empty when none is published for the total.
    async fn bands(&self) -> Vec<SeverityBand> {
        self.0.bands.iter().map(SeverityBand::from).collect()
    }

    /// False when the bands are disputed or informal.
    async fn bands_official(&self) -> bool {
        self.0.bands_official
    }

    /// Where the literature disagrees; null when it does not.
    async fn disputed(&self) -> Option<&str> {
        self.0.disputed.as_deref()
    }

    /// The LOINC code of the total, where there is one.
    async fn loinc(&self) -> Option<&str> {
        self.0.loinc_total.as_deref()
    }

    /// On what terms it may be used: a keyword, and a note after a colon where there is more to say.
    async fn licence(&self) -> String {
        let licence = &self.0.licence;
        let note = licence.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        format!("{}{note}", licence.status)
    }

    /// Where the figures come from.
    async fn sources(&self) -> &[String] {
        &self.0.sources
    }
}

#[derive(Default)]
pub struct InstrumentQuery;

#[Object]
impl InstrumentQuery {
    /// The instruments whose scores are interpreted, each with its figures and their sources.
    async fn instruments(&self) -> Vec<Instrument> {
        instrument::all().iter().map(Instrument).collect()
    }

    /// One instrument; null when the catalogue does not know it.
    async fn instrument(
        &self,
        #[graphql(desc = "Its code, such as \"PHQ-9\"; \"phq9\" finds it too.")] code: String,
    ) -> Result<Option<Instrument>> {
        Ok(instrument::find(&read_text("code", code)?).map(Instrument))
    }
}
