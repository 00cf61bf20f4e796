//! Waymark: a GraphQL server for therapy goal tracking.
//!
//! Imports point down: `cli -> app -> http -> graphql -> access -> store -> entity`.

pub mod access;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo {
    //! STUB
    pub const THERAPIST: &str = "therapist@waymark.example";
    pub const PATIENT: &str = "patient@waymark.example";
    pub const ADMIN: &str = "admin@waymark.example";
    pub async fn is_filled(_: &sea_orm::DatabaseConnection) -> Result<bool, sea_orm::DbErr> {
        Ok(true)
    }
    pub async fn fill(_: &sea_orm::DatabaseConnection, _: chrono::NaiveDate) -> Result<(), sea_orm::DbErr> {
        Ok(())
    }
}
pub mod graphql;
pub mod http;
pub mod store;
