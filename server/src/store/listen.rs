//! Hearing of what other processes commit, by a connection of its own.

use std::future::Future;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener};
use sea_orm::sqlx::{self, Executor};
use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::Notify;
use tokio::time::timeout;

/// A connection that has been quiet for so long is asked whether it is alive.
const QUIET: Duration = Duration::from_secs(5);
/// How long it may take to say so, and to begin.
const ANSWER: Duration = Duration::from_secs(3);

/// Wakes the reader whenever a process notifies; ends when the connection is lost.
pub async fn listen(options: &PgConnectOptions, reader: &Notify) -> Result<(), DbErr> {
    // The driver listens by a connection of a pool, and tries to give it back at the end, which takes for ever
    // when it went silent. So each has a pool of its own.
    let pool = PoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = pool.acquire_timeout(ANSWER).connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await.map_err(lost)?;
    listener.eager_reconnect(false);
    in_time(listener.listen("waymark_events")).await?;
    loop {
        // Also on connecting: what was committed before is not told again.
        reader.notify_one();
        let Ok(heard) = timeout(QUIET, listener.try_recv()).await else {
            in_time(listener.execute("SELECT 1")).await?;
            continue;
        };
        if heard.map_err(lost)?.is_none() {
            return Ok(());
        }
    }
}

fn lost(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, DbErr> {
    let silent = |_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
    timeout(ANSWER, work).await.unwrap_or_else(silent).map_err(lost)
}
