//! Rows that are written and come back as they are stored: read by our own readers, since the library's know no
//! moment in a column with a time zone.

use entity::FromPlaces;
use sea_orm::sea_query::{Query, ReturningClause};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, InsertMany, IntoActiveModel,
    Iterable, QueryTrait, TryIntoModel, UpdateMany,
};

type Model<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// A row to be written. The names are those of the library's own methods, which are not to be used for tables
/// that other programs make.
pub trait Saved: ActiveModelTrait {
    /// Inserts the row.
    fn insert(self, db: &impl ConnectionTrait) -> impl Future<Output = Result<Model<Self>, DbErr>> + Send;

    /// Writes those of its columns that are set.
    fn update(self, db: &impl ConnectionTrait) -> impl Future<Output = Result<Model<Self>, DbErr>> + Send;
}

impl<A> Saved for A
where
    A: ActiveModelBehavior + TryIntoModel<Model<A>> + Send,
    Model<A>: FromPlaces + IntoActiveModel<A>,
{
    async fn insert(self, db: &impl ConnectionTrait) -> Result<Model<A>, DbErr> {
        let row = self.before_save(db, true).await?;
        let mut query = A::Entity::insert(row).into_query();
        let stored = db.query_one(query.returning(all_columns::<A::Entity>())).await?;
        read::<A::Entity>(&stored.ok_or(DbErr::RecordNotInserted)?)
    }

    async fn update(self, db: &impl ConnectionTrait) -> Result<Model<A>, DbErr> {
        if !self.is_changed() {
            return self.try_into_model();
        }
        let row = self.before_save(db, false).await?;
        let mut query = A::Entity::update(row).validate()?.into_query();
        let stored = db.query_one(query.returning(all_columns::<A::Entity>())).await?;
        read::<A::Entity>(&stored.ok_or(DbErr::RecordNotUpdated)?)
    }
}

/// Several rows to be inserted.
pub trait Inserted<E: EntityTrait> {
    /// Inserts them, in no order.
    fn inserted(self, db: &impl ConnectionTrait)
    -> impl Future<Output = Result<Vec<E::Model>, DbErr>> + Send;
}

impl<A> Inserted<A::Entity> for InsertMany<A>
where
    A: ActiveModelTrait + Send,
    Model<A>: FromPlaces,
{
    async fn inserted(self, db: &impl ConnectionTrait) -> Result<Vec<Model<A>>, DbErr> {
        let mut query = self.into_query();
        let stored = db.query_all(query.returning(all_columns::<A::Entity>())).await?;
        stored.iter().map(read::<A::Entity>).collect()
    }
}

/// An update of whatever rows meet a condition.
pub trait Updated<E: EntityTrait> {
    /// Carries it out; the rows as they are then.
    fn updated(self, db: &impl ConnectionTrait) -> impl Future<Output = Result<Vec<E::Model>, DbErr>> + Send;
}

impl<E: EntityTrait<Model: FromPlaces>> Updated<E> for UpdateMany<E> {
    async fn updated(self, db: &impl ConnectionTrait) -> Result<Vec<E::Model>, DbErr> {
        let mut query = self.into_query();
        let stored = db.query_all(query.returning(all_columns::<E>())).await?;
        stored.iter().map(read::<E>).collect()
    }
}

fn all_columns<E: EntityTrait>() -> ReturningClause {
    Query::returning().columns(E::Column::iter())
}

/// A row that comes back, or one with other columns behind its own.
pub fn read<E: EntityTrait<Model: FromPlaces>>(row: &sea_orm::QueryResult) -> Result<E::Model, DbErr> {
    E::Model::from_places(row).map_err(|unreadable| unreadable.error(E::default().table_name()))
}
