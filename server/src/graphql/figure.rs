//! Figures of a goal. Each field reads what it needs and no more, all goals of a level together.

use std::sync::Arc;

use async_graphql::{Context, Result};
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

use super::context::Asking;
use super::goal::Goal;
use super::object::object;
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
#[derive(Clone)]
pub struct GoalProgress(Snapshot);

impl GoalProgress {
    pub async fn new(ctx: &Context<'_>, goal: &Goal, as_of: Option<Date>) -> Result<Self> {
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

    async fn current(&self, ctx: &Context<'_>) -> Result<Option<Figures>> {
        ctx.load(CurrentOf(self.0.clone())).await
    }

    async fn trend(&self, ctx: &Context<'_>, days: Option<i32>) -> Result<Trend> {
        let length = days.map(u32::try_from).transpose().ok().filter(|days| *days != Some(0));
        let length = length.ok_or_else(|| bad_input("`days` must be at least 1, or null for everything."))?;
        let from = trend::start(self.0.day, length).max(BEGINNING);
        let (way, days) = futures_util::try_join!(way(ctx, &self.0), self.days(ctx, from))?;
        Ok(Trend(trend::evaluate(&days, &Sense::of(&self.0.aim, &way))))
    }

    async fn streak(&self, ctx: &Context<'_>) -> Result<Streak> {
        let unit = self.0.frequency().into();
        let history = history(ctx, &self.0).await?;
        Ok(Streak { streak: history.streak(self.0.as_of()), unit })
    }

    async fn projection(&self, ctx: &Context<'_>) -> Result<Projection> {
        let aim = &self.0.aim;
        if !projection::applies(aim.measure, self.0.frequency()) {
            return Ok(Projection { status: ProjectionStatus::NotApplicable, date: None });
        }
        let days = self.days(ctx, BEGINNING).await?;
        let first = days.first().map(|day| day.value);
        let way = evaluate(aim, &Figures { first, ..Figures::default() });
        Ok(projection::evaluate(&days, way.target, way.direction, self.0.day).into())
    }

    async fn pace(&self, ctx: &Context<'_>) -> Result<Pace> {
        let (start, target) = (self.0.subject.start(), self.0.subject.goal.target_date);
        Ok(pace::evaluate(&self.progress(ctx).await?, start, target, self.0.day).class.into())
    }

    async fn series(
        &self,
        ctx: &Context<'_>,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Vec<ProgressPoint>> {
        let from = from.map(|day| day.read("from")).transpose()?.unwrap_or(BEGINNING);
        let to = to.map(|day| day.read("to")).transpose()?.unwrap_or(END);
        let points = ctx.load(ChartOf(self.0.clone(), from, to)).await?.unwrap_or_default();
        Ok(points.iter().copied().map(ProgressPoint).collect())
    }
}

object! {
    /// How far a goal has come, with all that was worked out on the way.
    ///
    /// What counts: entries up to `asOf` by the day they are about, recorded under the method in force; of a
    /// goal tracked by assessment only those of context ASSESSMENT. A day has one value: the last one for SCALE and ASSESSMENT, the sum for FREQUENCY
    /// and DURATION, 1 or 0 for BINARY. Target, baseline, direction and configuration are those in force at the
    /// end of `asOf`; before the first that are known, those. A streak judges each period by what was in force
    /// at its end.
    GoalProgress |progress in all, ctx| {
        /// The day at whose end the figures stand, in the patient's time zone: the one asked for, and never
        /// later than the patient's today.
        leaf as_of: Date = progress.0.day.into();
        /// Where the goal stands on its way.
        each status: ProgressStatus = progress.progress(ctx).await?.status.into();
        /// The way gone from baseline to target in percent, 0 to 100, for bars. Null without data or target.
        each percent: Option<f64> = progress.progress(ctx).await?.percent.and_then(float);
        /// The same below 0 and above 100 too, for truth. Null also when the goal is degenerate.
        each raw: Option<f64> = progress.progress(ctx).await?.raw.and_then(float);
        /// Whether baseline and target are equal or contradict the direction: then it is 0 or 100 percent.
        each degenerate: bool = progress.progress(ctx).await?.degenerate;
        /// The value that is held against the target, in the unit of the tracking. SCALE and ASSESSMENT: that
        /// of the last day with data; FREQUENCY and DURATION to increase: the total of the running period, or of
        /// the last one with data while it is empty; to decrease or to maintain: the total of the last period with
        /// data that is over, since a running one may still grow; BINARY: 1 when it was done in the running
        /// period, else 0; with a target above 1 on how many days it was done so far; to decrease, where a 1 is
        /// a lapse, 1 when the last period that is over has an entry and no 1, else 0. Null without data, and
        /// while no such period is over.
        each current_value: Option<Decimal> = {
            progress.current(ctx).await?.and_then(|figures| figures.current).map(Decimal::from)
        };
        /// FREQUENCY and DURATION: whether `currentValue` is of the running period, which may still grow: never
        /// for a goal to decrease or to maintain. Null for the other methods and without data.
        each period_open: Option<bool> = progress.current(ctx).await?.and_then(|figures| figures.period_open);
        /// FREQUENCY and DURATION: the total of the running period so far, in the unit of the tracking, whatever
        /// the direction; 0 while nothing is recorded in it. Null for the other methods.
        each running_total: Option<Decimal> = {
            progress.current(ctx).await?.and_then(|figures| figures.running).map(Decimal::from)
        };
        /// The value that counts as 0 percent; see `baselineSource`. Null while there is none.
        each baseline_value: Option<Decimal> = way(ctx, &progress.0).await?.baseline.map(Decimal::from);
        /// Where the baseline comes from; null while there is none.
        each baseline_source: Option<BaselineSource> = {
            way(ctx, &progress.0).await?.baseline_source.map(BaselineSource::from)
        };
        /// The value that counts as 100 percent: the goal's, or 1 for a BINARY goal without one.
        leaf target_value: Option<Decimal> = progress.0.aim.target().map(Decimal::from);
        /// How many entries count.
        each entry_count: i64 = progress.extent(ctx).await?.map_or(0, |extent| extent.entries);
        /// The first day with an entry that counts; null without any.
        each first_entry_date: Option<Date> = progress.extent(ctx).await?.map(|extent| extent.first.into());
        /// The last day with an entry that counts; null without any.
        each last_entry_date: Option<Date> = progress.extent(ctx).await?.map(|extent| extent.last.into());
        /// Which way the values go, by a line through the days of a window that ends with `asOf`.
        each trend(
            /// The window's length in days, at least 1; 90 unless said, null for everything.
            days: Option<i32> = Some(90),
        ): Trend = progress.trend(ctx, days).await?;
        /// Periods met in a row.
        each streak: Streak = progress.streak(ctx).await?;
        /// When the target is reached if the trend through all days goes on.
        each projection: Projection = progress.projection(ctx).await?;
        /// Whether the goal is where it should be by now, on an even way from the day on which it was set to
        /// its target date.
        each pace: Pace = progress.pace(ctx).await?;
        /// One point for each day with data, oldest first. Of more than 400 days the newest 400: ask again
        /// with `to` for those before them.
        each series(
            /// Only this day and later ones.
            from: Option<Date>,
            /// Only this day and earlier ones; never later than `asOf`.
            to: Option<Date>,
        ): Vec<ProgressPoint> = progress.series(ctx, from, to).await?;
        /// The edition of the rules and of the catalogue of instruments that made these figures.
        leaf rule_version: &str = rules::VERSION;
    }
}

/// Which way the values go.
#[derive(Clone)]
pub struct Trend(trend::Trend);

object! {
    /// Which way the values go: y = intercept + slopePerDay * x, with x in days since `from`.
    Trend |trend in trends, ctx| {
        /// What the slope means for this goal.
        leaf class: TrendClass = trend.0.class.into();
        /// Units of the value per day; null for fewer than three days with data.
        leaf slope_per_day: Option<f64> = trend.0.slope_per_day;
        /// The line's value on the day `from`; null for fewer than three days with data.
        leaf intercept: Option<f64> = trend.0.intercept;
        /// "theil-sen": the median of all pairwise slopes (Theil 1950; Sen 1968, J Am Stat Assoc 63:1379), which
        /// one wild value does not move. Of more than 400 days it takes 400, evenly spread.
        leaf method: &str = trend.0.method;
        /// Days with data in the window.
        leaf n: i64 = i64::try_from(trend.0.n).unwrap_or(i64::MAX);
        /// The first day with data in the window; null for an empty one.
        leaf from: Option<Date> = trend.0.from.map(Date::from);
        /// The last day with data in the window; null for an empty one.
        leaf to: Option<Date> = trend.0.to.map(Date::from);
        /// Whether there are fewer than five days with data.
        leaf low_confidence: bool = trend.0.low_confidence;
    }
}

/// Periods met in a row.
#[derive(Clone)]
pub struct Streak {
    streak: streak::Streak,
    unit: TrackingFrequency,
}

object! {
    /// Periods met in a row. A period with a day on hold, or on which the goal was completed or abandoned, is never
    /// missed: it counts when it is met, unless all of it was. The running period can add to a streak; it breaks
    /// one only when it can't be met any more: over the limit of a goal to decrease or to maintain, or a lapse.
    Streak |streak in streaks, ctx| {
        /// The length of the streak that is still going on, in periods.
        leaf current: i64 = streak.streak.current.into();
        /// The longest one so far.
        leaf longest: i64 = streak.streak.longest.into();
        /// The period in force; earlier configurations judge the periods in which they were in force.
        leaf unit: TrackingFrequency = streak.unit;
        /// What meets a period: `check_in` any entry; `success` any 1; `no_lapse` at least one entry and no 1;
        /// `target` a total that reaches the target, or to decrease at least one entry and no more than the target,
        /// or to maintain within the tolerance. The last two kinds, unless to increase, when the period is over.
        leaf kind: &str = streak.streak.kind;
        /// False when the sessions are not known, so that a missed one can't be seen.
        leaf complete: bool = streak.streak.complete;
    }
}

/// When the target will be reached if the trend goes on.
#[derive(Clone)]
pub struct Projection {
    status: ProjectionStatus,
    date: Option<Date>,
}

object! {
    /// When the target will be reached if the trend goes on.
    Projection |projection in projections, ctx| {
        /// Whether there is a date, and if not, why.
        leaf status: ProjectionStatus = projection.status;
        /// The day on which the line meets the target, after `asOf`. Null unless PROJECTED.
        leaf date: Option<Date> = projection.date.clone();
    }
}

/// A day of a chart.
#[derive(Clone)]
pub struct ProgressPoint(rolling::Point);

object! {
    /// A day of a chart.
    ProgressPoint |point in points, ctx| {
        /// The patient's local day.
        leaf date: Date = point.0.date.into();
        /// The day's one value, in the unit of the tracking.
        leaf value: Decimal = point.0.value.into();
        /// The mean of the days with data among the seven days that end here, two decimals.
        leaf rolling_mean7: Option<f64> = point.0.rolling_mean_7.and_then(float);
        /// How many entries the day has.
        leaf entries: i64 = point.0.entries.into();
    }
}

/// Rounded for being shown.
fn float(figure: rust_decimal::Decimal) -> Option<f64> {
    shown(figure).to_f64()
}

impl From<projection::Projection> for Projection {
    fn from(projection: projection::Projection) -> Self {
        Self { status: projection.status.into(), date: projection.date.map(Date::from) }
    }
}
