//! Waymark's promises, one file each, tried through the real router on real SQLite and real PostgreSQL.

mod support;

mod figure_cost;
mod figures;
mod graph;
mod interpretation;
mod lines;
