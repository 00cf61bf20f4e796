//! Mutations that carried an idempotency key, with their first answer, which a retry gets again.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_requests",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_requests (
    user_id    UUID         NOT NULL,
    key        VARCHAR(200) NOT NULL,
    body_hash  VARCHAR(64)  NOT NULL,
    answer     TEXT,
    created_at TIMESTAMP    NOT NULL,
    CONSTRAINT pk_waymark_requests      PRIMARY KEY (user_id, key),
    CONSTRAINT fk_waymark_requests_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
)",
    sqlite: r"
CREATE TABLE waymark_requests (
    user_id    BLOB NOT NULL,
    key        TEXT NOT NULL,
    body_hash  TEXT NOT NULL,
    answer     TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT pk_waymark_requests      PRIMARY KEY (user_id, key),
    CONSTRAINT fk_waymark_requests_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT",
    indexes: "CREATE INDEX idx_waymark_requests_created ON waymark_requests (created_at);",
}];
