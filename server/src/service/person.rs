//! What people set for themselves: their time zone and the day on which their weeks begin.

use chrono_tz::Tz;
use entity::{person, setting, week};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::work::{Work, carry_out};
use super::{Act, Id, Outcome, not_found};
use crate::access::Action;
use crate::rules::input::Path;
use crate::rules::input::person::{self as input, Changes};

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub person: person::Model,
}

/// Changes the settings of a person. What is not sent stays as it is.
pub async fn update_settings(act: &Act, person: Id, changes: Changes) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let found = permitted(work, person).await;
        let found = work.check.found(found)?;
        let zone = work.check.keep(&Path::input(), input::check(&changes));
        let (stored, zone) = work.check.done(found.zip(zone))?;

        if let Some(zone) = zone {
            set_zone(work, stored.id, zone).await?;
        }
        if let Some(start) = changes.week_start {
            set_week(work, stored.id, start).await?;
        }
        // The days and weeks of all their goals end at other moments now.
        work.reckon_anew(stored.id);
        let person = work.find::<person::Entity>(stored.id).await?.unwrap_or(stored);
        Ok(Changed { person })
    })
    .await
}

async fn permitted(work: &mut Work<'_>, id: Id) -> Outcome<person::Model> {
    let path = Path::input().at("personId");
    let id = work.check.id(&path, id)?;
    let person = work.find::<person::Entity>(id).await?.ok_or_else(|| not_found(&path, "person"))?;
    work.permit(Action::Set, id).await?;
    Ok(person)
}

async fn set_zone(work: &Work<'_>, person: Uuid, zone: Tz) -> Outcome<()> {
    use setting::Column::{TimeZone, UpdatedAt, UserId};
    let row = setting::ActiveModel {
        user_id: Set(person),
        time_zone: Set(zone.name().to_owned()),
        updated_at: Set(work.now),
    };
    let once = OnConflict::column(UserId).update_columns([TimeZone, UpdatedAt]).to_owned();
    setting::Entity::insert(row).on_conflict(once).exec_without_returning(&work.db).await?;
    Ok(())
}

async fn set_week(work: &Work<'_>, person: Uuid, start: week::Start) -> Outcome<()> {
    use week::Column::{UpdatedAt, UserId, WeekStart};
    let row = week::ActiveModel {
        user_id: Set(person),
        week_start: Set(start.as_str().to_owned()),
        updated_at: Set(work.now),
    };
    let once = OnConflict::column(UserId).update_columns([WeekStart, UpdatedAt]).to_owned();
    week::Entity::insert(row).on_conflict(once).exec_without_returning(&work.db).await?;
    Ok(())
}
