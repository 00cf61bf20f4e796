//! What a goal aims at: its direction is worked out when a person does not say it, and every version of the aim
//! is written down, so that days that are over keep theirs.

use chrono::NaiveDateTime;
use entity::tracking::Direction;
use entity::{aim, goal, tracking};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

use super::Outcome;
use super::work::Work;
use crate::history::{Aimed, Tracked, changed_elsewhere};
use crate::store::{Saved, one};

/// The aim of a goal before it is written.
pub struct Before {
    goal: goal::Model,
    aimed: Aimed,
    /// The newest version that is known.
    last: Option<aim::Model>,
    /// When another program has changed it since, as far as the rows say.
    elsewhere: Option<NaiveDateTime>,
}

/// Writes down what a new goal aims at.
pub async fn begin(
    work: &Work<'_>,
    goal: &goal::Model,
    direction: Option<Direction>,
    said: bool,
) -> Outcome<()> {
    let aimed = Aimed { direction, ..Aimed::present(goal, None) };
    write(work, goal.id, aimed, (work.now, said, Some(work.viewer().id()))).await
}

impl Before {
    pub async fn of(work: &Work<'_>, goal: &goal::Model) -> Outcome<Self> {
        let tracked = work.tracked(Some(goal)).await?;
        let configuration = tracked.configurations.first();
        let newest = work.viewer().few::<aim::Entity>(aim::Column::GoalId.eq(goal.id));
        let newest = newest.order_by_desc(aim::Column::Since).order_by_desc(aim::Column::Id);
        let last = one(&work.db, newest).await?;
        let elsewhere = last.as_ref().and_then(|last| changed_elsewhere(last, goal, configuration));
        Ok(Self { goal: goal.clone(), aimed: Aimed::present(goal, configuration), last, elsewhere })
    }

    /// The direction, when a person chose it.
    pub fn said(&self) -> Option<Direction> {
        let same = self.last.as_ref().filter(|last| last.direction() == self.aimed.direction);
        self.aimed.direction.filter(|_| same.is_none_or(|last| last.direction_said))
    }

    /// After the goal was written: a direction that nobody chose follows its values and its instrument.
    pub async fn follow(&self, work: &mut Work<'_>, goal: &goal::Model) -> Outcome<()> {
        let tracked = work.tracked(Some(goal)).await?;
        let direction = self.direction(&tracked, goal);
        if let Some(row) = tracked.configurations.first().filter(|row| row.direction() != direction) {
            turn(work, row, direction).await?;
        }
        let aimed = Aimed { direction, ..Aimed::present(goal, None) };
        self.becomes(work, aimed, self.said().is_some()).await
    }

    fn direction(&self, tracked: &Tracked, goal: &goal::Model) -> Option<Direction> {
        let configuration = tracked.configurations.first()?;
        let said = Aimed { direction: self.said(), ..Aimed::present(goal, None) };
        said.direction.or_else(|| tracked.aim_of(Some(configuration), said).settled())
    }

    /// Writes down what the goal aims at now, if that is something else than before.
    pub async fn becomes(&self, work: &Work<'_>, aimed: Aimed, said: bool) -> Outcome<()> {
        self.catch_up(work).await?;
        if aimed != self.aimed {
            return write(work, self.goal.id, aimed, (work.now, said, Some(work.viewer().id()))).await;
        }
        match self.last.as_ref().filter(|last| last.direction_said != said) {
            Some(last) => note_said(work, last.id, said).await,
            None => Ok(()),
        }
    }

    /// Writes down what another program has made of it.
    async fn catch_up(&self, work: &Work<'_>) -> Outcome<()> {
        let since = match &self.last {
            None => self.goal.updated_at().min(work.now),
            Some(last) if Aimed::version(last) != self.aimed => {
                self.elsewhere.unwrap_or(work.now).min(work.now)
            }
            Some(_) => return Ok(()),
        };
        write(work, self.goal.id, self.aimed, (since, self.aimed.direction.is_some(), None)).await
    }
}

async fn write(
    work: &Work<'_>,
    goal: Uuid,
    aimed: Aimed,
    (since, said, by): (NaiveDateTime, bool, Option<Uuid>),
) -> Outcome<()> {
    let row = aim::ActiveModel {
        id: Set(Uuid::now_v7()),
        goal_id: Set(goal),
        since: Set(since),
        baseline_value: Set(aimed.baseline),
        target_value: Set(aimed.target),
        target_direction: Set(aimed.direction.map(|direction| direction.as_str().to_owned())),
        direction_said: Set(said),
        set_by: Set(by),
    };
    row.insert(&work.db).await?;
    Ok(())
}

/// A person has chosen the direction that was worked out, or the other way round.
async fn note_said(work: &Work<'_>, version: Uuid, said: bool) -> Outcome<()> {
    let row = aim::ActiveModel { id: Set(version), direction_said: Set(said), ..Default::default() };
    row.update(&work.db).await?;
    Ok(())
}

async fn turn(work: &mut Work<'_>, row: &tracking::Model, direction: Option<Direction>) -> Outcome<()> {
    let word = direction.map(Direction::as_str);
    let update = tracking::Entity::update_many()
        .col_expr(tracking::Column::TargetDirection, Expr::value(word))
        .filter(tracking::Column::Id.eq(row.id));
    update.exec(&work.db).await?;
    work.known.forget_tracking();
    Ok(())
}
