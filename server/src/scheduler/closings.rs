//! Periods that close by themselves: what their end achieves, and when the next one ends.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use entity::{goal, milestone};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, IntoSimpleExpr, QueryFilter, QueryTrait};
use uuid::Uuid;

use crate::access::Viewer;
use crate::agenda::{self, Claim, Kind};
use crate::clock::Clock;
use crate::history::{Subject, sessions};
use crate::service::closing::{may_be_behind, next_closing, settle};
use crate::store::{Store, Transaction, dialect, rows};

/// Settles the goals of this claim, and plans each for the end of its next period.
pub async fn settle_due(store: &Store, clock: &Clock, claim: &Claim) -> Result<(), DbErr> {
    for goal in claim.subjects() {
        settle(store, clock, goal).await?;
    }
    let db = store.begin().await?;
    let next = next_closings(store, &db, &claim.subjects(), clock).await?;
    let next = claim.items.iter().map(|item| (item.subject, next.get(&item.subject).map(|next| next.end)));
    agenda::finish(&db, claim, next).await?;
    db.commit().await
}

/// Plans when goals are to be settled. What is due already stays due.
///
/// `found`: the goals were found by the sweep. One that is not in the agenda yet may then be behind, as after an
/// adoption, and is settled at once.
pub async fn plan(
    store: &Store,
    db: &Transaction,
    goals: &[Uuid],
    clock: &Clock,
    found: bool,
) -> Result<(), DbErr> {
    let now = clock.stamp();
    let next = next_closings(store, db, goals, clock).await?;
    let planned = agenda::due(db, Kind::Closing, goals).await?;
    let at = |(goal, next): (&Uuid, &Next)| match planned.get(goal) {
        None if found && next.is_behind => Some((*goal, now)),
        None => Some((*goal, next.end)),
        Some(due) => (*due > now && *due != next.end).then_some((*goal, next.end)),
    };
    let due: Vec<_> = next.iter().filter_map(at).collect();
    let gone = planned.iter().filter(|(goal, due)| **due > now && !next.contains_key(goal));
    let gone: Vec<_> = gone.map(|(goal, _)| *goal).collect();
    agenda::schedule(db, Kind::Closing, due).await?;
    agenda::cancel(db, Kind::Closing, &gone).await
}

/// When a goal is to be settled.
struct Next {
    /// The end of its running period.
    end: NaiveDateTime,
    /// Whether one may have ended before.
    is_behind: bool,
}

/// When the running period ends, of each goal whose milestones wait for that.
async fn next_closings(
    store: &Store,
    db: &Transaction,
    goals: &[Uuid],
    clock: &Clock,
) -> Result<HashMap<Uuid, Next>, DbErr> {
    let viewer = Viewer::server(store.clone());
    let open = open(db, &viewer, goals).await?;
    let waiting: Vec<_> = open.keys().copied().collect();
    let id = goal::Column::Id.into_simple_expr();
    let among = dialect::among(db.get_database_backend(), id, &waiting);
    let goals = rows::<goal::Entity>(db, &viewer.few::<goal::Entity>(among).into_query()).await?;
    let goals: Vec<_> = goals.into_iter().map(Arc::new).collect();
    let subjects = Subject::of_all(db, &viewer, goals.into_iter()).await?;
    let by_session = subjects.iter().filter(|subject| subject.ever_by_session());
    let sessions = sessions(db, &viewer, by_session.map(Arc::as_ref)).await?;
    let end = |subject: &Arc<Subject>| {
        let goal = subject.goal.id;
        let sessions = sessions.get(&goal).map(Vec::as_slice).unwrap_or_default();
        let open = open.get(&goal)?;
        let end = next_closing(subject, sessions, open, clock.now())?.naive_utc();
        Some((goal, Next { end, is_behind: may_be_behind(subject, sessions, open, clock.now()) }))
    };
    Ok(subjects.iter().filter_map(end).collect())
}

/// The milestones of goals that are to be achieved yet and not for people to judge.
async fn open(
    db: &Transaction,
    viewer: &Viewer,
    goals: &[Uuid],
) -> Result<HashMap<Uuid, Vec<milestone::Model>>, DbErr> {
    use milestone::Column::{AchievedAt, GoalId, MilestoneType};
    use milestone::Kind::{Percentage, Streak, Value};
    let mut open: HashMap<_, Vec<_>> = HashMap::new();
    if goals.is_empty() {
        return Ok(open);
    }
    let among = dialect::among(db.get_database_backend(), GoalId.into_simple_expr(), goals);
    let select = viewer
        .few::<milestone::Entity>(among)
        .filter(AchievedAt.is_null())
        .filter(MilestoneType.is_in([Percentage, Value, Streak].map(milestone::Kind::as_str)));
    for row in rows::<milestone::Entity>(db, &select.into_query()).await? {
        open.entry(row.goal_id).or_default().push(row);
    }
    Ok(open)
}
