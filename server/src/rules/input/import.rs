//! Imports: entries from elsewhere, all of them or none.

use std::collections::BTreeMap;

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

/// How many entries of each kind are stored.
pub type Stored = BTreeMap<Key, usize>;

/// Checks all rows, each at `path` with its index. A row is refused when as many entries like it are stored as
/// there are rows like it up to it: two honest "once" of one day are two, and the same file again brings nothing
/// new. A row without day or value is like none.
///
/// # Errors
/// All problems at once.
pub fn check(
    path: &Path,
    rows: Vec<Draft>,
    stored: &Stored,
    ground: &Ground,
) -> Result<Vec<Entry>, Vec<Problem>> {
    if let Some(problem) = size(path, rows.len()) {
        return Err(vec![problem]);
    }
    let (mut seen, mut entries, mut problems) = (Stored::new(), Vec::new(), Vec::new());
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

fn repeated(path: &Path, key: Key, seen: &mut Stored, stored: &Stored) -> Option<Problem> {
    let recorded = stored.get(&key).copied().unwrap_or_default();
    let so_far = seen.entry(key).or_default();
    *so_far += 1;
    let message = match *so_far {
        1 => "This entry has been recorded already.".to_owned(),
        rows => format!("{rows} entries like this one have been recorded already."),
    };
    (recorded >= *so_far).then(|| Problem::new(Code::Duplicate, path, message))
}
