//! The time, as a value that a test can fix.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

/// Tells the time in UTC, cut to the microseconds that both databases keep.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still until moved: microseconds since the epoch.
    Fixed(Arc<AtomicI64>),
    /// Asks whoever made it, each time.
    Asked(Asked),
}

/// Tells a time, or fails to.
#[derive(Clone)]
pub struct Asked(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a clock that is asked")
    }
}

impl Clock {
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    #[must_use]
    pub fn asked(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self::Asked(Asked(Arc::new(tell)))
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Asked(asked) => (asked.0)(),
            Self::Fixed(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::Relaxed)).unwrap_or_default()
            }
        }
    }

    /// Now, as the `TIMESTAMP` columns hold it.
    #[must_use]
    pub fn stamp(&self) -> NaiveDateTime {
        self.now().naive_utc()
    }
}
