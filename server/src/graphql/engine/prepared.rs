//! Documents that were seen: what was found out of them is kept, so that the next request with the same
//! text begins with its execution.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use apollo_compiler::Name as OurName;
use apollo_compiler::executable::{
    DirectiveList, ExecutableDocument, Operation, OperationType as OurType, Selection, SelectionSet,
    VariableDefinition as OurDefinition,
};
use apollo_compiler::validation::Valid;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument as Executable, OperationDefinition, OperationType, Type,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, ServerError, Value, Variables};
use quick_cache::sync::Cache;

use super::answer::Root;
use super::collect::Collector;
use super::cost::{self, Cost};
use super::language::Language;
use super::literal::Literals;
use crate::wire::{Code, coded, fingerprint};

/// Documents that are kept, by their text.
pub struct Documents(Cache<Box<str>, Arc<Prepared>, Weight>);

/// What is kept, in bytes of document: a prepared one takes some twenty times its text.
const KEPT_BYTES: u64 = 2 * 1024 * 1024;
const USUAL_BYTES: usize = 2 * 1024;

#[derive(Clone)]
pub struct Weight;

impl<K> quick_cache::Weighter<K, Arc<Prepared>> for Weight {
    fn weight(&self, _: &K, prepared: &Arc<Prepared>) -> u64 {
        prepared.length.max(1) as u64
    }
}

/// A cache of as many documents as are kept.
pub fn bounded<K: Eq + std::hash::Hash>() -> Cache<K, Arc<Prepared>, Weight> {
    let usual = usize::try_from(KEPT_BYTES).unwrap_or(usize::MAX) / USUAL_BYTES;
    Cache::with_weighter(usual, KEPT_BYTES, Weight)
}

impl Default for Documents {
    fn default() -> Self {
        Self(bounded())
    }
}

impl Documents {
    /// A document, read when it is new; one that is not valid is not kept.
    pub fn get(&self, language: &Language, text: &str) -> Result<Arc<Prepared>, Vec<ServerError>> {
        if let Some(known) = self.0.get(text) {
            return Ok(known);
        }
        let prepared = Arc::new(Prepared::new(language.read(text)?, text));
        self.0.insert(text.into(), prepared.clone());
        Ok(prepared)
    }
}

/// A valid document.
pub struct Prepared {
    document: Valid<ExecutableDocument>,
    pub fingerprint: String,
    /// The length of its text, in bytes.
    pub length: usize,
    /// The variables that decide over `@skip` and `@include`.
    conditions: HashSet<OurName>,
    plans: Mutex<Vec<(Shape, Arc<Plan>)>>,
}

/// What of the variables decides over the selection: whether each was sent, and those in conditions.
#[derive(Clone, PartialEq, Eq)]
struct Shape {
    operation: Option<OurName>,
    variables: Vec<Decided>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Decided {
    Absent,
    Present,
    Condition(bool),
}

/// A document is rarely asked in more shapes than this; others are worked out anew.
const KEPT_SHAPES: usize = 16;

/// An operation in one shape, ready to be executed.
pub struct Plan {
    pub kind: OperationType,
    pub document: Executable,
    /// The fields at the root, in order.
    pub roots: Vec<Root>,
    pub cost: Cost,
}

impl Prepared {
    pub fn new(document: Valid<ExecutableDocument>, text: &str) -> Self {
        let mut conditions = HashSet::new();
        for operation in document.operations.iter() {
            find_conditions(&operation.selection_set, &mut conditions);
        }
        for fragment in document.fragments.values() {
            find_conditions(&fragment.selection_set, &mut conditions);
        }
        Self {
            document,
            fingerprint: fingerprint(text),
            length: text.len(),
            conditions,
            plans: Mutex::default(),
        }
    }

    /// The operation that a request names, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, ServerError> {
        let unknown = |_| {
            let message = match name {
                Some(_) => "There is no operation of this name in the document.",
                None => "The document has several operations: say which by `operationName`.",
            };
            coded(ServerError::new(message, None), Code::ValidationFailed)
        };
        self.document.operations.get(name).map(|operation| &**operation).map_err(unknown)
    }

    /// Null may be sent for a variable that has a default, and decides nothing.
    pub fn check_conditions(
        &self,
        operation: &Operation,
        variables: Variables,
    ) -> Result<Variables, ServerError> {
        let is_null = |name: &OurName| variables.get(&Name::new(name)) == Some(&Value::Null);
        let names = operation.variables.iter().map(|definition| &definition.name);
        match names.filter(|name| self.conditions.contains(*name)).find(|name| is_null(name)) {
            Some(name) => {
                let message =
                    format!("The variable ${name} decides over @skip or @include: it can't be null.");
                Err(coded(ServerError::new(message, None), Code::BadUserInput))
            }
            None => Ok(variables),
        }
    }

    /// The operation in the shape that these variables give it.
    pub fn plan(&self, language: &Language, operation: &Operation, variables: &Variables) -> Arc<Plan> {
        let shape = self.shape(operation, variables);
        let known = |plans: &[(Shape, Arc<Plan>)]| {
            plans.iter().find(|(known, _)| *known == shape).map(|(_, plan)| plan.clone())
        };
        if let Some(plan) = known(&self.plans.lock().unwrap_or_else(PoisonError::into_inner)) {
            return plan;
        }
        let plan = Arc::new(self.make_plan(language, operation, variables));
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() < KEPT_SHAPES && known(&plans).is_none() {
            plans.push((shape, plan.clone()));
        }
        plan
    }

    fn shape(&self, operation: &Operation, variables: &Variables) -> Shape {
        let decided = |definition: &apollo_compiler::Node<OurDefinition>| match variables
            .get(&Name::new(&definition.name))
        {
            None => Decided::Absent,
            Some(value) if self.conditions.contains(&definition.name) => {
                Decided::Condition(*value == Value::Boolean(true))
            }
            Some(_) => Decided::Present,
        };
        Shape {
            operation: operation.name.clone(),
            variables: operation.variables.iter().map(decided).collect(),
        }
    }

    fn make_plan(&self, language: &Language, operation: &Operation, variables: &Variables) -> Plan {
        let collector = Collector {
            language,
            document: &self.document,
            includes: &|directives| is_included(directives, variables),
            literals: Literals {
                schema: &language.schema,
                is_absent: &|name| !variables.contains_key(&Name::new(name)),
            },
        };
        let collected = collector.operation(operation);
        let root =
            |(key, nodes): (&&OurName, &Vec<&apollo_compiler::Node<apollo_compiler::executable::Field>>)| {
                Root { key: key.to_string(), nullable: !nodes[0].definition.ty.is_non_null() }
            };
        let definition = OperationDefinition {
            ty: kind(operation),
            variable_definitions: operation.variables.iter().filter_map(|it| definition(it)).collect(),
            directives: Vec::new(),
            selection_set: collector.selection_set(&collected),
        };
        let operations = DocumentOperations::Single(Positioned::new(definition, Pos::default()));
        Plan {
            kind: kind(operation),
            document: Executable { operations, fragments: std::collections::HashMap::new() },
            roots: collected.iter().map(root).collect(),
            cost: cost::of_fields(&collector, &collected),
        }
    }
}

fn is_included(directives: &DirectiveList, variables: &Variables) -> bool {
    let holds = |name| {
        let condition = directives.get(name)?.specified_argument_by_name("if")?;
        Some(match condition.as_variable() {
            Some(variable) => variables.get(&Name::new(variable)) == Some(&Value::Boolean(true)),
            None => condition.to_bool().unwrap_or_default(),
        })
    };
    holds("skip") != Some(true) && holds("include") != Some(false)
}

fn definition(variable: &OurDefinition) -> Option<Positioned<VariableDefinition>> {
    let definition = VariableDefinition {
        name: Positioned::new(Name::new(&variable.name), Pos::default()),
        var_type: Positioned::new(Type::new(&variable.ty.to_string())?, Pos::default()),
        directives: Vec::new(),
        // Put in already, where none was sent.
        default_value: None,
    };
    Some(Positioned::new(definition, Pos::default()))
}

pub fn kind(operation: &Operation) -> OperationType {
    match operation.operation_type {
        OurType::Query => OperationType::Query,
        OurType::Mutation => OperationType::Mutation,
        OurType::Subscription => OperationType::Subscription,
    }
}

/// The variables in conditions, of a selection and what stands in it; fragments are looked at once each.
fn find_conditions(set: &SelectionSet, found: &mut HashSet<OurName>) {
    for selection in &set.selections {
        found.extend(variables_of(selection.directives()));
        match selection {
            Selection::Field(field) => find_conditions(&field.selection_set, found),
            Selection::InlineFragment(fragment) => find_conditions(&fragment.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn variables_of(directives: &DirectiveList) -> impl Iterator<Item = OurName> {
    let variable = |name: &str| {
        let condition = directives.get(name)?.specified_argument_by_name("if")?;
        condition.as_variable().cloned()
    };
    ["skip", "include"].into_iter().filter_map(variable).collect::<Vec<_>>().into_iter()
}
