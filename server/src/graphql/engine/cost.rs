//! What an operation costs, known before it runs: how much its answer may hold at most.
//!
//! - A field costs 1, on every object that it is asked of.
//! - A figure costs 10 more, since it is worked out from the history of its goal; so does `totalCount`, which
//!   counts the whole list.
//! - A row of a list costs 10 more, beside its fields.
//! - A page counts as many rows as are asked for with `first` or `last`: 20 unless said, 100 at most; `nodes` as
//!   many as it has ids; a `series` 100 points, and any other list 10 items. So pages in pages multiply.
//! - Introspection costs nothing here: it reads no rows, and has a limit of its own.
//!
//! The cost is a polynomial in the sizes that come from variables, worked out once for a document and each shape
//! of its variables; mostly it is one number.

use std::collections::BTreeMap;

use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name as OurName, Node};
use async_graphql::{Name, Value, Variables};

use super::collect::{Collected, Collector};
use crate::graphql::list::{DEFAULT_SIZE, LARGEST_SIZE};

const FIGURE: u64 = 10;
const ROW: u64 = 10;
const POINTS: u64 = 100;
const LIST: u64 = 10;

/// The types of what is worked out from the history of a goal, or of its scores.
const FIGURES: [&str; 6] = ["GoalProgress", "Trend", "Streak", "Projection", "Pace", "Interpretation"];

/// What an operation costs: a number for each product of sizes that only a request knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost(BTreeMap<Vec<OurName>, u64>);

/// How many items a list has at most.
enum Size {
    Known(u64),
    /// As many as a variable says, or holds.
    Variable(OurName),
}

impl Cost {
    fn of(points: u64) -> Self {
        Self(BTreeMap::from([(Vec::new(), points)]))
    }

    fn plus(mut self, other: Self) -> Self {
        for (variables, points) in other.0 {
            let sum = self.0.entry(variables).or_default();
            *sum = sum.saturating_add(points);
        }
        self
    }

    /// As much as either could cost.
    fn or(mut self, other: Self) -> Self {
        for (variables, points) in other.0 {
            let most = self.0.entry(variables).or_default();
            *most = points.max(*most);
        }
        self
    }

    fn times(self, size: &Size) -> Self {
        let grown = |(mut variables, points): (Vec<OurName>, u64)| match size {
            Size::Known(size) => (variables, points.saturating_mul(*size)),
            Size::Variable(name) => {
                variables.push(name.clone());
                variables.sort_unstable();
                (variables, points)
            }
        };
        Self(self.0.into_iter().map(grown).collect())
    }

    /// What it comes to with these variables.
    pub fn with(&self, variables: &Variables) -> u64 {
        let product = |names: &[OurName]| {
            let sizes = names.iter().map(|name| size_of(variables.get(&Name::new(name))));
            sizes.fold(1, u64::saturating_mul)
        };
        let terms = self.0.iter().map(|(names, points)| points.saturating_mul(product(names)));
        terms.fold(0, u64::saturating_add)
    }
}

/// The size that a variable gives to a list. One that is out of bounds is refused when the list is read.
fn size_of(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Number(number)) => page(number.as_i64().unwrap_or_default()),
        Some(Value::List(items)) => items.len() as u64,
        _ => DEFAULT_SIZE,
    }
}

fn page(size: i64) -> u64 {
    u64::try_from(size).unwrap_or_default().min(LARGEST_SIZE)
}

/// What the fields of an object cost, those below them included.
pub fn of_fields(collector: &Collector<'_>, fields: &Collected<'_>) -> Cost {
    in_page(collector, fields, None)
}

fn in_page(collector: &Collector<'_>, fields: &Collected<'_>, page: Option<&Size>) -> Cost {
    let costs = fields.values().map(|nodes| of_field(collector, nodes, page));
    costs.fold(Cost::default(), Cost::plus)
}

fn of_field(collector: &Collector<'_>, nodes: &[&Node<Field>], page: Option<&Size>) -> Cost {
    let field = nodes[0];
    let ty = field.definition.ty.inner_named_type().as_str();
    if ty.starts_with("__") {
        return Cost::of(1);
    }
    let is_figure = FIGURES.contains(&ty) || matches!(field.name.as_str(), "stillMet" | "totalCount");
    let own = Cost::of(if is_figure { 1 + FIGURE } else { 1 });
    let size = size(field);
    let (list, below) = if field.definition.ty.is_list() { (true, None) } else { (false, size.as_ref()) };
    let objects = collector.below(nodes).into_iter().map(|(name, fields)| {
        let is_row = list && (page.is_some() || is_row(collector, name));
        let row = Cost::of(if is_row { ROW } else { 0 });
        in_page(collector, &fields, below).plus(row)
    });
    let below = objects.reduce(Cost::or).unwrap_or_default();
    if !list {
        return own.plus(below);
    }
    let usual = Size::Known(if field.name == "series" { POINTS } else { LIST });
    own.plus(below.times(page.or(size.as_ref()).unwrap_or(&usual)))
}

/// Whether an object is a row that has an id. What stands on a page is one anyway.
fn is_row(collector: &Collector<'_>, name: &OurName) -> bool {
    match collector.language.schema.types.get(name) {
        Some(ExtendedType::Object(object)) => object.implements_interfaces.iter().any(|it| it.name == "Node"),
        _ => false,
    }
}

/// The size that the arguments of a field say; `None` of a field that takes none.
fn size(field: &Field) -> Option<Size> {
    let takes = |name: &str| field.definition.argument_by_name(name).is_some();
    if takes("ids") {
        return given(field, "ids");
    }
    if !takes("first") {
        return None;
    }
    Some(match (given(field, "first"), given(field, "last")) {
        (Some(size), None) | (None, Some(size)) => size,
        (None, None) => Size::Known(DEFAULT_SIZE),
        // Either may be null once the variables are known.
        (Some(_), Some(_)) => Size::Known(LARGEST_SIZE),
    })
}

fn given(field: &Field, argument: &str) -> Option<Size> {
    let argument = field.arguments.iter().find(|it| it.name == argument)?;
    match &*argument.value {
        Literal::Variable(name) => Some(Size::Variable(name.clone())),
        Literal::List(items) => Some(Size::Known(items.len() as u64)),
        Literal::Int(number) => Some(Size::Known(page(number.as_str().parse().unwrap_or(i64::MAX)))),
        // Null is the same as absent; one id stands for a list of it.
        Literal::Null => None,
        _ => Some(Size::Known(1)),
    }
}
