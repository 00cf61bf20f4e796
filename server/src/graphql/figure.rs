//! Figures of a goal. Each field reads what it needs and no more, all goals of a level together.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use entity::goal;
use rust_decimal::prelude::ToPrimitive;

use super::context::Asking;
use super::snapshot::{ChartOf, CurrentOf, DaysOf, ExtentOf, history, progress, snapshot, way};
use crate::history::{Extent, Snapshot};
use crate::rules::day::Day;
use crate::rules::progress::{Figures, Progress, evaluate};
use crate::rules::trend::{self, Sense};
use crate::rules::{self, pace, projection, rolling, shown, streak};
use crate::store::span::{BEGINNING, END};
use crate::wire::bad_input;
use crate::wire::figure::{BaselineSource, Pace, ProgressStatus, ProjectionStatus, TrendClass};
use crate::wire::scalar::{Date, Decimal};
use crate::wire::word::TrackingFrequency;

/// How far a goal has come, with all that was worked out on the way.
pub struct GoalProgress(Snapshot);

impl GoalProgress {
    pub async fn new(ctx: &Context<'_>, goal: &Arc<goal::Model>, as_of: Option<Date>) -> Result<Self> {
        let day = as_of.map(|day| day.read("asOf")).transpose()?;
        Ok(Self(snapshot(ctx, goal, day).await?))
    }

    async fn progress(&self, ctx: &Context<'_>) -> Result<Progress> {
        progress(ctx, &self.0).await
    }

    async fn days(&self, ctx: &Context<'_>, from: NaiveDate) -> Result<Arc<Vec<Day>>> {
        Ok(ctx.load(DaysOf(self.0.clone(), from)).await?.unwrap_or_default())
    }

    async fn extent(&self, ctx: &Context<'_>) -> Result<Option<Extent>> {
        ctx.load(ExtentOf(self.0.clone())).await
    }
}

/// How far a goal has come, with all that was worked out on the way.
///
/// What counts: entries up to `asOf` by the day they are about; of a goal tracked by assessment only those
/// of context ASSESSMENT. A day has one value: the last one for SCALE and ASSESSMENT, the sum for FREQUENCY
/// and DURATION, 1 or 0 for BINARY. Target, baseline and configuration are the present ones.
#[Object]
impl GoalProgress {
    /// The day at whose end the figures stand, in the patient's time zone: the one asked for, and never
    /// later than the patient's today.
    async fn as_of(&self) -> Date {
        self.0.day.into()
    }

    /// Where the goal stands on its way.
    async fn status(&self, ctx: &Context<'_>) -> Result<ProgressStatus> {
        Ok(self.progress(ctx).await?.status.into())
    }

    /// The way gone from baseline to target in percent, 0 to 100, for bars. Null without data or target.
    async fn percent(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        Ok(self.progress(ctx).await?.percent.and_then(float))
    }

    /// The same below 0 and above 100 too, for truth. Null also when the goal is degenerate.
    async fn raw(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        Ok(self.progress(ctx).await?.raw.and_then(float))
    }

    /// Whether baseline and target are equal or contradict the direction: then it is 0 or 100 percent.
    async fn degenerate(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.progress(ctx).await?.degenerate)
    }

    /// The value that is held against the target, in the unit of the tracking. SCALE and ASSESSMENT: that
    /// of the last day with data; FREQUENCY and DURATION: the total of the running period, or of the last
    /// one with data while it is empty; BINARY: whether it was done in the running period, or, with a
    /// target above 1, on how many days it was done so far. Null without data.
    async fn current_value(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        let figures = ctx.load(CurrentOf(self.0.clone())).await?;
        Ok(figures.and_then(|figures| figures.current).map(Decimal::from))
    }

    /// FREQUENCY and DURATION: whether `currentValue` is of the running period, which may still grow. Null
    /// for the other methods and without data.
    async fn period_open(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        Ok(ctx.load(CurrentOf(self.0.clone())).await?.and_then(|figures| figures.period_open))
    }

    /// The value that counts as 0 percent; see `baselineSource`. Null while there is none.
    async fn baseline_value(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        Ok(way(ctx, &self.0).await?.baseline.map(Decimal::from))
    }

    /// Where the baseline comes from; null while there is none.
    async fn baseline_source(&self, ctx: &Context<'_>) -> Result<Option<BaselineSource>> {
        Ok(way(ctx, &self.0).await?.baseline_source.map(BaselineSource::from))
    }

    /// The value that counts as 100 percent: the goal's, or 1 for a BINARY goal without one.
    async fn target_value(&self) -> Option<Decimal> {
        self.0.subject.aim().target().map(Decimal::from)
    }

    /// How many entries count.
    async fn entry_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.extent(ctx).await?.map_or(0, |extent| extent.entries))
    }

    /// The first day with an entry that counts; null without any.
    async fn first_entry_date(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.extent(ctx).await?.map(|extent| extent.first.into()))
    }

    /// The last day with an entry that counts; null without any.
    async fn last_entry_date(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.extent(ctx).await?.map(|extent| extent.last.into()))
    }

    /// Which way the values go, by a line through the days of a window that ends with `asOf`.
    async fn trend(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The window's length in days, at least 1; 90 unless said, null for everything.",
            default_with = "Some(90)"
        )]
        days: Option<i32>,
    ) -> Result<Trend> {
        let length = days.map(u32::try_from).transpose().ok().filter(|days| *days != Some(0));
        let length = length.ok_or_else(|| bad_input("`days` must be at least 1, or null for everything."))?;
        let from = trend::start(self.0.day, length).max(BEGINNING);
        let (way, days) = futures_util::try_join!(way(ctx, &self.0), self.days(ctx, from))?;
        Ok(trend::evaluate(&days, &Sense::of(&self.0.subject.aim(), &way)).into())
    }

    /// Periods met in a row.
    async fn streak(&self, ctx: &Context<'_>) -> Result<Streak> {
        let unit = self.0.subject.frequency().into();
        let history = history(ctx, &self.0).await?;
        Ok(Streak::new(history.streak(self.0.day), unit))
    }

    /// When the target is reached if the trend through all days goes on.
    async fn projection(&self, ctx: &Context<'_>) -> Result<Projection> {
        let subject = &self.0.subject;
        let aim = subject.aim();
        if !projection::applies(aim.measure, subject.frequency()) {
            return Ok(Projection { status: ProjectionStatus::NotApplicable, date: None });
        }
        let days = self.days(ctx, BEGINNING).await?;
        let first = days.first().map(|day| day.value);
        let way = evaluate(&aim, &Figures { first, ..Figures::default() });
        Ok(projection::evaluate(&days, way.target, way.direction).into())
    }

    /// Whether the goal is where it should be by now, on an even way from the day on which it was set to
    /// its target date.
    async fn pace(&self, ctx: &Context<'_>) -> Result<Pace> {
        let (start, target) = (self.0.subject.start(), self.0.subject.goal.target_date);
        Ok(pace::evaluate(&self.progress(ctx).await?, start, target, self.0.day).class.into())
    }

    /// One point for each day with data, oldest first. Of more than 400 days the newest 400: ask again
    /// with `to` for those before them.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this day and later ones.")] from: Option<Date>,
        #[graphql(desc = "Only this day and earlier ones; never later than `asOf`.")] to: Option<Date>,
    ) -> Result<Vec<ProgressPoint>> {
        let from = from.map(|day| day.read("from")).transpose()?.unwrap_or(BEGINNING);
        let to = to.map(|day| day.read("to")).transpose()?.unwrap_or(END);
        let points = ctx.load(ChartOf(self.0.clone(), from, to)).await?.unwrap_or_default();
        Ok(points.iter().map(ProgressPoint::from).collect())
    }

    /// The edition of the rules and of the catalogue of instruments that made these figures.
    async fn rule_version(&self) -> &str {
        rules::VERSION
    }
}

/// Which way the values go: y = intercept + slopePerDay * x, with x in days since `from`.
#[derive(SimpleObject)]
pub struct Trend {
    /// What the slope means for this goal.
    class: TrendClass,
    /// Units of the value per day; null for fewer than three days with data.
    slope_per_day: Option<f64>,
    /// The line's value on the day `from`; null for fewer than three days with data.
    intercept: Option<f64>,
    /// "theil-sen": the median of all pairwise slopes (Theil 1950; Sen 1968, J Am Stat Assoc 63:1379), which
    /// one wild value does not move. Of more than 400 days it takes 400, evenly spread.
    method: &'static str,
    /// Days with data in the window.
    n: i64,
    /// The first day with data in the window; null for an empty one.
    from: Option<Date>,
    /// The last day with data in the window; null for an empty one.
    to: Option<Date>,
    /// Whether there are fewer than five days with data.
    low_confidence: bool,
}

/// Periods met in a row. Periods wholly on hold neither count nor break; the running period can add to a
/// streak and not break it.
#[derive(SimpleObject)]
pub struct Streak {
    /// The length of the streak that is still going on, in periods.
    current: i64,
    /// The longest one so far.
    longest: i64,
    /// The period in force; earlier configurations judge the periods in which they were in force.
    unit: TrackingFrequency,
    /// What meets a period: `check_in` any entry, `success` any 1, `target` a total that reaches the target.
    kind: &'static str,
    /// False when the sessions are not known, so that a missed one can't be seen.
    complete: bool,
}

/// When the target will be reached if the trend goes on.
#[derive(SimpleObject)]
pub struct Projection {
    /// Whether there is a date, and if not, why.
    status: ProjectionStatus,
    /// The day on which the line meets the target; in the past when nothing was recorded for long. Null
    /// unless PROJECTED.
    date: Option<Date>,
}

/// A day of a chart.
#[derive(SimpleObject)]
pub struct ProgressPoint {
    /// The patient's local day.
    date: Date,
    /// The day's one value, in the unit of the tracking.
    value: Decimal,
    /// The mean of the days with data among the seven days that end here, two decimals.
    rolling_mean7: Option<f64>,
    /// How many entries the day has.
    entries: i64,
}

/// Rounded for being shown.
fn float(figure: rust_decimal::Decimal) -> Option<f64> {
    shown(figure).to_f64()
}

impl From<trend::Trend> for Trend {
    fn from(trend: trend::Trend) -> Self {
        Self {
            class: trend.class.into(),
            slope_per_day: trend.slope_per_day,
            intercept: trend.intercept,
            method: trend.method,
            n: i64::try_from(trend.n).unwrap_or(i64::MAX),
            from: trend.from.map(Date::from),
            to: trend.to.map(Date::from),
            low_confidence: trend.low_confidence,
        }
    }
}

impl Streak {
    fn new(streak: streak::Streak, unit: TrackingFrequency) -> Self {
        let streak::Streak { current, longest, kind, complete } = streak;
        Self { current: current.into(), longest: longest.into(), unit, kind, complete }
    }
}

impl From<projection::Projection> for Projection {
    fn from(projection: projection::Projection) -> Self {
        Self { status: projection.status.into(), date: projection.date.map(Date::from) }
    }
}

impl From<&rolling::Point> for ProgressPoint {
    fn from(point: &rolling::Point) -> Self {
        Self {
            date: point.date.into(),
            value: point.value.into(),
            rolling_mean7: point.rolling_mean_7.and_then(float),
            entries: point.entries.into(),
        }
    }
}
