//! Kinds of settings that are texts, and not any text.

use std::fmt;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// A name that tokens carry, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it must have a letter or digit, no space at its ends and no line break; leave it out to check nothing"
)]
pub struct NoName;

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let plain = text.chars().any(char::is_alphanumeric)
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if plain { Ok(Self(text.to_owned())) } else { Err(NoName) }
    }
}

impl Name {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which lines are logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    pub const DEFAULT: &str = "info,sqlx=warn,sea_orm_migration=warn";
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a level is error, warn, info, debug, trace or off; one for a part of the server is server::http=debug"
)]
pub struct NoLogFilter;

impl FromStr for LogFilter {
    type Err = NoLogFilter;

    /// Whoever sets nothing gets the default.
    fn from_str(text: &str) -> Result<Self, NoLogFilter> {
        if text.is_empty() {
            return Ok(Self(Self::DEFAULT.to_owned()));
        }
        if text.split(',').all(is_directive) { Ok(Self(text.to_owned())) } else { Err(NoLogFilter) }
    }
}

/// The library takes a single word that is no level, such as `verbose`, for a part of the program, and then
/// logs nothing else.
fn is_directive(text: &str) -> bool {
    match text.rsplit_once('=') {
        // The library takes nothing for a level, too.
        None => !text.trim().is_empty() && text.parse::<LevelFilter>().is_ok(),
        Some((part, level)) => {
            ![part, level].iter().any(|it| it.trim().is_empty()) && EnvFilter::builder().parse(text).is_ok()
        }
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
