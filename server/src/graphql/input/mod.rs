//! Inputs of mutations: one each, read into the draft that a service takes. The row that is changed is named
//! by its own id field; columns keep their names. In an update an absent field keeps what is stored and null
//! clears it.

pub mod assessment;
pub mod correction;
pub mod goal;
pub mod milestone;
pub mod new_goal;
pub mod person;
pub mod progress;
mod reader;
pub mod reminder;
mod sent;
pub mod tracking;
pub mod webhook;

use async_graphql::{Context, Result};

use super::context::Asking;
use crate::service::Act;
use reader::Reader;

/// An input of a mutation.
pub trait Input {
    /// What the service takes.
    type Draft;

    /// The idempotency key.
    fn key(&self) -> Option<&String>;

    /// Turns texts into values. What can't be read is noted by the reader and missing in the draft.
    fn read(self, reader: &mut Reader) -> Self::Draft;
}

/// Reads an input: who acts, and the draft for the service.
pub fn read<I: Input>(ctx: &Context<'_>, input: I) -> Result<(Act, I::Draft)> {
    let (key, conflict) = sent::key(ctx, input.key());
    let retry = sent::retry(ctx, key)?;
    let mut reader = Reader::default();
    if let Some(problem) = conflict {
        reader.note(problem);
    }
    let draft = input.read(&mut reader);
    let (viewer, clock) = (ctx.viewer().clone(), ctx.clock().clone());
    Ok((Act { viewer, clock, retry, unread: reader.into_unread() }, draft))
}

/// An input that names a row by its id, and says nothing else.
macro_rules! names_a_row {
    ($input:ident, $field:ident, $name:literal) => {
        impl Input for $input {
            type Draft = Id;

            fn key(&self) -> Option<&String> {
                self.idempotency_key.as_ref()
            }

            fn read(self, reader: &mut Reader) -> Self::Draft {
                reader.id($name, &self.$field)
            }
        }
    };
}
use names_a_row;
