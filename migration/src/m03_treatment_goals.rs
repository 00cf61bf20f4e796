//! `treatment_goals`: the goals themselves.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "treatment_goals",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE treatment_goals (
    id             UUID          NOT NULL CONSTRAINT pk_treatment_goals           PRIMARY KEY,
    patient_id     UUID          NOT NULL CONSTRAINT fk_treatment_goals_patient   REFERENCES users (id) ON DELETE CASCADE,
    therapist_id   UUID          NOT NULL CONSTRAINT fk_treatment_goals_therapist REFERENCES users (id) ON DELETE CASCADE,
    session_id     UUID                   CONSTRAINT fk_treatment_goals_session   REFERENCES therapy_sessions (id) ON DELETE SET NULL,
    description    TEXT          NOT NULL,
    category       VARCHAR(50),
    status         VARCHAR(20)   NOT NULL DEFAULT 'assigned',
    baseline_value NUMERIC(10,2),
    target_value   NUMERIC(10,2),
    target_date    DATE,
    created_at     TIMESTAMP     NOT NULL DEFAULT now(),
    updated_at     TIMESTAMP     NOT NULL DEFAULT now(),
    completed_at   TIMESTAMP
)",
    sqlite: r"
CREATE TABLE treatment_goals (
    id             BLOB NOT NULL CONSTRAINT pk_treatment_goals           PRIMARY KEY,
    patient_id     BLOB NOT NULL CONSTRAINT fk_treatment_goals_patient   REFERENCES users (id) ON DELETE CASCADE,
    therapist_id   BLOB NOT NULL CONSTRAINT fk_treatment_goals_therapist REFERENCES users (id) ON DELETE CASCADE,
    session_id     BLOB          CONSTRAINT fk_treatment_goals_session   REFERENCES therapy_sessions (id) ON DELETE SET NULL,
    description    TEXT NOT NULL,
    category       TEXT,
    status         TEXT NOT NULL DEFAULT 'assigned',
    baseline_value REAL,
    target_value   REAL,
    target_date    TEXT,
    created_at     TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    updated_at     TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    completed_at   TEXT,
    CONSTRAINT ck_treatment_goals_category_length      CHECK (length(category) <= 50),
    CONSTRAINT ck_treatment_goals_status_length        CHECK (length(status) <= 20),
    CONSTRAINT ck_treatment_goals_baseline_value_range CHECK (baseline_value BETWEEN -99999999.99 AND 99999999.99),
    CONSTRAINT ck_treatment_goals_target_value_range   CHECK (target_value BETWEEN -99999999.99 AND 99999999.99)
) STRICT",
    indexes: r"
CREATE INDEX idx_treatment_goals_patient_created ON treatment_goals (patient_id, created_at DESC);
CREATE INDEX idx_treatment_goals_therapist_status ON treatment_goals (therapist_id, status)",
}];
