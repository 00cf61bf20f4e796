//! Up to which day the periods of a goal have been judged for an open milestone, so that each period that ends
//! is judged once, and one that ended before a revocation brings nothing back.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_closings",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_closings (
    milestone_id UUID NOT NULL CONSTRAINT pk_waymark_closings           PRIMARY KEY
                               CONSTRAINT fk_waymark_closings_milestone REFERENCES progress_milestones (id) ON DELETE CASCADE,
    through      DATE NOT NULL
)",
    sqlite: r"
CREATE TABLE waymark_closings (
    milestone_id BLOB NOT NULL CONSTRAINT pk_waymark_closings           PRIMARY KEY
                               CONSTRAINT fk_waymark_closings_milestone REFERENCES progress_milestones (id) ON DELETE CASCADE,
    through      TEXT NOT NULL
) STRICT",
    indexes: "",
}];
