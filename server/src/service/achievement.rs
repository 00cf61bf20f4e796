//! Milestones that a write has reached: which they are, and that each is achieved once.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::{goal, milestone, pause, progress};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryTrait,
};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::access::Permit;
use crate::event::{Event, Kind};
use crate::history::{History, Question, as_rule_input, hold};
use crate::rules::milestone::{Achievement, Situation, evaluate};

/// Which days a write may have changed. A milestone that was revoked is reached again by what hangs on
/// these days alone: a value of them, a streak through them.
#[derive(Clone, Debug)]
pub enum Change {
    /// `effective` is the day of the entry written, for what goes by the whole history; the latest of an
    /// import.
    Days { days: Vec<NaiveDate>, effective: NaiveDate },
    /// None: this milestone was written. The whole history counts for it, and nothing has changed for the
    /// others, of which one may have been revoked.
    Milestone(Uuid),
    /// The goal or its configuration was written: the whole history counts.
    All,
}

impl Change {
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
    touched: &Change,
    written: &[progress::Model],
) -> Outcome<Vec<milestone::Model>> {
    let mut open = open(work, goal).await?;
    if let Change::Milestone(id) = touched {
        open.milestones.retain(|milestone| milestone.id == *id);
    }
    if open.milestones.is_empty() {
        return Ok(Vec::new());
    }
    let Some(standing) = standing(work, goal, touched, &open).await? else { return Ok(Vec::new()) };
    let mut achieved = Vec::new();
    for fired in evaluate(&open.milestones.iter().map(as_rule_input).collect::<Vec<_>>(), &standing) {
        let entry = cause(written, fired.effective_date);
        achieved.extend(mark_achieved(work, permit, goal, &fired, entry).await?);
    }
    Ok(achieved)
}

/// How the goal stands after a write; `None` when nothing counts yet.
///
/// After a write about some days only those are read, and what the open milestones ask about them: a
/// streak, for example, can only have become longer where it goes through one of them.
async fn standing(
    work: &Work<'_>,
    goal: &goal::Model,
    touched: &Change,
    open: &Open,
) -> Outcome<Option<Situation>> {
    let Change::Days { days, effective } = touched else {
        let history = History::of(&work.db, work.viewer(), goal).await?;
        let today = history.subject.local_day(work.now);
        let standing = || history.standing(None, history.streak(today).longest, today);
        return Ok(history.has_data(today).then(standing));
    };
    let subject = work.subject(goal).await?;
    let today = subject.local_day(work.now);
    // A write about days to come changes no figure yet.
    if *effective > today {
        return Ok(None);
    }
    let versions = work.versions(&subject).await?;
    let question = Question { versions, ..Question::of(&open.milestones, open.holds.clone(), days, today) };
    let (history, longest) = History::touched(&work.db, work.viewer(), subject, &question, today).await?;
    let standing = || history.standing(Some((days, *effective)), longest, today);
    Ok(history.has_data(today).then(standing))
}

fn cause(written: &[progress::Model], effective: NaiveDate) -> Option<Uuid> {
    match written {
        [only] => Some(only.id),
        many => many.iter().rfind(|entry| entry.entry_date == effective).map(|entry| entry.id),
    }
}

/// The milestones of a goal that are to be achieved yet and not for people to judge.
struct Open {
    milestones: Vec<milestone::Model>,
    /// The goal's days on hold, when there is a streak among the milestones.
    holds: Vec<RangeInclusive<NaiveDate>>,
}

/// One statement: each milestone once, and one for a streak once for each time the goal was on hold.
async fn open(work: &Work<'_>, goal: &goal::Model) -> Outcome<Open> {
    use milestone::Column::{AchievedAt, GoalId, Id, MilestoneType};
    let own = [milestone::Kind::Percentage, milestone::Kind::Value, milestone::Kind::Streak];
    let open = work
        .viewer()
        .all::<milestone::Entity>()
        .filter(GoalId.eq(goal.id))
        .filter(AchievedAt.is_null())
        .filter(MilestoneType.is_in(own.map(milestone::Kind::as_str)))
        .order_by_asc(Id);
    let same_goal = Expr::col((pause::Entity, pause::Column::GoalId)).equals((milestone::Entity, GoalId));
    let mut select = open.into_query();
    select
        .expr_as(Expr::col((pause::Entity, pause::Column::FirstDay)), "hold_first")
        .expr_as(Expr::col((pause::Entity, pause::Column::LastDay)), "hold_last")
        .left_join(pause::Entity, same_goal.and(MilestoneType.eq(milestone::Kind::Streak.as_str())));
    let (mut milestones, mut holds) = (Vec::new(), Vec::new());
    for row in work.db.query_all(&select).await? {
        milestones.push(milestone::Model::from_query_result(&row, "")?);
        let first: Option<NaiveDate> = row.try_get("", "hold_first")?;
        holds.extend(
            first.map(|first| Ok::<_, DbErr>(hold(first, row.try_get("", "hold_last")?))).transpose()?,
        );
    }
    milestones.dedup_by_key(|milestone| milestone.id);
    Ok(Open { milestones, holds })
}

/// Once: the row itself decides which of two writers achieves it. `None` for the second.
pub async fn mark_achieved(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    fired: &Achievement<Uuid>,
    entry: Option<Uuid>,
) -> Outcome<Option<milestone::Model>> {
    let update = milestone::Entity::update_many()
        .col_expr(milestone::Column::AchievedAt, Expr::value(work.now))
        .filter(milestone::Column::Id.eq(fired.id))
        .filter(milestone::Column::AchievedAt.is_null());
    let achieved = update.exec_with_returning(&work.db).await?.pop();
    if achieved.is_some() {
        let event = Event::of_goal(Kind::MilestoneAchieved, goal, fired.id);
        work.emit(permit, event.because_of(entry, fired.effective_date));
    }
    Ok(achieved)
}
