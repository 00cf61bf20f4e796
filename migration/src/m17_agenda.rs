//! What the server has to do at a given time: one row for each thing. It only says when to look: whether
//! there is anything to do is decided by the rows it is about, so a row too many or too early does no harm.
//!
//! `due_at` is the moment it is for, `next_try_at` when a server takes it: the same moment, or the end of
//! the claim of a server that is at it, or the next try after a failure. `position` says how far a work
//! that is done in pieces has come.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_agenda",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_agenda (
    kind        VARCHAR(20) NOT NULL,
    subject_id  UUID        NOT NULL,
    due_at      TIMESTAMP   NOT NULL,
    next_try_at TIMESTAMP   NOT NULL,
    claimed_by  UUID,
    attempts    INTEGER     NOT NULL DEFAULT 0,
    position    UUID,
    CONSTRAINT pk_waymark_agenda PRIMARY KEY (kind, subject_id)
)",
    sqlite: r"
CREATE TABLE waymark_agenda (
    kind        TEXT    NOT NULL,
    subject_id  BLOB    NOT NULL,
    due_at      TEXT    NOT NULL,
    next_try_at TEXT    NOT NULL,
    claimed_by  BLOB,
    attempts    INTEGER NOT NULL DEFAULT 0,
    position    BLOB,
    CONSTRAINT pk_waymark_agenda PRIMARY KEY (kind, subject_id)
) STRICT",
    indexes: "CREATE INDEX idx_waymark_agenda_next ON waymark_agenda (kind, next_try_at);",
}];
