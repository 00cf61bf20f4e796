//! What happened, for whoever subscribes: ids and kinds, no clinical text. Rows outlive what they tell
//! of, so nothing here refers to another table.
//!
//! `transaction_id` makes one order that every reader agrees on: a reader on PostgreSQL takes only rows
//! of transactions older than the oldest still open, by (`transaction_id`, `id`), so that one that took
//! a low number and commits late is never passed over. SQLite has one writer at a time: there `id` is
//! the order of commits already.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_events",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_events (
    id             BIGINT      GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_waymark_events PRIMARY KEY,
    transaction_id XID8        NOT NULL DEFAULT pg_current_xact_id(),
    kind           VARCHAR(40) NOT NULL,
    patient_id     UUID        NOT NULL,
    therapist_id   UUID,
    goal_id        UUID,
    subject_id     UUID        NOT NULL,
    entry_id       UUID,
    effective_date DATE,
    due_at         TIMESTAMP,
    created_at     TIMESTAMP   NOT NULL
)",
    sqlite: r"
CREATE TABLE waymark_events (
    id             INTEGER CONSTRAINT pk_waymark_events PRIMARY KEY AUTOINCREMENT,
    transaction_id INTEGER NOT NULL DEFAULT 0,
    kind           TEXT    NOT NULL,
    patient_id     BLOB    NOT NULL,
    therapist_id   BLOB,
    goal_id        BLOB,
    subject_id     BLOB    NOT NULL,
    entry_id       BLOB,
    effective_date TEXT,
    due_at         TEXT,
    created_at     TEXT    NOT NULL
) STRICT",
    indexes: r"
CREATE INDEX idx_waymark_events_order ON waymark_events (transaction_id, id);
CREATE INDEX idx_waymark_events_subject ON waymark_events (subject_id, kind);
CREATE INDEX idx_waymark_events_created ON waymark_events (created_at);
",
}];
