//! Inputs about milestones.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::milestone::{Changes, Draft};
use crate::service::Id;
use crate::wire::scalar::Decimal;
use crate::wire::word::MilestoneType;

/// A milestone to set along with its goal.
#[derive(InputObject)]
pub struct MilestoneInput {
    /// What achieves it; by hand unless said.
    pub milestone_type: Option<MilestoneType>,
    /// A short name: 1 to 200 characters.
    pub title: String,
    /// More about it, at most 20,000 characters.
    pub description: Option<String>,
    /// Percent above 0, a value, or a whole number of periods, by type.
    pub target_value: Option<Decimal>,
}

impl MilestoneInput {
    pub fn read(self, reader: &mut Reader) -> Draft {
        Draft {
            kind: self.milestone_type.map(Into::into),
            title: self.title,
            description: self.description,
            target: self.target_value.and_then(|sent| target(reader, &sent)),
        }
    }
}

fn target(reader: &mut Reader, sent: &Decimal) -> Option<rust_decimal::Decimal> {
    reader.number("targetValue", "The milestone's target", sent)
}

/// A milestone to add to a goal.
#[derive(InputObject)]
pub struct AddMilestoneInput {
    /// The goal.
    pub goal_id: ID,
    #[graphql(flatten)]
    pub milestone: MilestoneInput,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for AddMilestoneInput {
    type Draft = (Id, Draft);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        (reader.id("goalId", &self.goal_id), self.milestone.read(reader))
    }
}

/// What to change of a milestone.
#[derive(InputObject)]
pub struct UpdateMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// What achieves it.
    pub milestone_type: MaybeUndefined<MilestoneType>,
    /// 1 to 200 characters; can't be cleared.
    pub title: MaybeUndefined<String>,
    /// At most 20,000 characters.
    pub description: MaybeUndefined<String>,
    /// Percent above 0, a value, or a whole number of periods, by type.
    pub target_value: MaybeUndefined<Decimal>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for UpdateMilestoneInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let changes = Changes {
            title: reader.kept("title", "The title", self.title),
            kind: self.milestone_type.map_value(Into::into).into(),
            description: self.description.into(),
            target: reader.patch(self.target_value, |reader, sent| target(reader, &sent)),
        };
        (reader.id("milestoneId", &self.milestone_id), changes)
    }
}

/// A milestone to call achieved.
#[derive(InputObject)]
pub struct AchieveMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(AchieveMilestoneInput, milestone_id, "milestoneId");

/// A milestone whose achievement is taken back.
#[derive(InputObject)]
pub struct RevokeMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(RevokeMilestoneInput, milestone_id, "milestoneId");

/// A milestone to delete.
#[derive(InputObject)]
pub struct DeleteMilestoneInput {
    /// The milestone.
    pub milestone_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(DeleteMilestoneInput, milestone_id, "milestoneId");
