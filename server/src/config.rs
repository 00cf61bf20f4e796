//! Settings, from flags and environment, checked once at the start.

mod kinds;
mod limits;
#[cfg(test)]
mod tests;

use std::env::VarError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};
use kinds::{LogFilter, Name};
use limits::LimitSettings;

use crate::graphql::{Engine, Manifest, NoManifest};
use crate::http::origin::Origins;
use crate::http::token::{Keys, NoSuchKey};
use crate::rules::address::Networks;
use crate::store::{Address, Sizes, WrongAddress};

/// What can be set; everything has a default that runs the demo.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "WAYMARK_LISTEN", default_value = "127.0.0.1:8000", global = true)]
    pub listen: SocketAddr,

    /// Where the demo clinic's files are kept; unused with a database of your own.
    #[arg(long, env = "WAYMARK_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,

    /// The database to serve: `postgres://user:password@host/name` or `sqlite://path`. The demo clinic
    /// when absent.
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// Who has issued a token, when that is to be checked.
    #[arg(long, env = "WAYMARK_JWT_ISSUER", global = true)]
    pub jwt_issuer: Option<Name>,

    /// Whom a token is meant for, when that is to be checked.
    #[arg(long, env = "WAYMARK_JWT_AUDIENCE", global = true)]
    pub jwt_audience: Option<Name>,

    /// PEM file with the public key of tokens signed elsewhere (RS256, ES256 or `EdDSA`).
    #[arg(long, env = "WAYMARK_JWT_PUBLIC_KEY_FILE", global = true)]
    pub jwt_public_key_file: Option<PathBuf>,

    /// For how many days events are kept, so that a subscriber can resume after them.
    #[arg(long, env = "WAYMARK_EVENT_DAYS", default_value_t = 7, global = true,
          value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub event_days: u32,

    /// How many minutes late a reminder may be sent, after a time in which no server ran; later it is skipped.
    #[arg(long, env = "WAYMARK_REMINDER_LATEST_MINUTES", default_value_t = 120, global = true,
          value_parser = clap::value_parser!(u32).range(1..=720))]
    pub reminder_latest_minutes: u32,

    /// Whether a reminder to check in or to record is skipped when the patient has already recorded for that
    /// period.
    #[arg(long, env = "WAYMARK_SKIP_RECORDED", default_value = "on", global = true)]
    pub skip_recorded: Switch,

    /// For how many days it is kept what became of each reminder.
    #[arg(long, env = "WAYMARK_DELIVERY_DAYS", default_value_t = 90, global = true,
          value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub delivery_days: u32,

    /// Networks besides the public internet that webhooks may go to, and there without TLS: such as
    /// `10.1.0.0/16,fd00::/8`; separated by commas.
    #[arg(long, env = "WAYMARK_WEBHOOK_ALLOW", default_value = "", global = true)]
    pub webhook_allow: Networks,

    /// Origins whose pages may ask and open `WebSocket`s, besides the server's own; separated by commas. Unless
    /// set, the demo lets the usual development servers of this machine in, and a database of your own nobody.
    #[arg(long, env = "WAYMARK_ALLOWED_ORIGINS", global = true)]
    pub allowed_origins: Option<Origins>,

    /// How many `WebSocket`s and event streams one person may have open.
    #[arg(long, env = "WAYMARK_CONNECTIONS_PER_PERSON", default_value_t = 100, global = true,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=20_000))]
    pub connections_per_person: usize,

    /// How many connections to keep to PostgreSQL, half of them for reading.
    #[arg(long, env = "WAYMARK_DATABASE_CONNECTIONS", default_value_t = 20, global = true,
          value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_connections: u32,

    /// At which age a connection to PostgreSQL is closed, in minutes.
    #[arg(long, env = "WAYMARK_DATABASE_LIFETIME_MINUTES", default_value_t = 30, global = true,
          value_parser = clap::value_parser!(u32).range(1..=10080))]
    pub database_lifetime_minutes: u32,

    /// After how many minutes without use a connection to PostgreSQL is closed.
    #[arg(long, env = "WAYMARK_DATABASE_IDLE_MINUTES", default_value_t = 10, global = true,
          value_parser = clap::value_parser!(u32).range(1..=10080))]
    pub database_idle_minutes: u32,

    /// How many connections to keep to a SQLite file for reading.
    #[arg(long, env = "WAYMARK_SQLITE_READERS", default_value_t = 4, global = true,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub sqlite_readers: u32,

    /// How many seconds a statement may take.
    #[arg(long, env = "WAYMARK_STATEMENT_SECONDS", default_value_t = 10, global = true,
          value_parser = clap::value_parser!(u32).range(1..=600))]
    pub statement_seconds: u32,

    /// How many seconds an operation may take.
    #[arg(long, env = "WAYMARK_OPERATION_SECONDS", default_value_t = 10, global = true,
          value_parser = clap::value_parser!(u32).range(1..=600))]
    pub operation_seconds: u32,

    #[command(flatten)]
    pub limits: LimitSettings,

    /// Whether clients may name a document by its hash (Apollo's automatic persisted queries).
    #[arg(long, env = "WAYMARK_PERSISTED_QUERIES", default_value = "on", global = true)]
    pub persisted_queries: Switch,

    /// File with the only documents that may run: Apollo's persisted query manifest, or a JSON map of ids to
    /// documents. Any document may when absent.
    #[arg(long, env = "WAYMARK_TRUSTED_DOCUMENTS", global = true)]
    pub trusted_documents: Option<PathBuf>,

    /// Whether this is no place to try things out: then introspection, `/schema.graphql` and the playground are off,
    /// unless their own settings turn them on.
    #[arg(long, env = "WAYMARK_PRODUCTION", default_value = "off", global = true)]
    pub production: Switch,

    /// Whether the schema is told, by introspection and at `/schema.graphql`; on unless in production.
    #[arg(long, env = "WAYMARK_INTROSPECTION", global = true)]
    pub introspection: Option<Switch>,

    /// Whether to serve the playground at `/`; on unless in production.
    #[arg(long, env = "WAYMARK_PLAYGROUND", global = true)]
    pub playground: Option<Switch>,

    /// Which lines are logged: a level, or one for each part of the server, such as `info,server::http=debug`.
    #[arg(long, env = "WAYMARK_LOG", default_value = LogFilter::DEFAULT, global = true)]
    pub log: LogFilter,

    /// How log lines look.
    #[arg(long, env = "WAYMARK_LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// A setting that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{0}")]
    DatabaseUrl(#[from] WrongAddress),
    #[error("WAYMARK_JWT_SECRET is shorter than {SHORTEST_SECRET} bytes, so that it could be guessed.")]
    ShortSecret,
    #[error("{0} is no text in UTF-8.")]
    SecretNoText(&'static str),
    #[error("WAYMARK_WEBHOOK_KEY is shorter than {SHORTEST_SECRET} bytes, so that it could be guessed.")]
    ShortWebhookKey,
    #[error("Set WAYMARK_JWT_SECRET or WAYMARK_JWT_PUBLIC_KEY_FILE, not both.")]
    TwoKeys,
    #[error(
        "A database of your own needs a key to check tokens with: set WAYMARK_JWT_SECRET or \
         WAYMARK_JWT_PUBLIC_KEY_FILE."
    )]
    NoKey,
    #[error("WAYMARK_JWT_PUBLIC_KEY_FILE: {0}")]
    KeyFile(NoSuchKey),
    #[error("WAYMARK_JWT_PUBLIC_KEY_FILE can't be read: {0}")]
    KeyFileUnreadable(std::io::Error),
    #[error("WAYMARK_TRUSTED_DOCUMENTS can't be read: {0}")]
    TrustedUnreadable(std::io::Error),
    #[error("WAYMARK_TRUSTED_DOCUMENTS: {0}.")]
    Trusted(#[from] NoManifest),
    #[error("The data directory {0} can't be used: {1}")]
    DataDir(PathBuf, std::io::Error),
}

/// HS256 wants a key as long as its hash (RFC 7518, 3.2).
const SHORTEST_SECRET: usize = 32;

/// Checked settings.
#[derive(Debug)]
pub struct Config {
    pub settings: Settings,
    pub database_url: String,
    pub keys: Keys,
    /// What seals the secrets of webhooks; without it none can be registered.
    pub webhook_key: Option<Vec<u8>>,
    /// No database was named, so this is the demo clinic.
    pub demo: bool,
}

impl Settings {
    /// What is on unless this is production, or its own setting says otherwise.
    fn is_open(&self, own: Option<Switch>) -> bool {
        own.map_or(self.production == Switch::Off, |own| own == Switch::On)
    }

    pub fn has_playground(&self) -> bool {
        self.is_open(self.playground)
    }

    pub fn sizes(&self) -> Sizes {
        Sizes {
            connections: self.database_connections,
            readers: self.sqlite_readers,
            statement: Duration::from_secs(self.statement_seconds.into()),
            lifetime: Duration::from_mins(self.database_lifetime_minutes.into()),
            idle: Duration::from_mins(self.database_idle_minutes.into()),
        }
    }
}

impl Config {
    /// Checks everything that can be checked without the database.
    pub fn check(settings: Settings) -> Result<Self, Wrong> {
        let demo = settings.database_url.is_none();
        let database_url = match &settings.database_url {
            Some(url) => known_database(url)?,
            None => demo_database(&settings.data_dir)?,
        };
        let keys = keys(&settings, demo)?;
        let webhook_key = webhook_key(&settings, demo)?;
        Ok(Self { settings, database_url, keys, webhook_key, demo })
    }

    /// What runs operations, with their limits.
    pub fn engine(&self) -> Result<Engine, Wrong> {
        let mut engine =
            Engine::new(self.settings.limits.documents(self.settings.is_open(self.settings.introspection)));
        if self.settings.persisted_queries == Switch::Off {
            engine = engine.without_persisted();
        }
        match &self.settings.trusted_documents {
            None => Ok(engine),
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(Wrong::TrustedUnreadable)?;
                Ok(engine.trusting(&Manifest::read(&text)?)?)
            }
        }
    }

    /// The origins whose pages may ask, besides the server's own.
    pub fn origins(&self) -> Origins {
        let unless_set = || if self.demo { Origins::of_development() } else { Origins::default() };
        self.settings.allowed_origins.clone().unwrap_or_else(unless_set)
    }

    /// As [`check`](Self::check), for what needs a database and no key.
    pub fn database(settings: &Settings) -> Result<String, Wrong> {
        match &settings.database_url {
            Some(url) => known_database(url),
            None => demo_database(&settings.data_dir),
        }
    }
}

fn known_database(url: &str) -> Result<String, Wrong> {
    url.parse::<Address>()?;
    Ok(url.to_owned())
}

fn demo_database(data_dir: &Path) -> Result<String, Wrong> {
    std::fs::create_dir_all(data_dir).map_err(|error| Wrong::DataDir(data_dir.to_owned(), error))?;
    Ok(format!("sqlite://{}", data_dir.join("demo.sqlite").display()))
}

fn keys(settings: &Settings, demo: bool) -> Result<Keys, Wrong> {
    let secret = secret_setting("WAYMARK_JWT_SECRET")?;
    let keys = match (secret.as_deref(), &settings.jwt_public_key_file) {
        (Some(_), Some(_)) => return Err(Wrong::TwoKeys),
        (Some(secret), None) if secret.len() < SHORTEST_SECRET => return Err(Wrong::ShortSecret),
        (Some(secret), None) => Keys::secret(secret.as_bytes()),
        (None, Some(file)) => {
            let pem = std::fs::read(file).map_err(Wrong::KeyFileUnreadable)?;
            Keys::public(&pem).map_err(Wrong::KeyFile)?
        }
        (None, None) if demo => Keys::secret(&demo_secret(&settings.data_dir, "demo.key")?),
        (None, None) => return Err(Wrong::NoKey),
    };
    let [issuer, audience] = [&settings.jwt_issuer, &settings.jwt_audience];
    Ok(keys.expecting(issuer.as_ref().map(Name::as_str), audience.as_ref().map(Name::as_str)))
}

fn webhook_key(settings: &Settings, demo: bool) -> Result<Option<Vec<u8>>, Wrong> {
    match secret_setting("WAYMARK_WEBHOOK_KEY")? {
        Some(key) if key.len() < SHORTEST_SECRET => Err(Wrong::ShortWebhookKey),
        Some(key) => Ok(Some(key.into_bytes())),
        None if demo => demo_secret(&settings.data_dir, "webhook.key").map(Some),
        None => Ok(None),
    }
}

/// Not a flag: other users of the machine can read the arguments of a process. A file that is read into the
/// environment mostly ends with a line end that is no part of the secret.
fn secret_setting(name: &'static str) -> Result<Option<String>, Wrong> {
    let secret = match std::env::var(name) {
        Err(VarError::NotUnicode(_)) => return Err(Wrong::SecretNoText(name)),
        secret => secret.unwrap_or_default(),
    };
    Ok(Some(secret.trim_end_matches(['\r', '\n']).to_owned()).filter(|secret| !secret.is_empty()))
}

/// A random key of this demo's own, so that what it is for outlives a restart and opens no other server.
fn demo_secret(data_dir: &Path, name: &str) -> Result<Vec<u8>, Wrong> {
    let file = data_dir.join(name);
    let wrong = |error| Wrong::DataDir(data_dir.to_owned(), error);
    if let Ok(secret) = std::fs::read(&file)
        && secret.len() >= SHORTEST_SECRET
    {
        return Ok(secret);
    }
    let secret =
        [uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|id| id.simple().to_string());
    let secret = secret.concat().into_bytes();
    write_private(&file, &secret).map_err(wrong)?;
    Ok(secret)
}

#[cfg(unix)]
fn write_private(file: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(file)?.write_all(content)
}

#[cfg(not(unix))]
fn write_private(file: &Path, content: &[u8]) -> std::io::Result<()> {
    std::fs::write(file, content)
}
