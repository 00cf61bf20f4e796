use std::borrow::Cow;

use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::parser::types::{Field as Selected, Selection, SelectionSet};
use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::{
    Context, ContextSelectionSet, ID, Object, OutputType, PathSegment, Positioned, QueryPathNode, Result,
    ServerResult, Value,
};
use futures_util::FutureExt;
use uuid::Uuid;

use super::assessment::AssessmentScore;
use super::goal::Goal;
use super::milestone::Milestone;
use super::object::{
    Column, Failed, FieldMeta, Id, Many, Object as _, Output, field_meta, resolve, write_objects,
};
use super::person::Person;
use super::progress::ProgressEntry;
use super::reminder::Reminder;
use super::row::find;
use super::session::TherapySession;
use super::tracking::TrackingConfig;
use super::unreadable::is_of_a_row;
use super::webhook::{Webhook, WebhookDelivery};
use crate::wire::bad_input;
use crate::wire::scalar::read_id;

/// Declares the interface and the types that implement it.
macro_rules! interface {
    ($(#[$doc:meta])+ $interface:ident { $($kind:ident),+ $(,)? }) => {
        $(#[$doc])+
        #[derive(Clone)]
        pub enum $interface {
            $($kind($kind),)+
        }

        impl $interface {
            fn register_kinds(registry: &mut Registry) -> IndexSet<String> {
                let mut kinds = IndexSet::new();
                $(
                    <$kind as OutputType>::create_type_info(registry);
                    registry.add_implements(&$kind::name(), stringify!($interface));
                    kinds.insert($kind::name().into_owned());
                )+
                kinds
            }

            /// Ids do not tell their kind, so each kind is asked at the same time; it answers only for a
            /// viewer who may see the row.
            async fn find(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
                let found = [$(
                    async { find::<$kind>(ctx, id).await.map(|row| row.map(Self::$kind)) }.boxed(),
                )+];
                let found = futures_util::future::try_join_all(found).await?;
                Ok(found.into_iter().flatten().next())
            }
        }

        impl Output for $interface {
            fn register(registry: &mut Registry) -> String {
                <Self as OutputType>::create_type_info(registry)
            }

            /// Each kind by itself, with what is selected of it.
            async fn write<'a>(
                ctx: &'a ContextSelectionSet<'a>,
                values: Vec<(QueryPathNode<'a>, Self)>,
            ) -> Column {
                let mut cells: Vec<_> = values.iter().map(|_| Err(Failed::Field)).collect();
                $({
                    let own = values.iter().enumerate().filter_map(|(place, (node, value))| match value {
                        Self::$kind(object) => Some((place, (*node, object.clone()))),
                        _ => None,
                    });
                    let (places, objects): (Vec<_>, Vec<_>) = own.unzip();
                    if let Some(set) = selected(&ctx.item.node, &$kind::name()) {
                        let written = write_objects(&ctx.with_selection_set(set), &objects).await;
                        for (index, place) in places.into_iter().enumerate() {
                            cells[place] = written.get(index).map(<[u8]>::to_vec);
                        }
                    }
                })+
                gather(cells)
            }
        }
    };
}

interface! {
    /// Anything that has an id of its own.
    Node {
        Goal, Person, TherapySession, TrackingConfig, ProgressEntry, Milestone, AssessmentScore, Reminder, Webhook,
        WebhookDelivery,
    }
}

/// What the engine has collected for a type.
fn selected<'s>(set: &'s SelectionSet, kind: &str) -> Option<&'s Positioned<SelectionSet>> {
    set.items.iter().find_map(|item| match &item.node {
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref()?;
            (condition.node.on.node == *kind).then_some(&fragment.node.selection_set)
        }
        _ => None,
    })
}

fn gather(cells: Vec<Result<Vec<u8>, Failed>>) -> Column {
    let mut column = Column::with_capacity(cells.len());
    for cell in cells {
        match cell {
            Ok(text) => column.push(|json| {
                json.raw(&text);
                Ok(())
            }),
            Err(failed) => column.push_failed(failed),
        }
    }
    column
}

impl OutputType for Node {
    fn type_name() -> Cow<'static, str> {
        "Node".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let id = FieldMeta {
                name: "id",
                description: "The row's UUID.",
                ty: Id::register(registry),
                arguments: Vec::new(),
            };
            MetaType::Interface {
                name: Self::type_name().into_owned(),
                description: Some("Anything that has an id of its own.".to_owned()),
                fields: IndexMap::from_iter([("id".to_owned(), field_meta(id))]),
                possible_types: Self::register_kinds(registry),
                extends: false,
                keys: None,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Selected>,
    ) -> ServerResult<Value> {
        Ok(resolve(ctx, self.clone()).await)
    }
}

/// A row that can't be read is null and has an error of its own; any other failure is one of the whole list.
fn or_complain(ctx: &Context<'_>, place: usize, node: Result<Option<Node>>) -> Result<Option<Node>> {
    let Err(error) = node else { return node };
    if !is_of_a_row(&error) {
        return Err(error);
    }
    let mut error = error.into_server_error(ctx.item.pos);
    error.path =
        vec![PathSegment::Field(ctx.item.node.response_key().node.to_string()), PathSegment::Index(place)];
    ctx.add_error(error);
    Ok(None)
}

const MOST_NODES: usize = 100;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null when there is nothing with this id that the viewer may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of a row of any kind.")] id: ID,
    ) -> Result<Option<Node>> {
        Box::pin(Node::find(ctx, read_id("id", &id)?)).await
    }

    /// Several things by their ids, at most 100, in the order asked; null for each that is absent or
    /// not the viewer's to see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids of rows of any kind.")] ids: Vec<ID>,
    ) -> Result<Many<Option<Node>>> {
        if ids.len() > MOST_NODES {
            return Err(bad_input(format!("`ids` may have at most {MOST_NODES} ids.")));
        }
        let ids = ids.iter().map(|id| read_id("ids", id)).collect::<Result<Vec<_>>>()?;
        let found = futures_util::future::join_all(ids.into_iter().map(|id| Node::find(ctx, id))).await;
        let nodes = found.into_iter().enumerate().map(|(place, node)| or_complain(ctx, place, node));
        Ok(Many(nodes.collect::<Result<_>>()?))
    }
}
