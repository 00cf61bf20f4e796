//! From a document to an answer.
//!
//! ```text
//! language   text -> document, as the specification has it: parsed and validated by apollo-compiler
//! size       what is refused because of its size, before it is validated
//! overlooked what that validation overlooks
//! literal    values as they stand in a document
//! variables  what was sent for the variables, coerced to their types
//! limits     how much one operation may ask for
//! cost       what an operation costs, before it runs
//! collect    the fields of a selection, each response key once (CollectFields)
//! prepared   all of this, made once for a document and kept
//! persisted  documents that clients name by their hash
//! trusted    the only documents that may run, where there is a list of them
//! answer     what goes out: data in the order of the selection, errors in our words
//! stream     operations with more than one answer
//! ```
//!
//! async-graphql holds the schema, answers introspection and runs the resolvers at the root; below them
//! objects write themselves (`graphql/object`). Its parser, its validation and its collecting of fields are
//! not used. What would make a part of this folder superfluous:
//!
//! - `collect`: a response key is executed as often as it is selected (async-graphql issue 1840 describes one
//!   result of it), in the order in which its fields are done (issue 612).
//! - `variables`: `@skip` and `@include` are decided before defaults are put in (pull request 1827).
//! - `language`: its parser does not know surrogate pairs and `\u{...}`, and its validation leaves rules of the
//!   specification out; we know of no issue for these.
//!
//! No extension is registered with the schema, since any one slows every field.

mod answer;
mod collect;
mod cost;
mod language;
mod limits;
mod literal;
mod overlooked;
mod persisted;
mod prepared;
mod size;
mod stream;
mod trusted;
mod variables;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response, ServerError};

pub use answer::Answer;
use answer::Charge;
use language::Language;
pub use limits::Limits;
use limits::beyond;
pub use persisted::Named;
use persisted::{Persisted, not_supported};
use prepared::{Documents, Plan, Prepared};
pub use stream::{Probe, StreamItem};
use trusted::Trusted;
pub use trusted::{Manifest, NoManifest};

use super::object::Budget;
use super::{Loaders, Schema, schema};
use crate::outbound::Outbound;
use crate::wire::{Code, fingerprint};

/// An operation as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Empty when it is only named.
    pub document: String,
    pub named: Option<Named>,
    pub operation_name: Option<String>,
    pub variables: serde_json::Map<String, serde_json::Value>,
    /// Whether the answer is to say what the operation costs.
    pub tells_cost: bool,
    /// The idempotency key of the header, which stands for the field `idempotencyKey` of a mutation's input.
    pub idempotency_key: Option<String>,
}

/// Runs operations.
#[derive(Clone)]
pub struct Engine {
    schema: Schema,
    language: Arc<Language>,
    documents: Arc<Documents>,
    /// `None` where clients have to send whole documents.
    persisted: Option<Arc<Persisted>>,
    /// `None` where any document may run.
    trusted: Option<Arc<Trusted>>,
    outbound: Outbound,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// An operation that may run.
pub struct Operation {
    plan: Arc<Plan>,
    variables: async_graphql::Variables,
    prepared: Arc<Prepared>,
    /// What it costs, when the answer is to say so.
    cost: Option<Charge>,
    idempotency_key: Option<String>,
}

/// The key of the header, where resolvers find it.
pub struct IdempotencyKey(pub String);

/// An operation that may not.
pub struct Refused {
    pub answer: Answer,
    pub fingerprint: String,
    /// `None` when it could not be told.
    pub kind: Option<OperationType>,
}

impl Operation {
    pub fn kind(&self) -> OperationType {
        self.plan.kind
    }

    /// Names the document without showing it: its literals may be patient data.
    pub fn fingerprint(&self) -> &str {
        &self.prepared.fingerprint
    }

    fn request(&self, loaders: Loaders) -> async_graphql::Request {
        let mut request = async_graphql::Request::new("").variables(self.variables.clone()).data(loaders);
        if let Some(key) = &self.idempotency_key {
            request = request.data(IdempotencyKey(key.clone()));
        }
        request.set_parsed_query(self.plan.document.clone());
        request
    }

    fn answer(&self, response: Response, limits: &Limits, budget: &Budget) -> Answer {
        Answer::of(response, &self.plan.roots, limits, budget).telling(self.cost)
    }
}

impl Engine {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let schema = schema();
        let language = Arc::new(Language::of(&super::sdl_of(&schema), limits));
        let (documents, persisted) = (Arc::default(), Some(Arc::default()));
        Self { schema, language, documents, persisted, trusted: None, outbound: Outbound::default() }
    }

    /// What mutations about webhooks work with.
    #[must_use]
    pub fn with_webhooks(self, outbound: Outbound) -> Self {
        Self { outbound, ..self }
    }

    /// Lets no client name a document by its hash.
    #[must_use]
    pub fn without_persisted(self) -> Self {
        Self { persisted: None, ..self }
    }

    /// Runs the documents of a manifest, and no other.
    pub fn trusting(self, manifest: &Manifest) -> Result<Self, NoManifest> {
        let trusted = Some(Arc::new(Trusted::new(&self.language, manifest)?));
        Ok(Self { trusted, ..self })
    }

    pub fn trusts_only_a_list(&self) -> bool {
        self.trusted.is_some()
    }

    pub fn limits(&self) -> &Limits {
        &self.language.limits
    }

    /// All that can be said of an operation before it runs. A document that was seen before costs next to
    /// nothing.
    pub fn prepare(&self, request: Request) -> Result<Operation, Refused> {
        let Request { document, named, operation_name, variables, tells_cost, idempotency_key } = request;
        let refused = |errors, kind| Refused {
            answer: Answer::refusal(errors, self.limits()),
            fingerprint: fingerprint(&document),
            kind,
        };
        let prepared = self.document(&document, named.as_ref());
        let prepared = prepared.map_err(|errors| refused(errors, None))?;
        let operation = prepared.operation(operation_name.as_deref());
        let operation = operation.map_err(|error| refused(vec![error], None))?;
        let variables = variables::coerce(&self.language, operation, variables)
            .and_then(|variables| prepared.check_conditions(operation, variables));
        let variables = variables.map_err(|error| refused(vec![error], Some(prepared::kind(operation))))?;
        let plan = prepared.plan(&self.language, operation, &variables);
        if idempotency_key.is_some() && plan.kind == OperationType::Mutation && plan.roots.len() > 1 {
            let message =
                "The header Idempotency-Key stands for one mutation: send one a request, or their own keys.";
            return Err(refused(vec![beyond(Code::BadUserInput, message)], Some(plan.kind)));
        }
        let charge = Charge { requested: plan.cost.with(&variables), limit: self.limits().cost };
        if let Some(error) = self.too_much(&plan, charge) {
            let refused = refused(vec![error], Some(plan.kind));
            return Err(Refused { answer: refused.answer.telling(Some(charge)), ..refused });
        }
        Ok(Operation { plan, variables, prepared, cost: tells_cost.then_some(charge), idempotency_key })
    }

    /// The document of a request, by its text or by its name.
    fn document(&self, text: &str, named: Option<&Named>) -> Result<Arc<Prepared>, Vec<ServerError>> {
        match (&self.trusted, named, &self.persisted) {
            (Some(trusted), ..) => trusted.get(named, text),
            (None, None, _) => self.documents.get(&self.language, text),
            (None, Some(named), Some(persisted)) => {
                persisted.get(&self.language, &self.documents, named, text)
            }
            (None, Some(_), None) => Err(vec![not_supported()]),
        }
    }

    /// Why an operation may not run although its document is a good one.
    fn too_much(&self, plan: &Plan, Charge { requested, limit }: Charge) -> Option<ServerError> {
        let roots = self.limits().roots;
        if plan.roots.len() > roots {
            let message = format!("The operation has more than {roots} fields at its root.");
            return Some(beyond(Code::TooManyRootFields, message));
        }
        let message = format!(
            "The operation would cost {requested} points, and may cost {limit}: ask for fewer rows on a page, or for \
             fewer pages in pages."
        );
        (requested > limit).then(|| beyond(Code::CostLimitExceeded, message))
    }

    /// The one answer of a query or a mutation.
    pub async fn execute(&self, operation: &Operation, loaders: Loaders) -> Answer {
        let budget = Arc::new(Budget::new(self.limits().answer));
        let mut request = operation.request(loaders).data(budget.clone());
        if operation.kind() == OperationType::Mutation {
            request = request.data(self.outbound.clone());
        }
        operation.answer(self.schema.execute(request).await, self.limits(), &budget)
    }
}
