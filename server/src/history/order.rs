//! Which row is the newest, for everything that asks.

use entity::{assessment, progress, tracking};

use crate::store::page::{Key, Ordering};

/// The exact reverse of the order in which the rules read a day: an entry without a time of day comes
/// first in its day, so it is the last of it here.
#[must_use]
pub fn newest_entry() -> Ordering<progress::Entity> {
    use progress::Column::{EntryDate, EntryTime, Id, RecordedAt};
    let keys = [EntryDate, EntryTime, RecordedAt, Id].map(|column| Key::descending(column).nulls_last());
    Ordering { name: "newest", keys: keys.to_vec() }
}

/// The last entry of the first day, and so on: the days from the oldest, each from its end.
#[must_use]
pub fn oldest_day() -> Ordering<progress::Entity> {
    let Ordering { mut keys, .. } = newest_entry();
    keys[0].descending = false;
    Ordering { name: "oldest_day", keys }
}

/// The first configuration is the one in force.
#[must_use]
pub fn newest_configuration() -> Ordering<tracking::Entity> {
    let newest = Key::descending(tracking::Column::CreatedAt).nulls_last();
    Ordering { name: "newest", keys: vec![newest, Key::descending(tracking::Column::Id)] }
}

#[must_use]
pub fn newest_assessment() -> Ordering<assessment::Entity> {
    use assessment::Column::{AdministeredDate, CreatedAt, Id};
    let keys = [AdministeredDate, CreatedAt, Id].map(|column| Key::descending(column).nulls_last());
    Ordering { name: "newest", keys: keys.to_vec() }
}
