//! Where a field failed, the specification wants null, and where there may be none, null in its parent's
//! place. The engine leaves the field out and gives null for an object of which nothing is left, so it is
//! put right afterwards, by the paths of the errors.

use std::collections::{HashMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Selection, SelectionSet, Type};
use async_graphql::parser::types::{OperationType, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, PathSegment, Response, Value};

use super::repair::chosen;

/// The type of every field, by the names of its owner and itself.
pub struct Types(HashMap<(Name, Name), Type>);

impl Types {
    pub fn of(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let fields = types.flat_map(|definition| {
            let owner = definition.name.node;
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => Vec::new(),
            };
            fields.into_iter().map(move |it| ((owner.clone(), it.node.name.node), it.node.ty.node))
        });
        Self(fields.collect())
    }
}

/// Puts null where a field failed.
pub fn settle(
    response: &mut Response,
    document: &ExecutableDocument,
    operation: Option<&str>,
    types: &Types,
) {
    let Some(chosen) = chosen(document, operation) else { return };
    let level = Level(vec![(Name::new(root(chosen.ty)), &chosen.selection_set.node)]);
    let mut places = Places { document, types, given_up: HashSet::new() };
    for error in response.errors.iter().filter(|error| !error.path.is_empty()) {
        let whole = Type { base: BaseType::Named(Name::new("")), nullable: true };
        places.settle(&mut response.data, &whole, &level, &error.path, 0);
    }
}

/// The selection sets that are merged in one place, each with the type it selects from.
struct Level<'d>(Vec<(Name, &'d SelectionSet)>);

struct Places<'d> {
    document: &'d ExecutableDocument,
    types: &'d Types,
    /// What was set to null for a failure below, so that another failure there changes nothing more.
    given_up: HashSet<String>,
}

impl<'d> Places<'d> {
    /// Follows the path from `at` on; true if null stands where there may be none.
    fn settle(
        &mut self,
        value: &mut Value,
        kind: &Type,
        level: &Level<'d>,
        path: &[PathSegment],
        at: usize,
    ) -> bool {
        if self.given_up.contains(&place(&path[..at])) {
            return false;
        }
        let fails = match path.get(at) {
            None => true,
            Some(PathSegment::Field(key)) => self.settle_field(value, level, path, at, key),
            Some(PathSegment::Index(index)) => {
                let (Value::List(items), BaseType::List(kind)) = (&mut *value, &kind.base) else {
                    return false;
                };
                items.get_mut(*index).is_some_and(|item| self.settle(item, kind, level, path, at + 1))
            }
        };
        if fails {
            *value = Value::Null;
            self.given_up.insert(place(&path[..at]));
        }
        fails && !kind.nullable
    }

    fn settle_field(
        &mut self,
        value: &mut Value,
        level: &Level<'d>,
        path: &[PathSegment],
        at: usize,
        key: &str,
    ) -> bool {
        let Some((kind, below)) = self.field(level, key) else { return false };
        if *value == Value::Null {
            *value = Value::Object(IndexMap::default());
        }
        let Value::Object(object) = value else { return false };
        let child = object.entry(Name::new(key)).or_default();
        self.settle(child, &kind, &below, path, at + 1)
    }

    /// The type of the field with this response key, and what is selected below it. Where types differ
    /// with the object's own, validation has seen to it that all may be null or none.
    fn field(&self, level: &Level<'d>, key: &str) -> Option<(Type, Level<'d>)> {
        let mut found = Vec::new();
        for (owner, set) in &level.0 {
            self.collect(owner, set, key, &mut found);
        }
        let kind = found.first()?.0.clone();
        Some((kind, Level(found.into_iter().map(|(kind, set)| (named(&kind).clone(), set)).collect())))
    }

    fn collect(
        &self,
        owner: &Name,
        set: &'d SelectionSet,
        key: &str,
        found: &mut Vec<(Type, &'d SelectionSet)>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    let names = (owner.clone(), field.node.name.node.clone());
                    let kind = self.types.0.get(&names).cloned();
                    found.extend(kind.map(|kind| (kind, &field.node.selection_set.node)));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let owner = condition.map_or(owner, |condition| &condition.node.on.node);
                    self.collect(owner, &fragment.node.selection_set.node, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let owner = &fragment.node.type_condition.node.on.node;
                        self.collect(owner, &fragment.node.selection_set.node, key, found);
                    }
                }
            }
        }
    }
}

const fn root(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// A path as one text.
fn place(path: &[PathSegment]) -> String {
    let parts = path.iter().map(|segment| match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The type's name, without the lists around it.
fn named(kind: &Type) -> &Name {
    match &kind.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}
