//! `progress_milestones`: markers of achievement.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "progress_milestones",
    owner: Owner::Specification,
    postgres: r"
CREATE TABLE progress_milestones (
    id             UUID          NOT NULL CONSTRAINT pk_progress_milestones      PRIMARY KEY,
    goal_id        UUID          NOT NULL CONSTRAINT fk_progress_milestones_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    milestone_type VARCHAR(50),
    title          VARCHAR(200)  NOT NULL,
    description    TEXT,
    target_value   NUMERIC(10,2),
    achieved_at    TIMESTAMP,
    created_at     TIMESTAMP     NOT NULL DEFAULT now(),
    CONSTRAINT ck_progress_milestones_milestone_type CHECK (milestone_type IS NULL OR milestone_type IN ('percentage', 'value', 'streak', 'custom'))
)",
    sqlite: r"
CREATE TABLE progress_milestones (
    id             BLOB NOT NULL CONSTRAINT pk_progress_milestones      PRIMARY KEY,
    goal_id        BLOB NOT NULL CONSTRAINT fk_progress_milestones_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    milestone_type TEXT,
    title          TEXT NOT NULL,
    description    TEXT,
    target_value   REAL,
    achieved_at    TEXT,
    created_at     TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_progress_milestones_milestone_type        CHECK (milestone_type IS NULL OR milestone_type IN ('percentage', 'value', 'streak', 'custom')),
    CONSTRAINT ck_progress_milestones_milestone_type_length CHECK (length(milestone_type) <= 50),
    CONSTRAINT ck_progress_milestones_title_length          CHECK (length(title) <= 200),
    CONSTRAINT ck_progress_milestones_target_value_range    CHECK (target_value BETWEEN -99999999.99 AND 99999999.99)
) STRICT",
    indexes: r"
CREATE INDEX idx_progress_milestones_goal ON progress_milestones (goal_id);
CREATE INDEX idx_progress_milestones_goal_achieved ON progress_milestones (goal_id, achieved_at DESC) WHERE achieved_at IS NOT NULL",
}];
