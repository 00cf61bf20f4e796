//! On which day a person's weeks begin; Monday for a person without a row. The table of settings was released
//! without a place for it.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_weeks",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_weeks (
    user_id    UUID        NOT NULL CONSTRAINT pk_waymark_weeks      PRIMARY KEY
                                    CONSTRAINT fk_waymark_weeks_user REFERENCES users (id) ON DELETE CASCADE,
    week_start VARCHAR(10) NOT NULL CONSTRAINT ck_waymark_weeks_start CHECK (week_start IN ('monday', 'sunday')),
    updated_at TIMESTAMP   NOT NULL
)",
    sqlite: r"
CREATE TABLE waymark_weeks (
    user_id    BLOB NOT NULL CONSTRAINT pk_waymark_weeks      PRIMARY KEY
                             CONSTRAINT fk_waymark_weeks_user REFERENCES users (id) ON DELETE CASCADE,
    week_start TEXT NOT NULL CONSTRAINT ck_waymark_weeks_start CHECK (week_start IN ('monday', 'sunday')),
    updated_at TEXT NOT NULL
) STRICT",
    indexes: "",
}];
