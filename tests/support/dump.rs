//! A whole PostgreSQL database as text, to see that nothing in it has changed.

use std::process::Command;

use super::Database;
use super::postgres::binaries;

impl Database {
    /// The catalogue and all rows, but for the tables that match `pattern`.
    pub fn dump_without(&self, pattern: &str) -> String {
        let mut command = Command::new(binaries().join("pg_dump"));
        let output = command.args(["--inserts", "-T", pattern, &self.url]).output().expect("pg_dump");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // Newer versions wrap the whole in a random word.
        let same = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        text.lines().filter(same).collect::<Vec<_>>().join("\n")
    }

    pub fn dump(&self) -> String {
        self.dump_without("none_of_them")
    }
}
