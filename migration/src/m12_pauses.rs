//! Days on which a goal was on hold: they neither add to a streak nor break it. The goal itself only
//! remembers its present status.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_pauses",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_pauses (
    id        UUID NOT NULL CONSTRAINT pk_waymark_pauses PRIMARY KEY,
    goal_id   UUID NOT NULL CONSTRAINT fk_waymark_pauses_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    first_day DATE NOT NULL,
    last_day  DATE
)",
    sqlite: r"
CREATE TABLE waymark_pauses (
    id        BLOB NOT NULL CONSTRAINT pk_waymark_pauses PRIMARY KEY,
    goal_id   BLOB NOT NULL CONSTRAINT fk_waymark_pauses_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    first_day TEXT NOT NULL,
    last_day  TEXT
) STRICT",
    indexes: "CREATE INDEX idx_waymark_pauses_goal ON waymark_pauses (goal_id);",
}];
