//! Our memory of which tables we created, itself among them: going back drops these and no others,
//! so a table of the product can never be lost.

use crate::change::{Owner, Table};

pub(crate) const TABLES: &[Table] = &[Table {
    name: "waymark_created",
    owner: Owner::Waymark,
    postgres: r"
CREATE TABLE waymark_created (
    table_name VARCHAR(63) NOT NULL CONSTRAINT pk_waymark_created PRIMARY KEY
)",
    sqlite: r"
CREATE TABLE waymark_created (
    table_name TEXT NOT NULL CONSTRAINT pk_waymark_created PRIMARY KEY
) STRICT",
    indexes: "",
}];
