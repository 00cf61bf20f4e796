//! Milestones that the end of a period achieves, without a write: a week that stayed under its limit.
//!
//! What is still to come in a running period can take such a week back, so it is judged when it is over. Up to
//! which day the periods of a goal have been judged is kept for each open milestone (`waymark_closings`); that of
//! a milestone without a row begins with the day on which it was set, since all that was over by then was judged
//! with it. A milestone that is revoked takes the day of its revocation, so that only later periods bring it back.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use entity::{closing, goal, milestone};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::achievement::{Open, achieve, changed, open};
use super::work::{Work, carry_out};
use super::{Act, Failure, Outcome};
use crate::access::{Action, Viewer};
use crate::clock::Clock;
use crate::history::{Cause, Subject};
use crate::rules::reminder;
use crate::store::Store;

/// The moment at which the running period of a goal ends, if one of its open milestones waits for that.
///
/// `sessions`: the local days of the patient's sessions with the goal's therapist, in order; they matter only to
/// a goal that goes by sessions, whose running period has no end before the next session is known.
#[must_use]
pub fn next_closing(
    subject: &Subject,
    sessions: &[NaiveDate],
    open: &[milestone::Model],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let waits = open.iter().any(|milestone| milestone.achieved_at.is_none() && is_judged(milestone));
    if !waits || !subject.aim().is_judged_when_over() {
        return None;
    }
    let running = subject.period(sessions).around(subject.today(now));
    // A zone may skip a day altogether: then the period ends with the first moment of the day after it.
    let mut days = running.end().succ_opt()?.iter_days().take(3);
    days.find_map(|day| reminder::moment(subject.calendar.zone, day.and_time(NaiveTime::MIN)))
}

/// Whether a period may have ended since one of these milestones was set, so that there is something to settle.
#[must_use]
pub fn may_be_behind(
    subject: &Subject,
    sessions: &[NaiveDate],
    open: &[milestone::Model],
    now: DateTime<Utc>,
) -> bool {
    let running = subject.period(sessions).around(subject.today(now));
    open.iter().any(|milestone| subject.local_day(milestone.created_at()) < *running.start())
}

/// Whether the end of a period may achieve it.
fn is_judged(milestone: &milestone::Model) -> bool {
    use milestone::Kind::{Percentage, Streak, Value};
    matches!(milestone.kind(), Some(Percentage | Value | Streak))
}

/// Achieves the open milestones of a goal that are reached by the periods which have ended since they were last
/// judged. A second call, or one on another server, finds nothing left to do.
pub async fn settle(store: &Store, clock: &Clock, goal: Uuid) -> Result<Vec<milestone::Model>, DbErr> {
    let viewer = Viewer::server(store.clone());
    let act = Act { viewer, clock: clock.clone(), retry: None, unread: Vec::new() };
    let settled = carry_out(&act, async |work| match work.locked_goal(goal).await? {
        Some(goal) => settle_goal(work, &goal).await,
        None => Ok(Vec::new()),
    });
    settled.await.map_err(|failure| match failure {
        Failure::Database(error) => error,
        Failure::Refused(problems) => DbErr::Custom(format!("the server was refused its work: {problems:?}")),
    })
}

async fn settle_goal(work: &mut Work<'_>, goal: &goal::Model) -> Outcome<Vec<milestone::Model>> {
    let (open, subject) = (open(work, goal).await?, work.subject(goal).await?);
    if open.milestones.is_empty() || !subject.aim().is_judged_when_over() {
        return Ok(Vec::new());
    }
    let permit = work.permit(Action::Manage, goal.patient_id).await?;
    let mut achieved = Vec::new();
    for (ends, open) in waiting(work, &subject, open).await? {
        let judged: Vec<_> = open.milestones.iter().map(|milestone| milestone.id).collect();
        let situation = changed(work, subject.clone(), &open, Cause::Closing(ends)).await?;
        achieved.extend(achieve(work, &permit, goal, &open.milestones, &situation).await?);
        note(work, goal, judged).await?;
    }
    Ok(achieved)
}

/// The open milestones by the days among which periods may have ended since they were last judged.
async fn waiting(
    work: &Work<'_>,
    subject: &Subject,
    open: Open,
) -> Outcome<Vec<(RangeInclusive<NaiveDate>, Open)>> {
    let today = subject.local_day(work.now);
    let ids = open.milestones.iter().map(|milestone| milestone.id);
    #[expect(
        clippy::disallowed_methods,
        reason = "our own marks, of milestones that were read through the viewer"
    )]
    let marks = closing::Entity::find().filter(closing::Column::MilestoneId.is_in(ids)).all(&work.db).await?;
    let marks: BTreeMap<_, _> = marks.into_iter().map(|mark| (mark.milestone_id, mark.through)).collect();
    let mut waiting: BTreeMap<NaiveDate, Vec<milestone::Model>> = BTreeMap::new();
    for milestone in open.milestones {
        let judged = marks.get(&milestone.id).and_then(NaiveDate::succ_opt);
        let from = judged.unwrap_or_else(|| subject.local_day(milestone.created_at()));
        waiting.entry(from).or_default().push(milestone);
    }
    let until = |from: NaiveDate| Some(from..=today.pred_opt()?).filter(|days| !days.is_empty());
    let holds = |milestones| Open { milestones, holds: open.holds.clone() };
    Ok(waiting.into_iter().filter_map(|(from, open)| Some((until(from)?, holds(open)))).collect())
}

/// Notes that the periods which have ended by now were judged for these milestones.
pub async fn note(
    work: &Work<'_>,
    goal: &goal::Model,
    milestones: impl IntoIterator<Item = Uuid>,
) -> Outcome<()> {
    let Some(through) = work.day_of(goal.patient_id).await?.pred_opt() else { return Ok(()) };
    let row = |milestone_id| closing::ActiveModel { milestone_id: Set(milestone_id), through: Set(through) };
    let update =
        OnConflict::column(closing::Column::MilestoneId).update_column(closing::Column::Through).to_owned();
    let rows = milestones.into_iter().map(row);
    closing::Entity::insert_many(rows).on_conflict(update).exec_without_returning(&work.db).await?;
    Ok(())
}
