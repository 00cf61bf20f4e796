//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod adopt;
mod architecture;
mod assessments;
mod audit;
mod bad_input;
mod concurrency;
mod constraints;
mod goal_changes;
mod goals;
mod graph;
mod http;
mod identity;
mod last_line;
mod migrate;
mod migration;
mod milestones;
mod permissions;
mod playground;
mod random_input;
mod recording;
mod retries;
mod schema;
mod serve;
mod settings;
