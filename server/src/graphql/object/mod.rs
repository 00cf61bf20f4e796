//! Objects that write themselves: the fields of a type are declared once ([`object!`]), and from the one
//! declaration come the type in the schema and the way its answers are written.
//!
//! All objects of a level are worked out together: their plain fields are written as JSON at once, in
//! the order of the selection, and a field that has to be read is read once for the whole level. The
//! engine has merged the selections before (`engine/collect.rs`), so every response key stands once.

mod budget;
mod column;
mod declare;
mod json;
mod leaf;
mod level;
mod output;

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaField, Registry};
use async_graphql::{Context, OutputType, Result};
use futures_util::future::BoxFuture;

pub use budget::Budget;
pub use column::{Column, Failed};
pub(crate) use declare::object;
pub use declare::{FieldMeta, argument, argument_meta, field_meta, is_named, object_type};
pub use json::Json;
pub(crate) use leaf::enum_outputs;
pub use leaf::{Id, Leaf, write_enum, write_leaves};
pub use level::{Level, resolve, write_objects};
pub use output::{Many, Output, Partial};

/// A type of the API with fields.
pub trait Object: OutputType + Send + Sync + Sized + 'static {
    fn name() -> Cow<'static, str>;

    /// The fields as the schema describes them.
    fn fields(registry: &mut Registry) -> IndexMap<String, MetaField>;

    /// How a field is worked out.
    fn field(name: &str) -> Option<Field<Self>>;
}

/// How a field of `T` is worked out.
pub enum Field<T> {
    /// A scalar or enum that is at hand: written at once.
    Leaf(fn(&T, &mut Json)),
    /// Everything else, for all objects of a level together.
    All(for<'a> fn(Level<'a, T>) -> BoxFuture<'a, Column>),
}

/// What a field has for each object of a level, in their order.
pub type Values<T> = Vec<Result<T>>;

/// A value that is found by the key that an object has of it: the row of a foreign key.
pub trait Link: Output + Send {
    type Key: Send;

    /// The values of these keys, in their order.
    fn follow(ctx: &Context<'_>, keys: Vec<Self::Key>) -> impl Future<Output = Result<Values<Self>>> + Send;
}
