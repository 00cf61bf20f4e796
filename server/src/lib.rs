//! Waymark: a GraphQL server for therapy goal tracking.
//!
//! Imports point down: `cli -> app -> http -> graphql -> feed -> access -> store -> entity`.

pub mod access;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod event;
pub mod feed;
pub mod graphql;
pub mod history;
pub mod housekeeping;
pub mod http;
pub mod rules;
pub mod service;
pub mod store;
pub mod wire;
