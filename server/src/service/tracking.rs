//! How goals are tracked.

use entity::{goal, tracking};
use sea_orm::ActiveModelTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Touched, achieve_reached};
use super::assessment::newest_type;
use super::check::{Check, unexpected};
use super::work::Work;
use super::{Act, Outcome};
use crate::access::Deed;
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::{self, Path};
use crate::rules::instrument;
use crate::wire::input::{ConfigureTrackingInput, TrackingInput};

#[derive(Debug, Serialize, Deserialize)]
pub struct Configured {
    pub tracking: tracking::Model,
    pub goal: goal::Model,
}

/// Adds a configuration, which is then in force; those before it stay as history.
pub async fn configure(act: &Act, input: ConfigureTrackingInput) -> Outcome<Configured> {
    let mut work = Work::begin(act).await?;
    if let Some(first) = work.replay().await? {
        return Ok(first);
    }
    let mut check = Check::default();
    let found = check.found(work.goal_for(Deed::Manage, &input.goal_id).await)?;
    let stored = found.as_ref().map(|(goal, _)| goal);
    check.add(unexpected(stored, input.expected_updated_at.as_ref()));
    let row = build(
        &mut check,
        &Path::input(),
        &TrackingInput::from(input),
        stored.map(|goal| goal.id).unwrap_or_default(),
        &work,
    );
    let before = work.tracked(stored).await?;
    let moved = before.configurations.first().is_none_or(|before| !counts_alike(before, &row));
    // What is no scale contradicts everything.
    let scale = ["scaleMin", "scaleMax"].iter().all(|field| check.is_right(&Path::input().at(field)));
    if let Some(goal) = stored.filter(|_| scale) {
        check.add(contradictions(&work, goal, &before, &row).await?);
    }
    let (goal, permit) = check.done(found)?;

    let tracking = sea_orm::IntoActiveModel::into_active_model(row).reset_all().insert(&work.db).await?;
    let goal = work.touch(goal).await?;
    work.tell(&permit, Event::of_goal(Kind::TrackingConfigured, &goal, tracking.id));
    if moved {
        achieve_reached(&mut work, &permit, &goal, &Touched::All, &[]).await?;
    }
    work.finish(Configured { tracking, goal }).await
}

/// Whether two configurations make the same figures: then nothing can be reached by the change, and what
/// was revoked must not return by it.
fn counts_alike(one: &tracking::Model, other: &tracking::Model) -> bool {
    let figures = |row: &tracking::Model| {
        let frequency = (row.frequency(), row.custom_frequency_days);
        (row.method(), frequency, row.scale_min(), row.scale_max(), row.direction())
    };
    figures(one) == figures(other)
}

/// The goal's own values against the new configuration. They are not part of this input, so what they
/// contradict is the way of tracking. What they contradicted before is not held against it.
async fn contradictions(
    work: &Work<'_>,
    goal: &goal::Model,
    before: &Tracked,
    row: &tracking::Model,
) -> Outcome<Vec<input::Problem>> {
    let stored = newest_type(work, goal.id).await?;
    let instrument = stored.and_then(|stored| instrument::find(&stored));
    let after = Tracked { configurations: vec![row.clone()], instrument };
    let aim = |tracked: &Tracked| {
        input::goal::aim(&input::goal::Aim {
            baseline: goal.baseline_value,
            target: goal.target_value,
            direction: tracked.direction(),
            measure: tracked.measure(),
        })
    };
    let (before, path) = (aim(before), Path::input().at("method"));
    let new = aim(&after).into_iter().filter(|problem| !before.contains(problem));
    Ok(new.map(|problem| input::Problem::new(input::Code::Invalid, &path, problem.message)).collect())
}

/// Checks a configuration and gives the row, with the defaults of the columns filled in.
pub fn build(
    check: &mut Check,
    path: &Path,
    input: &TrackingInput,
    goal: Uuid,
    work: &Work<'_>,
) -> tracking::Model {
    let frequency = input.frequency.map_or(tracking::Frequency::Session, Into::into);
    let method = tracking::Method::from(input.method);
    let (scale_min, scale_max) = (input.scale_min.unwrap_or(1), input.scale_max.unwrap_or(10));
    check.add(input::tracking::check(
        path,
        &input::tracking::Tracking {
            method,
            frequency,
            custom_frequency_days: input.custom_frequency_days,
            scale_min,
            scale_max,
            scale_labels: input.scale_labels.as_ref().map(|labels| &labels.0),
            frequency_unit: input.frequency_unit.as_deref(),
            duration_unit: input.duration_unit.as_deref(),
        },
    ));
    tracking::Model {
        id: Uuid::now_v7(),
        goal_id: goal,
        tracking_method: method.word().to_owned(),
        tracking_frequency: Some(frequency.word().to_owned()),
        custom_frequency_days: input.custom_frequency_days,
        scale_min: Some(scale_min),
        scale_max: Some(scale_max),
        scale_labels: input.scale_labels.as_ref().map(|labels| labels.0.clone()),
        frequency_unit: input.frequency_unit.clone(),
        duration_unit: input.duration_unit.clone(),
        target_direction: input.target_direction.map(|way| tracking::Direction::from(way).word().to_owned()),
        reminder_enabled: Some(input.reminder_enabled.unwrap_or(true)),
        created_at: Some(work.now),
    }
}

impl From<ConfigureTrackingInput> for TrackingInput {
    fn from(input: ConfigureTrackingInput) -> Self {
        Self {
            method: input.method,
            frequency: input.frequency,
            custom_frequency_days: input.custom_frequency_days,
            scale_min: input.scale_min,
            scale_max: input.scale_max,
            scale_labels: input.scale_labels,
            frequency_unit: input.frequency_unit,
            duration_unit: input.duration_unit,
            target_direction: input.target_direction,
            reminder_enabled: input.reminder_enabled,
        }
    }
}
