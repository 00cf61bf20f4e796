//! Milestones that a write has reached: which they are, and that each is achieved once.

use chrono::NaiveDate;
use entity::{goal, milestone, progress};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::access::Permit;
use crate::event::{Event, Kind};
use crate::history::{History, plain};
use crate::rules::milestone::{Fired, Standing, evaluate, values};

/// Which days a write may have changed.
#[derive(Clone, Debug)]
pub enum Touched {
    /// `effective` is the day of the entry written, for what goes by the whole history; the latest of an
    /// import.
    Days { days: Vec<NaiveDate>, effective: NaiveDate },
    /// None: this milestone was written. The whole history counts for it, and nothing has changed for the
    /// others, of which one may have been revoked.
    Milestone(Uuid),
    /// The goal or its configuration was written: the whole history counts.
    All,
}

impl Touched {
    pub fn day(day: NaiveDate) -> Self {
        Self::Days { days: vec![day], effective: day }
    }
}

/// Achieves every open milestone that the write just made has reached, each once. `written`: the entries
/// of it, one of which did it.
pub async fn achieve_reached(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    touched: &Touched,
    written: &[progress::Model],
) -> Outcome<Vec<milestone::Model>> {
    let mut open = open(work, goal).await?;
    if let Touched::Milestone(id) = touched {
        open.retain(|milestone| milestone.id == *id);
    }
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let history = History::of(&work.db, work.viewer(), goal).await?;
    let today = history.subject.local_day(work.now);
    let mut achieved = Vec::new();
    for fired in reached(&history, &open, touched, today) {
        if mark_achieved(work, permit, goal, &fired, cause(written, fired.effective_date)).await? {
            achieved.extend(work.find::<milestone::Entity>(fired.id).await?);
        }
    }
    Ok(achieved)
}

fn cause(written: &[progress::Model], effective: NaiveDate) -> Option<Uuid> {
    match written {
        [only] => Some(only.id),
        many => many.iter().rfind(|entry| entry.entry_date == effective).map(|entry| entry.id),
    }
}

async fn open(work: &Work<'_>, goal: &goal::Model) -> Outcome<Vec<milestone::Model>> {
    let own = [milestone::Kind::Percentage, milestone::Kind::Value, milestone::Kind::Streak];
    let open = work
        .viewer()
        .all::<milestone::Entity>()
        .filter(milestone::Column::GoalId.eq(goal.id))
        .filter(milestone::Column::AchievedAt.is_null())
        .filter(milestone::Column::MilestoneType.is_in(own.map(milestone::Kind::word)))
        .order_by_asc(milestone::Column::Id);
    Ok(open.all(&work.db).await?)
}

fn reached(
    history: &History,
    open: &[milestone::Model],
    touched: &Touched,
    today: NaiveDate,
) -> Vec<Fired<Uuid>> {
    let aim = history.subject.aim();
    let series = history.series(aim.measure.method(), today);
    let Some(last) = series.last() else { return Vec::new() };
    let all: Vec<_> = series.iter().map(|day| day.date).collect();
    let (days, effective) = match touched {
        Touched::Days { days, effective } => (days, *effective),
        Touched::Milestone(_) | Touched::All => (&all, last.date),
    };
    // A write about days to come changes no figure yet.
    if effective > today {
        return Vec::new();
    }
    let standing = Standing {
        progress: &history.progress(&aim, &series, today),
        tolerance: aim.tolerance().unwrap_or_default(),
        longest_streak: history.streak(today).longest,
        values: &values(&aim, &series, &history.period(), days),
        effective,
        today,
    };
    evaluate(&open.iter().map(plain).collect::<Vec<_>>(), &standing)
}

/// Once: the row itself decides which of two writers achieves it.
pub async fn mark_achieved(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    fired: &Fired<Uuid>,
    entry: Option<Uuid>,
) -> Outcome<bool> {
    let update = milestone::Entity::update_many()
        .col_expr(milestone::Column::AchievedAt, Expr::value(work.now))
        .filter(milestone::Column::Id.eq(fired.id))
        .filter(milestone::Column::AchievedAt.is_null());
    let first = update.exec(&work.db).await?.rows_affected == 1;
    if first {
        let event = Event::of_goal(Kind::MilestoneAchieved, goal, fired.id);
        work.tell(permit, event.because_of(entry, fired.effective_date));
    }
    Ok(first)
}
