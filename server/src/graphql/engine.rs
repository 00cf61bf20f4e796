//! The one wrapper around the schema, for every transport: what is refused before it runs, and how the
//! answer leaves. No extension is registered with the schema, since any one slows every field.

use std::sync::Arc;

use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Data, ErrorExtensionValues, Executor, Request, Response, ServerError};
use uuid::Uuid;

use super::document::{self, Refusal};
use super::nulls::{self, Types};
use super::{Schema, repair, schema, shape};
use crate::wire::Code;

/// Runs operations.
#[derive(Clone)]
pub struct Engine {
    pub(super) schema: Schema,
    pub(super) types: Arc<Types>,
}

impl Default for Engine {
    fn default() -> Self {
        Self { schema: schema(), types: Arc::new(Types::of(&super::sdl())) }
    }
}

/// Errors beyond this many would only make the answer longer.
const MAX_ERRORS: usize = 20;

impl Executor for Engine {
    async fn execute(&self, request: Request) -> Response {
        match prepare(request) {
            Ok((request, shape)) => shape.finish(self.schema.execute(request).await, &self.types),
            Err(refused) => refused,
        }
    }

    /// One answer and no more: [`Engine::stream`] is for what has many.
    fn execute_stream(&self, request: Request, _session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let engine = self.clone();
        stream::once(async move { engine.execute(request).await }).boxed()
    }
}

/// What the answer's shape is restored from.
pub(super) struct Shape {
    pub(super) document: ExecutableDocument,
    pub(super) operation: Option<String>,
}

impl Shape {
    pub(super) fn finish(&self, mut response: Response, types: &Types) -> Response {
        nulls::settle(&mut response, &self.document, self.operation.as_deref(), types);
        shape::restore(&mut response.data, &self.document, self.operation.as_deref());
        response.errors.truncate(MAX_ERRORS);
        response.errors.iter_mut().for_each(word);
        response
    }
}

pub(super) fn prepare(mut request: Request) -> Result<(Request, Shape), Response> {
    document::check_length(&request.query).map_err(|refusal| refused(&refusal))?;
    let mut document = match request.parsed_query() {
        Ok(document) => document.clone(),
        Err(error) => return Err(parse_failed(error)),
    };
    document::check_size(&document).map_err(|refusal| refused(&refusal))?;
    if let Some(needed) = repair::needed(&document, request.operation_name.as_deref(), &request.variables) {
        return Err(refused(&Refusal { code: Code::BadUserInput, message: needed }));
    }
    repair::drop_unsent(&mut document, request.operation_name.as_deref(), &request.variables);
    shape::mark(&mut document);
    request.set_parsed_query(document.clone());
    let shape = Shape { document, operation: request.operation_name.clone() };
    Ok((request, shape))
}

/// The type of the operation that a request would run; `None` when it can't be told.
pub fn operation_type(request: &mut Request) -> Option<OperationType> {
    document::check_length(&request.query).ok()?;
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    repair::chosen(document, name.as_deref()).map(|operation| operation.ty)
}

pub(super) fn refused(refusal: &Refusal) -> Response {
    Response::from_errors(vec![coded(ServerError::new(refusal.message.clone(), None), refusal.code)])
}

/// The parser's words end in what it expected; before that they repeat a line of the document, which
/// may hold anything.
fn parse_failed(mut error: ServerError) -> Response {
    error.source = None;
    let cause = error.message.rsplit_once("= ").map_or("it is no document", |(_, cause)| cause);
    error.message = format!("The document can't be parsed: {cause}.");
    Response::from_errors(vec![coded(error, Code::ParseFailed)])
}

fn coded(mut error: ServerError, code: Code) -> ServerError {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.word());
    error
}

/// Gives an error its code. One of ours has it; one with a source is unknown and therefore masked; one
/// that the engine made while reading an argument names it; the rest is validation.
fn word(error: &mut ServerError) {
    let known = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
    if known {
        return;
    }
    if error.source.is_some() {
        mask(error);
        return;
    }
    let code = if error.path.is_empty() { Code::ValidationFailed } else { Code::BadUserInput };
    *error = coded(std::mem::replace(error, ServerError::new("", None)), code);
}

/// The truth goes to the log under an id; the client gets the id.
fn mask(error: &mut ServerError) {
    let id = Uuid::new_v4().to_string();
    tracing::error!(error_id = id, path = ?error.path, error = %error.message, "an operation failed");
    let mut masked = coded(ServerError::new("Something went wrong on our side.", None), Code::Internal);
    masked.extensions.get_or_insert_with(ErrorExtensionValues::default).set("errorId", id);
    masked.locations = std::mem::take(&mut error.locations);
    masked.path = std::mem::take(&mut error.path);
    *error = masked;
}
