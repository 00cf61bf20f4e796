//! `goal_tracking_config`: how a goal is tracked.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "goal_tracking_config",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE goal_tracking_config (
    id                    UUID        NOT NULL CONSTRAINT pk_goal_tracking_config      PRIMARY KEY,
    goal_id               UUID        NOT NULL CONSTRAINT fk_goal_tracking_config_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    tracking_method       VARCHAR(50) NOT NULL,
    tracking_frequency    VARCHAR(20) NOT NULL DEFAULT 'session',
    custom_frequency_days INTEGER,
    scale_min             INTEGER     NOT NULL DEFAULT 1,
    scale_max             INTEGER     NOT NULL DEFAULT 10,
    scale_labels          JSONB,
    frequency_unit        VARCHAR(20),
    duration_unit         VARCHAR(20),
    target_direction      VARCHAR(10),
    reminder_enabled      BOOLEAN     NOT NULL DEFAULT true,
    created_at            TIMESTAMP   NOT NULL DEFAULT now(),
    CONSTRAINT ck_goal_tracking_config_tracking_method    CHECK (tracking_method IN ('scale', 'frequency', 'duration', 'binary', 'assessment')),
    CONSTRAINT ck_goal_tracking_config_scale_order        CHECK (scale_min < scale_max),
    CONSTRAINT ck_goal_tracking_config_scale_min          CHECK (scale_min >= 1),
    CONSTRAINT ck_goal_tracking_config_scale_max          CHECK (scale_max <= 10),
    CONSTRAINT ck_goal_tracking_config_tracking_frequency CHECK (tracking_frequency IN ('daily', 'weekly', 'session', 'custom')),
    CONSTRAINT ck_goal_tracking_config_target_direction   CHECK (target_direction IS NULL OR target_direction IN ('increase', 'decrease', 'maintain'))
)",
    sqlite: r"
CREATE TABLE goal_tracking_config (
    id                    BLOB    NOT NULL CONSTRAINT pk_goal_tracking_config      PRIMARY KEY,
    goal_id               BLOB    NOT NULL CONSTRAINT fk_goal_tracking_config_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    tracking_method       TEXT    NOT NULL,
    tracking_frequency    TEXT    NOT NULL DEFAULT 'session',
    custom_frequency_days INTEGER,
    scale_min             INTEGER NOT NULL DEFAULT 1,
    scale_max             INTEGER NOT NULL DEFAULT 10,
    scale_labels          TEXT,
    frequency_unit        TEXT,
    duration_unit         TEXT,
    target_direction      TEXT,
    reminder_enabled      INTEGER NOT NULL DEFAULT true,
    created_at            TEXT    NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_goal_tracking_config_tracking_method    CHECK (tracking_method IN ('scale', 'frequency', 'duration', 'binary', 'assessment')),
    CONSTRAINT ck_goal_tracking_config_scale_order        CHECK (scale_min < scale_max),
    CONSTRAINT ck_goal_tracking_config_scale_min          CHECK (scale_min >= 1),
    CONSTRAINT ck_goal_tracking_config_scale_max          CHECK (scale_max <= 10),
    CONSTRAINT ck_goal_tracking_config_tracking_frequency CHECK (tracking_frequency IN ('daily', 'weekly', 'session', 'custom')),
    CONSTRAINT ck_goal_tracking_config_target_direction   CHECK (target_direction IS NULL OR target_direction IN ('increase', 'decrease', 'maintain')),
    CONSTRAINT ck_goal_tracking_config_scale_labels_json        CHECK (json_valid(scale_labels)),
    CONSTRAINT ck_goal_tracking_config_reminder_enabled_boolean CHECK (reminder_enabled IN (0, 1)),
    CONSTRAINT ck_goal_tracking_config_tracking_method_length    CHECK (length(tracking_method) <= 50),
    CONSTRAINT ck_goal_tracking_config_tracking_frequency_length CHECK (length(tracking_frequency) <= 20),
    CONSTRAINT ck_goal_tracking_config_frequency_unit_length     CHECK (length(frequency_unit) <= 20),
    CONSTRAINT ck_goal_tracking_config_duration_unit_length      CHECK (length(duration_unit) <= 20),
    CONSTRAINT ck_goal_tracking_config_target_direction_length   CHECK (length(target_direction) <= 10)
) STRICT",
    indexes: r"
CREATE INDEX idx_goal_tracking_config_goal ON goal_tracking_config (goal_id)",
}];
