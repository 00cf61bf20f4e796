//! Reading rows by the places of their columns.

use sea_orm::{DbErr, QueryResult};

/// A row of a select that gives all columns of the entity, in their order. Looking each column up by its
/// name would cost more than reading it. The type of each value is checked as it is read.
pub trait FromPlaces: Sized {
    fn from_places(row: &QueryResult) -> Result<Self, DbErr>;
}

/// Declares a model, and how it is read by the places of its fields.
macro_rules! row {
    (
        $(#[$meta:meta])*
        pub struct Model {
            $($(#[$attribute:meta])* pub $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        pub struct Model {
            $($(#[$attribute])* pub $field: $type,)+
        }

        impl $crate::FromPlaces for Model {
            fn from_places(row: &sea_orm::QueryResult) -> Result<Self, sea_orm::DbErr> {
                let mut places = 0..;
                Ok(Self { $($field: row.try_get_by_index(places.next().unwrap_or_default())?,)+ })
            }
        }
    };
}
pub(crate) use row;
