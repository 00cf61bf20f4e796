//! What became of each moment at which a reminder was due: sent, or not and why. One row a moment, so that
//! no moment is dealt with twice. Rows may outlive their reminder, and are forgotten by age.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_reminder_deliveries",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_reminder_deliveries (
    id           UUID        NOT NULL CONSTRAINT pk_waymark_reminder_deliveries PRIMARY KEY,
    reminder_id  UUID        NOT NULL,
    due_at       TIMESTAMP   NOT NULL,
    decided_at   TIMESTAMP   NOT NULL,
    late_seconds INTEGER     NOT NULL,
    outcome      VARCHAR(20) NOT NULL,
    reason       VARCHAR(20),
    CONSTRAINT uq_waymark_reminder_deliveries_due UNIQUE (reminder_id, due_at)
)",
    sqlite: r"
CREATE TABLE waymark_reminder_deliveries (
    id           BLOB    NOT NULL CONSTRAINT pk_waymark_reminder_deliveries PRIMARY KEY,
    reminder_id  BLOB    NOT NULL,
    due_at       TEXT    NOT NULL,
    decided_at   TEXT    NOT NULL,
    late_seconds INTEGER NOT NULL,
    outcome      TEXT    NOT NULL,
    reason       TEXT,
    CONSTRAINT uq_waymark_reminder_deliveries_due UNIQUE (reminder_id, due_at)
) STRICT",
    indexes: "CREATE INDEX idx_waymark_reminder_deliveries_decided ON waymark_reminder_deliveries (decided_at);",
}];
