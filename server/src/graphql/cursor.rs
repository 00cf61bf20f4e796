//! Cursors: a position in one list and order, opaque on the wire.

use async_graphql::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike, NaiveDate};
use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, EntityTrait, Value};
use serde_json::Value as Json;

use crate::store::page::{Ordering, Position};
use crate::wire::bad_input;

/// The cursor of a row: the name of the list, that of its order, and the row's keys.
pub fn encode<E: EntityTrait>(list: &str, ordering: &Ordering<E>, row: &E::Model) -> String {
    let keys = ordering.position(row);
    let parts: Vec<_> =
        [list, ordering.name].map(Json::from).into_iter().chain(keys.iter().map(to_json)).collect();
    URL_SAFE_NO_PAD.encode(Json::from(parts).to_string())
}

/// Refuses what is no cursor, or one that was made for another list or order.
pub fn decode<E: EntityTrait>(list: &str, ordering: &Ordering<E>, cursor: &str) -> Result<Position> {
    read(list, ordering, cursor)
        .ok_or_else(|| bad_input("This cursor does not belong to this list and order."))
}

fn read<E: EntityTrait>(list: &str, ordering: &Ordering<E>, cursor: &str) -> Option<Position> {
    let parts: Vec<Json> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (head, keys) = parts.split_at_checked(2)?;
    if head != [list, ordering.name].map(Json::from) || keys.len() != ordering.keys.len() {
        return None;
    }
    keys.iter()
        .zip(&ordering.keys)
        .map(|(json, key)| {
            let column = key.column.def();
            let known = !json.is_null() || column.is_null();
            known.then(|| from_json(json, column.get_column_type())).flatten()
        })
        .collect()
}

/// The first year that PostgreSQL can hold; its last is behind that of ours.
const FIRST_YEAR: i32 = -4712;

fn storable(day: NaiveDate) -> bool {
    day.year() > FIRST_YEAR
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Uuid(Some(id)) => id.to_string().into(),
        Value::String(Some(text)) => text.as_str().into(),
        Value::ChronoDate(Some(day)) => day.to_string().into(),
        Value::ChronoTime(Some(time)) => time.to_string().into(),
        Value::ChronoDateTime(Some(moment)) => moment.and_utc().timestamp_micros().into(),
        _ => Json::Null,
    }
}

fn from_json(json: &Json, column: &ColumnType) -> Option<Value> {
    let text = json.as_str();
    let value = match column {
        ColumnType::Uuid => Value::Uuid(optional(json, || text?.parse().ok())?),
        ColumnType::Date => {
            Value::ChronoDate(optional(json, || text?.parse().ok().filter(|day| storable(*day)))?)
        }
        ColumnType::Time => Value::ChronoTime(optional(json, || text?.parse().ok())?),
        ColumnType::DateTime => Value::ChronoDateTime(optional(json, || {
            let moment = chrono::DateTime::from_timestamp_micros(json.as_i64()?)?.naive_utc();
            Some(moment).filter(|moment| storable(moment.date()))
        })?),
        ColumnType::String(_) | ColumnType::Text => {
            Value::String(optional(json, || text.filter(|text| !text.contains('\0')).map(str::to_owned))?)
        }
        _ => return None,
    };
    Some(value)
}

/// `Some(None)` for null, `None` for what can't be read.
#[expect(clippy::option_option, reason = "absent and unreadable are two things")]
fn optional<T>(json: &Json, read: impl FnOnce() -> Option<T>) -> Option<Option<T>> {
    if json.is_null() { Some(None) } else { read().map(Some) }
}
