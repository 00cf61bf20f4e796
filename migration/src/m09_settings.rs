//! What a person sets for themselves. The specification has no place for a time zone.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_settings",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_settings (
    user_id    UUID        NOT NULL CONSTRAINT pk_waymark_settings      PRIMARY KEY
                                    CONSTRAINT fk_waymark_settings_user REFERENCES users (id) ON DELETE CASCADE,
    time_zone  VARCHAR(64) NOT NULL DEFAULT 'UTC',
    updated_at TIMESTAMP   NOT NULL DEFAULT now()
)",
    sqlite: r"
CREATE TABLE waymark_settings (
    user_id    BLOB NOT NULL CONSTRAINT pk_waymark_settings      PRIMARY KEY
                             CONSTRAINT fk_waymark_settings_user REFERENCES users (id) ON DELETE CASCADE,
    time_zone  TEXT NOT NULL DEFAULT 'UTC',
    updated_at TEXT NOT NULL DEFAULT (replace(strftime('%Y-%m-%d %H:%M:%f', 'now'), '.000', '')),
    CONSTRAINT ck_waymark_settings_time_zone_length CHECK (length(time_zone) <= 64)
) STRICT",
    indexes: "",
}];
