//! The instrument that a goal is tracked by. No column names it: it is that of the goal's newest assessment.

use entity::{assessment, goal, progress};
use rust_decimal::Decimal;
use sea_orm::sea_query::{ExprTrait, NullOrdering};
use sea_orm::{ColumnTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Outcome;
use super::aim::Before;
use super::work::Work;
use crate::rules::input::assessment as input;
use crate::rules::input::goal::Way;
use crate::rules::input::{Code, Path, Problem};
use crate::rules::instrument::{self, Instrument};
use crate::rules::measure::Measure;
use crate::store::one;

/// The instrument of a goal's newest assessment, as it is stored.
pub async fn newest_type(work: &Work<'_>, goal: Uuid) -> Outcome<Option<String>> {
    use assessment::Column::{AdministeredDate, AssessmentType, CreatedAt, GoalId, Id};
    let newest = work
        .viewer()
        .few::<assessment::Entity>(GoalId.eq(goal))
        .order_by_desc(AdministeredDate)
        .order_by_with_nulls(CreatedAt, Order::Desc, NullOrdering::Last)
        .order_by_desc(Id);
    Ok(newest.select_only().column(AssessmentType).into_tuple().one(&work.db).await?)
}

/// The value of an entry that counts as a score and can't be one of this instrument.
async fn stray_entry(
    work: &Work<'_>,
    goal: &goal::Model,
    instrument: &Instrument,
) -> Outcome<Option<Decimal>> {
    use progress::Column::{Context, GoalId, Value};
    let (lowest, highest) = (Decimal::from(instrument.total_min), Decimal::from(instrument.total_max));
    let totals = (instrument.total_min..=instrument.total_max).filter(|total| instrument.reaches(*total));
    let possible = if instrument.fractional {
        Value.between(lowest, highest)
    } else {
        Value.is_in(totals.map(Decimal::from))
    };
    let stray = work
        .viewer()
        .few::<progress::Entity>(GoalId.eq(goal.id))
        .filter(Context.eq(progress::Context::Assessment.as_str()))
        .filter(possible.not());
    Ok(one(&work.db, stray).await?.map(|entry| entry.value))
}

/// Notes when a score can't be compared with what was recorded for the goal before.
pub async fn check_fit(work: &mut Work<'_>, goal: &goal::Model, sent: &str) -> Outcome<()> {
    let misfit = misfit(work, goal, sent).await?;
    work.check.note(misfit);
    Ok(())
}

/// Scores of two instruments can't be compared, nor can a score and a value outside its instrument's range.
async fn misfit(work: &Work<'_>, goal: &goal::Model, sent: &str) -> Outcome<Option<Problem>> {
    let tracked = work.tracked(Some(goal)).await?;
    if !matches!(tracked.measure(), Some(Measure::Assessment(_))) {
        return Ok(None);
    }
    let Some(stored) = newest_type(work, goal.id).await? else {
        let said = Before::of(work, goal).await?.said();
        let way = Way { baseline: goal.baseline_value, target: goal.target_value };
        let misdirected = input::misdirected(sent, said, way);
        let Some(instrument) = instrument::find(sent) else { return Ok(misdirected) };
        let stray = stray_entry(work, goal, instrument).await?;
        let strays = input::strays(instrument, goal.baseline_value, goal.target_value, stray);
        return Ok(strays.or(misdirected));
    };
    let name = instrument::find(&stored).map_or(stored.as_str(), |known| &known.code);
    let message = format!("This goal is tracked by the {name}: its scores can't be mixed with others.");
    let path = Path::input().at("assessmentType");
    let other = !instrument::is_same(&stored, sent);
    Ok(other.then(|| Problem::new(Code::Invalid, &path, message)))
}
