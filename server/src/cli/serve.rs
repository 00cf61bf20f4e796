//! `waymark serve`.

use std::time::Duration;

use axum_server::Handle;
use chrono::TimeDelta;
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Failure, expiry, say};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Switch};
use crate::http::connections::{Connections, Limits};
use crate::http::{playground, router};
use crate::outbound::Outbound;
use crate::scheduler::{self, Scheduler};
use crate::service::reminding::Policy;
use crate::store::{Store, connect, open_writer};
use crate::{access, demo};

/// A client that has not sent its headers by then is cut off.
const LONGEST_HEADERS: Duration = Duration::from_secs(10);
/// What is under way gets this long to finish when the server stops.
const LONGEST_GOODBYE: Duration = Duration::from_secs(10);
/// And the database this long to be taken leave of.
const LONGEST_CLOSE: Duration = Duration::from_secs(2);
/// The tokens that the demo prints are valid for a week.
const DEMO_TOKEN_HOURS: u32 = 24 * 7;

pub async fn serve(config: Config) -> Result<(), Failure> {
    let (clock, engine) = (Clock::System, config.engine()?);
    if config.demo {
        prepare_demo(&config.database_url, &clock).await?;
    }
    let store = connect_migrated(&config).await?;
    let mut app = App::new(store.clone(), config.keys.clone(), clock.clone())
        .with_limits(limits(&config))
        .with_engine(engine, config.settings.limits.largest_body())
        .with_longest_operation(Duration::from_secs(config.settings.operation_seconds.into()));
    let outbound = outbound(&config);
    app = app.with_webhooks(outbound.clone());
    let tokens = if config.demo { demo_tokens(&config, &store, &clock).await? } else { Vec::new() };
    if config.settings.has_playground() {
        let trusted_only = app.engine.trusts_only_a_list();
        app = app.with_playground(playground_settings(&tokens, trusted_only));
    }
    let connections = app.connections.clone();
    let scheduler = Scheduler::new(&store, clock, scheduled(&config)).with_webhooks(outbound);
    let scheduler = tokio::spawn(scheduler.run(connections.closing()));
    let late = tokio::spawn(goodbye(connections.closing()));
    listen(&config, app, &tokens).await?;
    // WebSockets outlive their requests; whoever does not go is left behind.
    let gone = async { tokio::join!(connections.closed(), scheduler) };
    tokio::select! {
        _ = gone => {}
        _ = late => {}
    }
    // A database that does not answer keeps nobody.
    tokio::time::timeout(LONGEST_CLOSE, store.close()).await.unwrap_or(Ok(()))?;
    Ok(())
}

/// Ends when the server was told to stop, and has waited long enough.
async fn goodbye(closing: CancellationToken) {
    closing.cancelled().await;
    tokio::time::sleep(LONGEST_GOODBYE).await;
}

fn limits(config: &Config) -> Limits {
    Limits {
        per_person: config.settings.connections_per_person,
        origins: config.origins(),
        at_once: config.settings.limits.at_once(),
        ..Limits::default()
    }
}

fn outbound(config: &Config) -> Outbound {
    let outbound = Outbound::default().allowing(config.settings.webhook_allow.clone());
    match &config.webhook_key {
        Some(key) => outbound.with_key(key),
        None => outbound,
    }
}

fn scheduled(config: &Config) -> scheduler::Settings {
    let settings = &config.settings;
    scheduler::Settings {
        reminders: Policy {
            latest: TimeDelta::minutes(settings.reminder_latest_minutes.into()),
            skip_recorded: settings.skip_recorded == Switch::On,
        },
        events_kept: TimeDelta::days(settings.event_days.into()),
        deliveries_kept: TimeDelta::days(settings.delivery_days.into()),
    }
}

/// Makes the demo's database when it is not there, and fills it when it is empty.
pub async fn prepare_demo(url: &str, clock: &Clock) -> Result<(), Failure> {
    let db = open_writer(url).await?;
    migration::up(&db).await?;
    if !demo::is_filled(&db).await? {
        demo::fill(&db, clock.now().date_naive()).await?;
    }
    Ok(db.close().await?)
}

/// A database of one's own is never changed by starting a server on it.
async fn connect_migrated(config: &Config) -> Result<Store, Failure> {
    let store = connect(&config.database_url, config.settings.sizes()).await?;
    if migration::is_current(&store).await? {
        return Ok(store);
    }
    Err(Failure::NotMigrated(
        "The database lacks Waymark's tables, or the newest of them. Run `waymark migrate up`; for a \
         database that another tool built, run `waymark migrate adopt` first.",
    ))
}

async fn demo_tokens(
    config: &Config,
    store: &Store,
    clock: &Clock,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut tokens = Vec::new();
    for email in [demo::THERAPIST, demo::PATIENT, demo::ADMIN] {
        let id = access::user_id(store, email).await?.ok_or(Failure::NoSuchUser)?;
        // With a public key of one's own there is nothing to sign with, and the demo runs all the same.
        if let Ok(token) = config.keys.sign(id, expiry(clock, DEMO_TOKEN_HOURS)) {
            tokens.push((email, token));
        }
    }
    Ok(tokens)
}

fn playground_settings(tokens: &[(&'static str, String)], trusted_only: bool) -> playground::Settings {
    let token = tokens.first().map(|(_, token)| token.clone());
    let examples = if token.is_some() { playground::demo_examples() } else { Vec::new() };
    playground::Settings { token, examples, trusted_only }
}

async fn listen(config: &Config, app: App, tokens: &[(&'static str, String)]) -> Result<(), Failure> {
    let address = config.settings.listen;
    let failed = |error| Failure::Listen(address, error);
    let listener = std::net::TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    // Whoever takes nothing, or is gone without a word, is cut off: an event stream has no other way to
    // notice. Connections have it from the listener. The kernel of Linux does this, and no other.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&listener)
        .set_tcp_user_timeout(Some(app.connections.limits.send))
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone(), app.connections.clone()));
    let mut server = axum_server::from_tcp(listener).map_err(failed)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(LONGEST_HEADERS);
    greet(config, address, tokens);
    server.serve(router(app).into_make_service()).await.map_err(failed)
}

fn greet(config: &Config, address: std::net::SocketAddr, tokens: &[(&'static str, String)]) {
    say(format_args!("Waymark listens on http://{address}/graphql"));
    if config.settings.has_playground() {
        say(format_args!("Playground: http://{address}/"));
    }
    if config.demo {
        say(format_args!("This is the demo clinic, kept in {}.", config.settings.data_dir.display()));
    }
    for (email, token) in tokens {
        say(format_args!("\n{email}\n{token}"));
    }
}

/// Ctrl-C and SIGTERM: no new connections, and a while for those that are open.
async fn stop_on_signal(handle: Handle<std::net::SocketAddr>, connections: Connections) {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    connections.begin_to_close();
    handle.graceful_shutdown(Some(LONGEST_GOODBYE));
}
