//! A variable that is declared but not sent means "absent", yet the engine hands it to an input object
//! as null, so that a patch would clear the field. Whatever uses such a variable is taken out of the
//! document before it is executed, and so is the variable.

use std::collections::HashSet;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::parser::types::{Selection, SelectionSet, VariableDefinition};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};

/// Takes unsent variables out of a document. One that has a default or may not be null stays: the
/// engine knows what to do with the first and refuses the second.
pub fn drop_unsent(document: &mut ExecutableDocument, operation: Option<&str>, sent: &Variables) {
    let unsent = chosen(document, operation).map(|chosen| unsent(chosen, sent)).unwrap_or_default();
    if unsent.is_empty() {
        return;
    }
    for operation in operations(&mut document.operations) {
        // Another operation may declare a variable of the same name that it can't do without.
        let absent: HashSet<_> = self::unsent(operation, sent).intersection(&unsent).cloned().collect();
        operation.variable_definitions.retain(|definition| !absent.contains(&definition.node.name.node));
        in_selections(&mut operation.selection_set.node, &absent);
    }
    for fragment in document.fragments.values_mut() {
        in_selections(&mut fragment.node.selection_set.node, &unsent);
    }
}

/// The operation that will run; `None` when the request does not say which.
pub fn chosen<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(key, _)| key.is_some_and(|key| key == name)),
        None => operations.next().filter(|_| operations.next().is_none()),
    };
    found.map(|(_, operation)| &operation.node)
}

/// What to say of a variable that needs a value and was sent none: the engine would say it of every field
/// that uses it, after running the others.
pub fn needed(document: &ExecutableDocument, operation: Option<&str>, sent: &Variables) -> Option<String> {
    let definitions = chosen(document, operation)?.variable_definitions.iter();
    let lacks = |definition: &&VariableDefinition| match sent.get(&definition.name.node) {
        None => definition.default_value.is_none(),
        Some(value) => *value == ConstValue::Null,
    };
    let mut needed = definitions.map(|definition| &definition.node).filter(|it| !it.var_type.node.nullable);
    let VariableDefinition { name, var_type, .. } = needed.find(lacks)?;
    Some(format!("The variable ${} of type {} needs a value.", name.node, var_type.node))
}

fn operations(operations: &mut DocumentOperations) -> Vec<&mut OperationDefinition> {
    match operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(map) => map.values_mut().map(|operation| &mut operation.node).collect(),
    }
}

fn unsent(operation: &OperationDefinition, sent: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    definitions
        .filter(|definition| definition.default_value.is_none() && definition.var_type.node.nullable)
        .map(|definition| definition.name.node.clone())
        .filter(|name| !sent.contains_key(name))
        .collect()
}

fn in_selections(set: &mut SelectionSet, unsent: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                in_arguments(&mut field.node.arguments, unsent);
                in_selections(&mut field.node.selection_set.node, unsent);
            }
            Selection::InlineFragment(fragment) => {
                in_selections(&mut fragment.node.selection_set.node, unsent);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn in_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, unsent: &HashSet<Name>) {
    arguments.retain(|(_, value)| !is_unsent(&value.node, unsent));
    for (_, value) in arguments {
        in_value(&mut value.node, unsent);
    }
}

fn in_value(value: &mut Value, unsent: &HashSet<Name>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !is_unsent(value, unsent));
            fields.values_mut().for_each(|value| in_value(value, unsent));
        }
        Value::List(items) => items.iter_mut().for_each(|item| in_value(item, unsent)),
        // An item of a list can't be absent: there it is null, as the specification has it.
        Value::Variable(name) if unsent.contains(name) => *value = Value::Null,
        _ => {}
    }
}

fn is_unsent(value: &Value, unsent: &HashSet<Name>) -> bool {
    matches!(value, Value::Variable(name) if unsent.contains(name))
}
