//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod access;
mod batching;
mod document;
mod graph;
mod paging;
