//! The language: shapes, descriptions, paging, loaders, error words. No rules and no SQL.
//! One file a noun: object, inputs, lists, query.

mod aim;
mod assessment;
mod children;
mod connection;
mod context;
mod cursor;
mod delivery;
mod engine;
mod event;
mod figure;
mod goal;
mod input;
mod instrument;
mod interpretation;
mod list;
mod loader;
mod milestone;
mod mutation;
mod node;
mod object;
mod page;
mod payload;
mod person;
mod progress;
mod reminder;
mod row;
mod session;
mod snapshot;
mod subscription;
mod tracking;
mod unreadable;
mod webhook;

use async_graphql::{MergedObject, SDLExportOptions, ValidationMode};

use engine::IdempotencyKey;
pub use engine::{
    Answer, Engine, Limits, Manifest, Named, NoManifest, Operation, Refused, Request, StreamItem,
};
pub use loader::Loaders;
use mutation::Mutation;
use subscription::Subscription;

/// What can be asked. Everything is seen through the eyes of whoever the token belongs to.
#[derive(MergedObject, Default)]
pub struct Query(
    person::PersonQuery,
    node::NodeQuery,
    goal::GoalQuery,
    assessment::AssessmentQuery,
    instrument::InstrumentQuery,
    delivery::DeliveryQuery,
    webhook::WebhookQuery,
);

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

#[must_use]
pub fn schema() -> Schema {
    Schema::build(Query::default(), Mutation, Subscription)
        .register_output_type::<node::Node>()
        .disable_suggestions()
        // Documents are validated before (`engine/language.rs`).
        .validation_mode(ValidationMode::Fast)
        .finish()
}

/// The schema in GraphQL's own language, as it stands in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    sdl_of(&schema())
}

fn sdl_of(schema: &Schema) -> String {
    schema.sdl_with_options(SDLExportOptions::new().sorted_enum_items().include_specified_by())
}
