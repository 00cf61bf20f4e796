//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod adopt;
mod architecture;
mod audit;
mod constraints;
mod graph;
mod http;
mod identity;
mod migrate;
mod migration;
mod playground;
mod readme;
mod schema;
mod serve;
mod settings;
