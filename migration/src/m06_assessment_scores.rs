//! `assessment_scores`: results of standard instruments.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "assessment_scores",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE assessment_scores (
    id                UUID        NOT NULL CONSTRAINT pk_assessment_scores                 PRIMARY KEY,
    patient_id        UUID        NOT NULL CONSTRAINT fk_assessment_scores_patient         REFERENCES users (id) ON DELETE CASCADE,
    goal_id           UUID                 CONSTRAINT fk_assessment_scores_goal            REFERENCES treatment_goals (id) ON DELETE SET NULL,
    assessment_type   VARCHAR(50) NOT NULL,
    score             INTEGER     NOT NULL,
    severity          VARCHAR(20),
    subscores         JSONB,
    administered_date DATE        NOT NULL,
    administered_by   UUID                 CONSTRAINT fk_assessment_scores_administered_by REFERENCES users (id) ON DELETE SET NULL,
    notes             TEXT,
    created_at        TIMESTAMP   NOT NULL DEFAULT now(),
    CONSTRAINT ck_assessment_scores_score CHECK (score >= 0)
)",
    sqlite: r"
CREATE TABLE assessment_scores (
    id                BLOB    NOT NULL CONSTRAINT pk_assessment_scores                 PRIMARY KEY,
    patient_id        BLOB    NOT NULL CONSTRAINT fk_assessment_scores_patient         REFERENCES users (id) ON DELETE CASCADE,
    goal_id           BLOB             CONSTRAINT fk_assessment_scores_goal            REFERENCES treatment_goals (id) ON DELETE SET NULL,
    assessment_type   TEXT    NOT NULL,
    score             INTEGER NOT NULL,
    severity          TEXT,
    subscores         TEXT,
    administered_date TEXT    NOT NULL,
    administered_by   BLOB             CONSTRAINT fk_assessment_scores_administered_by REFERENCES users (id) ON DELETE SET NULL,
    notes             TEXT,
    created_at        TEXT    NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_assessment_scores_score                  CHECK (score >= 0),
    CONSTRAINT ck_assessment_scores_assessment_type_length CHECK (length(assessment_type) <= 50),
    CONSTRAINT ck_assessment_scores_severity_length        CHECK (length(severity) <= 20),
    CONSTRAINT ck_assessment_scores_subscores_json         CHECK (json_valid(subscores))
) STRICT",
    indexes: r"
CREATE INDEX idx_assessment_scores_patient_date ON assessment_scores (patient_id, administered_date DESC);
CREATE INDEX idx_assessment_scores_type ON assessment_scores (assessment_type)",
}];
