//! What Waymark stores.
//!
//! The six tables are those of an existing product and other programs may write them, so reading is
//! tolerant: a column that has a default may hold NULL in an adopted database (an `Option` here, with
//! an accessor that gives the default), and words are kept as text beside the enum they should be.
//! `person`, `session` and `caseload` are neighbours which the product may own and shape otherwise;
//! the store reads them through a derived table of the few columns named here.

pub mod agenda;
pub mod aim;
pub mod assessment;
pub mod caseload;
pub mod closing;
pub mod event;
pub mod goal;
pub mod milestone;
pub mod pause;
pub mod person;
mod postgres;
pub mod progress;
pub mod reminder;
pub mod reminder_delivery;
pub mod request;
mod row;
pub mod session;
pub mod setting;
mod sqlite;
mod stored;
pub mod tracking;
pub mod transfer;
pub mod webhook;
pub mod webhook_delivery;
pub mod week;
mod weekdays;
mod word;

pub use row::{FromPlaces, Source, Unreadable, is_unreadable, value};
pub use stored::{Stored, end_of_day};
pub use weekdays::Weekdays;
