//! People, their sessions, and who treats whom: the product's tables where it has them, small ones of
//! our own where it does not.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[USERS, THERAPY_SESSIONS, THERAPIST_PATIENTS];

const USERS: Table = Table {
    name: "users",
    owner: Owner::Product,
    postgres: r"
CREATE TABLE users (
    id         UUID         NOT NULL CONSTRAINT pk_users PRIMARY KEY,
    email      VARCHAR(255) NOT NULL CONSTRAINT uq_users_email UNIQUE,
    full_name  VARCHAR(200) NOT NULL,
    role       VARCHAR(20)  NOT NULL CONSTRAINT ck_users_role CHECK (role IN ('patient', 'therapist', 'admin')),
    created_at TIMESTAMP    NOT NULL DEFAULT now()
)",
    sqlite: r"
CREATE TABLE users (
    id         BLOB NOT NULL CONSTRAINT pk_users PRIMARY KEY,
    email      TEXT NOT NULL CONSTRAINT uq_users_email UNIQUE,
    full_name  TEXT NOT NULL,
    role       TEXT NOT NULL CONSTRAINT ck_users_role CHECK (role IN ('patient', 'therapist', 'admin')),
    created_at TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_users_email_length     CHECK (length(email) <= 255),
    CONSTRAINT ck_users_full_name_length CHECK (length(full_name) <= 200),
    CONSTRAINT ck_users_role_length      CHECK (length(role) <= 20)
) STRICT",
    indexes: "",
};

const THERAPY_SESSIONS: Table = Table {
    name: "therapy_sessions",
    owner: Owner::Product,
    postgres: r"
CREATE TABLE therapy_sessions (
    id           UUID      NOT NULL CONSTRAINT pk_therapy_sessions PRIMARY KEY,
    patient_id   UUID      NOT NULL CONSTRAINT fk_therapy_sessions_patient   REFERENCES users (id) ON DELETE CASCADE,
    therapist_id UUID      NOT NULL CONSTRAINT fk_therapy_sessions_therapist REFERENCES users (id) ON DELETE CASCADE,
    session_date TIMESTAMP NOT NULL,
    created_at   TIMESTAMP NOT NULL DEFAULT now()
)",
    sqlite: r"
CREATE TABLE therapy_sessions (
    id           BLOB NOT NULL CONSTRAINT pk_therapy_sessions PRIMARY KEY,
    patient_id   BLOB NOT NULL CONSTRAINT fk_therapy_sessions_patient   REFERENCES users (id) ON DELETE CASCADE,
    therapist_id BLOB NOT NULL CONSTRAINT fk_therapy_sessions_therapist REFERENCES users (id) ON DELETE CASCADE,
    session_date TEXT NOT NULL,
    created_at   TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', ''))
) STRICT",
    indexes: r"
CREATE INDEX idx_therapy_sessions_patient_date ON therapy_sessions (patient_id, session_date DESC);
CREATE INDEX idx_therapy_sessions_therapist_date ON therapy_sessions (therapist_id, session_date DESC)",
};

const THERAPIST_PATIENTS: Table = Table {
    name: "therapist_patients",
    owner: Owner::Product,
    postgres: r"
CREATE TABLE therapist_patients (
    therapist_id UUID      NOT NULL CONSTRAINT fk_therapist_patients_therapist REFERENCES users (id) ON DELETE CASCADE,
    patient_id   UUID      NOT NULL CONSTRAINT fk_therapist_patients_patient   REFERENCES users (id) ON DELETE CASCADE,
    is_active    BOOLEAN   NOT NULL DEFAULT true,
    created_at   TIMESTAMP NOT NULL DEFAULT now(),
    CONSTRAINT pk_therapist_patients PRIMARY KEY (therapist_id, patient_id)
)",
    sqlite: r"
CREATE TABLE therapist_patients (
    therapist_id BLOB    NOT NULL CONSTRAINT fk_therapist_patients_therapist REFERENCES users (id) ON DELETE CASCADE,
    patient_id   BLOB    NOT NULL CONSTRAINT fk_therapist_patients_patient   REFERENCES users (id) ON DELETE CASCADE,
    is_active    INTEGER NOT NULL DEFAULT true,
    created_at   TEXT    NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT pk_therapist_patients PRIMARY KEY (therapist_id, patient_id),
    CONSTRAINT ck_therapist_patients_is_active_boolean CHECK (is_active IN (0, 1))
) STRICT",
    indexes: r"
CREATE INDEX idx_therapist_patients_patient ON therapist_patients (patient_id)",
};
