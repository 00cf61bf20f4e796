//! GraphQL objects over rows, and one row by its id, for the viewer who asks.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use async_graphql::{Context, Error, Result};
use entity::FromPlaces;
use sea_orm::{ConnectionTrait, DbErr, IdenStatic, IntoSimpleExpr, QueryTrait};
use uuid::Uuid;

use super::context::Asking;
use super::loader::Batch;
use super::object::{Link, Object, Values};
use crate::access::{Seen, Viewer, Visible};
use crate::store::dialect;

/// The row of `E` with this id.
pub struct ById<E>(Uuid, PhantomData<fn() -> E>);

impl<E> ById<E> {
    pub fn new(id: Uuid) -> Self {
        Self(id, PhantomData)
    }
}

impl<E: Visible<Model: FromPlaces + Send + Sync>> Batch for ById<E> {
    type Value = Seen<E>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        if E::is_hidden_from(viewer) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let among = dialect::among(viewer.store.get_database_backend(), E::id().into_simple_expr(), &ids);
        let rows = viewer.read::<E>(&viewer.few::<E>(among).into_query()).await?;
        Ok(rows.into_iter().map(|row| (Self::new(row.id().uuid()), row)).collect())
    }
}

/// A GraphQL object that shows one row.
pub trait RowObject: From<Seen<Self::Entity>> + Object {
    type Entity: Visible<Model: FromPlaces + Send + Sync>;

    fn row(&self) -> &Seen<Self::Entity>;
}

/// Declares an object that shows rows of an entity. Their columns are its fields in Rust.
macro_rules! row_object {
    ($object:ident, $noun:ident) => {
        #[derive(Clone, Debug)]
        pub struct $object($crate::access::Seen<entity::$noun::Entity>);

        impl From<$crate::access::Seen<entity::$noun::Entity>> for $object {
            fn from(row: $crate::access::Seen<entity::$noun::Entity>) -> Self {
                Self(row)
            }
        }

        impl std::ops::Deref for $object {
            type Target = entity::$noun::Model;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl $crate::graphql::row::RowObject for $object {
            type Entity = entity::$noun::Entity;

            fn row(&self) -> &$crate::access::Seen<Self::Entity> {
                &self.0
            }
        }
    };
}
pub(super) use row_object;

/// The object an id points to; `None` when it is absent or hidden.
pub async fn find<N: RowObject>(ctx: &Context<'_>, id: Uuid) -> Result<Option<N>> {
    Ok(ctx.load(ById::<N::Entity>::new(id)).await?.map(N::from))
}

/// As [`find`], for a row that whoever sees the referring row always sees.
pub async fn find_seen<N: RowObject>(ctx: &Context<'_>, id: Uuid) -> Result<N> {
    find(ctx, id).await?.ok_or_else(missing::<N>)
}

fn missing<N: RowObject>() -> Error {
    Error::new_with_source(Missing(N::Entity::default().as_str().to_owned()))
}

/// A row that had to be there: deleted meanwhile, or a hole in the policy.
#[derive(Debug, thiserror::Error)]
#[error("a row of {0} that another row refers to can't be seen")]
struct Missing(String);

/// A row that whoever sees the referring row always sees.
impl<N: RowObject> Link for N {
    type Key = Uuid;

    async fn follow(ctx: &Context<'_>, ids: Vec<Uuid>) -> Result<Values<Self>> {
        let rows = ctx.load_each(ids.into_iter().map(ById::<N::Entity>::new).collect()).await?;
        Ok(rows.into_iter().map(|row| row?.map(N::from).ok_or_else(missing::<N>)).collect())
    }
}

/// A reference that may be empty, or lead to a row that is hidden.
impl<N: RowObject> Link for Option<N> {
    type Key = Option<Uuid>;

    async fn follow(ctx: &Context<'_>, ids: Vec<Option<Uuid>>) -> Result<Values<Self>> {
        let known = ids.iter().flatten().map(|id| ById::<N::Entity>::new(*id)).collect();
        let mut rows = ctx.load_each(known).await?.into_iter();
        let row = |id: Option<Uuid>| id.and_then(|_| rows.next()).unwrap_or(Ok(None));
        Ok(ids.into_iter().map(row).map(|row| Ok(row?.map(N::from))).collect())
    }
}

// Derives would ask `E` itself to be comparable.
impl<E> Clone for ById<E> {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl<E> PartialEq for ById<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E> Eq for ById<E> {}

impl<E> Hash for ById<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E> fmt::Debug for ById<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
