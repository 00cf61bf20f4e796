//! The shape of a response: its keys stand in the order in which the document selects them. The engine
//! hands them out in the order in which fields were done, so they are put right afterwards; and it gives
//! null for an object whose every field was skipped, so such an object gets a field that is removed here.

use std::collections::HashMap;

use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::parser::types::{DocumentOperations, Selection, SelectionSet};
use async_graphql::parser::types::{ExecutableDocument, Field, FragmentDefinition, OperationDefinition};
use async_graphql::{Name, Positioned, Value};

use super::repair::chosen;

/// The response key of a field that we ask for and the client does not see: the name of the type.
const MARK: &str = "__waymark_type";

/// Asks for the type wherever the response's shape can't be told without it.
pub fn mark(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => mark_selections(&mut operation.node.selection_set.node),
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                mark_selections(&mut operation.node.selection_set.node);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        mark_selections(&mut fragment.node.selection_set.node);
    }
}

fn mark_selections(set: &mut SelectionSet) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::Field(field) => mark_selections(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => mark_selections(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
    let plain = |item: &Positioned<Selection>| {
        matches!(&item.node, Selection::Field(_)) && item.node.directives().is_empty()
    };
    if let Some(first) = set.items.first()
        && !set.items.iter().all(plain)
    {
        let position = first.pos;
        set.items.push(Positioned::new(
            Selection::Field(Positioned::new(type_name(position), position)),
            position,
        ));
    }
}

fn type_name(position: async_graphql::Pos) -> Field {
    Field {
        alias: Some(Positioned::new(Name::new(MARK), position)),
        name: Positioned::new(Name::new("__typename"), position),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    }
}

/// Puts the keys of a response's data in the order of its document, and takes the marks out.
pub fn restore(data: &mut Value, document: &ExecutableDocument, operation: Option<&str>) {
    if let Some(OperationDefinition { selection_set, .. }) = chosen(document, operation) {
        restore_value(data, &[&selection_set.node], &document.fragments);
    }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;
/// What is selected below each response key, in order.
type Selected<'d> = IndexMap<&'d str, Vec<&'d SelectionSet>>;

fn restore_value(value: &mut Value, sets: &[&SelectionSet], fragments: &Fragments) {
    match value {
        Value::Object(object) => restore_object(object, sets, fragments),
        Value::List(items) => items.iter_mut().for_each(|item| restore_value(item, sets, fragments)),
        _ => {}
    }
}

fn restore_object(object: &mut IndexMap<Name, Value>, sets: &[&SelectionSet], fragments: &Fragments) {
    let mark = object.shift_remove(MARK);
    let kind = mark
        .as_ref()
        .and_then(|mark| if let Value::String(kind) = mark { Some(kind.as_str()) } else { None });
    let mut selected = Selected::new();
    for set in sets {
        select(set, kind, fragments, &mut selected);
    }
    let places: IndexSet<&str> = selected.keys().copied().collect();
    let place = |key: &Name| places.get_index_of(key.as_str());
    if !object.keys().is_sorted_by_key(place) {
        object.sort_by(|left, _, right, _| place(left).cmp(&place(right)));
    }
    for (key, value) in object {
        if let Some(below) = selected.get(key.as_str()) {
            restore_value(value, below, fragments);
        }
    }
}

fn select<'d>(
    set: &'d SelectionSet,
    kind: Option<&str>,
    fragments: &'d Fragments,
    selected: &mut Selected<'d>,
) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                let below = selected.entry(field.node.response_key().node.as_str()).or_default();
                below.push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(fragment) => {
                let condition =
                    fragment.node.type_condition.as_ref().map(|condition| &condition.node.on.node);
                if condition.is_none_or(|condition| applies(condition, kind)) {
                    select(&fragment.node.selection_set.node, kind, fragments, selected);
                }
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node)
                    && applies(&fragment.node.type_condition.node.on.node, kind)
                {
                    select(&fragment.node.selection_set.node, kind, fragments, selected);
                }
            }
        }
    }
}

/// `Node` is the only interface, and every type with fragments on it implements it.
fn applies(condition: &str, kind: Option<&str>) -> bool {
    kind.is_none_or(|kind| condition == kind || condition == "Node")
}
