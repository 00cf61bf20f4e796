//! The fields of a selection, each response key once, in order, with all that is selected below it
//! (`CollectFields` of the specification), in the form in which async-graphql executes them.

use std::collections::HashSet;

use apollo_compiler::executable::{
    DirectiveList, ExecutableDocument, Field, Operation, Selection as Selected, SelectionSet as SelectedSet,
};
use apollo_compiler::schema::FieldDefinition;
use apollo_compiler::{Name as OurName, Node};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    Field as AsyncField, InlineFragment, Selection, SelectionSet, TypeCondition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value;

use super::language::{Language, position};
use super::literal::Literals;

/// A document whose conditions are decided.
pub struct Collector<'d> {
    pub language: &'d Language,
    pub document: &'d ExecutableDocument,
    /// Whether a selection with these directives is included.
    pub includes: &'d dyn Fn(&DirectiveList) -> bool,
    pub literals: Literals<'d>,
}

/// The selections of each response key, in order.
pub type Collected<'d> = IndexMap<&'d OurName, Vec<&'d Node<Field>>>;

impl<'d> Collector<'d> {
    /// Whatever the variables may be: for validation.
    pub fn of_all(language: &'d Language, document: &'d ExecutableDocument) -> Self {
        let literals = Literals { schema: &language.schema, is_absent: &|_| false };
        Self { language, document, includes: &|_| true, literals }
    }

    /// What an operation selects at its root.
    pub fn operation(&self, operation: &'d Operation) -> Collected<'d> {
        self.fields(operation.object_type(), [&operation.selection_set])
    }

    pub fn selection_set(&self, collected: &Collected<'d>) -> Positioned<SelectionSet> {
        let items = collected.values().map(|nodes| self.field(nodes)).collect();
        Positioned::new(SelectionSet { items }, Pos::default())
    }

    /// The fields that some selections have for an object of this type.
    fn fields(&self, object: &str, sets: impl IntoIterator<Item = &'d SelectedSet>) -> Collected<'d> {
        let (mut collected, mut spread) = (Collected::new(), HashSet::new());
        for set in sets {
            self.add(object, set, &mut spread, &mut collected);
        }
        collected
    }

    fn add(
        &self,
        object: &str,
        set: &'d SelectedSet,
        spread: &mut HashSet<&'d OurName>,
        collected: &mut Collected<'d>,
    ) {
        for selection in &set.selections {
            if !(self.includes)(selection.directives()) {
                continue;
            }
            match selection {
                Selected::Field(field) => collected.entry(field.response_key()).or_default().push(field),
                Selected::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_deref();
                    if condition.is_none_or(|condition| self.language.applies(condition, object)) {
                        self.add(object, &fragment.selection_set, spread, collected);
                    }
                }
                Selected::FragmentSpread(fragment) => {
                    let Some(definition) = fragment.fragment_def(self.document) else { continue };
                    let first = spread.insert(&fragment.fragment_name);
                    if first && self.language.applies(definition.type_condition(), object) {
                        self.add(object, &definition.selection_set, spread, collected);
                    }
                }
            }
        }
    }

    /// All selections of one response key as one field. Validation has seen to it that they agree.
    fn field(&self, nodes: &[&'d Node<Field>]) -> Positioned<Selection> {
        let first = nodes[0];
        let at = position(first.location(), &self.document.sources);
        let field = AsyncField {
            alias: first.alias.as_ref().map(|alias| Positioned::new(Name::new(alias), at)),
            name: Positioned::new(Name::new(&first.name), at),
            arguments: self.arguments(first, &first.definition),
            directives: Vec::new(),
            selection_set: self.selections_below(nodes, at),
        };
        Positioned::new(Selection::Field(Positioned::new(field, at)), at)
    }

    fn arguments(
        &self,
        field: &Field,
        definition: &FieldDefinition,
    ) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let sources = &self.document.sources;
        let read = |argument: &Node<apollo_compiler::executable::Argument>| {
            let definition = definition.argument_by_name(&argument.name)?;
            let value = self.literals.read(&definition.ty, &argument.value)?;
            let at = position(argument.value.location(), sources);
            Some((Positioned::new(Name::new(&argument.name), at), Positioned::new(value, at)))
        };
        field.arguments.iter().filter_map(read).collect()
    }

    /// What is selected below a field, for each type that its object may have.
    pub fn below(&self, nodes: &[&'d Node<Field>]) -> Vec<(&'d OurName, Collected<'d>)> {
        let types = self.language.possible_types(nodes[0].definition.ty.inner_named_type());
        let fields =
            |name: &'d OurName| (name, self.fields(name, nodes.iter().map(|node| &node.selection_set)));
        types.into_iter().map(fields).collect()
    }

    /// Of an object its fields; of an interface those of each type, each as a fragment.
    fn selections_below(&self, nodes: &[&'d Node<Field>], at: Pos) -> Positioned<SelectionSet> {
        let ty = nodes[0].definition.ty.inner_named_type();
        let fragment = |(name, fields): (&OurName, Collected<'d>)| {
            let condition = TypeCondition { on: Positioned::new(Name::new(name), at) };
            let fragment = InlineFragment {
                type_condition: Some(Positioned::new(condition, at)),
                directives: Vec::new(),
                selection_set: self.selection_set(&fields),
            };
            Positioned::new(Selection::InlineFragment(Positioned::new(fragment, at)), at)
        };
        let below = self.below(nodes);
        if let [(name, fields)] = &below[..]
            && *name == ty
        {
            return self.selection_set(fields);
        }
        Positioned::new(SelectionSet { items: below.into_iter().map(fragment).collect() }, at)
    }
}
