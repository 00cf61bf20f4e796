//! How goals are tracked.

use chrono::NaiveDateTime;
use entity::tracking::{Direction, Method};
use entity::{goal, tracking};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::achievement::{Change, achieve_reached};
use super::aim::Before;
use super::instrument::newest_type;
use super::work::{Work, carry_out};
use super::{Act, KnownGoal, Outcome};
use crate::event::{Event, Kind};
use crate::history::{Aimed, Tracked};
use crate::rules::input::goal::{Way, check_way};
use crate::rules::input::tracking::{self as input, Draft};
use crate::rules::input::{Code, Ground, Path, Problem};
use crate::rules::instrument;
use crate::rules::progress::Aim;
use crate::store::Saved;

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
        let instrument = match stored {
            Some(goal) => newest_type(work, goal.id).await?,
            None => None,
        };
        check(work, stored, &before, (&draft, instrument.as_deref()));
        let (goal, permit) = work.check.done(found)?;

        let aim = Before::of(work, &goal).await?;
        let said = draft.direction.is_some();
        let direction = settled(&draft, instrument.as_deref(), &goal);
        let row = row(goal.id, draft, direction, work.now);
        let moved = !counts_alike(&before, &row, &goal);

        let tracking = Saved::insert(row.into_active_model().reset_all(), &work.db).await?;
        let goal = work.touch(goal).await?;
        aim.becomes(work, Aimed::present(&goal, Some(&tracking)), said).await?;

        work.emit(&permit, Event::of_goal(Kind::TrackingConfigured, &goal, tracking.id));
        if moved {
            achieve_reached(work, &permit, &goal, Change::All).await?;
        }
        Ok(Configured { tracking, goal })
    })
    .await
}

fn check(
    work: &mut Work<'_>,
    goal: Option<&goal::Model>,
    before: &Tracked,
    (draft, instrument): (&Draft, Option<&str>),
) {
    let path = Path::input();
    work.check.add(&path, input::check(&path, draft));
    let Some(goal) = goal else { return };
    let instrument = instrument.filter(|_| draft.method == Method::Assessment);
    work.check.note(instrument.and_then(|code| input::check_direction(&path, draft, code, way(goal))));
    // Against bounds that are no scale every value of the goal would be wrong.
    if draft.is_scale() {
        work.check.note(contradictions(goal, before, (draft, instrument)));
    }
}

fn way(goal: &goal::Model) -> Way {
    Way { baseline: goal.baseline_value, target: goal.target_value }
}

/// The direction that the goal has with this configuration: as said, or worked out.
pub fn settled(draft: &Draft, instrument: Option<&str>, goal: &goal::Model) -> Option<Direction> {
    let measure = draft.measure(instrument.and_then(instrument::find));
    Aim::new(measure, goal.baseline_value, goal.target_value, draft.direction).settled()
}

/// Where the goal's own values do not fit the new configuration. They are not part of this input, so the
/// problem is one of the method. Values that did not fit before either are not reported.
fn contradictions(
    goal: &goal::Model,
    before: &Tracked,
    (draft, instrument): (&Draft, Option<&str>),
) -> Vec<Problem> {
    let measure = Some(draft.measure(instrument.and_then(instrument::find)));
    let after = Ground { measure, direction: draft.direction, ..Ground::default() };
    let (way, path) = (way(goal), Path::input().at("method"));
    let before = check_way(way, &ground(before));
    let new = check_way(way, &after).into_iter().filter(|problem| !before.contains(problem));
    new.map(|problem| Problem::new(Code::Invalid, &path, problem.message)).collect()
}

/// What an input is checked against for a goal that is tracked like this.
pub fn ground(tracked: &Tracked) -> Ground {
    Ground { measure: tracked.measure(), direction: tracked.direction(), ..Ground::default() }
}

/// Whether the new configuration leaves all figures as they are. Then no milestone can be reached by the
/// change, and one that was revoked must not be achieved again by it.
fn counts_alike(before: &Tracked, row: &tracking::Model, goal: &goal::Model) -> bool {
    let Some(stored) = before.configurations.first() else { return false };
    let direction = before.aim_of(Some(row), Aimed::present(goal, Some(row))).direction();
    stored.method() == row.method()
        && stored.frequency() == row.frequency()
        && stored.custom_frequency_days == row.custom_frequency_days
        && (stored.scale_min(), stored.scale_max()) == (row.scale_min(), row.scale_max())
        && before.aim(goal).direction() == direction
}

pub fn row(goal: Uuid, draft: Draft, direction: Option<Direction>, now: NaiveDateTime) -> tracking::Model {
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
        target_direction: direction.map(|direction| direction.as_str().to_owned()),
        reminder_enabled: Some(draft.reminder_enabled),
        created_at: Some(now),
    }
}
