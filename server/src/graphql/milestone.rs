use async_graphql::{Context, Result};
use entity::{goal, milestone};
use sea_orm::ColumnTrait;

use super::goal::Goal;
use super::list::{ChildList, List};
use super::object::{Id, object};
use super::row::{find_seen, row_object};
use super::snapshot::{history, progress, snapshot};
use crate::access::{SeenId, Viewer};
use crate::history::as_rule_input;
use crate::rules::milestone::is_judged;
use crate::store::page::{Family, Key, Ordering};
use crate::wire::scalar::{DateTime, Decimal};
use crate::wire::word::MilestoneType;

row_object!(Milestone, milestone);

object! {
    /// A marker on the way to a goal, achieved once.
    Milestone |milestone in milestones, ctx| {
        /// The row's UUID.
        leaf id: Id = Id(milestone.id);
        /// The goal it is a milestone of.
        link goal: Goal = milestone.goal_id;
        /// What achieves it; null reads as CUSTOM.
        leaf milestone_type: Option<MilestoneType> = milestone.kind().map(MilestoneType::from);
        /// A short name, at most 200 characters.
        leaf title: &str = &milestone.title;
        /// More about it.
        leaf description: Option<&str> = milestone.description.as_deref();
        /// What must be reached: percent for PERCENTAGE, a value in the unit of the tracking for VALUE, a
        /// number of periods for STREAK.
        leaf target_value: Option<Decimal> = milestone.target_value.map(Decimal::from);
        /// When it was seen to be achieved; null while it is open.
        leaf achieved_at: Option<DateTime> = milestone.achieved_at.map(DateTime::from);
        /// When it was set.
        leaf created_at: DateTime = milestone.created_at().into();
        /// Whether an achieved milestone would be achieved by what is recorded today: editing and deleting
        /// never take an achievement away. Null while it is not achieved, and when only a person can say.
        each still_met: Option<bool> = milestone.still_met(ctx).await?;
    }
}

impl Milestone {
    async fn still_met(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !is_judged(&as_rule_input(self)) {
            return Ok(None);
        }
        let goal = find_seen::<Goal>(ctx, self.goal_id).await?;
        let today = snapshot(ctx, &goal, None).await?;
        if self.kind() == Some(milestone::Kind::Percentage) {
            return Ok(today.still_reaches(self, &progress(ctx, &today).await?));
        }
        Ok(history(ctx, &today).await?.still_met(self, today.day))
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
    type Parent = SeenId<goal::Entity>;

    fn family(&self, viewer: &Viewer, goals: &[SeenId<goal::Entity>]) -> Family<milestone::Entity> {
        let achieved_at = milestone::Column::AchievedAt;
        let mut family = viewer.under_seen_goals::<milestone::Entity>(goals);
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
