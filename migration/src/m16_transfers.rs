//! Goals that were handed to another therapist. The goal itself only knows its present owner; the sessions that
//! it was tracked by before are those of the former one.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_transfers",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_transfers (
    id             UUID      NOT NULL CONSTRAINT pk_waymark_transfers PRIMARY KEY,
    goal_id        UUID      NOT NULL
                             CONSTRAINT fk_waymark_transfers_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    from_therapist UUID      NOT NULL,
    to_therapist   UUID      NOT NULL,
    handed_by      UUID      NOT NULL,
    handed_at      TIMESTAMP NOT NULL
)",
    sqlite: r"
CREATE TABLE waymark_transfers (
    id             BLOB NOT NULL CONSTRAINT pk_waymark_transfers PRIMARY KEY,
    goal_id        BLOB NOT NULL
                        CONSTRAINT fk_waymark_transfers_goal REFERENCES treatment_goals (id) ON DELETE CASCADE,
    from_therapist BLOB NOT NULL,
    to_therapist   BLOB NOT NULL,
    handed_by      BLOB NOT NULL,
    handed_at      TEXT NOT NULL
) STRICT",
    indexes: "CREATE INDEX idx_waymark_transfers_goal ON waymark_transfers (goal_id);",
}];
