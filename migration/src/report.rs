//! What a comparison with the specification found.

use std::fmt;

use crate::spec;

/// A difference between a database and the specification, in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: a table, or a column or index within one, such as `treatment_goals.status`.
    pub place: String,
    /// What is different, such as `is nullable, should be NOT NULL`.
    pub what: String,
    /// Whether the database can be served nevertheless.
    pub servable: bool,
}

/// What was compared, and everything that differs.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order of the specification; none if the database is as it should be.
    pub differences: Vec<Difference>,
    pub(crate) compared: &'static [spec::Table],
}

impl Difference {
    pub(crate) fn servable(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), servable: true }
    }

    pub(crate) fn grave(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { servable: false, ..Self::servable(place, what) }
    }
}

impl Report {
    /// Whether the database is as the specification says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }

    /// What was compared, such as `6 tables, 67 columns, 14 foreign keys, 11 indexes`.
    #[must_use]
    pub fn summary(&self) -> String {
        let tables = self.compared;
        let columns = || tables.iter().flat_map(|table| table.columns);
        let foreign_keys = columns().filter(|column| column.reference.is_some()).count();
        let indexes: usize = tables.iter().map(|table| table.indexes.len()).sum();
        let (tables, columns) = (tables.len(), columns().count());
        format!("{tables} tables, {columns} columns, {foreign_keys} foreign keys, {indexes} indexes")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.what)
    }
}

/// One difference a line; where there is none, what was compared.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.holds() {
            return formatter.write_str(&self.summary());
        }
        let lines: Vec<String> = self.differences.iter().map(ToString::to_string).collect();
        formatter.write_str(&lines.join("\n"))
    }
}
