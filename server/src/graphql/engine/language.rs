//! The language: documents are parsed and validated by apollo-compiler, which follows the specification.

use apollo_compiler::ast::Document;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{Parser, SourceMap, SourceSpan};
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Schema};
use async_graphql::{Pos, ServerError};

use super::limits::Limits;
use super::{overlooked, size};
use crate::wire::{Code, coded};

/// How deep the parser goes into values and selections.
const DEEPEST: usize = 100;

/// The schema as the language knows it.
pub struct Language {
    pub schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
    pub limits: Limits,
}

impl Language {
    /// Reads the schema in its own language.
    pub fn of(sdl: &str, limits: Limits) -> Self {
        #[expect(clippy::expect_used, reason = "a test compares this very text with the committed schema")]
        let schema = Schema::parse_and_validate(sdl, "schema.graphql").expect("our own schema");
        let implementers = schema.implementers_map();
        Self { schema, implementers, limits }
    }

    /// A document that may be executed, or everything that is wrong with it.
    pub fn read(&self, text: &str) -> Result<Valid<ExecutableDocument>, Vec<ServerError>> {
        size::check_length(text, &self.limits).map_err(|error| vec![error])?;
        let document = parse(text)?;
        size::check(&document, &self.limits).map_err(|error| vec![error])?;
        // One thing after the other: what names unknown fields and types would be said twice otherwise.
        let document = document.to_executable(&self.schema);
        let document = document.map_err(|invalid| self.validation_errors(&invalid.errors))?;
        let document = self.validate(document)?;
        let overlooked = overlooked::errors(self, &document);
        if overlooked.is_empty() { Ok(document) } else { Err(overlooked) }
    }

    fn validate(&self, document: ExecutableDocument) -> Result<Valid<ExecutableDocument>, Vec<ServerError>> {
        let invalid = match document.validate(&self.schema) {
            Ok(valid) => return Ok(valid),
            Err(invalid) => invalid,
        };
        let errors = self.validation_errors(&invalid.errors);
        if errors.is_empty() { Ok(Valid::assume_valid(invalid.partial)) } else { Err(errors) }
    }

    fn validation_errors(&self, found: &DiagnosticList) -> Vec<ServerError> {
        // One more than are shown tells that there are more.
        errors(found, Code::ValidationFailed, |message| message).take(self.limits.errors + 1).collect()
    }

    /// The object types that a value of this type may have.
    pub fn possible_types(&self, ty: &str) -> Vec<&Name> {
        match self.schema.types.get(ty) {
            Some(ExtendedType::Object(object)) => vec![&object.name],
            Some(ExtendedType::Interface(_)) => {
                self.implementers.get(ty).map(|all| all.objects.iter().collect()).unwrap_or_default()
            }
            Some(ExtendedType::Union(union)) => union.members.iter().map(|member| &member.name).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a selection on `condition` selects from an object of this type.
    pub fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.possible_types(condition).iter().any(|name| *name == object)
    }
}

fn parse(text: &str) -> Result<Document, Vec<ServerError>> {
    let parsed = Parser::new().recursion_limit(DEEPEST).parse_ast(text, "document.graphql");
    parsed.map_err(|invalid| {
        let message = |message: String| {
            let cause = message.trim_start_matches("syntax error: ");
            format!("The document can't be parsed: {cause}.")
        };
        errors(&invalid.errors, Code::ParseFailed, message).take(1).collect()
    })
}

/// It takes one root field of a subscription, selected twice, for two; `overlooked` counts them itself.
const COUNTS_SELECTIONS: &str = "SubscriptionUsesMultipleFields";

fn errors(
    found: &DiagnosticList,
    code: Code,
    word: impl Fn(String) -> String,
) -> impl Iterator<Item = ServerError> {
    let error = move |diagnostic: apollo_compiler::diagnostic::Diagnostic<'_, _>| {
        let error: apollo_compiler::response::GraphQLError = diagnostic.to_json();
        let mut error_of_ours = ServerError::new(word(error.message), None);
        let place = |at: &apollo_compiler::parser::LineColumn| Pos { line: at.line, column: at.column };
        error_of_ours.locations = error.locations.iter().map(place).collect();
        coded(error_of_ours, code)
    };
    let counted = found.iter().filter(|it| it.error.unstable_error_name() != Some(COUNTS_SELECTIONS));
    counted.map(error)
}

/// Where a node stands in the document.
pub fn position(place: Option<SourceSpan>, sources: &SourceMap) -> Pos {
    let place = place.and_then(|place| place.line_column(sources));
    place.map(|place| Pos { line: place.line, column: place.column }).unwrap_or_default()
}
