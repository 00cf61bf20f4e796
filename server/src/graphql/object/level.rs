//! The selection of a level, carried out for all of its objects together.

use std::sync::Arc;

use async_graphql::parser::types::{Field as Selected, Selection};
use async_graphql::{
    Context, ContextSelectionSet, Error, PathSegment, Positioned, QueryPathNode, QueryPathSegment, Result,
    ServerError, Value,
};
use futures_util::future::{BoxFuture, join_all};

use super::column::{Column, Failed};
use super::output::spread;
use super::{Budget, Field, Json, Object, Output, Values};
use crate::graphql::unreadable::is_of_a_row;

/// One field of the objects of a level: what their field is worked out from.
pub struct Level<'a, T> {
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Selected>,
    objects: &'a [(QueryPathNode<'a>, T)],
}

impl<'a, T> Level<'a, T> {
    pub fn objects(&self) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.objects.iter().map(|(_, object)| object)
    }

    /// What a resolver may ask: the arguments, and what belongs to the request.
    pub fn context(&self) -> Context<'a> {
        self.ctx.with_field(self.field)
    }

    /// Writes what the field has for each object. An error of the field as a whole is one of each.
    pub async fn write<U: Output>(&self, values: Result<Values<U>>) -> Column {
        let values = values.unwrap_or_else(|error| self.objects.iter().map(|_| Err(error.clone())).collect());
        let key = self.field.node.response_key().node.as_str();
        let at = |(node, _): &'a (QueryPathNode<'a>, T)| QueryPathNode {
            parent: Some(node),
            segment: QueryPathSegment::Name(key),
        };
        let nodes: Vec<_> = self.objects.iter().map(at).collect();
        let present: Vec<_> = values.iter().map(|value| value.as_ref().map(|_| ()).map_err(kind)).collect();
        let mut known = Vec::with_capacity(values.len());
        for (node, value) in nodes.iter().zip(values) {
            match value {
                Ok(value) => known.push((*node, value)),
                Err(error) => self.report(node, error, U::NULLABLE),
            }
        }
        let ctx = self.ctx.with_selection_set(&self.field.node.selection_set);
        spread(U::write(&ctx, known).await, &present, U::NULLABLE)
    }

    /// What hangs on a row that can't be read is left out of the list that it stands in: then the list is the place
    /// of the error, since the places in it are those of other items.
    fn report(&self, node: &QueryPathNode<'_>, error: Error, nullable: bool) {
        let mut path = path(node);
        if !nullable && kind(&error) == Failed::Row {
            let list = path.iter().rposition(|segment| matches!(segment, PathSegment::Index(_)));
            path.truncate(list.unwrap_or(path.len()));
        }
        let error = error.into_server_error(self.field.pos);
        self.ctx.add_error(ServerError { path, ..error });
    }
}

fn kind(error: &Error) -> Failed {
    if is_of_a_row(error) { Failed::Row } else { Failed::Field }
}

/// Adds an error at the place of a value that is there nevertheless.
pub fn complain(ctx: &ContextSelectionSet<'_>, node: &QueryPathNode<'_>, error: Error) {
    let error = error.into_server_error(ctx.item.pos);
    ctx.add_error(ServerError { path: path(node), ..error });
}

fn path(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let segment = |node: &QueryPathNode<'_>| match node.segment {
        QueryPathSegment::Index(index) => PathSegment::Index(index),
        QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
    };
    let mut path: Vec<_> = std::iter::once(segment(node)).chain(node.parents().map(segment)).collect();
    path.reverse();
    path
}

/// One value at the place of a context, for the resolvers at the root. Null also when it failed where there
/// may be no null: the root looks for that.
pub async fn resolve<U: Output>(ctx: &ContextSelectionSet<'_>, value: U) -> Value {
    // Below the root there is always a field.
    let Some(node) = ctx.path_node else { return Value::Null };
    let column = U::write(ctx, vec![(node, value)]).await;
    column.into_single().map_or(Value::Null, |text| Value::Binary(text.into()))
}

/// A field of the selection, ready to be written.
struct Ready<'a, T> {
    key: &'a str,
    value: ReadyValue<T>,
}

enum ReadyValue<T> {
    TypeName,
    Leaf(fn(&T, &mut Json)),
    /// A column by its place.
    Column(usize),
}

/// Objects as JSON, each with the fields of the selection in its order. All fields that have to be read
/// are read at the same time.
pub async fn write_objects<'a, T: Object>(
    ctx: &'a ContextSelectionSet<'a>,
    objects: &'a [(QueryPathNode<'a>, T)],
) -> Column {
    if objects.is_empty() {
        return Column::default();
    }
    let budget = ctx.data_opt::<Arc<Budget>>();
    if budget.is_some_and(|budget| budget.is_overspent()) {
        return failed(objects.len());
    }
    let mut columns: Vec<BoxFuture<'a, Column>> = Vec::new();
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    for item in &ctx.item.node.items {
        let Selection::Field(field) = &item.node else { continue };
        let key = field.node.response_key().node.as_str();
        let value = match T::field(&field.node.name.node) {
            Some(Field::Leaf(write)) => ReadyValue::Leaf(write),
            Some(Field::All(start)) => {
                columns.push(start(Level { ctx, field, objects }));
                ReadyValue::Column(columns.len() - 1)
            }
            // Validation has left no other field without an entry.
            None => ReadyValue::TypeName,
        };
        fields.push(Ready { key, value });
    }
    let columns = if columns.is_empty() { Vec::new() } else { join_all(columns).await };
    let mut written = Column::with_capacity(objects.len());
    let most = budget.map_or(usize::MAX, |budget| budget.most);
    for (index, (_, object)) in objects.iter().enumerate() {
        if written.bytes() > most {
            break;
        }
        written.push(|json| write_object(json, object, index, &fields, &columns));
    }
    let counted = columns.iter().map(|column| column.counted).sum();
    if let Some(budget) = budget {
        budget.spend(written.bytes().saturating_sub(counted));
    }
    written.counted = written.bytes();
    if written.len() == objects.len() { written } else { failed(objects.len()) }
}

/// What is left of objects in an answer that is given up.
fn failed(objects: usize) -> Column {
    let mut column = Column::default();
    (0..objects).for_each(|_| column.push_failed(Failed::Field));
    column
}

/// A field that failed and may not be null takes its object along.
fn write_object<T: Object>(
    json: &mut Json,
    object: &T,
    index: usize,
    fields: &[Ready<'_, T>],
    columns: &[Column],
) -> Result<(), Failed> {
    let mut before = b"{";
    for Ready { key, value } in fields {
        json.raw(before);
        before = b",";
        json.plain_text(key);
        json.raw(b":");
        match value {
            ReadyValue::TypeName => json.plain_text(&T::name()),
            ReadyValue::Leaf(write) => write(object, json),
            ReadyValue::Column(column) => json.raw(columns[*column].get(index)?),
        }
    }
    json.raw(if fields.is_empty() { b"{}" } else { b"}" });
    Ok(())
}
