//! Imports: entries from elsewhere, all of them or none.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use super::entry::{self, Draft, Entry};
use super::{Code, Ground, MOST_ROWS, Path, Problem};

/// What makes two entries of a goal the same: day, time and value.
pub type Key = (NaiveDate, Option<NaiveTime>, Decimal);

#[must_use]
pub fn key(date: NaiveDate, time: Option<NaiveTime>, value: Decimal) -> Key {
    (date, time, value.normalize())
}

/// Checks all rows, each at `path` with its index. A row that repeats another one or an entry in `stored` is
/// refused; a row without day or value repeats none.
///
/// # Errors
/// All problems at once.
pub fn check(
    path: &Path,
    rows: Vec<Draft>,
    stored: &BTreeSet<Key>,
    ground: &Ground,
) -> Result<Vec<Entry>, Vec<Problem>> {
    if let Some(problem) = size(path, rows.len()) {
        return Err(vec![problem]);
    }
    let (mut seen, mut entries, mut problems) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (index, row) in rows.into_iter().enumerate() {
        let path = path.at(index);
        let key = row.date.zip(row.value).map(|(date, value)| key(date, row.time, value));
        match entry::check(&path, row, ground) {
            Ok(entry) => entries.push(entry),
            Err(found) => problems.extend(found),
        }
        problems.extend(key.and_then(|key| repeated(&path, key, &mut seen, stored)));
    }
    if problems.is_empty() { Ok(entries) } else { Err(problems) }
}

fn size(path: &Path, rows: usize) -> Option<Problem> {
    if rows == 0 {
        return Some(Problem::new(Code::Required, path, "There are no entries to import."));
    }
    let message = || format!("At most {MOST_ROWS} entries can be imported at once; these are {rows}.");
    (rows > MOST_ROWS).then(|| Problem::new(Code::TooLong, path, message()))
}

fn repeated(path: &Path, key: Key, seen: &mut BTreeSet<Key>, stored: &BTreeSet<Key>) -> Option<Problem> {
    let recorded = stored.contains(&key);
    if !seen.insert(key) {
        return Some(Problem::new(Code::Duplicate, path, "This entry stands in the import twice."));
    }
    recorded.then(|| Problem::new(Code::Duplicate, path, "This entry has been recorded already."))
}
