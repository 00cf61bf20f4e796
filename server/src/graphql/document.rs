//! The size of a document, measured before anything walks its fragments: a kilobyte of fragments that
//! each spread the next one twice would otherwise cost time and memory without end.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

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

/// Why a document is refused before it reaches the schema.
pub struct Refusal {
    pub code: Code,
    pub message: String,
}

impl Refusal {
    fn too_complex(message: String) -> Self {
        Self { code: Code::TooComplex, message }
    }
}

/// Refuses a text that is too long to be parsed.
pub fn check_length(text: &str) -> Result<(), Refusal> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    Err(Refusal::too_complex(format!("The document is longer than {MAX_BYTES} bytes.")))
}

/// Refuses a document that selects too much. Each fragment is measured once, whatever spreads it.
pub fn check_size(document: &ExecutableDocument) -> Result<(), Refusal> {
    let mut measure = Measure { fragments: &document.fragments, known: HashMap::new() };
    let mut whole = Size::default();
    for (_, operation) in document.operations.iter() {
        whole = whole.plus(measure.selection_set(&operation.node.selection_set.node)?);
    }
    for name in document.fragments.keys() {
        measure.fragment(name)?;
    }
    if whole.fields > MAX_FIELDS {
        return Err(Refusal::too_complex(format!("The document selects more than {MAX_FIELDS} fields.")));
    }
    if whole.aliases > MAX_ALIASES {
        return Err(Refusal::too_complex(format!("The document has more than {MAX_ALIASES} aliases.")));
    }
    if whole.depth > MAX_DEPTH {
        return Err(Refusal::too_complex(format!("The document is nested deeper than {MAX_DEPTH} fields.")));
    }
    if whole.lists > MAX_LISTS {
        return Err(Refusal::too_complex("The document asks for too much of the schema at once.".to_owned()));
    }
    Ok(())
}

/// A subscription has one root field, so that its events have one order and one cursor (June 2018
/// specification, 5.2.3.1; the engine does not check it).
pub fn check_single_root(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), Refusal> {
    let mut keys = HashSet::new();
    root_fields(document, &operation.selection_set.node, &mut keys);
    if operation.ty != OperationType::Subscription || keys.len() <= 1 {
        return Ok(());
    }
    let message = "A subscription must select one field at its root.".to_owned();
    Err(Refusal { code: Code::ValidationFailed, message })
}

/// Fragments end, since none spreads itself.
fn root_fields<'d>(document: &'d ExecutableDocument, set: &'d SelectionSet, keys: &mut HashSet<&'d str>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                keys.insert(field.node.response_key().node.as_str());
            }
            Selection::InlineFragment(fragment) => {
                root_fields(document, &fragment.node.selection_set.node, keys);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, keys);
                }
            }
        }
    }
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
}

struct Measure<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being measured, so that one that spreads itself is noticed.
    known: HashMap<&'d Name, Option<Size>>,
}

impl<'d> Measure<'d> {
    fn selection_set(&mut self, set: &'d SelectionSet) -> Result<Size, Refusal> {
        set.items.iter().try_fold(Size::default(), |size, item| Ok(size.plus(self.selection(&item.node)?)))
    }

    fn selection(&mut self, selection: &'d Selection) -> Result<Size, Refusal> {
        match selection {
            Selection::Field(field) => {
                let below = self.selection_set(&field.node.selection_set.node)?;
                let own = Size {
                    fields: 1,
                    aliases: field.node.alias.is_some().into(),
                    depth: below.depth + 1,
                    lists: below.lists + u64::from(is_introspection_list(&field.node.name.node)),
                };
                Ok(own.plus(below))
            }
            Selection::InlineFragment(fragment) => self.selection_set(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let own = Size { fields: 1, ..Size::default() };
                Ok(own.plus(self.fragment(&spread.node.fragment_name.node)?))
            }
        }
    }

    fn fragment(&mut self, name: &Name) -> Result<Size, Refusal> {
        // A spread without a definition is for the validation to name.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else { return Ok(Size::default()) };
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let message = format!("The fragment \"{name}\" spreads itself.");
                return Err(Refusal { code: Code::ValidationFailed, message });
            }
            None => {}
        }
        self.known.insert(name, None);
        let size = self.selection_set(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

/// The fields of `__Type` that lead to further types; no field of ours has such a name.
fn is_introspection_list(field: &Name) -> bool {
    matches!(field.as_str(), "fields" | "inputFields" | "interfaces" | "possibleTypes")
}
