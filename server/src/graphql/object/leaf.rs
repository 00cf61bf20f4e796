//! Scalars and enums as they are written.

use async_graphql::registry::Registry;
use async_graphql::resolver_utils::EnumType;
use async_graphql::{ContextSelectionSet, ID, OutputType, QueryPathNode};
use serde::Serialize;
use uuid::Uuid;

use super::{Column, Json};
use crate::wire::figure::{
    BaselineSource, ClinicalChange, Comparison, CutoffScale, Pace, ProgressStatus, ProjectionStatus,
    SafetyState, TrendClass,
};
use crate::wire::scalar::{Date, DateTime, Decimal, LocalTime, TimeZone, Wire};
use crate::wire::word::{
    DeliveryOutcome, EntryContext, EventKind, GoalStatus, MilestoneType, ReminderChannel, ReminderType, Role,
    SkipReason, TargetDirection, TrackingFrequency, TrackingMethod, WebhookDeliveryState, WebhookProblem,
    WeekStart,
};

/// A value without fields.
pub trait Leaf {
    fn write(&self, json: &mut Json);
}

/// The id of a row; `ID` in the schema.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub Uuid);

impl Leaf for Id {
    fn write(&self, json: &mut Json) {
        json.uuid(self.0);
    }
}

impl<T: Leaf> Leaf for Option<T> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => json.null(),
        }
    }
}

impl Leaf for Decimal {
    fn write(&self, json: &mut Json) {
        write_wire(&self.0, json, |value, json| json.decimal(*value));
    }
}

impl Leaf for Date {
    fn write(&self, json: &mut Json) {
        write_wire(&self.0, json, |day, json| json.date(*day));
    }
}

impl Leaf for LocalTime {
    fn write(&self, json: &mut Json) {
        write_wire(&self.0, json, |time, json| json.time(*time));
    }
}

impl Leaf for DateTime {
    fn write(&self, json: &mut Json) {
        write_wire(&self.0, json, |moment, json| json.moment(*moment));
    }
}

fn write_wire<T>(value: &Wire<T>, json: &mut Json, write: impl FnOnce(&T, &mut Json)) {
    match value {
        Wire::Known(value) => write(value, json),
        Wire::Sent(text) => json.serialize(text),
    }
}

impl Leaf for TimeZone {
    fn write(&self, json: &mut Json) {
        json.serialize(&self.0);
    }
}

impl<T: Serialize> Leaf for async_graphql::Json<T> {
    fn write(&self, json: &mut Json) {
        json.serialize(&self.0);
    }
}

/// Writes the name of an enum's value.
pub fn write_enum<T: EnumType>(value: &T, json: &mut Json) {
    let item = T::items().iter().find(|item| item.value == *value);
    json.plain_text(item.map_or("", |item| item.name));
}

/// Leaves that serde writes as the specification wants them.
macro_rules! serde_leaves {
    ($($type:ty),+) => { $(
        impl Leaf for $type {
            fn write(&self, json: &mut Json) {
                json.serialize(self);
            }
        }
    )+ };
}

serde_leaves!(&str, String, bool, i32, i64, u32, u64, f64, &[i32], &[u32], Vec<i32>, Vec<u32>, &[String]);

/// Gives leaves the type that they have in the schema.
macro_rules! leaf_outputs {
    ($($type:ty as $schema:ty),+ $(,)?) => { $(
        impl $crate::graphql::object::Output for $type {
            fn register(registry: &mut Registry) -> String {
                <$schema as OutputType>::create_type_info(registry)
            }

            async fn write<'a>(
                _ctx: &'a ContextSelectionSet<'a>,
                values: Vec<(QueryPathNode<'a>, Self)>,
            ) -> Column {
                write_leaves(values.iter().map(|(_, value)| value))
            }
        }
    )+ };
}

leaf_outputs!(
    &str as String, String as String, bool as bool, i32 as i32, i64 as i64, u32 as u32, u64 as u64,
    f64 as f64, Id as ID, Decimal as Decimal, Date as Date, LocalTime as LocalTime, DateTime as DateTime,
    TimeZone as TimeZone, &[i32] as Vec<i32>, &[u32] as Vec<u32>, &[String] as Vec<String>,
    async_graphql::Json<serde_json::Value> as async_graphql::Json<serde_json::Value>,
);

pub fn write_leaves<'v, T: Leaf + 'v>(values: impl Iterator<Item = &'v T>) -> Column {
    let mut column = Column::with_capacity(values.size_hint().0);
    for value in values {
        column.push(|json| {
            value.write(json);
            Ok(())
        });
    }
    column
}

/// Makes enums of the API fields of objects.
macro_rules! enum_outputs {
    ($($type:ty),+ $(,)?) => { $(
        impl $crate::graphql::object::Leaf for $type {
            fn write(&self, json: &mut $crate::graphql::object::Json) {
                $crate::graphql::object::write_enum(self, json);
            }
        }

        impl $crate::graphql::object::Output for $type {
            fn register(registry: &mut async_graphql::registry::Registry) -> String {
                <$type as async_graphql::OutputType>::create_type_info(registry)
            }

            async fn write<'a>(
                _ctx: &'a async_graphql::ContextSelectionSet<'a>,
                values: Vec<(async_graphql::QueryPathNode<'a>, Self)>,
            ) -> $crate::graphql::object::Column {
                $crate::graphql::object::write_leaves(values.iter().map(|(_, value)| value))
            }
        }
    )+ };
}
pub(crate) use enum_outputs;

enum_outputs!(
    TrackingMethod,
    WeekStart,
    TrackingFrequency,
    TargetDirection,
    EntryContext,
    MilestoneType,
    ReminderType,
    DeliveryOutcome,
    SkipReason,
    ReminderChannel,
    EventKind,
    WebhookDeliveryState,
    WebhookProblem,
    Role,
    GoalStatus,
    ProgressStatus,
    BaselineSource,
    TrendClass,
    ProjectionStatus,
    Pace,
    SafetyState,
    ClinicalChange,
    Comparison,
    CutoffScale,
);
