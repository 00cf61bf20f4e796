//! How goals are tracked.

use chrono::NaiveDateTime;
use entity::{goal, tracking};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Change, achieve_reached};
use super::instrument::newest_type;
use super::work::{Work, carry_out};
use super::{Act, KnownGoal, Outcome};
use crate::event::{Event, Kind};
use crate::history::Tracked;
use crate::rules::input::goal::{Way, check_way};
use crate::rules::input::tracking::{self as input, Draft};
use crate::rules::input::{Code, Ground, Path, Problem};
use crate::rules::instrument;

#[derive(Debug, Serialize, Deserialize)]
pub struct Configured {
    pub tracking: tracking::Model,
    pub goal: goal::Model,
}

/// Adds a configuration, which is then in force; those before it stay as history.
pub async fn configure(act: &Act, goal: KnownGoal, draft: Draft) -> Outcome<Configured> {
    carry_out(act, async |work| {
        let found = work.known_goal(goal).await?;
        let stored = found.as_ref().map(|(goal, _)| goal);
        let before = work.tracked(stored).await?;
        check(work, stored, &before, &draft).await?;
        let (goal, permit) = work.check.done(found)?;

        let moved = before.configurations.first().is_none_or(|before| !counts_alike(before, &draft));
        let row = row(goal.id, draft, work.now);

        let tracking = row.into_active_model().reset_all().insert(&work.db).await?;
        let goal = work.touch(goal).await?;

        work.emit(&permit, Event::of_goal(Kind::TrackingConfigured, &goal, tracking.id));
        if moved {
            achieve_reached(work, &permit, &goal, Change::All).await?;
        }
        Ok(Configured { tracking, goal })
    })
    .await
}

async fn check(
    work: &mut Work<'_>,
    goal: Option<&goal::Model>,
    before: &Tracked,
    draft: &Draft,
) -> Outcome<()> {
    let path = Path::input();
    work.check.add(&path, input::check(&path, draft));
    // Against bounds that are no scale every value of the goal would be wrong.
    if let Some(goal) = goal.filter(|_| draft.is_scale()) {
        let contradictions = contradictions(work, goal, before, draft).await?;
        work.check.note(contradictions);
    }
    Ok(())
}

/// Where the goal's own values do not fit the new configuration. They are not part of this input, so the
/// problem is one of the method. Values that did not fit before either are not reported.
async fn contradictions(
    work: &Work<'_>,
    goal: &goal::Model,
    before: &Tracked,
    draft: &Draft,
) -> Outcome<Vec<Problem>> {
    let stored = newest_type(work, goal.id).await?;
    let instrument = stored.and_then(|stored| instrument::find(&stored));
    let measure = Some(draft.measure(instrument));
    let after = Ground { measure, direction: draft.direction, ..Ground::default() };
    let way = Way { baseline: goal.baseline_value, target: goal.target_value };
    let (before, path) = (check_way(way, &ground(before)), Path::input().at("method"));
    let new = check_way(way, &after).into_iter().filter(|problem| !before.contains(problem));
    Ok(new.map(|problem| Problem::new(Code::Invalid, &path, problem.message)).collect())
}

/// What an input is checked against for a goal that is tracked like this.
pub fn ground(tracked: &Tracked) -> Ground {
    Ground { measure: tracked.measure(), direction: tracked.direction(), ..Ground::default() }
}

/// Whether the new configuration leaves all figures as they are. Then no milestone can be reached by the
/// change, and one that was revoked must not be achieved again by it.
fn counts_alike(row: &tracking::Model, draft: &Draft) -> bool {
    row.method() == Some(draft.method)
        && row.frequency() == draft.frequency
        && row.custom_frequency_days == draft.custom_frequency_days
        && (row.scale_min(), row.scale_max()) == (draft.scale_min, draft.scale_max)
        && row.direction() == draft.direction
}

pub fn row(goal: Uuid, draft: Draft, now: NaiveDateTime) -> tracking::Model {
    tracking::Model {
        id: Uuid::now_v7(),
        goal_id: goal,
        tracking_method: draft.method.as_str().to_owned(),
        tracking_frequency: Some(draft.frequency.as_str().to_owned()),
        custom_frequency_days: draft.custom_frequency_days,
        scale_min: Some(draft.scale_min),
        scale_max: Some(draft.scale_max),
        scale_labels: draft.scale_labels,
        frequency_unit: draft.frequency_unit,
        duration_unit: draft.duration_unit,
        target_direction: draft.direction.map(|direction| direction.as_str().to_owned()),
        reminder_enabled: Some(draft.reminder_enabled),
        created_at: Some(now),
    }
}
