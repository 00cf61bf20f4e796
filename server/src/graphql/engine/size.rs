//! The size of a document, measured before anything walks its fragments: a kilobyte of fragments that
//! each spread the next one twice would otherwise cost time and memory without end.

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{Definition, Document, FragmentDefinition, Selection};
use async_graphql::ServerError;

use super::answer::coded;
use crate::wire::Code;

/// The longest document, in bytes: some twenty times the introspection query.
const MAX_BYTES: usize = 50_000;
/// The most fields a document may select once its fragments are spread.
const MAX_FIELDS: u64 = 2_000;
/// The most response keys with an alias.
const MAX_ALIASES: u64 = 200;
/// How many fields may stand in one another. The standard introspection query is 15 fields deep, and 17
/// with fragments.
const MAX_DEPTH: u64 = 20;
/// How many lists of introspection may stand in one another. The standard query needs one; each more
/// multiplies the answer, since types name fields and interfaces, which name types.
const MAX_LISTS: u64 = 2;

fn too_complex(message: String) -> ServerError {
    coded(ServerError::new(message, None), Code::TooComplex)
}

/// Refuses a text that is too long to be parsed.
pub fn check_length(text: &str) -> Result<(), ServerError> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    Err(too_complex(format!("The document is longer than {MAX_BYTES} bytes.")))
}

/// Refuses a document that selects too much. Each fragment is measured once, whatever spreads it.
pub fn check(document: &Document) -> Result<(), ServerError> {
    let whole = whole(document).map_err(|SpreadsItself(name)| {
        let message = format!("The fragment \"{name}\" spreads itself.");
        coded(ServerError::new(message, None), Code::ValidationFailed)
    })?;
    whole.check()
}

/// A fragment that never ends. Small, since fragments may stand in one another hundreds deep.
struct SpreadsItself<'d>(&'d Name);

fn whole(document: &Document) -> Result<Size, SpreadsItself<'_>> {
    let mut measure = Measure { fragments: fragments(document), known: HashMap::new() };
    let mut whole = Size::default();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
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

fn fragments(document: &Document) -> HashMap<&Name, &FragmentDefinition> {
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
    depth: u64,
    lists: u64,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
        }
    }

    fn check(self) -> Result<(), ServerError> {
        if self.fields > MAX_FIELDS {
            return Err(too_complex(format!("The document selects more than {MAX_FIELDS} fields.")));
        }
        if self.aliases > MAX_ALIASES {
            return Err(too_complex(format!("The document has more than {MAX_ALIASES} aliases.")));
        }
        if self.depth > MAX_DEPTH {
            return Err(too_complex(format!("The document is nested deeper than {MAX_DEPTH} fields.")));
        }
        if self.lists > MAX_LISTS {
            return Err(too_complex("The document asks for too much of the schema at once.".to_owned()));
        }
        Ok(())
    }
}

struct Measure<'d> {
    fragments: HashMap<&'d Name, &'d FragmentDefinition>,
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
                };
                Ok(own.plus(below))
            }
            Selection::InlineFragment(fragment) => self.selection_set(&fragment.selection_set),
            Selection::FragmentSpread(spread) => {
                let own = Size { fields: 1, ..Size::default() };
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
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

/// The fields of `__Type` that lead to further types; no field of ours has such a name.
fn is_introspection_list(field: &str) -> bool {
    matches!(field, "fields" | "inputFields" | "interfaces" | "possibleTypes")
}
