//! Which row is the newest, for everything that asks.

use entity::{assessment, progress, tracking};

use crate::store::page::{Key, Ordering};

/// The order of lists. An entry without a time of day is the last of its day here. The rules go by the time at
/// which it was recorded ([`crate::rules::day::Moment`]), which needs the patient's time zone.
#[must_use]
pub fn newest_entry() -> Ordering<progress::Entity> {
    use progress::Column::{EntryDate, EntryTime, Id, RecordedAt};
    let keys = [EntryDate, EntryTime, RecordedAt, Id].map(|column| Key::descending(column).nulls_last());
    Ordering { name: "newest", keys: keys.to_vec() }
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
