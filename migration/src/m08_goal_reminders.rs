//! `goal_reminders`: when a patient is reminded.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "goal_reminders",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE goal_reminders (
    id             UUID        NOT NULL CONSTRAINT pk_goal_reminders         PRIMARY KEY,
    goal_id        UUID        NOT NULL CONSTRAINT fk_goal_reminders_goal    REFERENCES treatment_goals (id) ON DELETE CASCADE,
    patient_id     UUID        NOT NULL CONSTRAINT fk_goal_reminders_patient REFERENCES users (id) ON DELETE CASCADE,
    reminder_type  VARCHAR(20),
    scheduled_time TIME,
    scheduled_days INTEGER[],
    message        TEXT,
    is_active      BOOLEAN     NOT NULL DEFAULT true,
    last_sent_at   TIMESTAMP,
    created_at     TIMESTAMP   NOT NULL DEFAULT now(),
    CONSTRAINT ck_goal_reminders_reminder_type CHECK (reminder_type IS NULL OR reminder_type IN ('check_in', 'progress', 'motivation'))
)",
    sqlite: r"
CREATE TABLE goal_reminders (
    id             BLOB    NOT NULL CONSTRAINT pk_goal_reminders         PRIMARY KEY,
    goal_id        BLOB    NOT NULL CONSTRAINT fk_goal_reminders_goal    REFERENCES treatment_goals (id) ON DELETE CASCADE,
    patient_id     BLOB    NOT NULL CONSTRAINT fk_goal_reminders_patient REFERENCES users (id) ON DELETE CASCADE,
    reminder_type  TEXT,
    scheduled_time TEXT,
    scheduled_days TEXT,
    message        TEXT,
    is_active      INTEGER NOT NULL DEFAULT true,
    last_sent_at   TEXT,
    created_at     TEXT    NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_goal_reminders_reminder_type        CHECK (reminder_type IS NULL OR reminder_type IN ('check_in', 'progress', 'motivation')),
    CONSTRAINT ck_goal_reminders_reminder_type_length CHECK (length(reminder_type) <= 20),
    CONSTRAINT ck_goal_reminders_scheduled_days_json  CHECK (json_valid(scheduled_days)),
    CONSTRAINT ck_goal_reminders_is_active_boolean    CHECK (is_active IN (0, 1))
) STRICT",
    indexes: r"
CREATE INDEX idx_goal_reminders_patient ON goal_reminders (patient_id);
CREATE INDEX idx_goal_reminders_goal_active ON goal_reminders (goal_id, is_active)",
}];
