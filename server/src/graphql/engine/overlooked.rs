//! What apollo-compiler 1.33 overlooks of the specification's validation. Each check names the rule of
//! graphql-js; `tests/validation.rs` and `tests/reference.rs` compare with those, and say when one of
//! these checks is not needed any more.

use std::collections::HashSet;

use apollo_compiler::ast::{Argument, Type, Value, VariableDefinition};
use apollo_compiler::executable::{
    DirectiveList, ExecutableDocument, Field, Operation, Selection, SelectionSet,
};
use apollo_compiler::schema::{ExtendedType, InputValueDefinition};
use apollo_compiler::{Name, Node};
use async_graphql::ServerError;

use super::collect::{Collected, Collector};
use super::language::{Language, position};
use crate::wire::{Code, coded};

/// Everything wrong with a document that was found to be valid.
pub fn errors(language: &Language, document: &ExecutableDocument) -> Vec<ServerError> {
    let mut errors = Vec::new();
    for operation in document.operations.iter() {
        let collector = Collector::of_all(language, document);
        let roots = collector.operation(operation);
        if operation.is_subscription() && roots.len() > 1 {
            errors.push(error(
                "A subscription must select one field at its root.".to_owned(),
                operation,
                document,
            ));
        }
        find_conflicts(&collector, &roots, &mut errors);
        let mut values =
            Values { language, document, operation, visited: HashSet::new(), errors: &mut errors };
        values.directives(&operation.directives);
        values.defaults();
        values.selection_set(&operation.selection_set);
    }
    errors
}

fn error<T>(message: String, at: &Node<T>, document: &ExecutableDocument) -> ServerError {
    let place = position(at.location(), &document.sources);
    coded(ServerError::new(message, Some(place)), Code::ValidationFailed)
}

/// `OverlappingFieldsCanBeMergedRule`: lists of different lengths are taken for the same.
fn find_conflicts<'d>(collector: &Collector<'d>, fields: &Collected<'d>, errors: &mut Vec<ServerError>) {
    for (key, nodes) in fields {
        let first = nodes[0];
        if let Some(other) = nodes.iter().find(|node| !have_same_arguments(first, node)) {
            let message = format!("Two fields with the key \"{key}\" have different arguments.");
            errors.push(error(message, other, collector.document));
        }
        for (_, below) in collector.below(nodes) {
            find_conflicts(collector, &below, errors);
        }
    }
}

/// That they have the same names was seen to.
fn have_same_arguments(field: &Field, other: &Field) -> bool {
    let agrees = |argument: &Node<Argument>| {
        let other = other.arguments.iter().find(|it| it.name == argument.name);
        other.is_none_or(|other| have_same_lengths(&argument.value, &other.value))
    };
    field.arguments.iter().all(agrees)
}

fn have_same_lengths(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::List(items), Value::List(others)) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(item, other)| have_same_lengths(item, other))
        }
        (Value::Object(fields), Value::Object(others)) => fields.iter().all(|(name, value)| {
            let other = others.iter().find(|(other, _)| other == name);
            other.is_none_or(|(_, other)| have_same_lengths(value, other))
        }),
        _ => true,
    }
}

/// A walk over all values of an operation.
struct Values<'d, 'e> {
    language: &'d Language,
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    visited: HashSet<&'d Name>,
    errors: &'e mut Vec<ServerError>,
}

/// What is expected where a value stands.
#[derive(Clone, Copy)]
struct Expected<'d> {
    ty: &'d Type,
    has_default: bool,
}

impl<'d> Expected<'d> {
    fn by(definition: &'d InputValueDefinition) -> Self {
        let default = definition.default_value.as_ref();
        Self { ty: &definition.ty, has_default: default.is_some_and(|default| !default.is_null()) }
    }
}

impl<'d> Values<'d, '_> {
    fn defaults(&mut self) {
        for variable in &self.operation.variables {
            if let Some(default) = &variable.default_value {
                self.value(Expected { ty: &variable.ty, has_default: false }, default);
            }
        }
    }

    fn selection_set(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments, &field.definition.arguments);
                    self.selection_set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selection_set(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = spread.fragment_def(self.document)
                        && self.visited.insert(&fragment.name)
                    {
                        self.selection_set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'d DirectiveList) {
        for directive in directives {
            if let Some(definition) = self.language.schema.directive_definitions.get(&directive.name) {
                self.arguments(&directive.arguments, &definition.arguments);
            }
        }
    }

    fn arguments(&mut self, arguments: &'d [Node<Argument>], definitions: &'d [Node<InputValueDefinition>]) {
        for argument in arguments {
            if let Some(definition) = definitions.iter().find(|it| it.name == argument.name) {
                self.value(Expected::by(definition), &argument.value);
            }
        }
    }

    fn value(&mut self, expected: Expected<'d>, value: &'d Node<Value>) {
        match &**value {
            Value::Variable(name) => self.variable(expected, name, value),
            Value::List(items) => {
                let item = Expected { ty: expected.ty.item_type(), has_default: false };
                for value in items {
                    self.value(item, value);
                }
            }
            Value::Object(fields) => self.object(expected, fields),
            _ => {}
        }
    }

    /// `UniqueInputFieldNamesRule` is not checked at all.
    fn object(&mut self, expected: Expected<'d>, fields: &'d [(Name, Node<Value>)]) {
        let mut names = HashSet::new();
        for (name, value) in fields {
            if !names.insert(name) {
                let message = format!("The input field \"{name}\" stands twice in one object.");
                self.errors.push(error(message, value, self.document));
            }
            let definition = self.language.schema.types.get(expected.ty.inner_named_type());
            if let Some(ExtendedType::InputObject(input)) = definition
                && let Some(field) = input.fields.get(name)
            {
                self.value(Expected::by(field), value);
            }
        }
    }

    /// `VariablesInAllowedPositionRule` is checked for whole arguments only, and a default of null is taken
    /// for a value.
    fn variable(&mut self, expected: Expected<'_>, name: &Name, value: &Node<Value>) {
        let Some(variable) = self.operation.variables.iter().find(|it| it.name == *name) else { return };
        if !is_allowed(expected, variable) {
            let message = format!(
                "The variable ${name} of type {} is used where {} is expected.",
                variable.ty, expected.ty
            );
            self.errors.push(error(message, value, self.document));
        }
    }
}

/// `IsVariableUsageAllowed` of the specification.
fn is_allowed(expected: Expected<'_>, variable: &VariableDefinition) -> bool {
    if !expected.ty.is_non_null() || variable.ty.is_non_null() {
        return variable.ty.is_assignable_to(expected.ty);
    }
    let has_default = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    (has_default || expected.has_default) && variable.ty.is_assignable_to(&expected.ty.clone().nullable())
}
