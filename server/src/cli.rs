//! The commands.

mod migrate;
mod serve;

use std::env::VarError;
use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Arg, CommandFactory, Parser, Subcommand};
use sea_orm::DbErr;
use tracing_appender::non_blocking::WorkerGuard;
use uuid::Uuid;

use crate::access;
use crate::clock::Clock;
use crate::config::{Config, LogFormat, Settings, Wrong};
use crate::graphql::sdl;
use crate::http::token::CannotSign;
use crate::panics;
use crate::store::connect;

/// A GraphQL server for therapy goal tracking.
#[derive(Parser, Debug)]
#[command(name = "waymark", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API (the default).
    Serve,
    /// Bring a database to the tables Waymark needs, or back.
    Migrate {
        #[command(subcommand)]
        step: migrate::Migrate,
    },
    /// Print a bearer token for a user of the database.
    Token {
        /// The user's e-mail address or id.
        #[arg(long)]
        user: String,
        /// For how many hours the token is valid.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8760))]
        hours: u32,
    },
    /// Print the API's schema in GraphQL's own language.
    Schema,
}

/// Why a command ended without doing what it was told.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Setting(#[from] Wrong),
    #[error("{0}")]
    Sign(#[from] CannotSign),
    #[error("The database can't be used: {}", without_prefix(.0))]
    Database(#[from] DbErr),
    #[error("{0}")]
    Migration(#[from] migration::Error),
    #[error("{0} can't be listened on: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    #[error("Nobody in the database has this e-mail address or id.")]
    NoSuchUser,
    #[error("{0}")]
    NotMigrated(&'static str),
    /// What is wrong has been printed already.
    #[error("")]
    Said,
}

/// Our own sentences come without the library's "Custom Error".
fn without_prefix(error: &DbErr) -> String {
    match error {
        DbErr::Custom(sentence) => sentence.clone(),
        other => other.to_string(),
    }
}

impl Failure {
    fn code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Setting(_) | Self::Sign(_)) { 2 } else { 1 })
    }
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    if let Some(name) = unreadable() {
        eprintln!("waymark: {name} is no text in UTF-8.");
        return ExitCode::from(2);
    }
    let cli = Cli::parse();
    // Dropped at the end, so that the last lines are written.
    let _logging = log(&cli.settings);
    panics::log_places();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("waymark: the runtime could not be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(execute(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Said) {
                eprintln!("waymark: {failure}");
            }
            failure.code()
        }
    }
}

/// A setting of the environment that holds something else than text. Paths may.
fn unreadable() -> Option<String> {
    let command = Cli::command();
    let names = command.get_arguments().filter_map(Arg::get_env).filter_map(OsStr::to_str);
    let mut texts = names.filter(|name| !name.ends_with("_FILE") && !name.ends_with("_DIR"));
    let unreadable = texts.find(|name| matches!(std::env::var(name), Err(VarError::NotUnicode(_))));
    unreadable.map(str::to_owned)
}

/// Logs go to standard error. They are best effort: lines that
/// can't be written are lost, and serving goes on.
fn log(settings: &Settings) -> WorkerGuard {
    // Any finer, and the library logs the database's address with the password in it.
    let filter = tracing_subscriber::EnvFilter::new(format!("{},sea_orm=info", settings.log));
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(writer);
    match settings.log_format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    guard
}

/// Prints a line. Nobody may read it, which is no reason to stop.
fn say(line: std::fmt::Arguments) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn execute(cli: Cli) -> Result<(), Failure> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::serve(Config::check(cli.settings)?).await,
        Command::Migrate { step } => migrate::migrate(&Config::database(&cli.settings)?, step).await,
        Command::Token { user, hours } => token(&Config::check(cli.settings)?, &user, hours).await,
        Command::Schema => {
            print!("{}", sdl());
            Ok(())
        }
    }
}

async fn token(config: &Config, user: &str, hours: u32) -> Result<(), Failure> {
    if config.demo {
        serve::prepare_demo(&config.database_url, &Clock::System).await?;
    }
    let store = connect(&config.database_url, config.settings.sizes()).await?;
    let id: Uuid = access::user_id(&store, user).await?.ok_or(Failure::NoSuchUser)?;
    println!("{}", config.keys.sign(id, expiry(&Clock::System, hours))?);
    Ok(())
}

fn expiry(clock: &Clock, hours: u32) -> i64 {
    clock.now().timestamp() + i64::from(hours) * 3600
}
