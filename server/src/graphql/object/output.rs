//! What the type of a field may be, beyond leaves: objects, and nulls and lists around anything.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, Error, OutputType, Positioned, QueryPathNode, QueryPathSegment, ServerResult, Value,
};

use super::Object;
use super::column::{Column, Failed};
use super::level::{complain, resolve, write_objects};

/// A value of the API. The values of one field are written together, whatever objects they belong to.
pub trait Output: Send + Sized {
    const NULLABLE: bool = false;

    /// Registers the type; its name as it stands behind the colon in the schema.
    fn register(registry: &mut Registry) -> String;

    /// Writes values, each with its place in the answer.
    fn write<'a>(
        ctx: &'a ContextSelectionSet<'a>,
        values: Vec<(QueryPathNode<'a>, Self)>,
    ) -> impl Future<Output = Column> + Send;
}

impl<T: Object> Output for T {
    fn register(registry: &mut Registry) -> String {
        <T as OutputType>::create_type_info(registry)
    }

    async fn write<'a>(ctx: &'a ContextSelectionSet<'a>, values: Vec<(QueryPathNode<'a>, T)>) -> Column {
        write_objects(ctx, &values).await
    }
}

impl<T: Output> Output for Option<T> {
    const NULLABLE: bool = true;

    fn register(registry: &mut Registry) -> String {
        T::register(registry).trim_end_matches('!').to_owned()
    }

    /// What fails becomes null here.
    async fn write<'a>(ctx: &'a ContextSelectionSet<'a>, values: Vec<(QueryPathNode<'a>, Self)>) -> Column {
        let present = values.iter().map(|(_, value)| value.as_ref().map(|_| ()).ok_or(Failed::Field));
        let present: Vec<_> = present.collect();
        let some = values.into_iter().filter_map(|(node, value)| Some((node, value?)));
        let written = T::write(ctx, some.collect()).await;
        spread(written, &present, true)
    }
}

impl<T: Output> Output for Vec<T> {
    fn register(registry: &mut Registry) -> String {
        format!("[{}]!", T::register(registry))
    }

    /// The items of all lists are written together; a list fails with any of its items, unless it is left out.
    async fn write<'a>(ctx: &'a ContextSelectionSet<'a>, values: Vec<(QueryPathNode<'a>, Self)>) -> Column {
        let (nodes, lists): (Vec<_>, Vec<_>) = values.into_iter().unzip();
        let lengths: Vec<_> = lists.iter().map(Vec::len).collect();
        let items = nodes.iter().zip(lists).flat_map(|(node, list)| {
            let at = |index| QueryPathNode { parent: Some(node), segment: QueryPathSegment::Index(index) };
            list.into_iter().enumerate().map(move |(index, item)| (at(index), item))
        });
        let written = T::write(ctx, items.collect()).await;
        let (mut next, mut column) = (0, Column::with_capacity(lengths.len()));
        column.counted = written.counted;
        for length in lengths {
            let items = next..next + length;
            next = items.end;
            column.push(|json| {
                json.raw(b"[");
                written.join(items, json)?;
                json.raw(b"]");
                Ok(())
            });
        }
        column
    }
}

/// A list that may go on without some of its rows.
#[derive(Clone, Debug)]
pub struct Partial<T> {
    pub items: Vec<T>,
    /// Why, when rows are left out.
    pub left_out: Option<Error>,
}

impl<T> Default for Partial<T> {
    fn default() -> Self {
        Self { items: Vec::new(), left_out: None }
    }
}

impl<T: Output> Output for Partial<T> {
    fn register(registry: &mut Registry) -> String {
        Vec::<T>::register(registry)
    }

    async fn write<'a>(ctx: &'a ContextSelectionSet<'a>, values: Vec<(QueryPathNode<'a>, Self)>) -> Column {
        for (node, list) in &values {
            if let Some(left_out) = &list.left_out {
                complain(ctx, node, left_out.clone());
            }
        }
        Vec::write(ctx, values.into_iter().map(|(node, list)| (node, list.items)).collect()).await
    }
}

/// Puts what was written of the values that are there between those that are not.
pub fn spread(written: Column, present: &[Result<(), Failed>], nullable: bool) -> Column {
    if present.iter().all(Result::is_ok) && (!nullable || written.is_whole()) {
        return written;
    }
    let mut next = 0..written.len();
    let mut column = Column::with_capacity(present.len());
    column.counted = written.counted;
    for present in present {
        let cell = present.and_then(|()| written.get(next.next().unwrap_or(usize::MAX)));
        match cell {
            Ok(text) => column.push(|json| {
                json.raw(text);
                Ok(())
            }),
            Err(_) if nullable => column.push_null(),
            Err(failed) => column.push_failed(failed),
        }
    }
    column
}

/// A list at the root of an operation, whose items are written together.
#[derive(Clone, Debug)]
pub struct Many<T>(pub Vec<T>);

impl<T: Output + OutputType + Clone> OutputType for Many<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<async_graphql::parser::types::Field>,
    ) -> ServerResult<Value> {
        Ok(resolve(ctx, self.0.clone()).await)
    }
}
