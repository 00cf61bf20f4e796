//! Milestones that a write has reached, or the end of a period: which they are, and that each is achieved once.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use entity::{goal, milestone, pause, progress, value};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::access::Permit;
use crate::event::{Event, Kind};
use crate::history::{Cause, History, Question, Subject, as_rule_input, hold};
use crate::rules::milestone::{Achievement, Situation, evaluate};
use crate::store::{Updated, read};

/// What a write may have changed. A milestone that was revoked is reached again by that alone: a value of a day
/// written about, a streak through it.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Entries, as they are now and as they were before.
    Entries { new: &'a [progress::Model], old: &'a [progress::Model] },
    /// This milestone. The whole history counts for it, and nothing has changed for the others, of which one may
    /// have been revoked.
    Milestone(Uuid),
    /// The goal or its configuration was written: the whole history counts.
    All,
}

/// Achieves every open milestone that the write just made has reached, each once.
pub async fn achieve_reached(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    change: Change<'_>,
) -> Outcome<Vec<milestone::Model>> {
    let mut open = open(work, goal).await?;
    if let Change::Milestone(id) = change {
        open.milestones.retain(|milestone| milestone.id == id);
    }
    if open.milestones.is_empty() {
        return Ok(Vec::new());
    }
    let situation = match change {
        Change::Entries { new, old } => {
            let subject = work.subject(goal).await?;
            let rows = |rows: &[progress::Model]| rows.iter().map(|row| subject.entry(row)).collect();
            let cause = Cause::Entries { new: rows(new), old: rows(old) };
            changed(work, subject, &open, cause).await?
        }
        Change::Milestone(_) | Change::All => {
            let history = History::of(&work.db, work.viewer(), goal).await?;
            history.situation(&Cause::Everything, history.subject.local_day(work.now))
        }
    };
    achieve(work, permit, goal, &open.milestones, &situation).await
}

/// What is new after a write about some days, or after the end of some periods. Only what the open milestones
/// ask is read: a streak, for example, can only have become longer where it goes through one of the days.
pub async fn changed(
    work: &Work<'_>,
    subject: Subject,
    open: &Open,
    cause: Cause,
) -> Outcome<Situation<Uuid>> {
    let today = subject.local_day(work.now);
    let versions = work.versions(&subject).await?;
    let question = Question::of(cause, &open.milestones, open.holds.clone(), versions, today);
    Ok(History::touched(&work.db, work.viewer(), subject, &question).await?)
}

/// Achieves those of the open milestones that are reached.
pub async fn achieve(
    work: &mut Work<'_>,
    permit: &Permit,
    goal: &goal::Model,
    open: &[milestone::Model],
    situation: &Situation<Uuid>,
) -> Outcome<Vec<milestone::Model>> {
    let mut achieved = Vec::new();
    for fired in evaluate(&open.iter().map(as_rule_input).collect::<Vec<_>>(), situation) {
        achieved.extend(mark_achieved(work, permit, goal, &fired).await?);
    }
    Ok(achieved)
}

/// The milestones of a goal that are to be achieved yet and not for people to judge.
#[derive(Clone, Debug)]
pub struct Open {
    pub milestones: Vec<milestone::Model>,
    /// The days on which nothing was due, when there is a streak among the milestones.
    pub holds: Vec<RangeInclusive<NaiveDate>>,
}

/// One statement: each milestone once, and one for a streak once for each time the goal was on hold.
pub async fn open(work: &Work<'_>, goal: &goal::Model) -> Outcome<Open> {
    use milestone::Column::{AchievedAt, GoalId, Id, MilestoneType};
    let own = [milestone::Kind::Percentage, milestone::Kind::Value, milestone::Kind::Streak];
    let open = work
        .viewer()
        .few::<milestone::Entity>(GoalId.eq(goal.id))
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
        milestones.push(read::<milestone::Entity>(&row)?);
        let first: Option<NaiveDate> = value(&row, "hold_first")?;
        holds.extend(first.map(|first| Ok::<_, DbErr>(hold(first, value(&row, "hold_last")?))).transpose()?);
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
) -> Outcome<Option<milestone::Model>> {
    let update = milestone::Entity::update_many()
        .col_expr(milestone::Column::AchievedAt, Expr::value(work.now))
        .filter(milestone::Column::Id.eq(fired.id))
        .filter(milestone::Column::AchievedAt.is_null());
    let achieved = update.updated(&work.db).await?.pop();
    if achieved.is_some() {
        let event = Event::of_goal(Kind::MilestoneAchieved, goal, fired.id);
        work.emit(permit, event.because_of(fired.entry, fired.effective_date));
    }
    Ok(achieved)
}
