//! What happens by the clock: reminders that are due, periods that close, what is forgotten by age. One
//! runner for all of it in every server; the agenda decides which of them does what. Beside it another sends to
//! webhooks (`webhooks`).
//!
//! **How the agenda is kept in step.** Whoever changes a goal notes it in the same transaction
//! ([`agenda::reckon`]), and the runner reckons the timed work of that goal anew (`plan`). What another
//! program changed in the tables is found by a sweep over all goals, a page at a time.
//!
//! **The load.** When nothing is due, one small statement every few seconds, and a page of the sweep now and
//! then. When much is due at once, batches, and between them a rest as long as the work took, so that
//! requests are not kept waiting.

mod closings;
mod plan;
mod pruning;
mod sweep;
mod webhooks;

use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::agenda::{self, Claim, Item, Kind};
use crate::clock::Clock;
use crate::history::Tally;
use crate::outbound::Outbound;
use crate::panics::caught;
use crate::service::reminding::{self, Policy};
use crate::store::Store;
use crate::store::dialect::is_read_only;
pub use webhooks::Sent;

/// Without anything due the agenda is looked at this often: another process may have written into it.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// After a failure of the database itself.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// While the database can only be read. A standby may become the primary.
const WHILE_READ_ONLY: Duration = Duration::from_mins(1);
/// How many things of one kind are done in one go.
const BATCH: u64 = 100;
/// What failed is tried again after this long, then twice as long, and so on up to [`LONGEST_DELAY`].
const FIRST_DELAY: TimeDelta = TimeDelta::seconds(15);
const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(15);

/// What can be set.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub reminders: Policy,
    pub events_kept: TimeDelta,
    pub deliveries_kept: TimeDelta,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reminders: Policy { latest: TimeDelta::hours(2), skip_recorded: true },
            events_kept: TimeDelta::days(7),
            deliveries_kept: TimeDelta::days(90),
        }
    }
}

/// Does what is due, in one process.
#[derive(Clone, Debug)]
pub struct Scheduler {
    store: Store,
    clock: Clock,
    settings: Settings,
    outbound: Outbound,
}

/// One look at the agenda.
enum Round {
    /// Something was due and is done.
    Done(Tally),
    /// Nothing is due before this moment.
    Idle(Option<NaiveDateTime>),
}

impl Scheduler {
    #[must_use]
    pub fn new(store: &Store, clock: Clock, settings: Settings) -> Self {
        Self { store: store.for_request(), clock, settings, outbound: Outbound::default() }
    }

    #[must_use]
    pub fn with_webhooks(self, outbound: Outbound) -> Self {
        Self { outbound, ..self }
    }

    /// Works until it is told to stop. What is under way then is finished first.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(self.webhooks().run(stop.clone()), self.run_agenda(stop));
    }

    /// Sends all that is due to webhooks now.
    pub async fn send_to_webhooks(&self) -> Result<Sent, DbErr> {
        self.webhooks().catch_up().await
    }

    fn webhooks(&self) -> webhooks::Lane {
        let Self { store, clock, outbound, .. } = self.clone();
        webhooks::Lane { store, clock, outbound }
    }

    async fn run_agenda(&self, stop: CancellationToken) {
        let mut tally = Tally::default();
        let mut only_reads = false;
        while !stop.is_cancelled() {
            let started = Instant::now();
            let rest = match caught(Box::pin(self.round())).await {
                Ok(Round::Done(more)) => {
                    tally.add(more);
                    started.elapsed()
                }
                Ok(Round::Idle(next)) => {
                    log(std::mem::take(&mut tally));
                    self.until(next)
                }
                Err(error) if is_read_only(&error) => {
                    if !std::mem::replace(&mut only_reads, true) {
                        tracing::warn!(%error, "the database can only be read: no reminders are sent from here");
                    }
                    WHILE_READ_ONLY
                }
                Err(error) => {
                    tracing::warn!(%error, "what is due can't be done at present");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.scheduler_woken() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        log(tally);
    }

    /// Does all that is due now.
    pub async fn catch_up(&self) -> Result<Tally, DbErr> {
        let mut tally = Tally::default();
        while let Round::Done(more) = self.round().await? {
            tally.add(more);
        }
        Ok(tally)
    }

    async fn round(&self) -> Result<Round, DbErr> {
        let mut first = agenda::first_of_each_kind(&self.store).await?;
        if !first.iter().any(|(kind, _)| *kind == Kind::Sweep) {
            self.begin().await?;
            first = agenda::first_of_each_kind(&self.store).await?;
        }
        let now = self.clock.stamp();
        let due: Vec<_> = first.iter().filter(|(_, at)| *at <= now).collect();
        if due.is_empty() {
            return Ok(Round::Idle(first.iter().map(|(_, at)| *at).min()));
        }
        let mut tally = Tally::default();
        for (kind, _) in due {
            let claim = agenda::claim(&self.store, *kind, now, BATCH).await?;
            tally.add(self.work_off(&claim).await?);
        }
        Ok(Round::Done(tally))
    }

    /// What goes on for ever begins with the first server on a database.
    async fn begin(&self) -> Result<(), DbErr> {
        for kind in [Kind::Pruning, Kind::Sweep] {
            agenda::begin(&self.store, kind, self.clock.stamp()).await?;
        }
        Ok(())
    }

    /// Does what was claimed. When that fails, each by itself, so that what is wrong with one keeps no other
    /// from being done.
    async fn work_off(&self, claim: &Claim) -> Result<Tally, DbErr> {
        if claim.items.is_empty() {
            return Ok(Tally::default());
        }
        if let Ok(tally) = caught(Box::pin(self.work(claim))).await {
            return Ok(tally);
        }
        let mut tally = Tally::default();
        for item in &claim.items {
            match caught(Box::pin(self.work(&claim.only(*item)))).await {
                Ok(more) => tally.add(more),
                Err(error) => self.put_off(claim, *item, &error).await?,
            }
        }
        Ok(tally)
    }

    async fn work(&self, claim: &Claim) -> Result<Tally, DbErr> {
        let (store, clock) = (&self.store, &self.clock);
        match claim.kind {
            Kind::Reminder => return reminding::send_due(store, clock, self.settings.reminders, claim).await,
            Kind::Reckoning => plan::reckon(store, clock, claim).await?,
            Kind::Sweep => sweep::go_on(store, clock, self.settings.reminders.latest, claim).await?,
            Kind::Pruning => pruning::prune(store, clock, &self.settings, claim).await?,
            Kind::Closing => closings::settle_due(store, clock, claim).await?,
        }
        Ok(Tally::default())
    }

    async fn put_off(&self, claim: &Claim, item: Item, error: &DbErr) -> Result<(), DbErr> {
        let delay = (FIRST_DELAY * 2_i32.pow(item.attempts.clamp(0, 10).unsigned_abs())).min(LONGEST_DELAY);
        tracing::warn!(%error, kind = claim.kind.as_str(), subject = %item.subject, "failed, to be tried again");
        agenda::put_off(&self.store, claim, item.subject, self.clock.stamp() + delay).await
    }

    fn until(&self, next: Option<NaiveDateTime>) -> Duration {
        let left = next.and_then(|next| (next - self.clock.stamp()).to_std().ok());
        left.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
    }
}

fn log(tally: Tally) {
    if tally != Tally::default() {
        let Tally { sent, late, skipped, failed } = tally;
        tracing::info!(sent, late, skipped, failed, "reminders");
    }
}
