//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod access;
mod adopt;
mod architecture;
mod assessments;
mod audit;
mod batching;
mod concurrency;
mod constraints;
mod document;
mod figure_cost;
mod figures;
mod goals;
mod graph;
mod http;
mod identity;
mod interpretation;
mod last_line;
mod lines;
mod migrate;
mod migration;
mod milestones;
mod paging;
mod permissions;
mod playground;
mod readme;
mod recording;
mod replicas;
mod retries;
mod schema;
mod serve;
mod settings;
mod sse;
mod subscriptions;
mod websocket;
