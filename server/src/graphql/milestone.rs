use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::milestone;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::goal::Goal;
use super::page::{ChildList, List};
use super::row::{find_seen, row_object};
use super::snapshot::{history, progress, snapshot};
use crate::access::Viewer;
use crate::history::plain;
use crate::rules::milestone::is_judged;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::{DateTime, Decimal};
use crate::wire::word::MilestoneType;

/// A marker on the way to a goal, achieved once.
#[derive(Clone)]
pub struct Milestone(pub Arc<milestone::Model>);

row_object!(Milestone, milestone);

/// A marker on the way to a goal, achieved once.
#[Object]
impl Milestone {
    /// The row's UUID.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The goal it is a milestone of.
    async fn goal(&self, ctx: &Context<'_>) -> Result<Goal> {
        find_seen(ctx, self.0.goal_id).await
    }

    /// What achieves it; null reads as CUSTOM.
    async fn milestone_type(&self) -> Option<MilestoneType> {
        self.0.kind().map(MilestoneType::from)
    }

    /// A short name, at most 200 characters.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// More about it.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What must be reached: percent for PERCENTAGE, a value in the unit of the tracking for VALUE, a
    /// number of periods for STREAK.
    async fn target_value(&self) -> Option<Decimal> {
        self.0.target_value.map(Decimal::from)
    }

    /// When it was seen to be achieved; null while it is open.
    async fn achieved_at(&self) -> Option<DateTime> {
        self.0.achieved_at.map(DateTime::from)
    }

    /// When it was set.
    async fn created_at(&self) -> DateTime {
        self.0.created_at().into()
    }

    /// Whether an achieved milestone would be achieved by what is recorded today: editing and deleting
    /// never take an achievement away. Null while it is not achieved, and when only a person can say.
    async fn still_met(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !is_judged(&plain(&self.0)) {
            return Ok(None);
        }
        let goal = find_seen::<Goal>(ctx, self.0.goal_id).await?;
        let today = snapshot(ctx, &goal.0, None).await?;
        if self.0.kind() == Some(milestone::Kind::Percentage) {
            return Ok(today.still_reaches(&self.0, &progress(ctx, &today).await?));
        }
        Ok(history(ctx, &today).await?.still_met(&self.0, today.day))
    }
}

/// A goal's milestones, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MilestonesOfGoal {
    pub achieved: Option<bool>,
}

impl List for MilestonesOfGoal {
    type Row = milestone::Entity;
    const NAME: &'static str = "goal.milestones";

    fn ordering(&self) -> Ordering<milestone::Entity> {
        let keys = [milestone::Column::CreatedAt, milestone::Column::Id].map(Key::ascending);
        Ordering { name: "oldest", keys: keys.to_vec() }
    }
}

impl ChildList for MilestonesOfGoal {
    fn family(&self, viewer: &Viewer, goals: &[Uuid]) -> Family<milestone::Entity> {
        let achieved_at = milestone::Column::AchievedAt;
        let mut family = viewer.under_goals::<milestone::Entity>(goals);
        match self.achieved {
            Some(true) => family.children.and_where(achieved_at.is_not_null()),
            Some(false) => family.children.and_where(achieved_at.is_null()),
            None => &mut family.children,
        };
        family
    }

    fn link(&self) -> milestone::Column {
        milestone::Column::GoalId
    }
}
