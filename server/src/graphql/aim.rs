use async_graphql::{Context, Result};

use super::goal::Goal;
use super::object::object;
use super::person::Person;
use super::snapshot::versions;
use crate::history::Version;
use crate::wire::scalar::{DateTime, Decimal};
use crate::wire::word::TargetDirection;

/// What a goal aimed at from a moment on.
#[derive(Clone)]
pub struct GoalAim(Version);

object! {
    /// What a goal aimed at from a moment on. Days and periods that were over before are not judged by it.
    GoalAim |aim in aims, ctx| {
        /// Since when. Of the oldest version: since when it is known; it stands for the time before as well. Null
        /// when another program has written it and not said when: then it stands from today on, or always when it
        /// is the only one.
        leaf since: Option<DateTime> = aim.0.since.map(DateTime::from);
        /// Where the patient started, in the unit of the tracking; null means the first recorded value.
        leaf baseline_value: Option<Decimal> = aim.0.aimed.baseline.map(Decimal::from);
        /// The value to reach, in the unit of the tracking.
        leaf target_value: Option<Decimal> = aim.0.aimed.target.map(Decimal::from);
        /// Which way is good, as it stood in the configuration in force; null where it stood in none.
        leaf target_direction: Option<TargetDirection> = aim.0.aimed.direction.map(TargetDirection::from);
        /// Who set it; null when it is not known, or not a person whom the viewer works with.
        link set_by: Option<Person> = aim.0.set_by;
    }
}

/// What a goal aimed at, the present aim first.
pub async fn history_of(ctx: &Context<'_>, goal: &Goal) -> Result<Vec<GoalAim>> {
    let (subject, versions) = versions(ctx, goal).await?;
    Ok(versions.newest_first(&subject).into_iter().map(GoalAim).collect())
}
