//! What was sent for the variables of an operation (CoerceVariableValues): once, before anything looks at
//! them, so that a default counts wherever the variable is used.

use apollo_compiler::Schema;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Operation, VariableDefinition};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, ServerError, Value, Variables};
use serde_json::{Map, Value as Json};

use super::language::Language;
use super::limits::check_list;
use super::literal::constant;
use crate::wire::{Code, coded};

/// The values of all variables that were sent or have a default; the others are absent, which is not null.
pub fn coerce(
    language: &Language,
    operation: &Operation,
    mut sent: Map<String, Json>,
) -> Result<Variables, ServerError> {
    let mut variables = Variables::default();
    for definition in &operation.variables {
        if let Some(value) = of_variable(&language.schema, definition, sent.remove(definition.name.as_str()))?
        {
            check_list(longest(&value), language.limits.list)?;
            variables.insert(Name::new(&definition.name), value);
        }
    }
    Ok(variables)
}

/// The length of the longest list in a value.
fn longest(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(longest).fold(items.len(), usize::max),
        Value::Object(fields) => fields.values().map(longest).max().unwrap_or_default(),
        _ => 0,
    }
}

fn of_variable(
    schema: &Schema,
    definition: &VariableDefinition,
    sent: Option<Json>,
) -> Result<Option<Value>, ServerError> {
    let (name, ty) = (&definition.name, &*definition.ty);
    let refuse = |message: String| coded(ServerError::new(message, None), Code::BadUserInput);
    match (sent, &definition.default_value) {
        (None, Some(default)) => Ok(Some(constant(schema, ty, default))),
        (None | Some(Json::Null), _) if ty.is_non_null() => {
            Err(refuse(format!("The variable ${name} of type {ty} needs a value.")))
        }
        (None, None) => Ok(None),
        (Some(value), _) => {
            let place = Place(vec![name.to_string()]);
            let value = place.value(schema, ty, value);
            value
                .map(Some)
                .map_err(|Wrong { place, reason }| refuse(format!("The variable ${place} {reason}.")))
        }
    }
}

/// Where in a variable we are.
struct Place(Vec<String>);

/// A value that does not fit its type. The value itself is not repeated.
struct Wrong {
    place: String,
    reason: String,
}

impl Place {
    fn below(&self, part: &str) -> Self {
        Self([&self.0[..], &[part.to_owned()]].concat())
    }

    fn wrong(&self, reason: String) -> Wrong {
        Wrong { place: self.0.join("."), reason }
    }

    fn value(&self, schema: &Schema, ty: &Type, value: Json) -> Result<Value, Wrong> {
        match (ty, value) {
            (Type::NonNullNamed(_) | Type::NonNullList(_), Json::Null) => {
                Err(self.wrong(format!("of type {ty} may not be null")))
            }
            (_, Json::Null) => Ok(Value::Null),
            (Type::List(item) | Type::NonNullList(item), Json::Array(items)) => {
                let items = items.into_iter().enumerate();
                let items =
                    items.map(|(index, value)| self.below(&index.to_string()).value(schema, item, value));
                items.collect::<Result<_, _>>().map(Value::List)
            }
            // One value stands for a list of it.
            (Type::List(item) | Type::NonNullList(item), value) => {
                Ok(Value::List(vec![self.value(schema, item, value)?]))
            }
            (Type::Named(name) | Type::NonNullNamed(name), value) => match schema.types.get(name) {
                Some(ExtendedType::InputObject(input)) => self.object(schema, input, value),
                Some(ExtendedType::Enum(words)) => match value {
                    Json::String(word) if words.values.contains_key(word.as_str()) => {
                        Ok(Value::Enum(Name::new(word)))
                    }
                    _ => Err(self.wrong(format!("is no value of {name}"))),
                },
                _ => self.scalar(name, value),
            },
        }
    }

    fn scalar(&self, name: &str, value: Json) -> Result<Value, Wrong> {
        let fits = match (name, &value) {
            ("Int", Json::Number(number)) => number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            ("Float", Json::Number(_)) | ("Boolean", Json::Bool(_)) | ("String" | "ID", Json::String(_)) => {
                true
            }
            ("ID", Json::Number(number)) => number.is_i64() || number.is_u64(),
            ("Int" | "Float" | "Boolean" | "String" | "ID", _) => false,
            // A scalar of ours says itself what is wrong with its value.
            _ => true,
        };
        let value = if fits { Value::from_json(value).ok() } else { None };
        value.ok_or_else(|| self.wrong(format!("is no {name}")))
    }

    fn object(&self, schema: &Schema, input: &InputObjectType, value: Json) -> Result<Value, Wrong> {
        let Json::Object(mut sent) = value else {
            return Err(self.wrong(format!("is no {}", input.name)));
        };
        if let Some(unknown) = sent.keys().find(|key| !input.fields.contains_key(key.as_str())) {
            return Err(self.wrong(format!("has a field \"{unknown}\" that {} does not have", input.name)));
        }
        let mut object = IndexMap::new();
        for (name, field) in &input.fields {
            let place = self.below(name);
            match sent.remove(name.as_str()) {
                Some(value) => {
                    object.insert(Name::new(name), place.value(schema, &field.ty, value)?);
                }
                None if field.is_required() => {
                    return Err(place.wrong(format!("of type {} needs a value", field.ty)));
                }
                // The input object knows its defaults.
                None => {}
            }
        }
        Ok(Value::Object(object))
    }
}
