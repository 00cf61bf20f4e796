//! What a person sets for themselves.

use chrono_tz::Tz;
use entity::week;

use super::{Code, Path, Problem};

/// What to change of a person's settings.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Can't be cleared.
    pub time_zone: Option<String>,
    /// Can't be cleared.
    pub week_start: Option<week::Start>,
}

/// # Errors
/// When the time zone is none.
pub fn check(changes: &Changes) -> Result<Option<Tz>, Vec<Problem>> {
    let message = "This is not a time zone such as Europe/Vienna: see the IANA time zone database.";
    let problem = |_| vec![Problem::new(Code::Invalid, &Path::input().at("timeZone"), message)];
    changes.time_zone.as_ref().map(|name| name.parse().map_err(problem)).transpose()
}
