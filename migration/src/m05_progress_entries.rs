//! `progress_entries`: single data points.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "progress_entries",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE progress_entries (
    id                 UUID          NOT NULL CONSTRAINT pk_progress_entries                 PRIMARY KEY,
    goal_id            UUID          NOT NULL CONSTRAINT fk_progress_entries_goal            REFERENCES treatment_goals (id) ON DELETE CASCADE,
    tracking_config_id UUID                   CONSTRAINT fk_progress_entries_tracking_config REFERENCES goal_tracking_config (id) ON DELETE SET NULL,
    entry_date         DATE          NOT NULL,
    entry_time         TIME,
    value              NUMERIC(10,2) NOT NULL,
    value_label        VARCHAR(100),
    notes              TEXT,
    context            VARCHAR(50),
    session_id         UUID                   CONSTRAINT fk_progress_entries_session         REFERENCES therapy_sessions (id) ON DELETE SET NULL,
    recorded_by        UUID                   CONSTRAINT fk_progress_entries_recorded_by     REFERENCES users (id) ON DELETE SET NULL,
    recorded_at        TIMESTAMP     NOT NULL DEFAULT now(),
    CONSTRAINT ck_progress_entries_context CHECK (context IS NULL OR context IN ('session', 'self_report', 'assessment'))
)",
    sqlite: r"
CREATE TABLE progress_entries (
    id                 BLOB NOT NULL CONSTRAINT pk_progress_entries                 PRIMARY KEY,
    goal_id            BLOB NOT NULL CONSTRAINT fk_progress_entries_goal            REFERENCES treatment_goals (id) ON DELETE CASCADE,
    tracking_config_id BLOB          CONSTRAINT fk_progress_entries_tracking_config REFERENCES goal_tracking_config (id) ON DELETE SET NULL,
    entry_date         TEXT NOT NULL,
    entry_time         TEXT,
    value              REAL NOT NULL,
    value_label        TEXT,
    notes              TEXT,
    context            TEXT,
    session_id         BLOB          CONSTRAINT fk_progress_entries_session         REFERENCES therapy_sessions (id) ON DELETE SET NULL,
    recorded_by        BLOB          CONSTRAINT fk_progress_entries_recorded_by     REFERENCES users (id) ON DELETE SET NULL,
    recorded_at        TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_progress_entries_context            CHECK (context IS NULL OR context IN ('session', 'self_report', 'assessment')),
    CONSTRAINT ck_progress_entries_value_range        CHECK (value BETWEEN -99999999.99 AND 99999999.99),
    CONSTRAINT ck_progress_entries_value_label_length CHECK (length(value_label) <= 100),
    CONSTRAINT ck_progress_entries_context_length     CHECK (length(context) <= 50)
) STRICT",
    indexes: r"
CREATE INDEX idx_progress_entries_goal_date ON progress_entries (goal_id, entry_date DESC);
CREATE INDEX idx_progress_entries_session ON progress_entries (session_id)",
}];
