//! Values as they stand in a document, in the form in which resolvers read them.

use apollo_compiler::ast::{Type, Value as Literal};
use apollo_compiler::{Node, Schema, schema::ExtendedType};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value as ConstValue};
use async_graphql_value::{Number, Value};

/// Reads literals; a variable that was not sent is absent.
pub struct Literals<'s> {
    pub schema: &'s Schema,
    pub is_absent: &'s dyn Fn(&str) -> bool,
}

impl Literals<'_> {
    /// `None` for an absent variable: then the argument or input field is absent too.
    pub fn read(&self, ty: &Type, literal: &Node<Literal>) -> Option<Value> {
        match &**literal {
            Literal::Variable(name) if (self.is_absent)(name) => None,
            Literal::List(items) => {
                // An item of a list can't be absent: there it is null.
                let item = |item| self.read(ty.item_type(), item).unwrap_or_default();
                Some(Value::List(items.iter().map(item).collect()))
            }
            Literal::Object(fields) => Some(Value::Object(self.object(ty, fields))),
            Literal::Variable(name) => Some(Value::Variable(Name::new(name))),
            Literal::Int(number) => Some(number_or_text(ty, number.as_str())),
            Literal::Float(number) => Some(number_or_text(ty, number.as_str())),
            other => Some(plain(other)),
        }
    }

    fn object(&self, ty: &Type, fields: &[(apollo_compiler::Name, Node<Literal>)]) -> IndexMap<Name, Value> {
        let definition = self.schema.types.get(ty.inner_named_type());
        let any = Type::Named(ty.inner_named_type().clone());
        let type_of = |name: &apollo_compiler::Name| match definition {
            Some(ExtendedType::InputObject(input)) => input.fields.get(name).map(|field| (*field.ty).clone()),
            _ => None,
        };
        let read = |(name, value): &(apollo_compiler::Name, _)| {
            let ty = type_of(name).unwrap_or_else(|| any.clone());
            Some((Name::new(name), self.read(&ty, value)?))
        };
        fields.iter().filter_map(read).collect()
    }
}

/// A number that a machine's number can't hold goes on as its text, where texts are taken: as an id, or
/// as a scalar of ours, which says itself what is wrong with it.
fn number_or_text(ty: &Type, text: &str) -> Value {
    let is_number = matches!(ty.inner_named_type().as_str(), "Int" | "Float");
    match text.parse::<i64>().map(Number::from) {
        Ok(number) => Value::Number(number),
        Err(_) if is_number => text.parse().map(Value::Number).unwrap_or_default(),
        Err(_) => match text.parse::<f64>().ok().filter(|number| number.to_string() == text) {
            Some(number) => Number::from_f64(number).map(Value::Number).unwrap_or_default(),
            None => Value::String(text.to_owned()),
        },
    }
}

/// Values without anything in them.
fn plain(literal: &Literal) -> Value {
    match literal {
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Enum(name) => Value::Enum(Name::new(name)),
        _ => Value::Null,
    }
}

/// The default of a variable, which holds no variables.
pub fn constant(schema: &Schema, ty: &Type, literal: &Node<Literal>) -> ConstValue {
    let value = Literals { schema, is_absent: &|_| true }.read(ty, literal).unwrap_or_default();
    value.into_const().unwrap_or_default()
}
