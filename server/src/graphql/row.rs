//! GraphQL objects over rows, and one row by its id, for the viewer who asks.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, IntoSimpleExpr, ModelTrait, QueryFilter, Value,
};
use uuid::Uuid;

use super::context::Asking;
use super::loader::Batch;
use crate::access::{Viewer, Visible};
use crate::store::dialect;

/// The row of `E` with this id.
pub struct ById<E>(Uuid, PhantomData<fn() -> E>);

impl<E> ById<E> {
    pub fn new(id: Uuid) -> Self {
        Self(id, PhantomData)
    }
}

impl<E: Visible<Model: Send + Sync>> Batch for ById<E> {
    type Value = Arc<E::Model>;

    async fn load(viewer: &Viewer, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let among = dialect::among(viewer.store.get_database_backend(), E::id().into_simple_expr(), &ids);
        let rows = viewer.all::<E>().filter(among).all(&viewer.store).await?;
        Ok(rows.into_iter().filter_map(|row| Some((Self::new(id_of::<E>(&row)?), Arc::new(row)))).collect())
    }
}

fn id_of<E: Visible>(row: &E::Model) -> Option<Uuid> {
    if let Value::Uuid(id) = row.get(E::id()) { id } else { None }
}

/// A GraphQL object that shows one row.
pub trait RowObject: From<Arc<<Self::Entity as EntityTrait>::Model>> {
    type Entity: Visible<Model: Send + Sync>;
}

/// Declares that an object with one field, the row, shows rows of an entity.
macro_rules! row_object {
    ($object:ident, $noun:ident) => {
        impl From<std::sync::Arc<entity::$noun::Model>> for $object {
            fn from(row: std::sync::Arc<entity::$noun::Model>) -> Self {
                Self(row)
            }
        }

        impl $crate::graphql::row::RowObject for $object {
            type Entity = entity::$noun::Entity;
        }
    };
}
pub(super) use row_object;

/// The object an id points to; `None` when it is absent or hidden.
pub async fn find<N: RowObject>(ctx: &Context<'_>, id: Uuid) -> Result<Option<N>> {
    Ok(ctx.load(ById::<N::Entity>::new(id)).await?.map(N::from))
}

/// As [`find`], for a reference that may be empty.
pub async fn find_maybe<N: RowObject>(ctx: &Context<'_>, id: Option<Uuid>) -> Result<Option<N>> {
    match id {
        Some(id) => find(ctx, id).await,
        None => Ok(None),
    }
}

/// As [`find`], for a row that whoever sees the referring row always sees.
pub async fn find_seen<N: RowObject>(ctx: &Context<'_>, id: Uuid) -> Result<N> {
    let missing = || Error::new_with_source(Missing(N::Entity::default().as_str().to_owned()));
    find(ctx, id).await?.ok_or_else(missing)
}

/// A row that had to be there: deleted meanwhile, or a hole in the policy.
#[derive(Debug, thiserror::Error)]
#[error("a row of {0} that another row refers to can't be seen")]
struct Missing(String);

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
