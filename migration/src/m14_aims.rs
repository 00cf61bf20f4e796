//! What goals aimed at, from which moment on. The goal and its configuration only know their present aim, and
//! a day that is over must not be judged by it. What a goal aims at when this table is made is the oldest
//! version that is known of it.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_aims",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_aims (
    id               UUID      NOT NULL CONSTRAINT pk_waymark_aims PRIMARY KEY,
    goal_id          UUID      NOT NULL
                               CONSTRAINT fk_waymark_aims_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    since            TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    baseline_value   NUMERIC,
    target_value     NUMERIC,
    target_direction TEXT,
    direction_said   BOOLEAN   NOT NULL,
    set_by           UUID
)",
    sqlite: r"
CREATE TABLE waymark_aims (
    id               BLOB    NOT NULL CONSTRAINT pk_waymark_aims PRIMARY KEY,
    goal_id          BLOB    NOT NULL
                             CONSTRAINT fk_waymark_aims_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    since            TEXT    NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    baseline_value   REAL,
    target_value     REAL,
    target_direction TEXT,
    direction_said   INTEGER NOT NULL,
    set_by           BLOB
) STRICT",
    // The first version of a goal takes the goal's own id, which is unlike any other here.
    indexes: r"
CREATE INDEX idx_waymark_aims_goal ON waymark_aims (goal_id, since);
INSERT INTO waymark_aims (id, goal_id, baseline_value, target_value, target_direction, direction_said)
SELECT a.id, a.id, a.baseline_value, a.target_value, a.direction, a.direction IS NOT NULL
FROM (SELECT g.id, g.baseline_value, g.target_value,
             (SELECT CAST(c.target_direction AS text) FROM goal_tracking_config c WHERE c.goal_id = g.id
              ORDER BY c.created_at DESC NULLS LAST, c.id DESC LIMIT 1) AS direction
      FROM treatment_goals g) a;
",
}];
