//! The size of a document, measured before anything walks its fragments: a kilobyte of fragments that
//! each spread the next one twice would otherwise cost time and memory without end.

use std::collections::HashMap;

use apollo_compiler::ast::{
    Argument, Definition, DirectiveList, Document, FragmentDefinition, Selection, Value,
};
use apollo_compiler::{Name, Node};
use async_graphql::ServerError;

use super::limits::{Limits, beyond, check_list};
use crate::wire::{Code, coded};

/// Refuses a text that is too long to be parsed.
pub fn check_length(text: &str, limits: &Limits) -> Result<(), ServerError> {
    if text.len() <= limits.bytes {
        return Ok(());
    }
    Err(beyond(Code::DocumentTooLong, format!("The document is longer than {} bytes.", limits.bytes)))
}

/// Refuses a document that selects too much. Each fragment is measured once, whatever spreads it.
pub fn check(document: &Document, limits: &Limits) -> Result<(), ServerError> {
    let fragments = fragments(document);
    if number_of_fragments(document) > limits.fragments {
        let message = format!("The document defines more than {} fragments.", limits.fragments);
        return Err(beyond(Code::TooManyFragments, message));
    }
    let whole = whole(document, fragments).map_err(|SpreadsItself(name)| {
        let message = format!("The fragment \"{name}\" spreads itself.");
        coded(ServerError::new(message, None), Code::ValidationFailed)
    })?;
    whole.check(limits)
}

/// A fragment that never ends. Small, since fragments may stand in one another hundreds deep.
struct SpreadsItself<'d>(&'d Name);

fn whole<'d>(document: &'d Document, fragments: Fragments<'d>) -> Result<Size, SpreadsItself<'d>> {
    let mut measure = Measure { fragments, known: HashMap::new() };
    let mut whole = Size::default();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                whole = whole.plus(Size::of_directives(&operation.directives));
                whole = whole.plus(measure.selection_set(&operation.selection_set)?);
            }
            Definition::FragmentDefinition(fragment) => {
                measure.fragment(&fragment.name)?;
            }
            // Validation names what does not belong into a request.
            _ => {}
        }
    }
    Ok(whole)
}

fn number_of_fragments(document: &Document) -> usize {
    let definitions = document.definitions.iter();
    definitions.filter(|definition| matches!(definition, Definition::FragmentDefinition(_))).count()
}

type Fragments<'d> = HashMap<&'d Name, &'d FragmentDefinition>;

fn fragments(document: &Document) -> Fragments<'_> {
    let definitions = document.definitions.iter().filter_map(|definition| match definition {
        Definition::FragmentDefinition(fragment) => Some((&fragment.name, &**fragment)),
        _ => None,
    });
    definitions.collect()
}

#[derive(Clone, Copy, Default)]
struct Size {
    /// Fields and spreads: a fragment that selects nothing still costs a walk wherever it is spread.
    fields: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    lists: u64,
    /// The length of the longest list.
    list: usize,
    introspects: bool,
}

impl Size {
    fn of_directives(directives: &DirectiveList) -> Self {
        let arguments = directives.iter().flat_map(|directive| &directive.arguments);
        Self { directives: directives.len() as u64, list: longest_list(arguments), ..Self::default() }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            list: self.list.max(other.list),
            introspects: self.introspects || other.introspects,
        }
    }

    fn check(self, limits: &Limits) -> Result<(), ServerError> {
        if self.introspects && !limits.introspection {
            return Err(beyond(Code::IntrospectionDisabled, "This server does not tell its schema."));
        }
        let Limits { fields, aliases, directives, depth, introspection_depth, list, .. } = *limits;
        let refusals = [
            (
                self.fields,
                fields,
                Code::TooManyFields,
                format!("The document selects more than {fields} fields."),
            ),
            (
                self.aliases,
                aliases,
                Code::TooManyAliases,
                format!("The document has more than {aliases} aliases."),
            ),
            (
                self.directives,
                directives,
                Code::TooManyDirectives,
                format!("The document has more than {directives} directives."),
            ),
            (self.depth, depth, Code::TooDeep, format!("The document is nested deeper than {depth} fields.")),
            (
                self.lists,
                introspection_depth,
                Code::IntrospectionTooDeep,
                "The document asks for too much of the schema at once.".to_owned(),
            ),
        ];
        match refusals.into_iter().find(|(size, most, ..)| size > most) {
            Some((_, _, code, message)) => Err(beyond(code, message)),
            None => check_list(self.list, list),
        }
    }
}

/// The length of the longest list in some arguments.
fn longest_list<'d>(arguments: impl IntoIterator<Item = &'d Node<Argument>>) -> usize {
    arguments.into_iter().map(|argument| longest(&argument.value)).max().unwrap_or_default()
}

fn longest(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(|item| longest(item)).fold(items.len(), usize::max),
        Value::Object(fields) => fields.iter().map(|(_, value)| longest(value)).max().unwrap_or_default(),
        _ => 0,
    }
}

struct Measure<'d> {
    fragments: Fragments<'d>,
    /// `None` while a fragment is being measured, so that one that spreads itself is noticed.
    known: HashMap<&'d Name, Option<Size>>,
}

impl<'d> Measure<'d> {
    fn selection_set(&mut self, set: &'d [Selection]) -> Result<Size, SpreadsItself<'d>> {
        let mut size = Size::default();
        for selection in set {
            size = size.plus(self.selection(selection)?);
        }
        Ok(size)
    }

    fn selection(&mut self, selection: &'d Selection) -> Result<Size, SpreadsItself<'d>> {
        match selection {
            Selection::Field(field) => {
                let below = self.selection_set(&field.selection_set)?;
                let own = Size {
                    fields: 1,
                    aliases: field.alias.is_some().into(),
                    depth: below.depth + 1,
                    lists: below.lists + u64::from(is_introspection_list(&field.name)),
                    list: longest_list(&field.arguments),
                    introspects: matches!(field.name.as_str(), "__schema" | "__type"),
                    ..Size::default()
                };
                Ok(own.plus(below).plus(Size::of_directives(&field.directives)))
            }
            Selection::InlineFragment(fragment) => {
                let below = self.selection_set(&fragment.selection_set)?;
                Ok(below.plus(Size::of_directives(&fragment.directives)))
            }
            Selection::FragmentSpread(spread) => {
                let own = Size { fields: 1, ..Size::default() };
                let own = own.plus(Size::of_directives(&spread.directives));
                Ok(own.plus(self.fragment(&spread.fragment_name)?))
            }
        }
    }

    fn fragment(&mut self, name: &'d Name) -> Result<Size, SpreadsItself<'d>> {
        // A spread without a definition is for the validation to name.
        let Some(fragment) = self.fragments.get(name).copied() else { return Ok(Size::default()) };
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(SpreadsItself(name)),
            None => {}
        }
        self.known.insert(name, None);
        let size = self.selection_set(&fragment.selection_set)?;
        let size = size.plus(Size::of_directives(&fragment.directives));
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

/// The fields of `__Type` that lead to further types; no field of ours has such a name.
fn is_introspection_list(field: &str) -> bool {
    matches!(field, "fields" | "inputFields" | "interfaces" | "possibleTypes")
}
