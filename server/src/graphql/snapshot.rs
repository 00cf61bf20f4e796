//! What figures are read by: a key for each thing that is read, so that all goals of a level share it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use chrono::NaiveDate;
use entity::goal;
use rust_decimal::Decimal;
use sea_orm::DbErr;
use uuid::Uuid;

use super::context::Asking;
use super::goal::Goal;
use super::loader::Batch;
use super::row::RowObject;
use crate::access::Viewer;
use crate::history::{self, Extent, History, Snapshot, Subject, Versions};
use crate::rules::day::Day;
use crate::rules::episode::Episode;
use crate::rules::progress::{Figures, Progress, evaluate};
use crate::rules::rolling::Point;

/// A goal at the end of a day, or of its patient's today: days to come hold nothing that counts. What was in
/// force before is read for a day that is over only.
pub async fn snapshot(ctx: &Context<'_>, goal: &Goal, day: Option<NaiveDate>) -> Result<Snapshot> {
    let subject = subject(ctx, goal).await?;
    let today = subject.today(ctx.clock().now());
    let Some(day) = day.filter(|day| *day < today) else { return Ok(Snapshot::present(subject, today)) };
    let versions = ctx.load(VersionsOf(subject.clone())).await?.unwrap_or_default();
    Ok(Snapshot::past(&subject, &versions, day))
}

async fn subject(ctx: &Context<'_>, goal: &Goal) -> Result<Arc<Subject>> {
    ctx.load(SubjectOf(goal.row().shared())).await?.ok_or_else(gone)
}

/// A goal with what it aimed at before.
pub async fn versions(ctx: &Context<'_>, goal: &Goal) -> Result<(Arc<Subject>, Arc<Versions>)> {
    let subject = subject(ctx, goal).await?;
    let versions = ctx.load(VersionsOf(subject.clone())).await?.unwrap_or_default();
    Ok((subject, versions))
}

pub async fn progress(ctx: &Context<'_>, of: &Snapshot) -> Result<Progress> {
    let (first, current) = (ctx.load(FirstOf(of.clone())), ctx.load(CurrentOf(of.clone())));
    let (first, current) = futures_util::try_join!(first, current)?;
    Ok(evaluate(&of.aim, &Figures { first, ..current.unwrap_or_default() }))
}

/// Baseline, target and direction, without a current value.
pub async fn way(ctx: &Context<'_>, of: &Snapshot) -> Result<Progress> {
    let first = ctx.load(FirstOf(of.clone())).await?;
    Ok(evaluate(&of.aim, &Figures { first, ..Figures::default() }))
}

/// Everything that was recorded for the goal.
pub async fn history(ctx: &Context<'_>, of: &Snapshot) -> Result<Arc<History>> {
    ctx.load(HistoryOf(of.subject.clone())).await?.ok_or_else(gone)
}

/// Every goal at hand has a subject and a history, so this never happens.
fn gone() -> Error {
    Error::new_with_source(Gone)
}

#[derive(Debug, thiserror::Error)]
#[error("a goal whose figures were asked for is gone")]
struct Gone;

#[derive(Clone)]
struct SubjectOf(Arc<goal::Model>);

impl Batch for SubjectOf {
    type Value = Arc<Subject>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Arc<Subject>>, DbErr> {
        let goals = keys.iter().map(|key| key.0.clone());
        let subjects = Subject::of_all(&viewer.store, viewer, goals).await?;
        Ok(keys.iter().cloned().zip(subjects).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct HistoryOf(Arc<Subject>);

impl Batch for HistoryOf {
    type Value = Arc<History>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Arc<History>>, DbErr> {
        let subjects: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let histories = History::of_all(&viewer.store, viewer, &subjects).await?;
        Ok(keys.iter().cloned().zip(histories.into_iter().map(Arc::new)).collect())
    }
}

/// What the goal aimed at before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct VersionsOf(Arc<Subject>);

impl Batch for VersionsOf {
    type Value = Arc<Versions>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let goals: Vec<_> = keys.iter().map(|key| key.0.goal.id).collect();
        let stored = history::stored_versions(&viewer.store, viewer, &goals).await?;
        let versions = |key: &Self| {
            let stored = stored.get(&key.0.goal.id).map_or(&[][..], Vec::as_slice);
            (key.clone(), Arc::new(Versions::of(stored, &key.0)))
        };
        Ok(keys.iter().map(versions).collect())
    }
}

/// The first day's value, where it is the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FirstOf(Snapshot);

impl Batch for FirstOf {
    type Value = Decimal;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Decimal>, DbErr> {
        let snapshots: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let firsts = history::firsts(&viewer.store, viewer, &snapshots).await?;
        Ok(firsts.into_iter().map(|(of, first)| (Self(of), first)).collect())
    }
}

/// The current value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CurrentOf(pub Snapshot);

impl Batch for CurrentOf {
    type Value = Figures;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Figures>, DbErr> {
        let snapshots: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let currents = history::currents(&viewer.store, viewer, &snapshots).await?;
        Ok(currents.into_iter().map(|(of, current)| (Self(of), current)).collect())
    }
}

/// How much was recorded, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExtentOf(pub Snapshot);

impl Batch for ExtentOf {
    type Value = Extent;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Extent>, DbErr> {
        let snapshots: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let extents = history::extents(&viewer.store, viewer, &snapshots).await?;
        Ok(extents.into_iter().map(|(of, extent)| (Self(of), extent)).collect())
    }
}

/// The days with data from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DaysOf(pub Snapshot, pub NaiveDate);

impl Batch for DaysOf {
    type Value = Arc<Vec<Day>>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0.clone(), key.1)).collect();
        let series = history::series(&viewer.store, viewer, &asked).await?;
        Ok(keys.iter().cloned().zip(series.into_iter().map(Arc::new)).collect())
    }
}

/// The points of a chart between two days.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChartOf(pub Snapshot, pub NaiveDate, pub NaiveDate);

impl Batch for ChartOf {
    type Value = Arc<Vec<Point>>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let asked: Vec<_> = keys.iter().map(|key| (key.0.clone(), key.1, key.2)).collect();
        let charts = history::charts(&viewer.store, viewer, &asked).await?;
        Ok(keys.iter().cloned().zip(charts.into_iter().map(Arc::new)).collect())
    }
}

/// The episode that a score belongs to, among the scores that the viewer may see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EpisodeOf(pub Uuid);

impl Batch for EpisodeOf {
    type Value = Episode;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let scores: Vec<_> = keys.iter().map(|key| key.0).collect();
        let episodes = history::episodes(&viewer.store, viewer, &scores).await?;
        Ok(episodes.into_iter().map(|(id, episode)| (Self(id), episode)).collect())
    }
}

// A row is its id, and nothing else of it may get into a log.
impl PartialEq for SubjectOf {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for SubjectOf {}

impl Hash for SubjectOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl fmt::Debug for SubjectOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.id.fmt(formatter)
    }
}
