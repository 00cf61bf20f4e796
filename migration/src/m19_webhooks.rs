//! Webhooks: where events are sent to, and what became of each event at each of them.
//!
//! Secrets are sealed with a key that is not in the database. The position says up to which event a webhook has its
//! rows of deliveries; `next_attempt_at` is when a server takes a delivery next: the time of a try, or the end of
//! the claim of a server that is at it; empty when it is settled. Rows are copies of the ids in an event, which
//! may be forgotten before them.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "waymark_webhooks",
        owner: Owner::Waymark,
        postgres: r"
CREATE TABLE waymark_webhooks (
    id                   UUID      NOT NULL CONSTRAINT pk_waymark_webhooks PRIMARY KEY,
    url                  TEXT      NOT NULL,
    kinds                TEXT      NOT NULL,
    include_message      BOOLEAN   NOT NULL,
    is_active            BOOLEAN   NOT NULL,
    secret               TEXT      NOT NULL,
    secret_set_at        TIMESTAMP NOT NULL,
    former_secret        TEXT,
    former_until         TIMESTAMP,
    position_transaction BIGINT    NOT NULL,
    position_id          BIGINT    NOT NULL,
    missed_events_at     TIMESTAMP,
    created_at           TIMESTAMP NOT NULL,
    updated_at           TIMESTAMP NOT NULL
)",
        sqlite: r"
CREATE TABLE waymark_webhooks (
    id                   BLOB    NOT NULL CONSTRAINT pk_waymark_webhooks PRIMARY KEY,
    url                  TEXT    NOT NULL,
    kinds                TEXT    NOT NULL,
    include_message      INTEGER NOT NULL,
    is_active            INTEGER NOT NULL,
    secret               TEXT    NOT NULL,
    secret_set_at        TEXT    NOT NULL,
    former_secret        TEXT,
    former_until         TEXT,
    position_transaction INTEGER NOT NULL,
    position_id          INTEGER NOT NULL,
    missed_events_at     TEXT,
    created_at           TEXT    NOT NULL,
    updated_at           TEXT    NOT NULL
) STRICT",
        indexes: "",
    },
    Table {
        name: "waymark_webhook_deliveries",
        owner: Owner::Waymark,
        postgres: r"
CREATE TABLE waymark_webhook_deliveries (
    id              UUID        NOT NULL CONSTRAINT pk_waymark_webhook_deliveries PRIMARY KEY,
    webhook_id      UUID        NOT NULL,
    event_id        BIGINT      NOT NULL,
    kind            VARCHAR(40) NOT NULL,
    patient_id      UUID        NOT NULL,
    therapist_id    UUID,
    goal_id         UUID,
    subject_id      UUID        NOT NULL,
    entry_id        UUID,
    due_at          TIMESTAMP,
    happened_at     TIMESTAMP   NOT NULL,
    state           VARCHAR(20) NOT NULL,
    attempts        INTEGER     NOT NULL,
    next_attempt_at TIMESTAMP,
    claimed_by      UUID,
    give_up_at      TIMESTAMP   NOT NULL,
    last_attempt_at TIMESTAMP,
    last_status     INTEGER,
    last_problem    VARCHAR(20),
    created_at      TIMESTAMP   NOT NULL,
    settled_at      TIMESTAMP,
    CONSTRAINT uq_waymark_webhook_deliveries_event UNIQUE (webhook_id, event_id)
)",
        sqlite: r"
CREATE TABLE waymark_webhook_deliveries (
    id              BLOB    NOT NULL CONSTRAINT pk_waymark_webhook_deliveries PRIMARY KEY,
    webhook_id      BLOB    NOT NULL,
    event_id        INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    patient_id      BLOB    NOT NULL,
    therapist_id    BLOB,
    goal_id         BLOB,
    subject_id      BLOB    NOT NULL,
    entry_id        BLOB,
    due_at          TEXT,
    happened_at     TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at TEXT,
    claimed_by      BLOB,
    give_up_at      TEXT    NOT NULL,
    last_attempt_at TEXT,
    last_status     INTEGER,
    last_problem    TEXT,
    created_at      TEXT    NOT NULL,
    settled_at      TEXT,
    CONSTRAINT uq_waymark_webhook_deliveries_event UNIQUE (webhook_id, event_id)
) STRICT",
        indexes: "CREATE INDEX idx_waymark_webhook_deliveries_next ON waymark_webhook_deliveries (webhook_id, next_attempt_at);
CREATE INDEX idx_waymark_webhook_deliveries_created ON waymark_webhook_deliveries (webhook_id, created_at);
CREATE INDEX idx_waymark_webhook_deliveries_settled ON waymark_webhook_deliveries (settled_at);",
    },
];
