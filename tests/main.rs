//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod access;
mod adopt;
mod architecture;
mod audit;
mod batching;
mod constraints;
mod document;
mod figure_cost;
mod figures;
mod graph;
mod http;
mod identity;
mod interpretation;
mod lines;
mod migrate;
mod migration;
mod paging;
mod playground;
mod readme;
mod schema;
mod serve;
mod settings;
