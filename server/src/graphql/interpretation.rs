//! What scores mean.

use async_graphql::{Context, Result};

use super::assessment::AssessmentScore;
use super::context::Asking;
use super::instrument::{Instrument, SeverityBand};
use super::object::object;
use super::row::find;
use super::snapshot::EpisodeOf;
use crate::rules::episode::Episode;
use crate::rules::interpretation::{self, evaluate};
use crate::rules::safety::{self, Safety};
use crate::rules::{instrument, subscales};
use crate::wire::figure::{ClinicalChange, SafetyState};
use crate::wire::scalar::Date;

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

    /// What the score says by itself.
    fn alone(&self) -> interpretation::Interpretation {
        evaluate(self.instrument, self.assessment.score, None, None)
    }

    fn safety(&self) -> Safety {
        safety::evaluate(self.instrument, self.assessment.score, self.assessment.subscores.as_ref())
    }

    fn subscales(&self) -> Vec<SubscaleScore> {
        let read = subscales::read(self.instrument, self.assessment.subscores.as_ref());
        read.into_iter().map(SubscaleScore).collect()
    }

    /// What the score says beside the earlier ones of its episode.
    async fn in_episode(&self, ctx: &Context<'_>) -> Result<interpretation::Interpretation> {
        let Episode { first, previous, .. } = self.episode(ctx).await?;
        let [first, previous] = [first, previous].map(|earlier| earlier.map(|earlier| earlier.score));
        Ok(evaluate(self.instrument, self.assessment.score, first, previous))
    }

    async fn episode(&self, ctx: &Context<'_>) -> Result<Episode> {
        let alone = Episode { start: self.assessment.administered_date, first: None, previous: None };
        Ok(ctx.load(EpisodeOf(self.assessment.id)).await?.unwrap_or(alone))
    }

    async fn compared_with(&self, ctx: &Context<'_>) -> Result<Option<AssessmentScore>> {
        match self.episode(ctx).await?.first {
            Some(first) => find(ctx, first.id).await,
            None => Ok(None),
        }
    }
}

object! {
    /// What a score means: figures with their sources, no diagnosis. Earlier scores are those of the same
    /// person, instrument and episode that the viewer may see, by the day they were taken. An episode is all
    /// scores of the goal; for a score without a goal, all scores of the person up to a gap of more than 180
    /// days (Waymark's own limit).
    Interpretation |interpretation in interpretations, ctx| {
        /// The instrument that made the score.
        object instrument: Instrument = Instrument(interpretation.instrument);
        /// The severity band of the total; null outside the instrument's range, and when no bands are published.
        object band: Option<SeverityBand> = interpretation.alone().band.map(SeverityBand);
        /// False when the bands are disputed or informal: show them with care, or not at all.
        leaf bands_official: bool = interpretation.instrument.bands_official;
        /// The instrument's subscales, each with its score; empty when it has none.
        object subscales: Vec<SubscaleScore> = interpretation.subscales();
        /// What the stored answers to safety items say, or the total where it can't be reached without a flag.
        /// UNKNOWN when an answer is missing, contradicts the score or is between harmless and a flag, never CLEAR.
        leaf safety: SafetyState = interpretation.safety().state.into();
        /// The numbers of the items that raise the flag, from 1; empty unless FLAGGED.
        leaf safety_items: Vec<u32> = interpretation.safety().flagged;
        /// The day of the episode's first score.
        each episode_start: Date = interpretation.episode(ctx).await?.start.into();
        /// The episode's first score, which `changeSinceFirst` and `pointsSinceFirst` compare with; null for
        /// that one itself.
        each compared_with: Option<AssessmentScore> = interpretation.compared_with(ctx).await?;
        /// What became of the person since the episode's first score. Recovery is told only where the cut-off of
        /// a case comes from the source of the threshold.
        each change_since_first: ClinicalChange = interpretation.in_episode(ctx).await?.since_first.class.into();
        /// What became of the person since the score before this one in the episode.
        each change_since_previous: ClinicalChange = interpretation.in_episode(ctx).await?.since_previous.class.into();
        /// This score minus the episode's first one, in points; whether more is better is up to the instrument.
        /// Null for the first score itself, and for an instrument that only screens.
        each points_since_first: Option<i32> = interpretation.in_episode(ctx).await?.since_first.points;
        /// This score minus the one before it in the episode, in points. Null for the episode's first score, and
        /// for an instrument that only screens.
        each points_since_previous: Option<i32> = interpretation.in_episode(ctx).await?.since_previous.points;
        /// False when the episode's first score is so good that no later one can be better by the threshold:
        /// a PHQ-9 of 4 can't fall by 6. Null when no threshold is published.
        each improvement_possible: Option<bool> = interpretation.in_episode(ctx).await?.improvement_possible;
        /// From how many points on a change is reliable; null when no threshold is published.
        leaf change_threshold: Option<i32> = interpretation.alone().change_threshold;
        /// How the threshold was made, and who published it: "Jacobson-Truax RCI: Matthey 2004 ...".
        leaf change_threshold_source: Option<String> = interpretation.alone().change_threshold_source;
        /// The total that parts cases from others: at or above it a person is a case, or below it where more is
        /// better. Null when the source of the threshold gives none.
        leaf caseness: Option<i32> = interpretation.alone().caseness.map(|pair| pair.caseness);
        /// Who published the cut-off: the source of the threshold.
        leaf caseness_source: Option<&str> = interpretation.alone().caseness.map(|pair| pair.source.as_str());
        /// Whether this total is that of a case by `caseness`; null without it.
        leaf is_case: Option<bool> = interpretation.alone().is_case;
        /// The edition of the rules and of the catalogue that made this.
        leaf rule_version: &str = crate::rules::VERSION;
    }
}

/// What a subscale came to.
#[derive(Clone)]
pub struct SubscaleScore(subscales::SubscaleScore);

object! {
    /// The score of a part of an instrument's items.
    SubscaleScore |subscale in subscales, ctx| {
        /// The key in `AssessmentScore.subscores`, such as "ANXIETY".
        leaf code: &str = &subscale.0.scale.code;
        /// Its name.
        leaf name: &str = &subscale.0.scale.name;
        /// In the subscale's points; null when it is not stored, contradicts the items or can't be reached.
        leaf score: Option<i32> = subscale.0.score;
        /// The severity band of the score; null without one, and when no bands are published.
        object band: Option<SeverityBand> = subscale.0.band().map(SeverityBand);
    }
}
